"""The register of released schemas: `index.json` gives each an id and fingerprint for ever; `released/` keeps its text.

schemas/avro/<publisher>/<EventName>.avsc                      what maintainers edit
schemas/avro/released/<publisher>/<EventName>.<version>.avsc   as it was released, never edited
schemas/avro/released/codes.json                               every code that a released field could ever hold
schemas/avro/wire/hub.FrameAnswered.<version>.avsc             what is no event, for readers of outcomes
schemas/avro/index.json                                        id, type, version, fingerprint
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from hub.core.errors import DataError
from hub.schema.load import Lists, code_lists, read_json
from hub.schema.shape import Schema, pretty, schema_of

FORMAT: Final = 1
INDEX: Final = "index.json"
CODES: Final = "released/codes.json"


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


def wire(root: Path) -> list[Released]:
    """The schemas of what is no event: outcomes. Their ids begin with 10,001; their texts are in `wire/`."""
    try:
        return [Released(**one) for one in read_json(root / INDEX).get("wire", [])]
    except (OSError, TypeError, KeyError):
        raise DataError("HUB-S120", path=INDEX) from None


def wire_name(entry: Released) -> str:
    """Where the text of such a schema is kept, below the folder of schemas."""
    return f"wire/{entry.type}.{entry.version}.avsc"


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


def release(root: Path, schemas: Mapping[str, Schema], lists: Lists | None = None) -> list[Released]:
    """Give every schema that is marked released and differs from its last release the next id and version.

    Keeps all codes that their fields may hold. Call it only when `compat.check` finds nothing but what a release
    mends. Returns what is new.
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
    _keep(root, schemas, code_lists() if lists is None else lists)
    return new


def used(schemas: Mapping[str, Schema]) -> set[str]:
    """The code lists that released schemas name."""
    return {field.codes for one in schemas.values() if one.status == "released" for field in one.fields if field.codes}


def kept_codes(root: Path) -> dict[str, list[str]]:
    """Every code that was ever released, by list. Raises DataError HUB-S120 when the file is no such register."""
    path = root / CODES
    raw = read_json(path) if path.is_file() else {}
    if not isinstance(raw, dict) or not all(isinstance(one, list) for one in raw.values()):
        raise DataError("HUB-S120", path=CODES)
    return raw


def _keep(root: Path, schemas: Mapping[str, Schema], lists: Lists) -> None:
    kept = kept_codes(root)
    for name in used(schemas):
        kept[name] = sorted({*kept.get(name, ()), *lists[name]})
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(codes)}" for name, codes in sorted(kept.items()))
    (root / CODES).write_text(f"{{\n{rows}\n}}\n", encoding="utf-8", newline="\n")


def _write(root: Path, entries: list[Released]) -> None:
    others = wire(root) if (root / INDEX).exists() else []
    lists = {"schemas": entries} | ({"wire": others} if others else {})
    told = [f'  "{name}": [\n{_rows(some)}\n  ]' for name, some in lists.items()]
    text = ",\n".join([f'  "format": {FORMAT}', *told])
    (root / INDEX).write_text(f"{{\n{text}\n}}\n", encoding="utf-8", newline="\n")


def _rows(entries: list[Released]) -> str:
    return ",\n".join("    " + json.dumps(entry._asdict()) for entry in entries)
