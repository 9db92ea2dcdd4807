"""The whole path against the peer: python -m tests.bench.path --events 10000 [--order time] [--rounds 5] [--json]

    source.csv -> edge (map, five tokens, seal, sign, spool, send) -> intake (open, vault, route, append)
               -> persons and markets groups (ledger, folds, rows, views), every store on disk

Each round is a process of its own: it loads a new installation, then lets the package `eventsourcing` append the same
canonical records, headers and values, a hundred at a time: once a stream an event (random ids: `peer`), once a stream a
person (`peer by subject`), which is kinder to its index; and once a stream an event, as many at a time as a frame holds
(`peer by frames`). It prints; nothing is asserted about time. CPU is of the process, system calls included.
"""

import argparse
import json
import multiprocessing
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import connectors
from connectors import edge as edges
from connectors.frames.seal import EVENTS
from connectors.rows.tokens import KeyedTokens
from connectors.run.run import run
from hub import founding, installation, wiring
from hub.cli.main import collect_seldom
from hub.config import load, write
from hub.core.calendar import iso
from hub.core.envelope import unpack_envelope
from hub.installation import Installation
from hub.ports.intake import Connector
from hub.ports.log import Log
from tests.bench import peer, source

TOPICS: Final = ("persons", "markets")
FIRST_DAY: Final = 19_000
AGENCY, CONNECTOR, PUBLISHER, COUNTY = "bench", "bench", "agency", "220102"
TYPES: Final = "agency.* health.* civil_affairs.* stations.*"
STAGES: Final = ("edge", "intake", "persons", "markets")
PEERS: Final = ("peer", "peer by subject", "peer by frames")
PER_PERSON: Final = 10


