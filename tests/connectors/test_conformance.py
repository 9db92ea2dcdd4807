"""The conformance kit: our own sources keep its laws, a source of an outside package does, and each law can fail."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.conformance import LAWS, World, check
from connectors.conformance.world import Said
from tests.connectors.changes import event, lines
from tests.connectors.singer_tap import TAP
from tests.connectors.test_sources_http import Interface, serving, told
from tests.connectors.toy import FAULTS, TOY

NAMES = ("编号", "更新时间", "备注")
ROOT = Path(__file__).parents[2]


class Place:
    """What our worlds share: a folder of a test, and names of columns that somebody may change."""

    narrowed = increments = False

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.names: tuple[str, str, str] = NAMES
        self.heads = list(NAMES)
        self.rows: list[Said] = []

    def folder(self) -> Path:
        return self._folder

    def put(self, rows: Sequence[Said]) -> None:
        self.rows = list(rows)
        self.written()

    def poison(self, key: str) -> bool:
        return False

    def rename(self, name: str) -> bool:
        self.heads[2] = name
        self.written()
        return True

    def written(self) -> None:
        """Write heads and rows as they are now."""
        raise AssertionError


class Csv(Place):
    kind = "csv"

    def section(self) -> dict[str, object]:
        return {"kind": "csv", "alias": "world", "path": "rows.csv"}

    def written(self) -> None:
        with (self._folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([self.heads, *self.rows])

    def poison(self, key: str) -> bool:
        path = self._folder / "rows.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(f"{key},", f"{key},,,"), encoding="utf-8")
        return True


class Jsonl(Place):
    def section(self) -> dict[str, object]:
        return {"kind": "jsonl", "alias": "world", "path": "rows.jsonl"}

    def written(self) -> None:
        lines = [json.dumps(dict(zip(self.heads, row, strict=True)), ensure_ascii=False) for row in self.rows]
        (self._folder / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def poison(self, key: str) -> bool:
        path = self._folder / "rows.jsonl"
        path.write_text(path.read_text(encoding="utf-8").replace(f'"{key}"', f'"{key}'), encoding="utf-8")
        return True


class Database(Place):
    narrowed = True

    def section(self) -> dict[str, object]:
        section = {"kind": "sql", "alias": "world", "url": "sqlite:///h.db", "table": "t", "cursor": NAMES[1]}
        return {**section, "key": NAMES[0]}

    def written(self) -> None:
        with sqlite3.connect(self._folder / "h.db") as connection:
            connection.execute("DROP TABLE IF EXISTS t")
            connection.execute(f"CREATE TABLE t ({', '.join(f'{head} TEXT' for head in self.heads)})")
            connection.executemany("INSERT INTO t VALUES (?, ?, ?)", self.rows)
        connection.close()

    def poison(self, key: str) -> bool:
        with sqlite3.connect(self._folder / "h.db") as connection:
            connection.execute(f"UPDATE t SET {NAMES[2]} = CAST(x'81' AS TEXT) WHERE {NAMES[0]} = ?", (key,))
        connection.close()
        return True


class Drop(Place):
    increments = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "drop").mkdir()

    def section(self) -> dict[str, object]:
        return {"kind": "folder", "alias": "world", "path": "drop", "files": "csv"}

    def written(self) -> None:
        path = self._folder / "drop" / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([self.heads, *self.rows])
        os.utime(path, (0, 0))


class Saved(Place):
    """Singer messages in a file."""

    def section(self) -> dict[str, object]:
        return {"kind": "singer", "alias": "world", "path": "said", "stream": "visits"}

    def written(self) -> None:
        properties = {head: {"type": ["null", "string"]} for head in self.heads}
        messages: list[dict[str, object]] = [
            {"type": "SCHEMA", "stream": "visits", "schema": {"properties": properties}, "key_properties": [NAMES[0]]},
            *(
                {"type": "RECORD", "stream": "visits", "version": 1, "record": dict(zip(self.heads, row, strict=True))}
                for row in self.rows
            ),
            {"type": "ACTIVATE_VERSION", "stream": "visits", "version": 1},
        ]
        lines = [json.dumps(message, ensure_ascii=False) for message in messages]
        (self._folder / "said").write_text("\n".join(lines) + "\n", encoding="utf-8")


class Tapped(Place):
    """A tap that is run each time, without versions."""

    increments = True
    fault = ""

    def section(self) -> dict[str, object]:
        command = [sys.executable, "tap.py"]
        return {"kind": "singer", "alias": "world", "command": command, "config": "config.json", "stream": "visits"}

    def written(self) -> None:
        (self._folder / "tap.py").write_text(TAP, encoding="utf-8")
        rows = [dict(zip(self.heads, row, strict=True)) for row in self.rows]
        (self._folder / "rows.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        config = {"rows": "rows.json", "key": [NAMES[0]], "replication": "plain", "fault": self.fault}
        path = self._folder / "config.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        path.chmod(0o600)

    def poison(self, key: str) -> bool:
        self.rows = [self.rows[0], self.rows[4], *(row for row in self.rows[1:] if row != self.rows[4])]
        self.fault = "poison"  # of the second record
        self.written()
        return True


class Changed(Place):
    """Change events in a file: what comes anew is added."""

    narrowed = increments = changes = True

    def section(self) -> dict[str, object]:
        return {"kind": "debezium", "alias": "world", "path": "changes"}

    def messages(self) -> list[tuple[dict[str, str], object]]:
        """Rows as key and event."""
        return [({NAMES[0]: row[0]}, event("u", dict(zip(self.heads, row, strict=True)))) for row in self.rows]

    def written(self) -> None:
        lines(self._folder / "changes", *self.messages(), append=True)

    def rename(self, name: str) -> bool:
        (self._folder / "changes").unlink()
        return super().rename(name)

    def poison(self, key: str) -> bool:
        path = self._folder / "changes"
        path.write_text(path.read_text(encoding="utf-8").replace(f'"{key}"', f'"{key}'), encoding="utf-8")
        return True


class Web(Place):
    def __init__(self, folder: Path, interface: Interface) -> None:
        super().__init__(folder)
        self.interface = interface

    def section(self) -> dict[str, object]:
        url = f"http://127.0.0.1:{self.interface.port}/"
        return {"kind": "http", "alias": "world", "url": url, "page_parameter": "page"}

    def written(self) -> None:
        items: list[object] = [dict(zip(self.heads, row, strict=True)) for row in self.rows]
        self.interface.answer = lambda query: told(items[1000 * (int(query["page"]) - 1) : 1000 * int(query["page"])])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("kind", [Csv, Jsonl, Database, Drop, Saved, Tapped, Changed])
def test_our_sources_keep_the_laws(kind: type[Place], law: object, tmp_path: Path) -> None:
    """Files, databases, drop folders, taps and change events keep every law that the kit asks of others' sources."""
    world: World = kind(tmp_path)  # type: ignore[assignment]
    law(world)  # type: ignore[operator]


