"""What may change in a released schema."""

import pytest

from hub.schema.compat import changes
from hub.schema.labels import loosened
from hub.schema.shape import Finding, Label, Schema
from hub.texts import errors
from tests.schema.contract import Change, added, as_it_is, changed, law_allowed, law_incompatible, privacy, put, top

LATER = {"type": ["null", "boolean"], "default": None}
DIRECT = privacy("channel", **{"class": "direct", "transform": "seal"})

REFUSED: list[tuple[str, Change, Change]] = [
    ("HUB-S201", as_it_is, lambda raw: raw["fields"].pop()),
    ("HUB-S201", as_it_is, lambda raw: raw["fields"].insert(-1, raw["fields"].pop())),
    ("HUB-S201", as_it_is, put("severe", name="serious")),
    ("HUB-S202", as_it_is, put("severe", **LATER)),
    ("HUB-S202", as_it_is, put("cell_x", type=["null", "long"])),
    ("HUB-S202", as_it_is, put("cell_x", type=["null", {"type": "int", "logicalType": "date"}])),
    ("HUB-S203", as_it_is, added()),
    ("HUB-S204", privacy("severe", transform="drop"), privacy("severe", transform="keep")),
    ("HUB-S204", privacy("severe", transform="seal"), privacy("severe", transform="token")),
    ("HUB-S204", privacy("cell_x", transform="band:2000"), privacy("cell_x", transform="band:500")),
    ("HUB-S204", privacy("cell_x", transform="area:4"), privacy("cell_x", transform="area:6")),
    ("HUB-S204", privacy("cell_x", transform="month"), privacy("cell_x", transform="area:2")),
    ("HUB-S204", as_it_is, privacy("severe", **{"class": "plain"})),
    ("HUB-S204", as_it_is, privacy("severe", **{"class": "quasi"})),
    ("HUB-S204", DIRECT, privacy("channel", **{"class": "sensitive"})),
    ("HUB-S204", as_it_is, privacy("severe", purposes=["referral", "audit", "statistics"])),
    ("HUB-S205", as_it_is, top(route="market")),
    ("HUB-S205", as_it_is, top(rank=1)),
    ("HUB-S206", as_it_is, put("channel", max=25)),
    ("HUB-S206", as_it_is, put("cell_x", min=0)),
    ("HUB-S207", as_it_is, put("channel", codes="mode")),
    ("HUB-S207", as_it_is, put("channel", set=True)),
    ("HUB-S207", as_it_is, put("cell_x", unit="miles")),
]
RULES = sorted({code for code, _, _ in REFUSED})

ALLOWED: list[tuple[str, Change, Change]] = [
    ("a new field that may be null", as_it_is, added(**LATER)),
    ("a better sentence", as_it_is, put("severe", doc="As the law has it.")),
    ("fewer purposes", as_it_is, privacy("severe", purposes=["audit"])),
    ("a stronger transform", as_it_is, privacy("severe", transform="drop")),
    ("a wider band", as_it_is, privacy("cell_x", transform="band:4000")),
    ("a stricter class", as_it_is, privacy("channel", **{"class": "sensitive"})),
    ("the strictest class", as_it_is, DIRECT),
]


@pytest.mark.parametrize(
    ("code", "before", "after"), REFUSED, ids=[f"{code}-{n}" for n, (code, _, _) in enumerate(REFUSED)]
)
def test_a_change_that_breaks_somebody_is_refused_by_its_rule(code: str, before: Change, after: Change) -> None:
    """What an old reader, an old fact or a person's protection cannot live with is refused, by exactly its rule."""
    law_incompatible(changes, before, after, code)


@pytest.mark.parametrize("code", RULES)
def test_a_comparison_without_a_rule_is_caught(code: str) -> None:
    """A checker that misses any one of the rules of change does not pass the law."""

    def blind(old: Schema, new: Schema, path: str) -> list[Finding]:
        return [one for one in changes(old, new, path) if one.code != code]

    before, after = next((before, after) for rule, before, after in REFUSED if rule == code)
    with pytest.raises(AssertionError):
        law_incompatible(blind, before, after, code)


@pytest.mark.parametrize(("before", "after"), [(b, a) for _, b, a in ALLOWED], ids=[name for name, _, _ in ALLOWED])
def test_a_change_that_breaks_nobody_is_allowed(before: Change, after: Change) -> None:
    """Schemas may grow by fields that may be null, be told better, and protect more."""
    law_allowed(changes, before, after)


def test_a_comparison_that_refuses_all_is_caught() -> None:
    """A checker that refuses every change, which would also refuse all bad ones, does not pass."""

    def grim(old: Schema, new: Schema, path: str) -> list[Finding]:
        return [] if old == new else [Finding("HUB-S202", path, "", {})]

    with pytest.raises(AssertionError):
        law_allowed(grim, as_it_is, added(**LATER))


def test_every_rule_of_change_has_a_bad_change_here() -> None:
    """No rule of change is without a change that shows that it refuses."""
    known = {code for code in errors("en") if code.startswith("HUB-S20")}
    assert known - set(RULES) == {"HUB-S208", "HUB-S209"}  # of the register: test_check


def test_no_label_is_looser_than_itself_and_none_may_wander_back() -> None:
    """Stricter is an order: what became strictly stricter cannot become what it was."""
    transforms = ("keep", "month", "area:6", "area:2", "band:5", "band:50", "token", "seal", "drop")
    labels = [Label(kind, one, ("audit",)) for kind in ("plain", "quasi", "sensitive", "direct") for one in transforms]
    for old in labels:
        assert loosened(old, old) == ""
        for new in labels:
            if old != new and not loosened(old, new):
                assert loosened(new, old), (old, new)


def test_changes_do_not_touch_what_they_compare() -> None:
    """Trying a change leaves the schema it began with as it was."""
    assert changed(as_it_is) == changed(as_it_is)
