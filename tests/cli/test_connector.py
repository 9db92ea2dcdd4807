"""What the words of a connector say to who types them."""

import csv
import json
from pathlib import Path

import pytest

from connectors import edge as edges
from connectors.run.run import run as run_connector
from hub import founding, wiring
from hub.cli.main import run
from hub.cli.runs import told
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


def test_whoever_is_registered_for_one_type_may_say_that_it_ran(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every connector tells of its own start and end: registered for a type alone, it may say those, too."""
    assert run(["init", "--home", str(tmp_path)]) == 0
    words = ["--agency", "ward", "--publisher", "health", "--area", "220102", "--key", "00" * 32]
    words += ["--key-check", "00" * 16]
    more = ["--type", "health.PatientFileClosed", "--json", "--home", str(tmp_path)]
    capsys.readouterr()
    assert run(["agency", "add", "ward", *words, *more]) == 0
    types = json.loads(capsys.readouterr().out)["types"]
    assert types == "health.PatientFileClosed agency.SourceStarted agency.RunFinished"


def test_a_run_accounts_for_lines_that_are_no_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Totals and blank lines are counted in the report, and a refusal is told without gaps in its sentence."""
    connected(tmp_path)
    capsys.readouterr()
    run(["--lang", "en", "connector", "run", "hospital-1", "--home", str(tmp_path)])
    told = capsys.readouterr().out
    assert "not data  1 lines" in told
    assert "HUB-C140  1  Column 评估结论: " in told
    assert " - " not in told
    assert "*" not in told


def test_rows_refused_alike_name_all_their_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a code names each column that is wrong, with its rows, the most frequent first."""
    connected(tmp_path)
    with (tmp_path / "edges/hospital-1/assessments.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows([row(1, 评估结论=""), row(2, 评估日期=""), row(3, 评估日期=""), row(4)])
    capsys.readouterr()
    run(["--lang", "en", "connector", "run", "hospital-1", "--home", str(tmp_path)])
    assert "HUB-C141  3  Column 评估日期 (2), 评估结论 (1): it is required and empty" in capsys.readouterr().out


def test_values_that_code_tables_lack_name_all_their_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever has to add a value to a code table reads its name, also where columns have tables of their own."""
    connected(tmp_path)
    edge = tmp_path / "edges/hospital-1"
    mapping = (edge / "mapping.toml").read_text(encoding="utf-8")
    looked_up = 'risk = { column = "风险等级", codes = "codes/risk.csv" }'
    (edge / "mapping.toml").write_text(mapping.replace('risk = "风险等级"', looked_up), encoding="utf-8")
    (edge / "codes" / "risk.csv").write_text("值,代码\n一,1\n", encoding="utf-8")
    with (edge / "assessments.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows([row(1, 风险等级="九"), row(2, 风险等级="八"), row(3, 风险等级="一", 评估结论="不知道")])
    words = ["connector", "run", "hospital-1", "--home", str(tmp_path), "--dry-run"]
    capsys.readouterr()
    assert run(["--lang", "en", *words]) == 0
    named = "Column 风险等级 (2), 评估结论 (1): the code table (codes/risk.csv, codes/conclusion.csv) lacks this value"
    assert f"HUB-C140  3  {named}" in capsys.readouterr().out
    assert run([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]["tables"] == {"codes/risk.csv": 2, "codes/conclusion.csv": 1}


def test_a_county_that_nobody_named_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A connector drafted without its county is not registered for one that there is not: the line to be typed has a
    word in that place, which is refused until somebody writes the county there."""
    home = ["--home", str(tmp_path / "hub")]
    run(["--lang", "en", "init", *home])
    (tmp_path / "a.csv").write_text("编号,姓名\n", encoding="utf-8")
    words = ["connector", "new", "--from", str(tmp_path / "a.csv"), "--name", "ward", "--agency", "ward", *home]
    capsys.readouterr()
    assert run(["--lang", "en", *words]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "hub agency add ward" in line)
    assert "--area AREA" in line
    assert run(["--lang", "en", *line.split()[1:], *home]) == 2
    assert "HUB-I203" in capsys.readouterr().err


def test_what_to_type_next_can_be_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with blanks is quoted in the command that comes next."""
    home = tmp_path / "a hub"
    run(["--lang", "en", "init", "--home", str(home)])
    assert f"--home '{home}'" in capsys.readouterr().out


def test_what_a_run_sends_is_printed_without_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`connector sql` prints statements, index and rights of a database that is not there yet, for its keeper; a
    connector that reads a file is told so."""
    connected(tmp_path)
    words = ["--lang", "en", "connector", "sql", "hospital-1", "--home", str(tmp_path)]
    capsys.readouterr()
    assert run(words) == 3
    assert "HUB-C275" in capsys.readouterr().err
    path = tmp_path / "edges" / "hospital-1" / "mapping.toml"
    mapping = path.read_text(encoding="utf-8").replace('kind = "csv"', 'kind = "sql"\nurl = "dm://hub_reader@none/his"')
    mapping = mapping.replace('path = "assessments.csv"', 'table = "评估"\ncursor = "评估日期"\nkey = "评估编号"')
    path.write_text(mapping, encoding="utf-8")
    assert run(words) == 0
    told = capsys.readouterr().out
    assert "(dameng)" in told
    assert 'ON "评估" ("评估日期", "评估编号")' in told
    assert "GRANT SELECT" in told
    assert "related dialect" in told
    assert "Not tried on a server" in told
    for line in told.splitlines():
        assert not line or line.startswith("--") or line.endswith(";")
    assert run([*words, "--for", "mssql", "--json"]) == 0
    assert "TOP 5000" in capsys.readouterr().out


def test_a_clock_that_is_off_is_told(tmp_path: Path) -> None:
    """A run says when a database's clock is a minute or more from ours, which way, and when allowed hours ended."""
    connected(tmp_path)
    settings = load(tmp_path)
    edge = wiring.open_edge(settings, "hospital-1")
    report = run_connector(edge, wiring.edge_log(settings, edge), wiring.system_of(settings), dry_run=True)
    off = report._replace(description={"clock_skew_seconds": "-90", "ended": "hours"})
    assert [line for line in told(off, "en") if "HUB-C274" in line or "hours" in line] == [
        "  HUB-C274  The clock of the database of source assessments is 90 seconds behind this machine's",
        "  the allowed hours ended; the next run goes on from there",
    ]
    assert not any("HUB-C274" in line for line in told(off._replace(description={"clock_skew_seconds": "59"}), "en"))
