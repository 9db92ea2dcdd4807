"""No two public views share a value by which their rows could be joined (architecture §6, `K_purpose`)."""

import json
import re
from itertools import combinations

import pytest

from projections.dictionary import VIEWS
from tests.e2e.rig import Model

pytestmark = pytest.mark.slow
_LONG = re.compile(r"[0-9a-f]{20,}")

Found = dict[str, set[str]]


def law_nothing_joins(found: Found) -> None:
    """No two views have a reference, or what it is made of, in common."""
    for (one, ours), (other, theirs) in combinations(found.items(), 2):
        assert not ours & theirs, f"{one} and {other} can be joined"


@pytest.fixture(scope="module")
def exported(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What stands in each view's reference columns, and whatever in its other columns looks like a reference."""
    folder = tmp_path_factory.mktemp("views")
    home = model.after(len(model.steps), folder / "home")
    found: Found = {}
    for view in VIEWS:
        out = folder / view.name
        home.call("projection", "export", view.name, "--to", "jsonl", "--out", str(out))
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        found[view.name] = {row[name] for row in rows for name in view.refs if row[name]}
        found[view.name] |= {match for row in rows for value in row.values() for match in _LONG.findall(str(value))}
    return found


def test_no_two_views_share_a_reference(exported: Found) -> None:
    """A reference in one public view is found in no other."""
    assert sum(bool(values) for values in exported.values()) >= 4, "the views that show persons are empty"
    law_nothing_joins(exported)


def test_a_shared_pseudonym_is_seen(exported: Found) -> None:
    """One person under the same pseudonym in two views is seen."""
    full = [name for name, values in exported.items() if values]
    one = min(exported[full[0]])
    with pytest.raises(AssertionError):
        law_nothing_joins({**exported, full[1]: exported[full[1]] | {one}})
