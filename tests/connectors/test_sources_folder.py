"""A drop folder: every file once, whole or not at all, whenever the process is killed."""

import csv
import os
from pathlib import Path
from typing import Any

import pytest

from connectors.sources import folder as folder_module
from connectors.sources import open_source, parse_source
from hub.core.errors import DataError
from hub.texts import text
from tests.connectors.books import book
from tests.connectors.rig import COLUMNS, MAPPING, Rig, row
from tests.connectors.test_run import HOPS, Killed, facts_law, killer, twins

SECTION = {"kind": "folder", "alias": "drop", "path": "drop", "files": "csv", "pattern": "*.csv"}


def dropped(folder: Path, name: str, *rows: dict[str, str], age: int = 0) -> Path:
    """A CSV in the drop folder, last written to so many seconds before 1970-01-02."""
    path = folder / "drop" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS)
        out.writeheader()
        out.writerows(rows)
    os.utime(path, (86_400 - age, 86_400 - age))
    return path


def names(folder: Path) -> list[str]:
    """All files of the folder, by their places."""
    return sorted(path.relative_to(folder).as_posix() for path in (folder / "drop").rglob("*") if path.is_file())


def on_drop(rig: Rig) -> Rig:
    """The rig with a mapping that reads the drop folder."""
    text = MAPPING.format(on_change="event", on_vanish="nothing")
    rig.mapping(text.replace('kind = "csv"', 'kind = "folder"\nfiles = "csv"').replace('"assessments.csv"', '"drop"'))
    return rig


def taken(folder: Path, **section: Any) -> tuple[list[object], dict[str, str]]:
    """First cells of what a read takes, and what it says of files and of what they hide; the file is put away."""
    with open_source(parse_source(SECTION | section), folder, names=["评估编号"], now_ms=lambda: 86_400_000) as source:
        at = [column.name for column in source.columns()].index("评估编号")
        found = [one.values[at] for chunk in source.rows() for one in chunk.rows]
        assert source.complete
        assert not source.full
        source.settle()
        told = source.description.items()
        return found, {name: value for name, value in told if name.startswith(("files_", "hidden_"))}


def test_files_are_taken_in_order_once_nobody_writes_to_them(tmp_path: Path) -> None:
    """Each read takes the next file by name; one that is young, half written or of another name waits."""
    dropped(tmp_path, "b.csv", row(2), age=90)
    dropped(tmp_path, "a.csv", row(1), age=90)
    for name, age in {"c.csv": 10, "~$d.csv": 90, ".e.csv": 90, "f.xls": 90}.items():
        dropped(tmp_path, name, row(3), age=age)
    assert taken(tmp_path) == (["PG00001"], {"files_waiting": "1", "files_refused": "0"})
    assert taken(tmp_path)[0] == ["PG00002"]
    assert taken(tmp_path)[0] == []
    assert taken(tmp_path, quiet_seconds=5)[0] == ["PG00003"]
    dropped(tmp_path, "a.csv", row(4), age=90)
    assert taken(tmp_path)[0] == ["PG00004"]
    assert [name for name in names(tmp_path) if "done" in name] == [
        "drop/done/a.2.csv", "drop/done/a.csv", "drop/done/b.csv", "drop/done/c.csv",
    ]  # fmt: skip


def test_a_file_that_cannot_be_read_is_put_aside_with_its_code(tmp_path: Path) -> None:
    """A file that is cut or lacks a column publishes nothing, is refused with its code, and stops no other."""
    cut = dropped(tmp_path, "a.csv", row(1), row(2), age=90)
    cut.write_bytes(cut.read_bytes()[:-20])
    os.utime(cut, (0, 0))
    lacks = tmp_path / "drop" / "b.csv"
    lacks.write_text("编号,姓名\n1,某\n", encoding="utf-8")
    os.utime(lacks, (0, 0))
    dropped(tmp_path, "c.csv", row(3), age=90)
    assert taken(tmp_path) == (["PG00003"], {"files_waiting": "0", "files_refused": "2"})
    refused = tmp_path / "drop" / "refused"
    assert sorted(path.name for path in refused.iterdir()) == ["a.csv", "a.csv.txt", "b.csv", "b.csv.txt"]
    told = (refused / "a.csv.txt").read_text(encoding="utf-8-sig")
    assert told.startswith("HUB-C210 alias=drop")
    parts = [part for lang in ("zh", "en") for part in text("HUB-C210", lang, alias="drop")]
    assert all(part.replace(" NAME", f" {tmp_path.name}") in told for part in parts), "each names the connector"
    assert "NAME" not in told
    assert (refused / "b.csv.txt").read_text(encoding="utf-8-sig").startswith("HUB-C20")


