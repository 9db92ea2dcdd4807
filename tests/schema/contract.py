"""A contract that tests may break, and its laws, over any checker, so that a broken one can be tried."""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hub.schema.index import release
from hub.schema.load import code_lists, folder, lengths, load
from hub.schema.rules import faults
from hub.schema.shape import Finding, Schema, pretty, schema_of

Raw = dict[str, Any]
Faults = Callable[[Any, str, Mapping[str, int]], list[Finding]]
Changes = Callable[[Schema, Schema, str], list[Finding]]
Change = Callable[[Raw], None]

PATH = "agency/ApplicationFiled.avsc"
CODES = lengths(code_lists())


def base() -> Raw:
    """A real schema, to be changed."""
    raw: Raw = json.loads((folder() / PATH).read_text(encoding="utf-8"))
    return raw


def field(raw: Raw, name: str) -> Raw:
    """One field of a schema by name."""
    found: Raw = next(one for one in raw["fields"] if one["name"] == name)
    return found


def put(name: str, /, **attributes: Any) -> Change:
    """A change that sets attributes of a field."""
    return lambda raw: field(raw, name).update(attributes)


def drop(name: str, attribute: str) -> Change:
    """A change that takes an attribute of a field away."""
    return lambda raw: field(raw, name).pop(attribute)


def top(**attributes: Any) -> Change:
    """A change that sets attributes of the whole schema."""
    return lambda raw: raw.update(attributes)


def privacy(name: str, /, **parts: Any) -> Change:
    """A change of parts of a field's label."""
    return lambda raw: field(raw, name)["privacy"].update(parts)


def added(**attributes: Any) -> Change:
    """A change that appends a field made from `severe`, with other attributes."""
    return lambda raw: raw["fields"].append({**copy.deepcopy(field(raw, "severe")), "name": "later", **attributes})


def changed(change: Change, raw: Raw | None = None) -> Raw:
    """A schema after a change."""
    raw = copy.deepcopy(raw or base())
    change(raw)
    return raw


def law_refused(check: Faults, change: Change, code: str) -> None:
    """A schema that breaks a rule is refused by that rule; the schema as it is, by none."""
    assert check(base(), PATH, CODES) == []
    assert code in {one.code for one in check(changed(change), PATH, CODES)}


def law_incompatible(compare: Changes, before: Change, after: Change, code: str) -> None:
    """A change that breaks a reader or loosens a label is refused by its rule; no change, by none."""
    old, new = changed(before), changed(after, changed(before))
    assert not faults(old, PATH, CODES)
    assert not faults(new, PATH, CODES)
    assert compare(schema_of(old), schema_of(old), PATH) == []
    assert {one.code for one in compare(schema_of(old), schema_of(new), PATH)} == {code}


def law_allowed(compare: Changes, before: Change, after: Change) -> None:
    """A change that every reader can live with is allowed."""
    old, new = changed(before), changed(after, changed(before))
    assert not faults(new, PATH, CODES)
    assert compare(schema_of(old), schema_of(new), PATH) == []


def as_it_is(raw: Raw) -> None:
    """No change."""


def small_root(tmp_path: Path) -> Path:
    """A folder with two released event types and a draft, with its register."""
    root = tmp_path / "avro"
    for type in ("agency.ApplicationFiled", "hub.DayTicked", "hub.KeyReleased"):
        store(root, load()[type].raw)
    release(root, load(root))
    return root


def store(root: Path, raw: Raw) -> None:
    """Write a schema where it belongs."""
    path = root / raw["namespace"] / f"{raw['name']}.avsc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(pretty(raw), encoding="utf-8")
