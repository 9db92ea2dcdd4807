"""The reading words over a small demo: whoever asks gets an answer that a program can read, too."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest

from hub.cli.main import hub, run
from hub.demo.figures import figures
from hub.demo.play import Play
from projections.dictionary import VIEWS

pytestmark = pytest.mark.slow
TODAY = 20_782


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """A demo of sixty people after all of its days."""
    play = Play(tmp_path_factory.mktemp("read") / "demo", 60, TODAY, lambda line: None, "en")
    for step in play.steps():
        play.play(step)
    return play


@pytest.fixture(scope="module")
def home(play: Play) -> Path:
    """Its folder."""
    return play.home


def told(capsys: pytest.CaptureFixture[str], home: Path, *words: str, code: int = 0) -> str:
    """What a command printed to its standard output."""
    capsys.readouterr()
    assert run([*words, "--home", str(home)]) == code, capsys.readouterr().err
    return capsys.readouterr().out


def asked(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> Any:
    """The JSON document that a command printed."""
    return json.loads(told(capsys, home, *words, "--json"))


READING = [
    ("projection", "list"), ("projection", "dictionary"), ("projection", "lag"), ("projection", "show", "v_case_v1"),
    ("referral", "list"), ("event", "list"), ("agency", "list"), ("connector", "status"), ("refused", "list"),
    ("log", "topics"), ("config", "show"), ("schema", "list"), ("connector", "schema"),
    ("service", "print", "--systemd"), ("service", "print", "--schtasks"),
]  # fmt: skip
HOMELESS = (("schema", "list"), ("projection", "dictionary"), ("connector", "schema"))
WITHOUT_JSON = {
    "connector new", "connector sheet", "connector studio", "connector template", "serve", "worker", "gateway",
    "schema generate", "schema release", "agency key", "agency rule-out",
}  # fmt: skip
"""Commands that make or run something; what they tell is for people."""


def without_json(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[str]:
    """The commands below one that have no --json."""
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                under = command.get_command(context, name)
                assert under is not None
                yield from without_json(under, (*words, name))
    elif not any("--json" in each.opts for each in command.params):
        yield " ".join(words)


def test_no_reading_command_is_without_json() -> None:
    """Whatever only tells something tells it to programs, too; what has no --json makes or runs something."""
    assert set(without_json(hub)) == WITHOUT_JSON


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_every_reading_command_answers_a_program(
    words: tuple[str, ...], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json each prints one document that is not empty, and without it something for people."""
    where = () if words in HOMELESS else ("--home", str(home))
    for more in ((), ("--json",)):
        capsys.readouterr()
        assert run([*words, *more, *where]) == 0
        out = capsys.readouterr().out
        assert json.loads(out) if more else out.strip()


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_an_export_is_the_view(view: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All forms of an export hold the same rows, as many as it says, and say the same digest each time."""
    said = []
    for to in ("csv", "jsonl", "csv", "xlsx"):
        out = tmp_path / f"{len(said)}.{to}"
        said.append(asked(capsys, home, "projection", "export", view, "--to", to, "--out", str(out)))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "0.csv").read_text(encoding="utf-8-sig"))))
    lines = [json.loads(line) for line in (tmp_path / "1.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(lines) == said[0]["rows"]
    assert [list(row) for row in rows[:1]] == [list(line) for line in lines[:1]]
    assert said[0]["digest"] == said[2]["digest"] == said[3]["digest"]
    book = openpyxl.load_workbook(tmp_path / "3.xlsx")
    assert book.sheetnames == [view]
    head, *cells = book[view].iter_rows(values_only=True)
    assert [list(head)] == [list(line) for line in lines[:1]] or not lines
    texts = [[cell.date().isoformat() if isinstance(cell, datetime) else cell for cell in row] for row in cells]
    assert texts == [[None if value == "" else value for value in line.values()] for line in lines]
    assert said[3]["sheets"] == 1
    assert (tmp_path / "0.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


def test_references_of_public_views_lead_to_answers(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every case and need of the public views can be asked about by its reference, and an unknown one is exit 3."""
    for row in asked(capsys, home, "projection", "show", "v_case_v1")["rows"][:8]:
        case = row["case_ref"]
        assert told(capsys, home, "case", "show", case).strip()
        assert told(capsys, home, "audit", "trail", "--case", case).strip()
    for need in asked(capsys, home, "referral", "list")[:4]:
        assert told(capsys, home, "referral", "explain", need["need_ref"]).strip()
    for words in (("case", "show"), ("audit", "trail", "--case"), ("referral", "explain")):
        told(capsys, home, *words, "0" * 32 + "-1", code=3)


def test_only_a_proposal_that_stands_has_a_day_until_which_it_holds(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was voided, taken or closed is never told as if it held until some day to come."""
    states = set()
    for need in asked(capsys, home, "referral", "list"):
        if need["offers"]:
            stands = need["state"] in ("proposed", "offered")
            states.add(stands)
            explained = told(capsys, home, "referral", "explain", need["need_ref"], "--lang", "en")
            assert ("holds until" in explained) == stands
    assert states == {True, False}


def test_a_rebuild_finds_nothing_to_mend(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The views in use are those that the log gives, and stay so after the switch."""
    told(capsys, home, "projection", "diff")
    told(capsys, home, "projection", "rebuild")
    told(capsys, home, "projection", "diff")


def test_the_screen_says_what_the_views_say(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    """Figures of the demo that a view has, too, are the view's, and the views made again are bit-equal."""
    waiting = asked(capsys, play.home, "projection", "show", "v_waiting_v1", "--limit", "1000")["rows"]
    found = figures(play, TODAY, 0, None)
    assert found.over_three_months == sum(row["over_limit"] for row in waiting)
    assert found.rebuilt_equal
    assert len(found.digest) == 64
