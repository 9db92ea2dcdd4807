"""The register of released schemas: `index.json` gives each an id and fingerprint for ever; `released/` keeps its text.

schemas/avro/<publisher>/<EventName>.avsc                      what maintainers edit
schemas/avro/released/<publisher>/<EventName>.<version>.avsc   as it was released, never edited
schemas/avro/index.json                                        id, type, version, fingerprint
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from hub.core.errors import DataError
from hub.schema.load import read_json
from hub.schema.shape import Schema, pretty, schema_of

FORMAT: Final = 1
INDEX: Final = "index.json"


class Released(NamedTuple):
    """One released version of one event type. Ids begin with 1 and are never used twice."""

    id: int
    type: str
    version: int
    fingerprint: str


def canonical(raw: Mapping[str, Any]) -> bytes:
    """What a fingerprint hashes: the schema with labels, bounds, route and rank as canonical JSON, without its docs.

    Avro's own canonical form drops all attributes of ours. Docs are left out, so that a sentence may be mended.
    """
    return json.dumps(_bare(raw), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _bare(one) for key, one in value.items() if key not in ("doc", "doc_zh")}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def fingerprint(raw: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical form, in hex."""
    return sha256(canonical(raw)).hexdigest()


def read(root: Path) -> list[Released]:
    """The register by id. Raises DataError HUB-S120 when it is missing, not ours, or of a newer format."""
    path = root / INDEX
    try:
        raw = read_json(path)
        if raw["format"] != FORMAT:
            raise DataError("HUB-S120", path=INDEX)
        entries = [Released(**one) for one in raw["schemas"]]
    except (OSError, TypeError, KeyError):
        raise DataError("HUB-S120", path=INDEX) from None
    if [one.id for one in entries] != list(range(1, len(entries) + 1)):
        raise DataError("HUB-S120", path=INDEX)
    return entries


def frozen_name(entry: Released) -> str:
    """Where the text of a released version is kept, below the folder of schemas."""
    publisher, _, name = entry.type.partition(".")
    return f"released/{publisher}/{name}.{entry.version}.avsc"


def frozen(root: Path, entry: Released) -> Schema | None:
    """A released version as it was released; None when its file is missing or was altered."""
    path = root / frozen_name(entry)
    raw = read_json(path) if path.is_file() else None
    if not isinstance(raw, dict) or fingerprint(raw) != entry.fingerprint:
        return None
    return schema_of(raw)


def release(root: Path, schemas: Mapping[str, Schema]) -> list[Released]:
    """Give every schema that is marked released and differs from its last release the next id and version.

    Call it only when `compat.check` finds nothing but what a release mends. Returns what is new.
    """
    entries = read(root) if (root / INDEX).exists() else []
    newest = {entry.type: entry for entry in entries}
    new: list[Released] = []
    for type, schema in sorted(schemas.items()):
        last, print_ = newest.get(type), fingerprint(schema.raw)
        if schema.status != "released" or (last is not None and last.fingerprint == print_):
            continue
        version = 1 if last is None else last.version + 1
        entry = Released(len(entries) + len(new) + 1, type, version, print_)
        path = root / frozen_name(entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pretty(schema.raw), encoding="utf-8", newline="\n")
        new.append(entry)
    if new:
        _write(root, [*entries, *new])
    return new


def _write(root: Path, entries: list[Released]) -> None:
    rows = ",\n".join("    " + json.dumps(entry._asdict()) for entry in entries)
    (root / INDEX).write_text(
        f'{{\n  "format": {FORMAT},\n  "schemas": [\n{rows}\n  ]\n}}\n', encoding="utf-8", newline="\n"
    )
