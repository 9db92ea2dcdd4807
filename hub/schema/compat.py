"""What may change in a released schema: full-transitive compatibility, and no privacy label loosened (law 10).

Every version that was ever released can read what every other wrote, and reading is by position: fields keep their
place and type, and a new one comes last and may be null. Bounds, code lists and units are part of what was promised,
both ways: narrower ones would refuse old facts, wider ones new facts at an old reader.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hub.schema.generate import sources, stale
from hub.schema.index import Released, fingerprint, frozen, frozen_name, kept_codes, read, used
from hub.schema.labels import loosened
from hub.schema.load import Lists, code_lists, survey
from hub.schema.shape import Field, Finding, Schema, finding


def changes(old: Schema, new: Schema, path: str) -> list[Finding]:
    """Everything in `new` that a reader or writer of `old` could not live with; empty when they are compatible."""
    return [*_whole(old, new, path), *_fields(old, new, path)]


def _whole(old: Schema, new: Schema, path: str) -> Iterator[Finding]:
    for attribute in ("route", "rank"):
        if getattr(old, attribute) != getattr(new, attribute):
            yield finding("HUB-S205", path, attribute=attribute, was=str(getattr(old, attribute)))


def _fields(old: Schema, new: Schema, path: str) -> Iterator[Finding]:
    for number, was in enumerate(old.fields):
        now = new.fields[number] if number < len(new.fields) else None
        if now is None or now.name != was.name:
            yield finding("HUB-S201", path, was.name, number=number + 1)
            return  # all fields after it have moved; one finding says it
        yield from _field(was, now, path)
    for added in new.fields[len(old.fields) :]:
        if not added.nullable:
            yield finding("HUB-S203", path, added.name)


def _field(was: Field, now: Field, path: str) -> Iterator[Finding]:
    if (was.type, was.logical, was.nullable) != (now.type, now.logical, now.nullable):
        yield finding("HUB-S202", path, was.name)
    if (was.min, was.max) != (now.min, now.max):
        yield finding("HUB-S206", path, was.name)
    for attribute in ("unit", "codes", "set"):
        if getattr(was, attribute) != getattr(now, attribute):
            yield finding("HUB-S207", path, was.name, attribute=attribute)
    part = loosened(was.label, now.label)
    if part:
        yield finding("HUB-S204", path, was.name, part=part)


def against(schemas: Mapping[str, Schema], entries: Sequence[Released], root: Path) -> Iterator[Finding]:
    """Compare schemas with every version released before, not only with the newest (transitive)."""
    for entry in entries:
        old, path = frozen(root, entry), path_of(entry.type)
        if old is None:
            yield finding("HUB-S211", frozen_name(entry), type=entry.type, version=entry.version)
        elif entry.type in schemas:
            yield from changes(old, schemas[entry.type], path)
    for type in dict.fromkeys(entry.type for entry in entries):
        schema = schemas.get(type)
        if schema is None or schema.status != "released":
            yield finding("HUB-S208", path_of(type), type=type)


def unreleased(schemas: Mapping[str, Schema], entries: Sequence[Released]) -> Iterator[Finding]:
    """Schemas marked released that the register does not know, or knows with another fingerprint."""
    newest = {entry.type: entry for entry in entries}
    for type, schema in schemas.items():
        entry = newest.get(type)
        if schema.status == "released" and entry is None:
            yield finding("HUB-S209", path_of(type), type=type)
        elif schema.status == "released" and entry is not None and entry.fingerprint != fingerprint(schema.raw):
            yield finding("HUB-S210", path_of(type), type=type, version=entry.version)


def check(root: Path, events: Path | None = None, lists: Lists | None = None) -> list[Finding]:
    """Everything that is wrong with a folder of schemas, its register and (with `events`) the generated types.

    Raises DataError HUB-S120 when the register cannot be read.
    """
    lists = code_lists() if lists is None else lists
    schemas, found = survey(root, lists)
    entries = read(root)
    broken = {one.path for one in found}
    gone = [one for one in against(schemas, entries, root) if one.path not in broken]
    found += [*_once(gone), *lost(root, lists), *unreleased(schemas, entries), *_not_kept(root, schemas, lists)]
    if events is not None and not found:
        found += [finding("HUB-S212", name) for name in stale(sources(schemas, entries, root), events)]
    return found


def releasable(root: Path, lists: Lists | None = None) -> tuple[dict[str, Schema], list[Finding]]:
    """The schemas, and what stands against releasing them as they are."""
    lists = code_lists() if lists is None else lists
    schemas, found = survey(root, lists)
    return schemas, [*found, *_once(against(schemas, read(root), root)), *lost(root, lists)]


def lost(root: Path, lists: Lists) -> list[Finding]:
    """Codes that a released field could hold and that are in their list no more: old facts would mean nothing."""
    return [
        finding("HUB-S213", f"{name}.csv", lost=code)
        for name, codes in kept_codes(root).items()
        for code in codes
        if code not in lists.get(name, ())
    ]


def _not_kept(root: Path, schemas: Mapping[str, Schema], lists: Lists) -> Iterator[Finding]:
    kept = kept_codes(root)
    for name in sorted(used(schemas)):
        if set(lists.get(name, ())) - set(kept.get(name, ())):
            yield finding("HUB-S214", f"{name}.csv")


def path_of(type: str) -> str:
    """The file of an event type, below the folder of schemas."""
    return f"{type.replace('.', '/')}.avsc"


def _once(findings: Iterator[Finding] | list[Finding]) -> list[Finding]:
    """The same finding against two released versions is told once."""
    found: list[Finding] = []
    for one in findings:
        if one not in found:
            found.append(one)
    return found
