"""What the studio writes: what `new` would write, or what is there with nothing lost that the page does not show."""

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.mapping.file import load_mapping
from hub.config import load
from hub.workbook import Page as Sheet
from hub.workbook import write
from tests.cli.test_connector import connected
from tests.connectors.rig import COLUMNS, row
from tests.studio.client import ask, done, saved
from tests.studio.rows import HEADER, WORDS, written
from tests.studio.served import Serve, Served
from tests.typed import Hub

pytestmark = pytest.mark.slow
RICH = """# Kept by hand.
id = "assessments"
version = 7
key = "评估编号"
select = ["not_test"]
full_every_days = 14
rhythm = "weekly"
on_change = "correct"
on_vanish = "retract"

[guard]
rows = 9

[source]
kind = "csv"
alias = "assessments"
path = "assessments.csv"
columns = { "风险等级" = "text" }

[rule.not_test]
column = "姓名"
op = "not_equals"
value = "测试"

[rule.discharge]
column = "评估类型"
op = "equals"
value = "出院评估"

[person.patient]
required = false
tokens = { resident_id = "证件号码" }
identity = { name = { column = "姓名", kind = "name" } }

[common]
legal_basis = { constant = "public_health" }
area = "居住区划"
occurred_on = { column = "评估日期", kind = "until" }

[[event]]
type = "health.DischargeAssessed"
when = ["discharge"]
on_vanish = "nothing"
[event.fields]
suitable = { column = "评估结论", codes = "codes/conclusion.csv", other = "false" }
risk = { column = "风险等级", default = "0" }

[[event]]
name = "second"
type = "health.DischargeAssessed"
persons = ["patient"]
when = ["discharge"]
[event.fields]
suitable = { constant = true }
risk = "风险等级"
"""


def rich(home: Path) -> Path:
    """A connector with a mapping that uses settings which the page does not show."""
    connected(home)
    folder = home / "edges" / "hospital-1"
    (folder / "mapping.toml").write_text(RICH, encoding="utf-8")
    return folder


def started(serve: Serve, *words: str) -> tuple[Served, dict[str, Any]]:
    """The studio, and what it tells the page first."""
    served = serve(*words)
    return served, done(served, "state")


