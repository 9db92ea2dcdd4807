"""A backfill of N persons beside live rows: python -m tests.bench.backfill --persons 100000 [--folder /tmp] [--json]

    history.db -> `hub connector backfill history`  --+
                                                      +-> ingress -> `hub serve` (intake, vault, projections, views)
    live.db <- a row now and then   -> `run --follow` --+

Three commands as they are typed, each a process of its own, every store on disk. History is one event a person
(`health.PatientFiled`), two of each tenth (`health.FollowUpRecorded`), one row in a thousand with a number that is
none. Live rows are applications dated today, of an agency of its own; the lag of one is the time from its INSERT until
the public view `v_case_v1` has it. It prints memory, speed and lag over the time of the backfill; nothing is asserted
about time.
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from connectors import edge as edges
from connectors.rows.tokens import KeyedTokens
from connectors.spool import Spool
from hub import founding, installation, wiring
from hub.config import Settings, load, write
from hub.core.calendar import date_of, iso
from hub.demo.counties import COUNTIES
from hub.demo.people import PATIENT_PROVINCES, id_number
from hub.ports.intake import Connector
from tests.bench.source import AREAS

HISTORY, LIVE = "history", "live"
SECOND_OF: Final = 10
WRONG_OF: Final = 1_000
LIVE_PERSON: Final = 50_000_000
_LOT: Final = 20_000
_LOOK: Final = 0.2
_SETTLES: Final = 600

_MAPPING: Final = """
id = "{name}"
version = 1
key = ["id"]
{events_rules}
[source]
kind = "sql"
alias = "{name}"
url = "sqlite:///{path}"
table = "filed"
key = "id"
{cursor}
[person.patient]
tokens = {{ resident_id = "number" }}

[common]
occurred_on = "day"
area = "area"
legal_basis = {{ constant = "public_health" }}
{events}
"""
_HISTORY: Final = """
[[event]]
type = "health.PatientFiled"
when = ["first"]
[event.fields]
diagnosis = { constant = "schizophrenia" }
stability = { constant = "stable" }

[[event]]
type = "health.FollowUpRecorded"
when = ["later"]
[event.fields]
risk = { constant = 1 }
stability = { constant = "stable" }
"""
_RULES: Final = """
[rule.first]
column = "kind"
op = "equals"
value = "first"

