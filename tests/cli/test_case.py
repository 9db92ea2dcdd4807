"""`hub case show` of a case that broke rules, over a real installation."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.cli.main import run
from hub.core.calendar import iso
from tests.cli.rig import lived
from tests.projections.test_case import SERVED, D, told

OTHER_SITE = told("stations.ServiceDelivered", D + 9, 10, site="B", kind="work")
TOO_SOON = told("stations.CaseClosed", D + 14, 11, kind="community_living", reason="")
AGAIN = told("agency.ApplicationFiled", D + 15, 12)


def shown(home: Path, ref: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The cases that the command tells to a program."""
    capsys.readouterr()
    assert run(["case", "show", ref, "--json", "--home", str(home)]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_each_broken_rule_is_named_with_its_event_whether_told_or_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two breaches the one whose grace is over is told with its day, the other is due on its day."""
    person = lived(tmp_path / "home", *SERVED, OTHER_SITE, TOO_SOON, day=D + 14)
    (case,) = shown(tmp_path / "home", person, capsys)
    places = {line["type"]: line["address"] for line in case["history"]}
    told_on = next(line["date"] for line in case["history"] if line["type"] == "hub.RuleBroken")
    assert case["rules_broken"] == [
        {"rule": "custody", "event": places["stations.ServiceDelivered"], "told_on": told_on, "due_on": None},
        {"rule": "exit", "event": places["stations.CaseClosed"], "told_on": None, "due_on": iso(D + 15)},
    ]
    assert run(["case", "show", person, "--lang", "en", "--home", str(tmp_path / "home")]) == 0
    out = capsys.readouterr().out
    assert f"{places['stations.ServiceDelivered']}; told {told_on}" in out
    assert f"{places['stations.CaseClosed']}; will be told from {iso(D + 15)} on" in out


def test_a_breach_stays_with_the_case_that_broke_the_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is told when the next case is open already, or not told yet, is no breach of that next case."""
    for day in (D + 14, D + 30):
        home = tmp_path / str(day)
        person = lived(home, *SERVED, OTHER_SITE, TOO_SOON, AGAIN, day=day)
        first, second = shown(home, person, capsys)
        assert [one["rule"] for one in first["rules_broken"]] == ["custody", "exit"]
        assert [one["told_on"] is None for one in first["rules_broken"]] == [False, day == D + 14]
        assert second["rules_broken"] == []
