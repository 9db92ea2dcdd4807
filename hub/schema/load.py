"""Reads the schemas: from a clone's `schemas/avro`, or from the same folder beside the installed packages."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fastavro

import hub
from hub.core.errors import DataError
from hub.schema.rules import faults
from hub.schema.shape import PUBLISHERS, Finding, Schema, finding, schema_of


def folder() -> Path:
    """Where the schemas are: beside the package `hub`, in a clone and in an installation alike."""
    return Path(hub.__file__).parents[1] / "schemas" / "avro"


Lists = Mapping[str, tuple[str, ...]]
"""Code lists by name, each with its codes in the order of its file."""


def code_lists(codes: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Every code list that exists."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((codes or Path(hub.__file__).parent / "data" / "codes").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = tuple(row["code"] for row in csv.DictReader(file))
    return found


def survey(root: Path, lists: Lists | None = None) -> tuple[dict[str, Schema], list[Finding]]:
    """The schemas of a folder by type, in alphabetical order, and what is wrong with the others."""
    known = lengths(code_lists() if lists is None else lists)
    schemas: dict[str, Schema] = {}
    found: list[Finding] = []
    for path in sorted(path for publisher in PUBLISHERS for path in (root / publisher).glob("*.avsc")):
        name = path.relative_to(root).as_posix()
        raw = read_json(path)
        wrong = [finding("HUB-S101", name)] if raw is None else faults(raw, name, known)
        if not wrong and not _is_avro(raw):
            wrong = [finding("HUB-S130", name)]
        if wrong:
            found += wrong
        else:
            schema = schema_of(raw)
            schemas[schema.type] = schema
    if not schemas and not found:
        found.append(finding("HUB-S116", str(root.name)))
    return schemas, found


def lengths(lists: Lists) -> dict[str, int]:
    """The length of the longest code of each list."""
    return {name: max(map(len, codes), default=0) for name, codes in lists.items()}


def load(root: Path | None = None) -> dict[str, Schema]:
    """All schemas by type. Raises DataError with the first fault: its code, path, field and fix."""
    schemas, found = survey(root or folder())
    if found:
        raise DataError(found[0].code, **found[0].places())
    return schemas


def read_json(path: Path) -> Any:
    """The JSON of a file; None when it holds none. A name twice in one object is no JSON of ours."""
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except (ValueError, UnicodeDecodeError):
        return None


def _is_avro(raw: Any) -> bool:
    """Whether a general Avro library takes it, too: what we wrote must be readable without us."""
    try:
        fastavro.parse_schema(raw)
    except (fastavro.schema.SchemaParseException, fastavro.schema.UnknownType, ValueError):
        return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise ValueError
    return whole