def test_an_interface_keeps_the_laws(tmp_path: Path, interface: Interface) -> None:
    """So does an interface over HTTP."""
    worlds = iter(range(len(LAWS)))
    check(lambda: Web(tmp_path / str(next(worlds)), interface))


RUN = """
import sys
from pathlib import Path
from connectors.conformance import check
from toy_source import ToyWorld
worlds = iter(range(100))
check(lambda: ToyWorld(Path(sys.argv[1]) / str(next(worlds))))
print("kept")
"""


def tried(folder: Path, fault: str) -> "subprocess.CompletedProcess[str]":
    """The kit, run on an installed package that brings a source, with one fault in it."""
    site = folder / "site"
    about = site / "toy_source-1.dist-info"
    about.mkdir(parents=True)
    (site / "toy_source.py").write_text(TOY.replace("FAULT = ''", f"FAULT = {fault!r}"), encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-source\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[hub.sources]\ntoy = toy_source:ToySource\n", encoding="utf-8")
    path = os.pathsep.join([str(site), str(ROOT)])
    command = [sys.executable, "-c", RUN, str(folder / "worlds")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": path})


@pytest.mark.slow
def test_a_source_of_an_outside_package_is_found_and_keeps_the_laws(tmp_path: Path) -> None:
    """A package that is installed beside the hub brings a kind of source, which the kit holds to be sound."""
    done = tried(tmp_path, "")
    assert done.stdout == "kept\n", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "said"), FAULTS.items(), ids=FAULTS)
def test_each_law_can_fail(tmp_path: Path, fault: str, said: str) -> None:
    """A source with one mistake is caught by the law that is about it, in words that say what was not kept."""
    done = tried(tmp_path, fault)
    assert done.returncode == 1
    assert said in done.stderr


@pytest.fixture
def interface() -> Iterator[Interface]:
    """A server whose rows a world decides."""
    with serving(lambda query: told([])) as one:
        yield one