def test_a_draft_is_that_of_new(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """A draft that is whole as it stands is saved in the very files that `hub connector new` writes."""
    source = written(tmp_path, header=HEADER.replace("哪天", "评估日期").replace("等级", "FXDJ"))
    served, _ = started(serve, "ward", "--from", source, *WORDS)
    plan = done(served, "draft", type="health.DischargeAssessed")["plan"]
    shown = "\n".join(done(served, "changes", plan=plan)["lines"])
    assert "+[source]" in shown
    assert source not in shown  # where the data lies is for the file alone
    told = saved(served, plan)
    again = ["--publisher", "health", "--agency", "ward", "--area", "220102", "--type", "health.DischargeAssessed"]
    assert typed("connector", "new", "--from", source, "--name", "beside", *again)[0] == 0
    mine, its = (tmp_path / "home" / "edges" / name for name in ("ward", "beside"))
    for name in ("mapping.toml", "cases.csv", "mapping.schema.json", "codes/suitable.csv", "codes/risk.csv"):
        wanted = (its / name).read_text(encoding="utf-8").replace('"beside"', '"ward"')
        assert (mine / name).read_text(encoding="utf-8") == wanted, name
    made, lock = {path.name for path in mine.rglob("*.*")}, {"connector.lock"}
    assert made - lock == {path.name for path in its.rglob("*.*")} - lock
    assert any("hub agency add ward --agency ward" in line for line in told["next"])


def test_what_was_saved_is_told_as_saved_when_the_source_is_away(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """A source that goes away while the mapping is saved makes no refusal of it: the answer names the files."""
    source = written(tmp_path, header=HEADER.replace("哪天", "评估日期").replace("等级", "FXDJ"))
    served, _ = started(serve, "ward", "--from", source, *WORDS)
    plan = done(served, "draft", type="health.DischargeAssessed")["plan"]
    seen = done(served, "changes", plan=plan)["seen"]
    Path(source).unlink()
    told = done(served, "save", plan=plan, seen=seen)
    assert "mapping.toml" in told["files"]
    assert (tmp_path / "home/edges/ward/mapping.toml").exists()
    assert told["columns"]


def test_the_page_shows_what_preview_prints(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """Shapes, verdicts, codes and words of the first rows are those of `hub connector preview`, to the letter."""
    rich(tmp_path / "home")
    served, state = started(serve, "hospital-1")
    rows = done(served, "judge", plan=state["plan"])["rows"]
    code, out, _ = typed("connector", "preview", "hospital-1", "--rows", "20", "--json")
    assert code == 0
    wanted = json.loads(out[out.index("[") :])
    assert len(wanted) == 2
    for mine, its in zip(rows, wanted, strict=True):
        events = [{"type": type, "fields": dict(fields)} for type, fields in mine["events"]]
        assert {**mine, "cells": dict(mine["cells"]), "events": events} == {**its, "at": mine["at"]}


def test_an_edit_keeps_what_the_page_does_not_show(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """Rules, guard, rhythm, conditions, defaults, kinds, and types of columns are what they were; only what was edited
    is another; and the file as it was stays beside."""
    folder = rich(tmp_path / "home")
    before = load_mapping(folder)
    served, state = started(serve, "hospital-1")
    plan = state["plan"]
    plan["event"][0]["fields"]["risk"]["column"] = "评估类型"
    plan["tables"]["codes/conclusion.csv"].append(["不知道", "false"])
    shown = done(served, "changes", plan=plan)["lines"]
    saved(served, plan)
    after = load_mapping(folder)
    assert after.tables["codes/conclusion.csv"] == {"适合": "true", "不知道": "false"}
    first = before.sections[0]
    cells = {**first.fields, "risk": first.fields["risk"]._replace(column="评估类型")}
    wanted = before._replace(sections=(first._replace(fields=cells), before.sections[1]), tables=after.tables)
    assert after == wanted._replace(hash=after.hash)
    assert (folder / "mapping.before.toml").read_text(encoding="utf-8") == RICH
    lines = [line for line in shown if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert [line[0] for line in lines] == ["-", "+", "+"]
    assert load_mapping(folder).hash != before.hash


def test_nothing_is_written_that_was_not_shown(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """A save without a look at the changes, with another plan than was shown, or over files that somebody edited since,
    is refused by code, and every file is what it was."""
    folder = rich(tmp_path / "home")
    served, state = started(serve, "hospital-1")
    plan = state["plan"]
    seen = done(served, "changes", plan=plan)["seen"]
    other = json.loads(json.dumps(plan))
    other["event"][0]["fields"]["risk"]["column"] = "评估类型"
    for asked in ({"plan": plan}, {"plan": plan, "seen": ""}, {"plan": other, "seen": seen}):
        status, told = ask(served, "save", **asked)
        assert (status, told["error"]["code"]) == (422, "HUB-C383")
    seen = done(served, "changes", plan=other)["seen"]
    for name, edited in (("mapping.toml", RICH + "# edited\n"), ("codes/conclusion.csv", "值,代码\n适合,false\n")):
        was = (folder / name).read_bytes()
        (folder / name).write_text(edited, encoding="utf-8")
        status, told = ask(served, "save", plan=other, seen=seen)
        assert (status, told["error"]["code"]) == (422, "HUB-C383")
        assert (folder / name).read_text(encoding="utf-8") == edited
        (folder / name).write_bytes(was)
    assert not (folder / "mapping.before.toml").exists()
    assert (folder / "mapping.toml").read_text(encoding="utf-8") == RICH
    assert done(served, "save", plan=other, seen=seen)["files"] == ["mapping.toml"]


def test_a_mapping_that_came_meanwhile_is_not_overwritten(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """Where somebody made a mapping of that name while the page was open, saving is refused and theirs stays."""
    source = written(tmp_path, header=HEADER.replace("哪天", "评估日期"))
    served, state = started(serve, "ward", "--from", source, *WORDS)
    assert typed("connector", "new", "--from", source, "--name", "ward", *WORDS)[0] == 0
    mapping = tmp_path / "home" / "edges" / "ward" / "mapping.toml"
    theirs = mapping.read_bytes()
    seen = done(served, "changes", plan=state["plan"])["seen"]
    status, told = ask(served, "save", plan=state["plan"], seen=seen)
    assert (status, told["error"]["code"]) == (422, "HUB-C325")
    assert mapping.read_bytes() == theirs


def test_what_cannot_be_kept_is_refused(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """A code table with a third column is left as it is, and refused by code where it was edited; a table outside the
    connector's folder and a plan that drops an event are refused, too."""
    folder = rich(tmp_path / "home")
    table = folder / "codes" / "conclusion.csv"
    table.write_text("值,代码,说明\n适合,true,医生说\n", encoding="utf-8")
    served, state = started(serve, "hospital-1")
    plan = state["plan"]
    plan["event"][0]["fields"]["risk"]["column"] = "评估类型"
    saved(served, plan)
    assert table.read_text(encoding="utf-8") == "值,代码,说明\n适合,true,医生说\n"

    def refused(change: Any) -> str:
        other = json.loads(json.dumps(plan))
        change(other)
        status, told = ask(served, "changes", plan=other)
        assert status == 422
        return str(told["error"]["code"])

    def elsewhere(plan: Any) -> None:
        plan["tables"]["../other.csv"] = [["适合", "true"]]
        plan["event"][0]["fields"]["suitable"]["codes"] = "../other.csv"

    assert refused(lambda plan: plan["tables"]["codes/conclusion.csv"].append(["不知道", "false"])) == "HUB-C384"
    assert refused(elsewhere) == "HUB-C373"
    assert refused(lambda plan: plan["event"].pop()) == "HUB-C382"
    assert refused(lambda plan: plan["person"].clear()) == "HUB-C382"
    assert refused(lambda plan: plan["event"][0].update(type="health.Died")) == "HUB-C382"
    assert (
        refused(lambda plan: plan["event"].append({"name": "a", "type": "hub.DayTicked", "fields": {}})) == "HUB-C388"
    )
    assert (folder.parent / "other.csv").exists() is False


def test_only_types_of_its_own_publisher_are_offered(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """A hospital's page has the events of health and of agencies, none of the hub's and none that the engine says."""
    served, state = started(serve, "ward", "--from", written(tmp_path), *WORDS)
    types = [one["type"] for one in state["types"]]
    assert {type.split(".")[0] for type in types} == {"health", "agency"}
    assert not {"agency.RunFinished", "agency.SourceStarted", "agency.Retracted"} & set(types)
    for type in ("stations.CaseClosed", "hub.DayTicked", "agency.Retracted", "x", None):
        for work in ("draft", "add"):
            status, told = ask(served, work, type=type, plan=state["plan"])
            assert (status, told["error"]["code"]) == (422, "HUB-C388")


def bad_constant(plan: Any) -> None:
    plan["event"][0]["fields"]["risk"] = {"constant": "9"}


def bad_common(plan: Any) -> None:
    plan["common"]["area"] = {"constant": "nowhere"}


def bad_kind(plan: Any) -> None:
    plan["common"]["occurred_on"]["kind"] = "dat"


def bad_code(plan: Any) -> None:
    plan["tables"]["codes/conclusion.csv"] = [["适合", "maybe"]]


def lacking(plan: Any) -> None:
    del plan["event"][1]["fields"]["suitable"]


def lacking_common(plan: Any) -> None:
    del plan["common"]["occurred_on"]


def no_key(plan: Any) -> None:
    plan["key"] = []


def no_column(plan: Any) -> None:
    plan["person"]["patient"]["tokens"]["resident_id"]["column"] = "证件"


def bad_person(plan: Any) -> None:
    plan["person"]["patient"]["identity"]["name"]["kind"] = "nam"


def bad_token(plan: Any) -> None:
    plan["person"]["patient"]["tokens"]["resident_id"]["default"] = "1"


CHECKED = [
    (bad_constant, "HUB-C493", "event 1.fields.risk"),
    (bad_common, "HUB-C493", "common.area"),
    (bad_kind, "HUB-C264", "common.occurred_on"),
    (bad_code, "HUB-C261", "event 1.fields.suitable"),
    (lacking, "HUB-C257", "event 2.fields.suitable"),
    (lacking_common, "HUB-C257", "common.occurred_on"),
    (no_key, "HUB-C243", "key"),
    (no_column, "HUB-C201", "person.patient.tokens.resident_id"),
    (bad_person, "HUB-C264", "person.patient.identity.name"),
    (bad_token, "HUB-C243", "person.patient.tokens.resident_id"),
]


def test_each_error_of_a_check_stands_at_its_field(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """What `hub connector check` would say is told with its code and fix at the field that it is about, and such a
    mapping is not saved."""
    folder = rich(tmp_path / "home")
    served, state = started(serve, "hospital-1")
    assert done(served, "judge", plan=state["plan"])["error"] is None
    slots = [slot["at"] for group in state["slots"] for slot in group["slots"]]
    for change, code, at in CHECKED:
        plan = json.loads(json.dumps(state["plan"]))
        change(plan)
        error = done(served, "judge", plan=plan)["error"]
        assert (error["code"], error["at"]) == (code, [at])
        assert error["fix"] != "-"
        assert at == "key" or at in slots
        assert ask(served, "changes", plan=plan)[1]["error"]["code"] == code
    assert (folder / "mapping.toml").read_text(encoding="utf-8") == RICH


def test_a_renamed_column_is_mended_on_the_page(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """A source whose column got another name opens all the same; the page has the new name, and saves with it."""
    folder = rich(tmp_path / "home")
    with (folder / "assessments.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*(name.replace("评估日期", "评估日") for name in COLUMNS)])
        rows.writerow(row(1).values())
    served, state = started(serve, "hospital-1")
    plan = state["plan"]
    assert done(served, "judge", plan=plan)["error"]["at"] == ["common.occurred_on"]
    assert "评估日" in [column["name"] for column in state["columns"]]
    plan["common"]["occurred_on"]["column"] = "评估日"
    saved(served, plan)
    assert typed("connector", "check", "hospital-1")[0] == 0


def test_one_of_several_tables_is_chosen(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """A database's tables and a workbook's sheets are offered, and the chosen one is what the mapping reads."""
    with closing(sqlite3.connect(tmp_path / "his.db")) as database:
        database.execute("CREATE TABLE 出院 (编号, 证件号码, 评估日期)")
        database.execute("CREATE TABLE 科室 (代码, 名称)")
        database.execute("INSERT INTO 出院 VALUES ('1', '160101197001010015', '2026-05-01')")
        database.commit()
    served, state = started(serve, "ward", "--from", "sqlite:///his.db", *WORDS)
    assert (state["tables"], state["columns"], state["chosen"]) == (["出院", "科室"], [], None)
    state = done(served, "open", table=0)
    assert [column["name"] for column in state["columns"]] == ["编号", "证件号码", "评估日期"]
    saved(served, state["plan"])
    source: Any = load_mapping(tmp_path / "home" / "edges" / "ward").source
    assert source.table == "出院"
    assert typed("connector", "check", "ward")[0] == 0
    head = [["编号", "证件号码", "评估日期"], ["1", "160101197001010015", "2026-05-01"]]
    sheets = [Sheet("说明", [["x"]], [10]), Sheet("名单", head, [10, 20, 10])]
    write(tmp_path / "book.xlsx", sheets)
    served, state = started(serve, "book", "--from", "book.xlsx", *WORDS)
    assert state["tables"] == ["说明", "名单"]
    state = done(served, "open", table=1)
    saved(served, state["plan"])
    source = load_mapping(tmp_path / "home" / "edges" / "book").source
    assert source.sheets == ("名单",)
    assert typed("connector", "run", "book", "--dry-run")[0] == 0
    assert ask(served, "open", table=7)[1]["error"]["code"] == "HUB-C382"
    served, state = started(serve, "named", "出院", "--from", "sqlite:///his.db", *WORDS)
    assert (state["tables"], state["columns"][0]["name"]) == ([], "编号")


def test_a_second_event_comes_with_its_fields(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """An event that is added has the fields that columns fill by their names, and code tables with them; one of a type
    that is there has a name of its own."""
    folder = rich(tmp_path / "home")
    served, state = started(serve, "hospital-1")
    plan = done(served, "add", plan=state["plan"], type="health.DischargeAssessed")["plan"]
    assert plan["event"][2]["fields"]["risk"] == {"column": "风险等级", "codes": "codes/risk.csv"}
    saved(served, plan)
    sections = load_mapping(folder).sections
    assert [section.name for section in sections] == [
        "health.DischargeAssessed", "second", "health.DischargeAssessed 2",
    ]  # fmt: skip
    assert (folder / "codes" / "risk.csv").exists()
    assert typed("connector", "run", "hospital-1", "--dry-run")[0] == 0


def test_a_connector_that_was_joined_keeps_its_own(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """A folder with keys and no mapping, as `join` leaves it, gets its mapping; keys, agency and publisher stay."""
    connected(tmp_path / "home")
    folder = tmp_path / "home" / "edges" / "hospital-1"
    (folder / "mapping.toml").unlink()
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    served, state = started(serve, "hospital-1", "--from", written(tmp_path), "--publisher", "stations")
    assert "health.DischargeAssessed" in [one["type"] for one in state["types"]]
    plan = state["plan"]
    plan["common"]["occurred_on"] = {"column": "哪天"}
    plan["key"] = ["编号"]
    saved(served, plan)
    assert typed("connector", "check", "hospital-1")[0] == 0
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_run_and_a_save_do_not_meet(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """While a run holds the connector, a save is refused by code, and done afterwards."""
    rich(tmp_path / "home")
    served, state = started(serve, "hospital-1")
    plan = state["plan"]
    plan["event"][0]["fields"]["risk"]["column"] = "评估类型"
    seen = done(served, "changes", plan=plan)["seen"]
    from hub import wiring

    with wiring.open_edge(load(tmp_path / "home"), "hospital-1").lock:
        assert ask(served, "save", plan=plan, seen=seen)[1]["error"]["code"] == "HUB-G701"
    assert done(served, "save", plan=plan, seen=seen)["files"] == ["mapping.toml"]
