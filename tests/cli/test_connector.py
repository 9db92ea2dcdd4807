"""What the words of a connector say to who types them."""

import csv
from pathlib import Path

import pytest

from connectors import edge as edges
from hub import founding
from hub.cli.main import run
from hub.config import load
from tests.connectors.rig import COLUMNS, MAPPING, row


def connected(home: Path) -> None:
    """An installation with one connector that nobody registered, and a file with a total at its foot."""
    run(["init", "--home", str(home)])
    settings = load(home)
    founding.make_edge(settings, edges.EdgeSpec("hospital-1", "hospital", "health", "", b"", b"", 20_000, "220102"))
    folder = home / "edges" / "hospital-1"
    (folder / "mapping.toml").write_text(MAPPING.format(on_change="event", on_vanish="nothing"), encoding="utf-8")
    (folder / "codes").mkdir()
    (folder / "codes" / "conclusion.csv").write_text("值,代码\n适合,true\n", encoding="utf-8")
    with (folder / "assessments.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows([row(1), row(2, 评估结论="不知道"), {"评估编号": "合计", "姓名": "2"}])


def test_a_connector_that_nobody_registered_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After a run of a connector that the hub does not know, its owner hears who can mend that, and how."""
    connected(tmp_path)
    capsys.readouterr()
    assert run(["--lang", "en", "connector", "run", "hospital-1", "--home", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert "HUB-C332" in told.err
    assert "hub agency add" in told.err


def test_a_run_accounts_for_lines_that_are_no_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Totals and blank lines are counted in the report, and a refusal is told without gaps in its sentence."""
    connected(tmp_path)
    capsys.readouterr()
    run(["--lang", "en", "connector", "run", "hospital-1", "--home", str(tmp_path)])
    told = capsys.readouterr().out
    assert "not data  1 lines" in told
    assert "HUB-C140" in told
    assert " - " not in told


def test_what_to_type_next_can_be_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with blanks is quoted in the command that comes next."""
    home = tmp_path / "a hub"
    run(["--lang", "en", "init", "--home", str(home)])
    assert f"--home '{home}'" in capsys.readouterr().out
