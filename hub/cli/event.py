"""`hub event`: the published events themselves, decoded; a person under the pseudonym of v_trail_v1, no salt."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from hub import wiring
from hub.cli.decode import TOPICS, Reader
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.core.errors import DataError, UsageError
from hub.core.fold import PARTITION_SHIFT
from hub.events import KINDS_BY_ID
from hub.ports.log import Log
from hub.texts import language, ui

MANY = 1000
Place = tuple[str, int]

topic_option = click.option("--topic", type=click.Choice(TOPICS), help="Only this topic; else both.")


def _released(context: click.Context, parameter: click.Parameter, type: str | None) -> str | None:
    """A type that events can have. Raises UsageError HUB-S220: "none found" would be a wrong answer to a slip."""
    types = sorted({kind.type for kind in KINDS_BY_ID.values()})
    if type is None or type in types:
        return type
    raise UsageError("HUB-S220", near=", ".join(get_close_matches(type, types, 3, 0.4)) or "-")


type_option = click.option(
    "--type", "type_", metavar="TYPE", callback=_released, help="Only this type, such as hub.OfferMade."
)


@click.group("event")
def group() -> None:
    """Events of the logs of persons and markets."""


@contextmanager
def _opened(home: Path) -> Iterator[tuple[Log, Reader]]:
    settings = settings_of(home)
    with closing(wiring.open_log(settings.database("log"), make=False)) as log:
        yield log, Reader(wiring.namers(wiring.hub_keys(settings))["trail"])


def _places(log: Log, topic: str | None) -> list[Place]:
    """Every partition asked for."""
    topics = log.topics()
    names = [topic] if topic else list(TOPICS)
    return [(name, partition) for name in names if name in topics for partition in range(topics[name])]


def _read(log: Log, reader: Reader, place: Place, offset: int, type: str | None) -> Iterator[dict[str, Any]]:
    """The events of a partition from an offset on."""
    while records := log.read(*place, offset, MANY):
        for at, record in enumerate(records, offset):
            if type is None or reader.type_of(record) == type:
                yield reader.document(*place, at, record)
        offset += len(records)


@group.command("list")
@type_option
@topic_option
@click.option("--partition", type=click.IntRange(0), help="Only this partition.")
@click.option("--from", "offset", default=0, type=click.IntRange(0), help="First offset of each partition; 0.")
@click.option("--limit", default=20, type=click.IntRange(1, 1_000_000), help="At most so many; 20.")
@home_option
@json_option
def list_(
    type_: str | None, topic: str | None, partition: int | None, offset: int, limit: int, home: Path, as_json: bool
) -> None:  # fmt: skip
    """Events partition by partition, each in the order of its log."""
    found: list[dict[str, Any]] = []
    with _opened(home) as (log, reader):
        for place in _places(log, topic):
            if partition in (None, place[1]) and offset <= log.bounds(*place).end:
                for document in _read(log, reader, place, offset, type_):
                    if len(found) == limit:
                        break
                    found.append(document)
    if as_json:
        print_json(found)
        return
    for document in found:
        click.echo(_line(document))
    click.echo(ui("event.sum", language(), events=len(found)))


@group.command()
@click.argument("address", metavar="TOPIC/PARTITION/OFFSET")
@home_option
@json_option
def show(address: str, home: Path, as_json: bool) -> None:
    """One event, every field."""
    with _opened(home) as (log, reader):
        place, offset = _parsed(log, address)
        records = log.read(*place, offset, 1) if offset < log.bounds(*place).end else []
        if not records:
            raise DataError("HUB-P363")
        document = reader.document(*place, offset, records[0])
    if as_json:
        print_json(document)
        return
    click.echo(_line(document))
    for name, value in document.items():
        if isinstance(value, Mapping):
            for field, one in value.items():
                click.echo(f"    {name}.{field} = {_text(one)}")
        else:
            click.echo(f"    {name} = {_text(value)}")


@group.command()
@click.option("--follow", is_flag=True, help="Then go on with what arrives, until stopped.")
@click.option("--limit", default=10, type=click.IntRange(0, MANY), help="So many of the newest first; 10.")
@type_option
@topic_option
@home_option
@json_option
def tail(follow: bool, limit: int, type_: str | None, topic: str | None, home: Path, as_json: bool) -> None:
    """The newest events, by time of receipt; with --json one object a line, for a program that subscribes.

    Each event has its address: what was seen of a partition up to an offset need not be asked for again.
    """
    with _opened(home) as (log, reader), wiring.stop_signal() as stop:
        places = _places(log, topic)
        ends = {place: log.bounds(*place).end for place in places}
        for document in _newest(log, reader, ends, limit, type_):
            _print(document, as_json)
        while follow and not stop.wait(0.5):
            for place in places:
                for document in _read(log, reader, place, ends[place], None):
                    ends[place] += 1
                    if type_ in (None, document["type"]):
                        _print(document, as_json)


def _newest(log: Log, reader: Reader, ends: Mapping[Place, int], limit: int, type: str | None) -> list[dict[str, Any]]:
    """The last `limit` events, read backwards partition by partition until there are enough of each."""
    found: list[dict[str, Any]] = []
    for place, end in ends.items():
        mine: list[dict[str, Any]] = []
        while end > 0 and len(mine) < limit:
            begin = max(0, end - max(limit, 100))
            records = enumerate(log.read(*place, begin, end - begin), begin)
            some = [(at, record) for at, record in records if type in (None, reader.type_of(record))]
            mine = [reader.document(*place, at, record) for at, record in some] + mine
            end = begin
        found += mine[-limit:] if limit else []
    found.sort(key=lambda one: (one["received_at"], one["topic"], one["partition"], one["offset"]))
    return found[-limit:] if limit else []


def _print(document: dict[str, Any], as_json: bool) -> None:
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else _line(document))


def _parsed(log: Log, address: str) -> tuple[Place, int]:
    """An address taken apart. Raises DataError HUB-P363 when there is no such partition."""
    topic, *numbers = address.split("/")
    if len(numbers) != 2 or not all(number.isascii() and number.isdigit() for number in numbers):
        raise DataError("HUB-P363")
    partition, offset = map(int, numbers)
    if (topic, partition) not in _places(log, None) or offset >> PARTITION_SHIFT:
        raise DataError("HUB-P363")
    return (topic, partition), offset


def _line(document: Mapping[str, Any]) -> str:
    whom = document["persons"].get("patient") or document["market"] or "-"
    return f"{document['date']}  {document['type']:<36}  {document['source']:<24}  {whom:<32}  {document['address']}"


def _text(value: object) -> str:
    return "-" if value in (None, "") else str(value)