def main() -> None:
    """Print one table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="tests.bench.path")
    parser.add_argument("--events", type=int, default=10_000, help="events that the edge publishes")
    parser.add_argument("--people", type=int, default=0, help="persons that they are about (a tenth of the events)")
    parser.add_argument("--order", choices=source.ORDERS, default="person", help="order of arrival")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", default=None, help="where the databases are put (a temporary folder)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = measure(args.events, args.people or args.events // PER_PERSON, args.order, args.rounds, args.folder)
    print(json.dumps(result) if args.json else table(result))


def measure(events: int, people: int, order: str, rounds: int, folder: str | None = None) -> dict[str, Any]:
    """Medians of so many rounds: microseconds of CPU a canonical event by stage, and what else is told of a round."""
    spawn = multiprocessing.get_context("spawn")
    found: list[dict[str, float]] = []
    for _ in range(rounds):
        with spawn.Pool(1) as pool:
            found.append(pool.apply(one_round, (events, people, order, folder)))
    middle = {name: statistics.median(each[name] for each in found) for name in found[0]}
    spread = [each["end to end"] / each["peer"] for each in found]
    return {"events": events, "people": people, "order": order, "rounds": rounds, **middle, "ratios": spread}


def one_round(events: int, people: int, order: str, folder: str | None) -> dict[str, float]:
    """One load of a new installation, then the peer with the same bytes; CPU in microseconds a canonical event."""
    collect_seldom()
    home = Path(tempfile.mkdtemp(prefix="bench-", dir=folder))
    try:
        spent, wall, canonical = _load(home, events, people, order)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        disk = sum(path.stat().st_size for path in home.rglob("*.db*"))
        with Installation(load(home)) as hub:
            same = list(_records(hub.log))
        assert len(same) == canonical
        beside = peer.append(home / "peer.db", [(stream, version, state) for stream, version, _, state in same])
        alone = [(id, 1, state) for _, _, id, state in same]
        apart = peer.append(home / "apart.db", alone)
        framed = peer.append(home / "framed.db", alone, EVENTS)
    finally:
        shutil.rmtree(home)
    each = {stage: spent[stage] / canonical * 1e6 for stage in STAGES}
    total = sum(each.values())
    return {
        **each,
        "end to end": total,
        "peer": apart / canonical * 1e6,
        "peer by subject": beside / canonical * 1e6,
        "peer by frames": framed / canonical * 1e6,
        "ratio": total / (apart / canonical * 1e6),
        "ratio by subject": total / (beside / canonical * 1e6),
        "ratio by frames": total / (framed / canonical * 1e6),
        "canonical": canonical,
        "events a second": canonical / wall,
        "rss": peak,
        "disk": disk / 1e6,
        "bytes": sum(len(state) for *_, state in same) / canonical,
    }


def _load(home: Path, events: int, people: int, order: str) -> tuple[dict[str, float], float, int]:
    """CPU seconds of each stage, wall seconds of all, and how many canonical events there are in the end."""
    source.write(home / "source.csv", events, people, order, FIRST_DAY)
    today = source.last_day(events, people, FIRST_DAY)
    prepare(home, today)
    settings = load(home)
    spent: dict[str, float] = {}
    began = time.monotonic()
    with Installation(settings) as hub:
        intake = wiring.open_intake(settings, hub.log)
        edge = wiring.open_edge(settings, CONNECTOR)
        spent["edge"] = _timed(lambda: run(edge, hub.log, hub.system))
        spent["intake"] = _timed(lambda: _until_idle(lambda: intake.advance(AGENCY).frames))
        for worker in hub.workers:
            for partition in range(hub.log.topics()[worker.group.topic]):
                spent.setdefault(worker.group.name, 0.0)
                spent[worker.group.name] += _timed(lambda: _until_idle(lambda: worker.advance(partition)))  # noqa: B023
        wall = time.monotonic() - began
        ends = [hub.log.bounds(topic, p).end for topic in TOPICS for p in range(hub.log.topics()[topic])]
        totals = intake.totals(AGENCY)
        assert totals["sent"] == totals["appended"] >= events
        assert not any(hub.lag().values())
        assert sum(ends) == totals["appended"] + totals["registered"]
    return spent, wall, sum(ends)


def prepare(home: Path, today: int) -> None:
    """A new installation with one registered connector, as `hub init`, `hub agency add` and an engineer leave it."""
    write(home, {"hub.profile": "national", "hub.installed_on": iso(today), "hub.go_live": iso(today)})
    settings = load(home)
    for make in founding.STEPS:
        make(settings)
    folder = settings.folder("edges") / CONNECTOR
    (folder / "codes").mkdir(parents=True)
    shutil.copyfile(Path(__file__).parent / "mapping.toml", folder / "mapping.toml")
    for path in (Path(connectors.__file__).parent / "stations_demo" / "codes").glob("*.csv"):
        shutil.copyfile(path, folder / "codes" / path.name)
    edge = founding.make_edge(settings, edges.EdgeSpec(CONNECTOR, AGENCY, PUBLISHER, "", b"", b"", today, COUNTY))
    public, check = edge.keys.public("agency"), KeyedTokens(edge.keys).check()
    installation.register(settings, Connector(0, CONNECTOR, AGENCY, PUBLISHER, TYPES, source.AREAS, "", public, check))


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _until_idle(step: Callable[[], int]) -> None:
    while step():
        pass


def _records(log: Log) -> Iterator[tuple[bytes, int, bytes, bytes]]:
    """Every canonical record for the peer: subject, version in the subject's stream, the event's id, all its bytes."""
    versions: dict[bytes, int] = {}
    for topic in TOPICS:
        for partition in range(log.topics()[topic]):
            at = 0
            while records := log.read(topic, partition, at, 5000):
                for record in records:
                    stream = record.key.ljust(16, b"\0")
                    versions[stream] = version = versions.get(stream, 0) + 1
                    id = unpack_envelope(record.headers).id
                    yield stream, version, id, record.headers + record.value
                at += len(records)


def table(result: dict[str, Any]) -> str:
    """The result for people."""
    each = ", ".join(f"{ratio:.2f}" for ratio in result["ratios"])
    lines = [
        f"{result['events']:,} events of {result['people']:,} persons by {result['order']}; "
        f"{result['canonical']:,.0f} canonical events of {result['bytes']:.0f} bytes; median of {result['rounds']}",
        *(f"  {name:<16}{result[name]:8.1f} us" for name in (*STAGES, "end to end", *PEERS)),
        f"  ratio           {result['ratio']:8.2f}     of each round: {each}",
        f"  by subject      {result['ratio by subject']:8.2f}",
        f"  by frames       {result['ratio by frames']:8.2f}",
        f"  {result['events a second']:,.0f} events/s, {result['rss']:.0f} MB RSS, {result['disk']:.0f} MB on disk",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
