"""Packets at an edge that no network reaches: frames to be carried to the hub, and its answers."""

from contextlib import closing
from pathlib import Path

import click

from connectors.edge import Edge
from connectors.run.offline import OFFLINE, load_carried, pack, save_carried, take_answers
from connectors.run.outcomes import read_outcomes
from connectors.spool import Spool
from connectors.spool.state import State
from hub import wiring
from hub.cli.options import home_option, json_option, print_json, quoted, settings_of
from hub.config import Settings
from hub.core.errors import DataError, IntegrityError, Unreachable
from hub.core.packet import ANSWERS, Packet
from hub.core.record import Record
from hub.ports.log import Log
from hub.texts import language, ui


def _edge(settings: Settings, name: str) -> Edge:
    edge = wiring.open_edge(settings, name)
    if edge.spec.log != OFFLINE:
        raise DataError("HUB-C344", connector=name)
    return edge


@click.command("pack")
@home_option
@click.argument("name")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where to write.")
@click.option("--max-mb", default=64, show_default=True, type=click.IntRange(1, 2000), help="Size of a packet at most.")
@click.option("--again", is_flag=True, help="Pack from the beginning: a packet was lost on its way.")
@json_option
def pack_(home: Path, name: str, folder: Path, max_mb: int, again: bool, as_json: bool) -> None:
    """Write what was not packed yet as files, to be carried to the hub. Run the connector first."""
    settings = settings_of(home)
    edge = _edge(settings, name)
    written: list[Packet] = []

    def write(packet: Packet, records: list[Record]) -> None:
        wiring.packets.write_packet(folder, packet, records)
        written.append(packet)

    with edge.lock, closing(wiring.edge_log(settings, edge)) as log:
        carried = load_carried(edge)
        end = pack(edge, log, 0 if again else carried.packed, max_mb * 1_000_000, write)
        save_carried(edge, load_carried(edge)._replace(packed=end))
    if as_json:
        print_json([packet._asdict() | {"file": packet.name} for packet in written])
        return
    lang = language()
    for packet in written:
        click.echo(ui("connector.packet", lang, name=packet.name, first=packet.first, last=packet.last))
    last = ui("connector.packed_next", lang, folder=quoted(folder)) if written else ""
    click.echo(last or ui("connector.packed_none", lang, end=end))


def counted(edge: Edge, log: Log, today: int) -> tuple[State | None, str]:
    """What the spool knows after it read the answers; None, and why, where a run has to say something first."""
    if not edge.spool_path.exists():
        return None, "HUB-C331"
    with Spool(edge.spool_path, edge.spec.connector) as spool:
        try:
            read_outcomes(spool, edge, log, today)
        except (IntegrityError, Unreachable) as error:  # whoever runs the connector decides; what was taken stays
            return None, error.code
        return spool.state, ""


@click.command()
@home_option
@click.argument("name")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def answers(home: Path, name: str, paths: tuple[Path, ...], as_json: bool) -> None:
    """Take the hub's answers out of files or folders that were carried here, and count them."""
    settings = settings_of(home)
    edge = _edge(settings, name)
    files = wiring.packets.packet_files(paths, ANSWERS)
    packets = ((packet, records) for _, packet, records in wiring.packets.read_packets(files))
    with edge.lock, closing(wiring.edge_log(settings, edge)) as log:
        taken = take_answers(edge, log, packets)
        state, left = counted(edge, log, wiring.system_of(settings).today())
    if as_json:
        sums = {name: getattr(state, name) for name in ("appended", "refused")} if state else {}
        print_json(taken._asdict() | {"counted": state is not None, **sums})
    else:
        lang = language()
        click.echo(ui("connector.answers", lang, answers=taken.answers, repeats=taken.repeats))
        if state is not None:
            click.echo("  " + ui("connector.counted", lang, appended=state.appended, refused=state.refused))
        else:
            click.echo("  " + ui("connector.uncounted", lang, code=left))
    if taken.missing:
        first, last = taken.missing
        raise DataError("HUB-C343", first=first, last=last, agency=edge.spec.agency)
