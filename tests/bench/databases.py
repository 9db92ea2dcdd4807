"""Rows of a database as chunks, and on to frames, against a bare loop of the driver: python -m tests.bench.databases

    driver   execute the same SELECT, fetchmany, and let go of the rows
    source   SqlSource: one connection, columns, clock, chunks of rows with their numbers
    frames   a whole first run of a connector without its log: read, map, tokenise, seal, spool

SQLite and PostgreSQL, each in turns in one process. CPU of the process, system calls included: what the machine does
besides counts little, and the server's own work not at all. Medians of the rounds; nothing is asserted about time.
"""

import argparse
import gc
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.run.run import run
from connectors.sources import CHUNK, open_source, parse_source
from hub.cli.main import collect_seldom
from tests.connectors.rig import COLUMNS, MAPPING, Rig, row
from tests.postgres.server import Server

SELECT = "SELECT {} FROM assessments ORDER BY {}".format(", ".join(f'"{name}"' for name in COLUMNS), f'"{COLUMNS[0]}"')
CREATE = "CREATE TABLE assessments ({}, PRIMARY KEY ({}))".format(
    ", ".join(f'"{name}" VARCHAR(40)' for name in COLUMNS), f'"{COLUMNS[0]}"'
)
STAGES = ("driver", "source", "frames")


def main() -> None:
    """Print one table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="tests.bench.databases")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    collect_seldom()  # as the hub's own processes do
    result = measure(args.rows, args.rounds)
    print(json.dumps(result) if args.json else table(result))


def measure(rows: int, rounds: int, products: tuple[str, ...] = ("sqlite", "postgresql")) -> dict[str, Any]:
    """By product: rows a second of each stage, and each as a ratio to the driver; medians of the rounds."""
    with tempfile.TemporaryDirectory() as scratch:
        found = {}
        for product in products:
            base = Sqlite(Path(scratch)) if product == "sqlite" else Postgres(Path(scratch))
            try:
                base.fill([tuple(row(n).values()) for n in range(rows)])
                turns = [_round(base, Path(scratch) / f"{product}{turn}", rows) for turn in range(rounds)]
            finally:
                base.stop()
            found[product] = {stage: statistics.median(turn[stage] for turn in turns) for stage in turns[0]}
    return {"rows": rows, "rounds": rounds, "products": found}


def _round(base: "Base", folder: Path, rows: int) -> dict[str, float]:
    seconds = {
        "driver": _timed(base.bare, rows),
        "source": _timed(lambda: _source(base), rows),
        "frames": _timed(lambda: _frames(base, folder), rows),
    }
    speeds = {stage: rows / spent for stage, spent in seconds.items()}
    return speeds | {f"{stage} ratio": speeds[stage] / speeds["driver"] for stage in STAGES}


def _timed(work: Callable[[], int], rows: int) -> float:
    gc.collect()  # what the stage before left is not this one's to count
    began = time.process_time()
    assert work() == rows
    return time.process_time() - began


def _source(base: "Base") -> int:
    with open_source(parse_source(base.section), base.folder, names=COLUMNS, now_ms=lambda: 0) as source:
        return sum(len(chunk.rows) for chunk in source.rows())


def _frames(base: "Base", folder: Path) -> int:
    rig = Rig(folder)
    settings = "\n".join(f'{name} = "{value}"' for name, value in base.section.items() if name not in ("kind", "alias"))
    text = MAPPING.format(on_change="event", on_vanish="nothing").replace('kind = "csv"', 'kind = "sql"')
    rig.mapping(text.replace('path = "assessments.csv"', settings))
    report = run(rig.edge(), rig.log, rig.system)
    return int(report.rows.read)


class Base:
    """A database with one table of assessments."""

    section: dict[str, str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, rows: list[tuple[Any, ...]]) -> None:
        """Make the table with these rows."""
        raise AssertionError

    def bare(self) -> int:
        """The driver alone: how many rows it gave."""
        raise AssertionError

    def stop(self) -> None:
        """Let go of what was started."""


class Sqlite(Base):
    """A file, read by the module of the standard library."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.path = folder / "bench.db"
        self.section = {
            "kind": "sql",
            "alias": "bench",
            "url": f"sqlite:///{self.path}",
            "table": "assessments",
            "key": COLUMNS[0],
        }

    def fill(self, rows: list[tuple[Any, ...]]) -> None:
        with sqlite3.connect(self.path) as connection:
            connection.execute(CREATE)
            connection.executemany(f"INSERT INTO assessments VALUES ({', '.join('?' * len(COLUMNS))})", rows)
        connection.close()

    def bare(self) -> int:
        connection = sqlite3.connect(self.path)
        cursor = connection.execute(SELECT)
        count = 0
        while found := cursor.fetchmany(CHUNK):
            count += len(found)
        connection.close()
        return count


class Postgres(Base):
    """A server of one's own, read by psycopg with a cursor on the server."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = Server(durable=True).start()
        url = self.server.database()
        self.name = url.rpartition("/")[2]
        secret = folder / "password"
        secret.write_text("p%w/d:for@tests", encoding="utf-8")
        self.section = {
            "kind": "sql", "alias": "bench", "url": self.server.url(self.name, False), "table": "assessments",
            "key": COLUMNS[0], "password_file": str(secret),
        }  # fmt: skip

    def fill(self, rows: list[tuple[Any, ...]]) -> None:
        with self.server.admin(self.name) as connection:
            connection.execute(CREATE.encode())
            with connection.cursor().copy(b"COPY assessments FROM STDIN") as copy:
                for one in rows:
                    copy.write_row(one)

    def bare(self) -> int:
        count = 0
        with self.server.admin(self.name) as connection:
            connection.autocommit = False
            with connection.cursor("bare") as cursor:
                cursor.execute(SELECT.encode())
                while found := cursor.fetchmany(CHUNK):
                    count += len(found)
        return count

    def stop(self) -> None:
        self.server.stop()


def table(result: dict[str, Any]) -> str:
    """The figures of all products as text."""
    lines = [
        f"{result['rows']} rows, medians of {result['rounds']} rounds; rows a second of CPU, and times the bare driver"
    ]
    for product, found in result["products"].items():
        cells = [f"{stage} {found[stage]:>10,.0f} ({found[f'{stage} ratio']:.2f} x)" for stage in STAGES]
        lines.append(f"{product:12}" + "   ".join(cells))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
