"""Backfills as processes: `kill -9` at random moments, and the runs of the same connector beside one."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.spool import Spool
from hub import wiring
from hub.codec import Codec
from hub.config import load
from hub.core.calendar import iso
from hub.core.errors import HubError
from hub.installation import Installation
from tests.bench import backfill as bench

pytestmark = pytest.mark.slow

CODEC = Codec()
PERSONS = 24_000
ROWS = PERSONS + PERSONS // bench.SECOND_OF + PERSONS // bench.WRONG_OF


def started(home: Path, *words: str) -> "subprocess.Popen[bytes]":
    """A command of the hub in a process of its own."""
    command = [sys.executable, "-m", "hub.cli.main", "connector", *words, "--home", str(home)]
    with (home / f"{words[0]}.said").open("ab") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "HUB_LANG": "en"})


def facts(home: Path, agency: str) -> list[tuple[str, Any, int]]:
    """Type, fields and number at its edge of all that the hub takes of an agency about persons; no id comes twice."""
    settings, found, ids = load(home), [], Counter[bytes]()
    with Installation(settings) as hub:
        intake = wiring.open_intake(settings, hub.log)
        hub.follower([partial(lambda: intake.advance(agency).frames)]).drain()
        for partition in range(hub.log.topics()["persons"]):
            for record in hub.log.read("persons", partition, 0, 10_000_000):
                envelope = CODEC.envelope(record.headers)
                if envelope.source == f"agency/{agency}":
                    ids[envelope.id] += 1
                    found.append((envelope.type, CODEC.decode(record.value)[1], envelope.asserted & 0xFFFFFFFF))
    assert max(ids.values()) == 1, "a fact twice"
    return found


def spool(home: Path, name: str) -> Any:
    """The state of a connector's spool."""
    with Spool(home / "edges" / name / "spool.db", name, write=False) as one:
        return one.state


def begun(home: Path, name: str) -> bool:
    """Whether its first lot is committed: then runs know from where on they read."""
    with suppress(HubError):
        return bool(spool(home, name).cursor)
    return False


def test_a_backfill_that_is_killed_neither_loses_nor_doubles_a_fact(tmp_path: Path) -> None:
    """Killed again and again while it reads, commits and sends, it ends with each fact once and its sums right."""
    assert bench.write_history(tmp_path / "history.db", PERSONS) == ROWS
    bench.prepare(tmp_path)
    chance, killed, path = random.Random(7), 0, tmp_path / "edges" / bench.HISTORY / "spool.db-wal"
    for _ in range(8):
        process = started(tmp_path, "backfill", bench.HISTORY)
        until, seen, changes = time.monotonic() + 60, (0, 0), chance.randint(1, 12)
        while changes and process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
            about = path.stat() if path.exists() else None
            now = (about.st_size, about.st_mtime_ns) if about else (0, 0)
            changes, seen = changes - (now != seen), now
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait(60)
    last = started(tmp_path, "backfill", bench.HISTORY)
    assert last.wait(300) == 0, (tmp_path / "backfill.said").read_text(encoding="utf-8")[-2000:]
    assert killed >= 3, "no kill met a backfill at work"
    state = spool(tmp_path, bench.HISTORY)
    assert not state.filling
    types = Counter(type for type, _, _ in facts(tmp_path, bench.HISTORY))
    assert types == {"health.PatientFiled": PERSONS, "health.FollowUpRecorded": PERSONS // bench.SECOND_OF}


def test_live_rows_are_published_while_the_same_connector_is_backfilled(tmp_path: Path) -> None:
    """`run --follow` beside a backfill of its own connector says what is new at once, and never ends with exit 7."""
    persons = PERSONS // 2
    bench.write_history(tmp_path / "history.db", persons)
    bench.prepare(tmp_path)
    with closing(sqlite3.connect(tmp_path / "live.db")) as source, source:
        source.execute("ATTACH ? AS old", (str(tmp_path / "history.db"),))
        source.execute("INSERT INTO filed SELECT id, number, day, area, kind, id FROM old.filed WHERE kind = 'first'")
    filling = started(tmp_path, "backfill", bench.LIVE, "--rows-per-second", "500")  # a lot, half a minute
    until = time.monotonic() + 60
    while not begun(tmp_path, bench.LIVE):
        assert time.monotonic() < until, (tmp_path / "backfill.said").read_text(encoding="utf-8")[-2000:]
        time.sleep(0.05)
    running = started(tmp_path, "run", bench.LIVE, "--follow", "--every", "1")
    today, written = int(time.time() + 28_800) // 86_400, 0
    try:
        while filling.poll() is None:
            with closing(sqlite3.connect(tmp_path / "live.db", timeout=60)) as source, source:
                row = (10**6 + written, bench._resident(bench.LIVE_PERSON + written), iso(today), "220102", "live")
                source.execute("INSERT INTO filed VALUES (?, ?, ?, ?, ?, ?)", (*row, 10**6 + written))
            written += 1
            time.sleep(0.3)
        assert filling.returncode == 0, (tmp_path / "backfill.said").read_text(encoding="utf-8")[-2000:]
        assert running.poll() is None, (tmp_path / "run.said").read_text(encoding="utf-8")[-2000:]
    finally:
        running.terminate()
        running.wait(60)
    assert started(tmp_path, "run", bench.LIVE).wait(120) == 0
    found = facts(tmp_path, bench.LIVE)
    live = [number for _, fields, number in found if fields.occurred_on == today]
    history = [number for _, fields, number in found if fields.occurred_on < today]
    assert (len(live), len(history)) == (written, persons)
    assert min(live) < max(history), "nothing new was said before the backfill was over"
    assert {fields.mode for _, fields, _ in found if fields.occurred_on == today} == {"live"}
