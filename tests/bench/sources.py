"""What a source costs beside its bare reader, and on to frames: python -m tests.bench.sources [--rows 100000] [--json]

    bare     python-calamine, the csv module, the driver's fetchmany: rows read and let go
    source   a connector's source: rows with their numbers, as a mapping takes them
    frames   a whole first run of a connector: read, map, five tokens a person, seal, spool, and sent to an embedded log

The same synthetic rows of 17 columns, in every kind. Each reading is a process of its own: CPU with system calls, so
that what the machine does besides counts little and a database's server not at all, and the most memory that it had.
Medians of the rounds, which take the readings in turn. It prints; nothing is asserted about time.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from connectors.run.run import run
from connectors.sources import open_source, parse_source
from hub import wiring
from hub.cli.main import collect_seldom
from hub.config import load
from tests.bench import path, source
from tests.bench.kept import FILE, Kept, keep
from tests.postgres.server import Server

KINDS: Final = ("excel", "csv", "sqlite", "postgresql")
_DAY: Final = 19_000

_SOURCE: Final = "[source]\n{}\n"


def main() -> None:
    """Print one table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="tests.bench.sources")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = measure(args.rows, args.rounds)
    print(json.dumps(result) if args.json else table(result))


Read = Callable[[Kept, Path], int]
Spent = tuple[int, float, float]


def measure(
    rows: int, rounds: int, kinds: Sequence[str] = KINDS, spent: Callable[[Read, Kept, Path], Spent] | None = None
) -> dict[str, Any]:
    """By kind and stage: rows a second of CPU, that as a ratio to the bare reader's, and the most memory in MB.

    `spent` carries a reading out: in a process of its own, unless told otherwise.
    """
    spent = spent or in_process
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name, _serving(kinds) as server:
        folder = Path(name)
        source.write(folder / FILE, rows, max(1, rows // path.PER_PERSON), "person", _DAY)
        for kind in kinds:
            kept = keep(kind, folder, server)
            rates: dict[str, list[float]] = {stage: [] for stage in STAGES}
            peaks: dict[str, list[float]] = {stage: [] for stage in STAGES}
            for turn in range(rounds):
                for stage, read in STAGES.items():
                    count, seconds, peak = spent(read, kept, folder / f"{kind}-{turn}")
                    assert count == rows, f"{kind}: {count} of {rows} rows"
                    rates[stage].append(rows / seconds)
                    peaks[stage].append(peak)
            found[kind] = {stage: _told(rates[stage], rates["bare"], peaks[stage]) for stage in STAGES}
    return {"rows": rows, "rounds": rounds, "kinds": found}


def _told(rates: list[float], bare: list[float], peaks: list[float]) -> dict[str, float]:
    ratios = [one / other for one, other in zip(rates, bare, strict=True)]
    return {"rows/s": statistics.median(rates), "ratio": statistics.median(ratios), "MB": max(peaks)}


@contextmanager
def _serving(kinds: Sequence[str]) -> Iterator[Server | None]:
    server = Server(durable=True).start() if "postgresql" in kinds else None
    try:
        yield server
    finally:
        if server is not None:
            server.stop()


def in_process(read: Read, kept: Kept, home: Path) -> Spent:
    """Rows, seconds of CPU and megabytes of a reading in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_apart, (read, kept, home))


def _apart(read: Read, kept: Kept, home: Path) -> Spent:
    collect_seldom()  # as the hub's own processes do
    return here(read, kept, home)


def here(read: Read, kept: Kept, home: Path) -> Spent:
    """Rows, seconds of CPU and megabytes of a reading in this process."""
    if read is frames:
        _prepare(kept, home)
    began = time.process_time()
    count = read(kept, home)
    return count, time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bare(kept: Kept, _: Path) -> int:
    """Read by the library alone."""
    return kept.bare()


def rows_of(kept: Kept, home: Path) -> int:
    """Read as a connector reads them."""
    spec = parse_source(kept.section)
    with open_source(spec, home.parent, names=source.COLUMNS, now_ms=lambda: 0) as opened:
        opened.columns()
        count = sum(len(chunk.rows) for chunk in opened.rows())
        assert opened.complete
        return count


def frames(_: Kept, home: Path) -> int:
    """Published by a connector."""
    settings = load(home)
    edge = wiring.open_edge(settings, path.CONNECTOR)
    with closing(wiring.open_log(settings.database("log"))) as log:
        report = run(edge, log, wiring.system_of(settings))
    return int(report.rows.published)


def _prepare(kept: Kept, home: Path) -> None:
    """A new installation whose one connector reads what is kept."""
    path.prepare(home, _DAY + 1_000)
    mapping = load(home).folder("edges") / path.CONNECTOR / "mapping.toml"
    before, _, rest = mapping.read_text(encoding="utf-8").partition("[source]\n")
    section = (
        {**kept.section, "path": f"{home.parent / kept.section['path']}"} if "path" in kept.section else kept.section
    )
    lines = "\n".join(f'{name} = "{value}"' for name, value in section.items())
    mapping.write_text(before + _SOURCE.format(lines) + rest.partition("\n\n")[2], encoding="utf-8")


STAGES: Final[dict[str, Read]] = {"bare": bare, "source": rows_of, "frames": frames}


def table(result: dict[str, Any]) -> str:
    """The figures of all kinds as text."""
    lines = [
        f"{result['rows']} rows, medians of {result['rounds']} rounds; rows a second of CPU, times the bare reader, MB"
    ]
    for kind, found in result["kinds"].items():
        cells = [
            f"{name} {one['rows/s']:>9,.0f} ({one['ratio']:.2f} x, {one['MB']:.0f})" for name, one in found.items()
        ]
        lines.append(f"{kind:11}" + "   ".join(cells))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