[rule.later]
column = "kind"
op = "equals"
value = "later"
"""
_APPLIED: Final = """
[[event]]
type = "agency.ApplicationFiled"
[event.fields]
channel = { constant = "B" }
applicant_kind = { constant = "patient" }
severe = { constant = true }
"""


class Sampled:
    """What was seen at one moment: seconds since the start, rows read, MB of each process, the lags since before."""

    def __init__(self, at: float, rows: int, memory: dict[str, float], lags: list[float], waiting: int) -> None:
        self.at, self.rows, self.memory, self.lags, self.waiting = at, rows, memory, lags, waiting


class Live:
    """Writes a row now and then, and sees when it is visible. Rows become visible in the order of their writing, but
    for those of one run, which are counted together."""

    def __init__(self, home: Path, every: float) -> None:
        self._source, self._views, self._every = home / "live.db", home / "hub" / "views.db", every
        self._written: list[float] = []
        self.seen = 0
        self._next = time.monotonic()

    def turn(self) -> list[float]:
        """Write what is due, and the lags of the rows that became visible."""
        now = time.monotonic()
        if now >= self._next:
            with closing(sqlite3.connect(self._source)) as connection, connection:
                connection.execute("INSERT INTO filed VALUES (?, ?, ?, ?, 'live', ?)", self._row())
            self._written.append(time.monotonic())
            self._next = max(self._next + self._every, now)
        return self._look()

    @property
    def unseen(self) -> int:
        """Rows written and not visible yet."""
        return len(self._written) - self.seen

    def _look(self) -> list[float]:
        with closing(sqlite3.connect(f"file:{self._views}?mode=ro", uri=True)) as views:
            (count,) = views.execute("SELECT count(*) FROM v_case_v1 WHERE state = 'applied'").fetchone()
        now, before = time.monotonic(), self.seen
        self.seen = count
        return [now - written for written in self._written[before:count]]

    def _row(self) -> tuple[Any, ...]:
        number = len(self._written)
        county = COUNTIES[number % len(COUNTIES)]
        day = date_of(int(time.time() + 28_800) // 86_400).isoformat()
        return number + 1, _resident(LIVE_PERSON + number), day, county.code, number + 1


def main() -> None:
    """Print one table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="tests.bench.backfill")
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two live rows")
    parser.add_argument("--folder", default=None, help="where the databases are put (a temporary folder)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = measure(args.persons, args.every, args.folder)
    print(json.dumps(result) if args.json else table(result))


def measure(persons: int, every: float = 1.0, folder: str | None = None) -> dict[str, Any]:
    """One backfill of so many persons, from the first row to the last in the views."""
    home = Path(tempfile.mkdtemp(prefix="bench-", dir=folder))
    try:
        rows = write_history(home / "history.db", persons)
        prepare(home)
        samples, stages = _run(home, rows, every)
        with closing(sqlite3.connect(f"file:{home / 'hub' / 'views.db'}?mode=ro", uri=True)) as views:
            (cases,) = views.execute("SELECT count(*) FROM persons_case").fetchone()
            (live,) = views.execute("SELECT count(*) FROM v_case_v1 WHERE state = 'applied'").fetchone()
        with Spool(home / "edges" / HISTORY / "spool.db", HISTORY, write=False) as spool:
            state = spool.state
        endings = json.loads(state.backfill)["rows"]
        disk = {path.name: path.stat().st_size / 1e6 for path in home.rglob("*.db") if path.name != "history.db"}
    finally:
        shutil.rmtree(home)
    return {
        "persons": persons, "rows": rows, "live rows": live, "cases": cases - live, "endings": endings,
        "events": state.event, "appended": state.appended, **stages, "disk": disk,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "samples": [vars(one) for one in samples],
    }  # fmt: skip


def write_history(path: Path, persons: int) -> int:
    """The agency's table: a row a person and a second one of each tenth; returns how many rows."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE filed (id INTEGER PRIMARY KEY, number TEXT, day TEXT, area TEXT, kind TEXT)"
        )
        lot: list[tuple[Any, ...]] = []
        rows = 0
        for one in _history(persons):
            rows += 1
            lot.append((rows, *one))
            if len(lot) >= _LOT:
                connection.executemany("INSERT INTO filed VALUES (?, ?, ?, ?, ?)", lot)
                lot.clear()
        connection.executemany("INSERT INTO filed VALUES (?, ?, ?, ?, ?)", lot)
        connection.commit()
    return rows


def _history(persons: int) -> Iterator[tuple[str, str, str, str]]:
    days = [date_of(day).isoformat() for day in range(17_000, 20_000)]
    for person in range(persons):
        county = COUNTIES[person % len(COUNTIES)].code
        number, day = _resident(person), days[person % len(days)]
        yield number, day, county, "first"
        if person % SECOND_OF == 0:
            yield number, days[(person + 40) % len(days)], county, "later"
        if person % WRONG_OF == WRONG_OF - 1:
            yield number[:-3], day, county, "later"


def _resident(person: int) -> str:
    return id_number(PATIENT_PROVINCES[person % 3], person // 48_000, -5_000 + person // 3 % 16_000, person % 2 == 0)


def prepare(home: Path) -> None:
    """A new installation, live since today, with two registered connectors."""
    today = int(time.time() + 28_800) // 86_400
    write(home, {"hub.profile": "national", "hub.installed_on": iso(today), "hub.go_live": iso(today)})
    settings = load(home)
    for make in founding.STEPS:
        make(settings)
    with closing(sqlite3.connect(home / "live.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE filed (id INTEGER PRIMARY KEY, number TEXT, day TEXT, area TEXT, kind TEXT, changed INTEGER)"
        )
        connection.execute("CREATE INDEX by_change ON filed (changed, id)")
    connect(settings, HISTORY, "health", today, _MAPPING.format(
        name=HISTORY, path=home / "history.db", cursor="", events=_HISTORY, events_rules=_RULES
    ))  # fmt: skip
    connect(settings, LIVE, "agency", today, _MAPPING.format(
        name=LIVE, path=home / "live.db", cursor='cursor = "changed"', events=_APPLIED, events_rules=""
    ))  # fmt: skip


def connect(settings: Settings, name: str, publisher: str, today: int, mapping: str) -> None:
    """A connector of an agency of its own, as an engineer and the hub's keeper leave it."""
    folder = settings.folder("edges") / name
    folder.mkdir(parents=True)
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    edge = founding.make_edge(settings, edges.EdgeSpec(name, name, publisher, "", b"", b"", today, "220102"))
    public, check = edge.keys.public("agency"), KeyedTokens(edge.keys).check()
    types = "agency.* health.*"
    installation.register(settings, Connector(0, name, name, publisher, types, AREAS, "", public, check))
    log = wiring.edge_log(settings, edge)
    log.close()


def _run(home: Path, rows: int, every: float) -> tuple[list[Sampled], dict[str, float]]:
    said = home / "serve.log"
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        running["serve"] = _start(home, said, "serve", "--no-connectors", "--set", "serve.port=0")
        port = _port(said, running["serve"])
        running["run"] = _start(home, home / "run.log", "connector", "run", LIVE, "--follow", "--every", "1")
        began = time.monotonic()
        live = Live(home, every)
        running["backfill"] = _start(home, home / "backfill.log", "connector", "backfill", HISTORY, "--json")
        watch = Watch(home, rows, running, live, began)
        while running["backfill"].poll() is None:
            watch.look()
        assert running["backfill"].returncode == 0, (home / "backfill.log").read_text(encoding="utf-8")[-2000:]
        edge = time.monotonic() - began
        until = time.monotonic() + _SETTLES
        while _lag(port) or live.unseen or _unanswered(home):
            assert time.monotonic() < until, "the hub does not come to its end"
            live._next = time.monotonic() + _SETTLES  # no more rows: what was written is to be seen
            watch.look()
        whole = time.monotonic() - began
        watch.sample()
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait(60)
    return watch.samples, {"seconds of the backfill": edge, "seconds": whole}


class Watch:
    """Looks at the processes again and again, and keeps some forty samples of a backfill."""

    def __init__(
        self, home: Path, rows: int, running: dict[str, "subprocess.Popen[bytes]"], live: Live, began: float
    ) -> None:
        self._spool, self._running, self._live, self._began = (
            home / "edges" / HISTORY / "spool.db",
            running,
            live,
            began,
        )
        self._step, self._next, self._lags = max(rows // 40, 1), 0, list[float]()
        self.samples: list[Sampled] = []

    def look(self) -> None:
        """Wait a moment, let a live row come, and take a sample when it is time."""
        time.sleep(_LOOK)
        self._lags += self._live.turn()
        if self._rows() >= self._next:
            self.sample()

    def sample(self) -> None:
        """Take one."""
        rows = self._rows()
        memory = {name: _memory(process.pid) for name, process in self._running.items() if process.poll() is None}
        self.samples.append(
            Sampled(time.monotonic() - self._began, rows, memory, sorted(self._lags), self._live.unseen)
        )
        print(_line(self.samples[-1], self.samples[-2:-1]), file=sys.stderr, flush=True)
        self._lags, self._next = [], rows + self._step

    def _rows(self) -> int:
        with suppress(Exception), Spool(self._spool, HISTORY, write=False) as spool:
            return int(json.loads(spool.state.backfill)["rows"]["read"])
        return 0


def _start(home: Path, said: Path, *words: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "hub.cli.main", *words, "--home", str(home)]
    with said.open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "HUB_LANG": "en"})


