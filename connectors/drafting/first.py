"""What a connector begins with: a mapping drafted from the names of columns, its code tables and its first cases."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from connectors.drafting.draft import draft, draft_cases, draft_codes
from connectors.drafting.editor_schema import FILE as SCHEMA
from connectors.drafting.editor_schema import LINE, schema_text
from connectors.edge import MAPPING
from connectors.sources import Column
from connectors.trial.cases_file import FILE as CASES


class First(NamedTuple):
    """Files as texts; code tables by path."""

    mapping: str
    codes: Mapping[str, str]
    cases: str


def first(
    id: str, section: dict[str, object], columns: Sequence[Column], type: str, area: str, key: Sequence[str] = ()
) -> First:  # fmt: skip
    """Drafts of all. Raises DataError HUB-C255 for a type that is not released."""
    text = f"{LINE}\n" + draft(id, section, columns, type, area, key)
    return First(text, draft_codes(columns, type), draft_cases(columns, area))


def put(folder: Path, files: First) -> None:
    """Write them into a connector's folder, with what editors of a mapping read; the mapping comes last."""
    for path, table in files.codes.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(table, encoding="utf-8-sig")  # as spreadsheets know it
    (folder / SCHEMA).write_text(schema_text(), encoding="utf-8")
    (folder / CASES).write_text(files.cases, encoding="utf-8-sig")
    (folder / MAPPING).write_text(files.mapping, encoding="utf-8")
