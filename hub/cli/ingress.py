"""`hub ingress`: frames that were carried here in packets, and answers that are carried back."""

from contextlib import closing
from pathlib import Path

import click

from hub import wiring
from hub.cli.main import explain
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.core.errors import DataError, IntegrityError
from hub.core.packet import FRAMES, Packet
from hub.core.record import Record
from hub.intake.packets import Imported, Importer
from hub.intake.packets import answers as give_answers
from hub.texts import language, text, ui


@click.group("ingress")
def group() -> None:
    """Frames and answers that are carried by hand or by a one-way ferry of files."""


@group.command("import")
@home_option
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def import_(home: Path, paths: tuple[Path, ...], as_json: bool) -> None:
    """Append the frames of packets to the log, exactly the next. Files stay as they are; twice is harmless.

    A packet that cannot be taken is named, and the others are taken.
    """
    settings = settings_of(home)
    files = wiring.packets.packet_files(paths, FRAMES)
    with (
        closing(wiring.open_log(settings.database("log"))) as log,
        closing(wiring.open_intake_store(settings)) as store,
    ):
        done, refused = _take(Importer(log, store), files)
    lang = language()
    if as_json:
        print_json([_row(one) for one in done] + [explain(error) | {"file": error.place["file"]} for error in refused])
    else:
        for one in done:
            click.echo(_line(one, lang))
        for error in refused:
            why = text(error.code, lang, **error.place).reason
            click.echo(ui("ingress.refused", lang, name=error.place["file"], code=error.code, why=why))
        click.echo(ui("ingress.total", lang, packets=len(files), frames=sum(one.frames for one in done)))
    _raise_first(done, refused, len(files))


def _take(importer: Importer, files: list[Path]) -> tuple[list[Imported], list[DataError]]:
    """Take packets in the order of their frames, however their files are named; one of them at a time in memory."""
    found: list[tuple[Packet, Path]] = []
    refused: list[DataError] = []
    for path in files:
        try:
            found.append((wiring.packets.read_packet(path)[0], path))
        except DataError as error:
            refused.append(error)
    done = []
    for _, path in sorted(found):
        try:
            done.append(importer.take(*wiring.packets.read_packet(path)))
        except DataError as error:
            refused.append(DataError(error.code, **{**error.place, "file": path.name}))
    return done, refused


def _raise_first(done: list[Imported], refused: list[DataError], files: int) -> None:
    """Raises what a person must look at first: a fork, packets that were not taken, frames that are missing."""
    for one in done:
        if one.fork:
            who: dict[str, str | int] = {"connector": one.packet.connector, "generation": one.packet.generation}
            raise IntegrityError("HUB-I421", **who, number=one.fork[0], frame=one.fork[1])
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise DataError("HUB-I371", refused=len(refused), packets=files)
    for one in done:
        of: dict[str, str | int] = {"connector": one.packet.connector, "agency": one.packet.agency}
        if one.spool:
            raise DataError("HUB-I370", **of, generation=one.spool)
        if one.missing:
            raise DataError("HUB-I364", **of, first=one.missing[0], last=one.missing[1])


@group.command()
@home_option
@click.argument("agency")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where to write.")
@click.option("--from", "begin", default=0, type=click.IntRange(0), help="First outcome, by offset.")
@json_option
def answer(home: Path, agency: str, folder: Path, begin: int, as_json: bool) -> None:
    """Write what intake answered to an agency as files, to be carried back to its connectors."""
    written: list[Packet] = []

    def write(packet: Packet, records: list[Record]) -> None:
        wiring.packets.write_packet(folder, packet, records)
        written.append(packet)

    with closing(wiring.open_log(settings_of(home).database("log"))) as log:
        give_answers(log, agency, begin, write)
    if as_json:
        print_json([packet._asdict() | {"file": packet.name} for packet in written])
        return
    lang = language()
    for packet in written:
        click.echo(ui("ingress.answers", lang, name=packet.name, first=packet.first, last=packet.last))
    if not written:
        click.echo(ui("ingress.none", lang))


def _row(one: Imported) -> dict[str, object]:
    told = {"file": one.packet.name, "frames": one.frames, "missing": one.missing}
    return one.packet._asdict() | told | {"missing_spool": one.spool, "fork": one.fork[0] if one.fork else None}


def _line(one: Imported, lang: str) -> str:
    name = one.packet.name
    if one.spool:
        return ui("ingress.waits_spool", lang, name=name, generation=one.spool)
    if one.missing:
        return ui("ingress.waits", lang, name=name, first=one.missing[0], last=one.missing[1])
    if one.fork:
        return ui("ingress.fork", lang, name=name, frames=one.frames, number=one.fork[0])
    return (
        ui("ingress.took", lang, name=name, frames=one.frames) if one.frames else ui("ingress.repeat", lang, name=name)
    )