@pytest.mark.parametrize("hop", [*HOPS, "settled"])
def test_a_file_is_neither_lost_nor_doubled_by_a_crash(tmp_path: Path, hop: str) -> None:
    """A run killed at any step, then run again, leaves the facts of a calm run, and every file in `done`."""
    calm, storm = map(on_drop, twins(tmp_path))
    for rig in (calm, storm):
        for name, some in {"1.csv": (row(1), row(2)), "2.csv": (row(2, 风险等级="3级"), row(3))}.items():
            dropped(rig.folder, name, *some, age=90)
    calm.run()
    calm.run()
    with pytest.raises(Killed):
        storm.run(hop=killer(hop))
    storm.run()
    storm.run()
    storm.run()
    facts_law(storm.facts(), calm.facts())
    assert names(storm.folder) == names(calm.folder) == ["drop/done/1.csv", "drop/done/2.csv"]


@pytest.mark.parametrize("hop", HOPS[1:])
def test_a_file_that_is_written_anew_while_its_rows_are_sent_is_read_too(tmp_path: Path, hop: str) -> None:
    """An export that uses the same name before the file is put away is another file: its rows are told as well."""
    calm, storm = map(on_drop, twins(tmp_path))
    for rig in (calm, storm):
        dropped(rig.folder, "a.csv", row(1), age=90)

    def exported(at: str) -> None:
        if at == hop:
            dropped(storm.folder, "a.csv", row(2), row(3), age=80)

    calm.run()
    storm.run(hop=exported)
    assert names(storm.folder) == ["drop/a.csv"]
    dropped(calm.folder, "a.csv", row(2), row(3), age=80)
    calm.run()
    storm.run()
    facts_law(storm.facts(), calm.facts())
    assert names(storm.folder) == ["drop/done/a.csv"]


def test_a_refused_file_that_is_written_anew_meanwhile_is_read(tmp_path: Path) -> None:
    """Only the bytes that were refused are put aside; the sound file that took their name waits for the next run."""
    cut = dropped(tmp_path, "a.csv", row(1), row(2), age=90)
    cut.write_bytes(cut.read_bytes()[:-20])
    os.utime(cut, (0, 0))
    dropped(tmp_path, "b.csv", row(3), age=90)
    with open_source(parse_source(SECTION), tmp_path, names=["评估编号"], now_ms=lambda: 86_400_000) as source:
        assert sum(len(chunk.rows) for chunk in source.rows()) == 1
        dropped(tmp_path, "a.csv", row(1), row(2), age=90)
        source.settle()
    assert names(tmp_path) == ["drop/a.csv", "drop/done/b.csv"]
    assert taken(tmp_path)[0] == ["PG00001", "PG00002"]


def test_moving_before_the_commit_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a source that puts a file away when it has read it."""
    read = folder_module.FolderSource.rows

    def hasty(self: Any, after: Any = None) -> Any:
        yield from read(self, after)
        self.settle()

    monkeypatch.setattr(folder_module.FolderSource, "rows", hasty)
    with pytest.raises((AssertionError, DataError)):
        test_a_file_is_neither_lost_nor_doubled_by_a_crash(tmp_path, "before commit")


@pytest.mark.parametrize(
    ("section", "code"),
    [({"files": "sql"}, "HUB-C230"), ({"files": ""}, "HUB-C230"), ({"url": "x"}, "HUB-C231"), ({}, "HUB-C276")],
)
def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, section: dict[str, object], code: str) -> None:
    """A missing folder, and files of a kind that cannot lie in one, are refused before anything is read."""
    with pytest.raises(DataError) as stop:
        open_source(parse_source(SECTION | section), tmp_path)
    assert stop.value.code == code


def test_what_a_workbook_hides_is_told_of_a_dropped_one_too(tmp_path: Path) -> None:
    """A run over a folder says which rows were hidden, as a run over the workbook itself does."""
    (tmp_path / "drop").mkdir()
    cells = [["评估编号", "证件号码"], ["PG00001", "x"], ["PG00002", "y"]]
    path = book(tmp_path / "drop" / "a.xlsx", {"3月": cells}, hidden_rows=[3])
    os.utime(path, (0, 0))
    found, told = taken(tmp_path, files="excel", pattern="*.xlsx")
    assert found == ["PG00001", "PG00002"]
    assert told["hidden_rows_read"] == "drop 3"
