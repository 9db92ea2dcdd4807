"""`hub log`: what the event log holds, by address; its values are shown by `hub event` alone."""

import os
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import click

from hub.cli.options import home_option, json_option, print_json, set_option, settings_of
from hub.core.errors import UsageError
from hub.core.record import Record, unpack_headers
from hub.core.url import with_password
from hub.flow.copy import copy_log
from hub.texts import language, ui
from hub.wiring import open_log


@click.group("log")
def group() -> None:
    """The event log: its size, its records by address, copies."""


@group.command()
@home_option
@set_option
@json_option
def topics(home: Path, flags: tuple[str, ...], as_json: bool) -> None:
    """Every topic and partition, with its first offset and its end."""
    with closing(open_log(settings_of(home, flags).database("log"), make=False)) as log:
        rows = [
            {"topic": topic, "partition": partition, **log.bounds(topic, partition)._asdict()}
            for topic, partitions in log.topics().items()
            for partition in range(partitions)
        ]
        identity = log.identity()
    if as_json:
        print_json({"identity": identity, "partitions": rows})
        return
    lang = language()
    click.echo(ui("log.identity", lang, identity=identity))
    for row in rows:
        click.echo(ui("log.partition", lang, **row))


@group.command()
@click.argument("topic")
@click.option("--partition", type=click.IntRange(0), default=0, show_default=True, help="Partition of the topic.")
@click.option("--from", "offset", type=click.IntRange(0), default=0, show_default=True, help="First offset to show.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Records to show at most.")
@home_option
@set_option
@json_option
def show(
    topic: str, partition: int, offset: int, limit: int, home: Path, flags: tuple[str, ...], as_json: bool
) -> None:
    """Keys, headers, and size and SHA-256 of the value of records; a value itself is never shown here."""
    with closing(open_log(settings_of(home, flags).database("log"), make=False)) as log:
        records = log.read(topic, partition, offset, limit)
    rows = [_shown(at, record) for at, record in enumerate(records, offset)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{topic}:{partition}:{row['offset']}  key={row['key']}  {row['size']} B  sha256={row['sha256']}")
        headers = row["headers"]
        assert isinstance(headers, dict)
        for name, value in headers.items():
            click.echo(f"    {name} = {value}")


@group.command()
@click.argument("source")
@click.argument("target")
@json_option
def copy(source: str, target: str, as_json: bool) -> None:
    """Copy the log SOURCE into TARGET, which is new, or an earlier copy that is to go on. Both: sqlite:///path or path.

    A log on Kafka is kafka://... or kafka+tls://USER@..., and HUB_LOG_PASSWORD has the user's password. Topics,
    partitions, offsets and bytes are kept and compared at the end; nothing is overwritten. One log by two names is
    refused.
    """
    with closing(open_log(_url(source), make=False)) as ours, closing(open_log(_url(target))) as theirs:
        if ours.place() == theirs.place():
            raise UsageError("HUB-L580")
        plan = copy_log(ours, theirs)
        identity = theirs.identity()
    if as_json:
        print_json({"identity": identity, "partitions": [each._asdict() for each in plan]})
        return
    lang = language()
    for each in plan:
        click.echo(ui("log.copied", lang, **each._asdict()))
    total, new = sum(each.records for each in plan), sum(each.new for each in plan)
    click.echo(ui("log.equal", lang, records=total, new=new, identity=identity))


def _url(address: str) -> str:
    """An address as a URL, with the password of its user, if it has one; what is typed never holds one."""
    url = address if "://" in address else f"sqlite:///{address}"
    return with_password(url, os.environ.get("HUB_LOG_PASSWORD", ""))


def _shown(offset: int, record: Record) -> dict[str, object]:
    """A record without its value; a header is shown as text when it is one."""
    headers = {name: _text(value) for name, value in unpack_headers(record.headers)}
    digest = sha256(record.value).hexdigest()
    return {
        "offset": offset,
        "key": _text(record.key),
        "size": len(record.value),
        "sha256": digest,
        "headers": headers,
    }


def _text(raw: bytes) -> str:
    """Printable ASCII as it is, everything else in hexadecimal digits."""
    return raw.decode("ascii") if raw and all(0x20 < byte < 0x7F for byte in raw) else raw.hex()
