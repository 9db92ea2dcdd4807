"""`hub ingress`: frames that were carried here in packets, and answers that are carried back."""

from contextlib import closing
from pathlib import Path

import click

from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.core.errors import DataError
from hub.core.packet import FRAMES, Packet
from hub.core.record import Record
from hub.intake.packets import Imported, Importer, in_order
from hub.intake.packets import answers as give_answers
from hub.texts import language, ui


@click.group("ingress")
def group() -> None:
    """Frames and answers that are carried by hand or by a one-way ferry of files."""


@group.command("import")
@home_option
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def import_(home: Path, paths: tuple[Path, ...], as_json: bool) -> None:
    """Append the frames of packets to the log, exactly the next. Files stay as they are; twice is harmless."""
    settings = settings_of(home)
    with (
        closing(wiring.open_log(settings.database("log"))) as log,
        closing(wiring.open_intake_store(settings)) as store,
    ):
        importer = Importer(log, store)
        files = wiring.packets.packet_files(paths, FRAMES)
        read = [(packet, records) for _, packet, records in wiring.packets.read_packets(files)]
        done = [importer.take(packet, records) for packet, records in in_order(read)]
    lang = language()
    if as_json:
        print_json([_row(one) for one in done])
    else:
        for one in done:
            click.echo(_line(one, lang))
        click.echo(ui("ingress.total", lang, packets=len(done), frames=sum(one.frames for one in done)))
    waiting = next((one for one in done if one.missing), None)
    if waiting and waiting.missing:
        first, last = waiting.missing
        who = {"connector": waiting.packet.connector, "agency": waiting.packet.agency}
        raise DataError("HUB-I364", **who, first=first, last=last)


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
    return one.packet._asdict() | {"file": one.packet.name, "frames": one.frames, "missing": one.missing}


def _line(one: Imported, lang: str) -> str:
    if one.missing:
        return ui("ingress.waits", lang, name=one.packet.name, first=one.missing[0], last=one.missing[1])
    if one.frames:
        return ui("ingress.took", lang, name=one.packet.name, frames=one.frames)
    return ui("ingress.repeat", lang, name=one.packet.name)
