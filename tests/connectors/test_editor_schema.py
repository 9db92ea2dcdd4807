"""The schema of mappings for editors says what the program says of them (issue 5, part 3)."""

import copy
import datetime
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connectors.drafting.editor_schema import FILE, LINE, mapping_schema
from connectors.forms.canonical import KINDS
from connectors.mapping.file import parse_mapping
from connectors.sources import parse_source
from connectors.sources.editor_schema import known
from connectors.sources.spec import SPECS
from hub.core.errors import DataError
from tests.connectors.rig import MAPPING
from tests.typed import Hub

ROOT = Path(__file__).parents[2]
SCHEMA = mapping_schema()
JUDGE = Draft202012Validator(SCHEMA)
TABLE = "值,代码\n".encode()

WIDE = (
    MAPPING.format(on_change="correct", on_vanish="nothing")
    + """
[[event]]
name = "of-the-guardian"
type = "agency.IdentityDeclared"
when = ["discharge"]
persons = ["patient", "guardian"]
on_change = "event"
on_vanish = "health.PatientFileClosed"
[event.refs]
case = "案号"
[event.vanish]
reason = { constant = "moved" }
[person.guardian]
required = false
document = { column = "证件号码", type_column = "证件类型", codes = "codes/kind.csv" }
[guard]
rows = 5
percent = 7
"""
)
"""Every kind of section that a mapping can have."""


def written() -> list[str]:
    """All mappings of the repository, of its pages and of its tests' rig."""
    found = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "connectors").glob("*_demo/*.toml"))]
    for page in sorted((ROOT / "docs").glob("*.md")):
        blocks = re.findall(r"```toml[^\n]*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        found += [block for block in blocks if "[[event]]" in block and "[source]" in block]
    return [*found, (ROOT / "tests" / "bench" / "mapping.toml").read_text(encoding="utf-8"), WIDE]


def plain(value: Any) -> Any:
    """A TOML document as an editor's judge sees it: days are texts."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def refused(found: Any) -> str:
    """The code with which the program refuses a mapping as it stands, empty where it takes it."""
    try:
        parse_mapping(found, b"", lambda path: TABLE)
    except DataError as error:
        return error.code
    return ""


def refused_source(found: dict[str, object]) -> str:
    """The same of a `[source]`."""
    try:
        parse_source(found)
    except DataError as error:
        return error.code
    return ""


def places(found: Any) -> Iterator[tuple[Any, Any]]:
    """Every table or list of a document with each of its names or places, outermost first."""
    for at in list(found) if isinstance(found, dict) else range(len(found)):
        yield found, at
        if isinstance(found[at], dict | list):
            yield from places(found[at])


@pytest.mark.parametrize("number", range(len(written())))
def test_every_mapping_that_we_show_fits_the_schema(number: int) -> None:
    """No mapping of the repository or of its pages has anything that the schema would underline."""
    found = plain(tomllib.loads(written()[number]))
    assert [f"{error.json_path} {error.message}" for error in JUDGE.iter_errors(found)] == []


def test_the_schema_is_one_of_2020_12_and_knows_every_form_and_type() -> None:
    """It is valid under its own dialect, and offers every canonical form, event type and code of a list."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$defs"]["cell"]["then"]["properties"]["kind"]["enum"] == list(KINDS)
    assert "health.DischargeAssessed" in SCHEMA["$defs"]["event"]["properties"]["type"]["enum"]
    basis = SCHEMA["properties"]["common"]["properties"]["legal_basis"]
    assert "public_health" in basis["then"]["properties"]["constant"]["enum"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [len(written()) - 1, 0])
def test_what_the_program_refuses_of_names_and_types_the_schema_refuses(number: int) -> None:
    """At every place of a mapping, a misspelt name and a value of another type are refused by both or taken by both
    where the program refuses them as C241, C242 or, in [source], C230, C231, C235."""
    whole = tomllib.loads(written()[number])
    count = 0
    for step in range(sum(1 for _ in places(whole))):
        for value in (*(7, -1, 2_000_000, 1.5, True, "x", [], [1.5], [{"a": 1}], {}, {"nobody": "x"}), None):
            damaged = copy.deepcopy(whole)
            parent, at = list(places(damaged))[step]
            if value is not None:
                parent[at] = value
            elif isinstance(parent, dict):
                parent["misspelt"] = parent.pop(at)
            code = refused(damaged)
            if code in ("HUB-C241", "HUB-C242", "HUB-C230", "HUB-C231", "HUB-C235"):
                count += 1
                assert not JUDGE.is_valid(plain(damaged)), (code, at, value)
    assert count > 100


@pytest.mark.parametrize("kind", sorted(SPECS))
def test_every_setting_of_a_source_takes_what_the_program_takes(kind: str) -> None:
    """Of each kind of source, a value that the program refuses of any setting is refused by the schema, and a setting
    of another kind, too; what it takes, the schema takes."""
    judge = Draft202012Validator(SCHEMA["properties"]["source"])
    least = {"kind": kind, "alias": "a", **({"url": "u"} if kind in ("sql", "http") else {"path": "p"})}
    least |= {"files": "csv"} if kind == "folder" else {"table": "t"} if kind == "sql" else {}
    least |= {"stream": "s"} if kind == "singer" else {}
    assert judge.is_valid(least)
    for name in {"kind", "alias", "columns"}.union(*map(known, SPECS)):
        for value in (
            "x",
            "",
            "auto",
            "read",
            3,
            9,
            -1,
            2_000_000,
            True,
            1.5,
            [],
            ["x"],
            [1],
            {},
            {"x": "text"},
            {"x": "y"},
        ):
            found = least | {name: value}
            code = refused_source(found)
            if not code or code in ("HUB-C230", "HUB-C231", "HUB-C232", "HUB-C235"):
                assert judge.is_valid(found) == (not code), (code, name, value)


@pytest.mark.parametrize(
    ("wrong", "by"),
    [
        ('"health.DischargeAssessed"', '"health.DischargeAssesed"'),
        ("\nrisk = ", "\nrisc = "),
        ('"public_health"', '"public_helth"'),
        ('kind = "name"', 'kind = "nam"'),
        ('op = "equals"\nvalue = "出院评估"', 'op = "equals"'),
        ('resident_id = "证件号码"', 'resident_id = { column = "证件号码", default = "1" }'),
        ('reason = { constant = "moved" }', 'reasons = { constant = "moved" }'),
        ('path = "assessments.csv"', ""),
    ],
)
def test_the_schema_knows_events_fields_and_codes(wrong: str, by: str) -> None:
    """An event type, a field, a code, a form that does not exist, and a setting that lacks are underlined, too."""
    assert wrong in WIDE
    assert not JUDGE.is_valid(plain(tomllib.loads(WIDE.replace(wrong, by, 1))))


def test_a_draft_brings_the_schema_with_it(typed: Hub, tmp_path: Path) -> None:
    """`new` writes the schema beside the mapping, whose first line names it; `schema` prints the same."""
    (tmp_path / "a.csv").write_text("编号,证件号码\n", encoding="utf-8")
    assert typed("connector", "new", "--from", str(tmp_path / "a.csv"), "--name", "first", "--area", "220102")[0] == 0
    mapping = next(tmp_path.rglob("mapping.toml"))
    assert mapping.read_text(encoding="utf-8").splitlines()[0] == LINE
    code, out = typed("connector", "schema")[:2]
    assert code == 0
    assert json.loads(out) == json.loads((mapping.parent / FILE).read_text(encoding="utf-8")) == SCHEMA
