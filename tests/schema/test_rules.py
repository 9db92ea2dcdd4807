"""The rules that each schema keeps."""

from collections.abc import Mapping
from typing import Any

import pytest

from hub.schema.labels import CLASSES
from hub.schema.load import folder, load
from hub.schema.rules import COMMON, faults
from hub.schema.shape import Finding
from hub.texts import LANGUAGES, errors
from tests.schema.contract import (
    CODES,
    PATH,
    Change,
    added,
    base,
    changed,
    drop,
    field,
    law_refused,
    privacy,
    put,
    top,
)

STRING = {
    "max": 9,
    "doc": "x",
    "doc_zh": "x",
    "privacy": {"class": "plain", "transform": "keep", "purposes": ["audit"]},
}

BROKEN: list[tuple[str, Change]] = [
    ("HUB-S101", top(type="enum")),
    ("HUB-S101", top(fields={})),
    ("HUB-S102", top(doc="")),
    ("HUB-S102", top(doc_zh=None)),
    ("HUB-S102", top(route="everyone")),
    ("HUB-S102", top(rank=256)),
    ("HUB-S102", top(rank=True)),
    ("HUB-S102", top(status="final")),
    ("HUB-S102", top(namespace="police")),
    ("HUB-S102", top(name="Other")),
    ("HUB-S103", lambda raw: raw["fields"].pop(0)),
    ("HUB-S103", put("area", max=12)),
    ("HUB-S104", put("severe", type="double")),
    ("HUB-S104", put("severe", type={"type": "array", "items": "int"})),
    ("HUB-S104", put("severe", type=["int", "null"])),
    ("HUB-S105", put("severe", default=False)),
    ("HUB-S105", drop("cell_x", "default")),
    ("HUB-S106", drop("channel", "max")),
    ("HUB-S106", put("channel", max=100_000)),
    ("HUB-S107", drop("cell_x", "min")),
    ("HUB-S107", drop("cell_x", "unit")),
    ("HUB-S107", put("cell_x", max=1 << 31)),
    ("HUB-S108", put("channel", codes="no_such_list")),
    ("HUB-S109", put("channel", doc=" ")),
    ("HUB-S109", drop("channel", "doc_zh")),
    ("HUB-S110", drop("channel", "privacy")),
    ("HUB-S110", privacy("channel", **{"class": "secret"})),
    ("HUB-S110", privacy("channel", transform="band:0")),
    ("HUB-S110", privacy("channel", purposes=[])),
    ("HUB-S111", privacy("channel", **{"class": "direct"})),
    ("HUB-S112", put("applicant_kind", max=2)),
    ("HUB-S114", added(name="severe")),
    ("HUB-S114", added(name="class")),
    ("HUB-S114", added(name="count")),
    ("HUB-S114", added(name="camelCase")),
    ("HUB-S115", put("channel", privcay={})),
    ("HUB-S115", top(order="ascending")),
    ("HUB-S115", lambda raw: raw["fields"].append({"name": "later", "type": "string", "set": True, **STRING})),
]
RULES = sorted({code for code, _ in BROKEN})


@pytest.mark.parametrize(("code", "change"), BROKEN, ids=[f"{code}-{n}" for n, (code, _) in enumerate(BROKEN)])
def test_a_schema_that_breaks_a_rule_is_refused_by_that_rule(code: str, change: Change) -> None:
    """Each rule refuses what breaks it, and nothing else is refused for it."""
    law_refused(faults, change, code)


@pytest.mark.parametrize("code", RULES)
def test_a_checker_without_a_rule_is_caught(code: str) -> None:
    """A checker that misses any one of its rules does not pass the law."""

    def blind(raw: Any, path: str, codes: Mapping[str, int]) -> list[Finding]:
        return [one for one in faults(raw, path, codes) if one.code != code]

    change = next(change for rule, change in BROKEN if rule == code)
    with pytest.raises(AssertionError):
        law_refused(blind, change, code)


def test_every_rule_has_a_bad_schema_here() -> None:
    """No rule of a schema is without a schema that shows that it refuses."""
    rules = {code for code in errors("en") if code.startswith("HUB-S10") or code.startswith("HUB-S11")}
    assert rules - set(RULES) == {"HUB-S116"}  # of a folder: test_check


def test_every_event_keeps_every_rule() -> None:
    """All schemas of the program are whole: documented in two languages, labelled, bounded."""
    schemas = load()
    assert len(schemas) >= 110
    for schema in schemas.values():
        assert [one.name for one in schema.fields[: len(COMMON)]] == [name for name, _ in COMMON]
        for one in schema.fields:
            assert one.doc
            assert one.doc_zh
            assert one.label.kind in CLASSES
            assert one.label.purposes
            assert one.type in ("salt", "boolean") or one.max is not None


def test_an_unbounded_string_is_never_taken() -> None:
    """Whatever else is right, a string without a bound is refused where it stands."""
    for name in ("channel", "applicant_kind"):
        (found,) = faults(changed(drop(name, "max")), PATH, CODES)
        assert (found.code, found.path, found.field) == ("HUB-S106", PATH, name)


def test_no_payload_refers_to_a_person_case_or_event() -> None:
    """References travel in the header: no field is called after a person, an id number, a name or a telephone."""
    banned = {"person", "subject", "name", "id_number", "phone", "address", "event", "offer", "case"}
    for schema in load().values():
        assert not banned & {one.name for one in schema.fields}, schema.type


def test_each_finding_names_the_place_and_what_mends_it() -> None:
    """Every rule has a reason and a fix in both languages, filled by the places that a finding carries."""
    for _, change in BROKEN:
        for one in faults(changed(change), PATH, CODES):
            for lang in LANGUAGES:
                told = errors(lang)[one.code]
                for template in told:
                    template.format(**one.places())
                assert told.fix


def test_every_set_can_hold_all_of_its_codes() -> None:
    """A set is bounded by a length that all codes of its list fit in, and no code holds a comma."""
    for schema in load().values():
        for one in schema.fields:
            if one.set:
                rows = (folder().parents[1] / "hub" / "data" / "codes" / f"{one.codes}.csv").read_text("utf-8")
                codes = [line.split(",")[0] for line in rows.splitlines()[1:]]
                assert len(",".join(codes)) <= (one.max or 0), f"{schema.type}.{one.name}"


def test_the_sample_is_a_real_schema() -> None:
    """The schema that these tests break is one of the program's."""
    assert field(base(), "severe")["type"] == "boolean"