def _port(said: Path, process: "subprocess.Popen[bytes]") -> int:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        for line in said.read_text(encoding="utf-8").splitlines():
            if '"listening"' in line:
                return int(json.loads(line)["port"])
        time.sleep(0.1)
    raise AssertionError(said.read_text(encoding="utf-8")[-2000:])


def _lag(port: int) -> int:
    """Records of the logs that the hub has not folded."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        told = answer.read().decode()
    return int(sum(float(line.rpartition(" ")[2]) for line in told.splitlines() if line.startswith("hub_lag_records{")))


def _unanswered(home: Path) -> int:
    """Frames of the backfill that intake has not taken."""
    settings = load(home)
    with closing(wiring.open_log(settings.database("log"), make=False)) as log:
        end = log.bounds(f"ingress.{HISTORY}", 0).end
    with closing(wiring.open_intake_store(settings)) as store:
        return end - store.state(HISTORY).offset


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def table(result: dict[str, Any]) -> str:
    """Lines for people."""
    lags = [lag for one in result["samples"] for lag in one["lags"]]
    seconds = result["seconds of the backfill"]
    lines = [
        f"{result['persons']:,} persons, {result['rows']:,} rows; {result['machine']}",
        f"  {result['rows'] / seconds:,.0f} rows/s to the end of the backfill ({seconds:,.0f} s), all visible after "
        f"{result['seconds']:,.0f} s; {result['events']:,} events",
        f"  live lag, s: {_spread(lags)} of {len(lags)} rows",
        "  on disk, MB: " + ", ".join(f"{name} {size:,.0f}" for name, size in result["disk"].items()),
    ]
    before: Sequence[Sampled] = ()
    for each in result["samples"]:
        one = Sampled(**each)
        lines.append("  " + _line(one, before))
        before = (one,)
    return "\n".join(lines)


def _line(one: Sampled, before: Sequence[Sampled]) -> str:
    last = before[0] if before else Sampled(0.0, 0, {}, [], 0)
    rate = (one.rows - last.rows) / max(one.at - last.at, 0.001)
    memory = "  ".join(f"{name} {size:5.0f}" for name, size in one.memory.items())
    return f"{one.at:7.0f} s {one.rows:>11,} rows {rate:>8,.0f}/s  MB {memory}  lag s {_spread(one.lags)}"


def _spread(lags: Sequence[float]) -> str:
    return f"{min(lags):.1f} / {statistics.median(lags):.1f} / {max(lags):.1f}" if lags else "-"


if __name__ == "__main__":
    main()
