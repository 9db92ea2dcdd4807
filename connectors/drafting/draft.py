"""A first mapping for a source that nobody has mapped yet: from the names of its columns, never from its values."""

import csv
import io
import json
import re
import shlex
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple

from connectors.drafting.address import SHEET, example_of, streams_of
from connectors.drafting.ready_codes import ready_codes, table_of, table_text
from connectors.rows.contract import contract_of
from connectors.sources import Column, open_source, parse_source
from connectors.trial.cases import OPEN
from connectors.trial.cases_file import EXPECT

DRAFTED: Final = "agency.IdentityDeclared"
"""The event type of a draft that names no other."""

_ID_KINDS: Final = ("resident_id", "certificate", "passport")
_SAMPLES: Final = {
    "resident_id": "160101197001010015",
    "name": "张三丰",
    "key": "1",
    "date": "2026-05-01",
    "changed": "2026-05-01 08:00",
}
"""Cells of a first case; nobody has a number of province 16."""
FIELDS: Final = "field_synonyms.csv"
_COMMON: Final = ("occurred_on", "occurred_minute", "recorded_at", "legal_basis", "area")
_REMARK: Final = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]\s*$")
_PLAIN: Final = re.compile(r"[\s_()（）]+")


@cache
def synonyms(file: str = "synonyms.csv") -> dict[str, str]:
    """What a column's name usually means, by its spelling in upper case; in `field_synonyms.csv` a field of events."""
    with resources.files("connectors.drafting").joinpath(file).open(encoding="utf-8") as rows:
        return {row["spelling"].upper(): row["meaning"] for row in csv.DictReader(rows)}


def meaning_of(column: str, file: str = "synonyms.csv") -> str:
    """What a column's name says it is, empty when it says nothing. Blanks, underlines and brackets do not matter.

    Where nothing is known so, a remark in brackets at the end and a star are left out: `*身份证号（必填）`.
    """
    known = synonyms(file)
    name = column.strip().upper()
    tried = (name, _PLAIN.sub("", name), _PLAIN.sub("", _REMARK.sub("", name).strip("*＊")))
    return next((known[one] for one in tried if one in known), "")


def fields_of(columns: Sequence[Column], type: str) -> dict[str, str]:
    """Fields of an event type that columns fill by their names, each with its column."""
    targets, found = contract_of(type).targets, dict[str, str]()
    for column in columns:
        name = meaning_of(column.name.rpartition("/")[2], FIELDS)
        if name in targets:
            found.setdefault(name, column.name)
    return found


class Found(NamedTuple):
    """What a source shows: its columns, how many sheets it has, else 0, and the key that it tells rows apart by."""

    columns: list[Column]
    sheets: int = 0
    key: tuple[str, ...] = ()


def columns_of(section: dict[str, Any], folder: Path) -> Found:
    """The columns of a source; of a drop folder those of one of its files, of a tap with a catalogue those that stand
    there, so that nothing is started. Raises DataError HUB-C2xx, Unreachable."""
    if section["kind"] == "folder":
        section = example_of(section)
    if section["kind"] == "singer":
        return _of_stream(section, folder)
    with open_source(parse_source(section), folder) as source:
        columns = source.columns()
        return Found(columns, int(source.description.get("sheets", "0/0").partition("/")[2]))


def _of_stream(section: dict[str, Any], folder: Path) -> Found:
    from connectors.sources.singer import (
        SingerSource,
        key_properties,
        schema_columns,
    )  # only who has a tap waits for it

    catalog = Path(section["folder"], section["catalog"]) if section.get("catalog") else None
    stream = streams_of(catalog).get(section["stream"]) if catalog else None
    if stream is not None and (listed := schema_columns(stream.get("schema") or {})):
        return Found(listed, 0, key_properties(stream))
    with open_source(parse_source(section), folder) as source:
        assert isinstance(source, SingerSource)
        return Found(source.columns(), 0, source.key)


def draft(
    id: str, section: dict[str, object], columns: Sequence[Column], type: str, area: str, key_of: Sequence[str] = ()
) -> str:  # fmt: skip
    """The mapping as TOML, whose rows are told apart by `key_of` where the source itself says so.

    What cannot be guessed is left out with a remark; `hub connector check` names what lacks.
    """
    found: dict[str, str] = {}
    for column, meaning in zip(columns, _meanings(columns), strict=True):
        if meaning:
            found.setdefault(meaning, column.name)
    key = found.get("key") or next((found[kind] for kind in _ID_KINDS if kind in found), "")
    keys = [str(section["sheet_column"])] if key and "sheet_column" in section else []  # each sheet counts from 1
    keys = list(key_of) or keys + ([key] if key else [])
    lines = [
        "# Drafted from the names of the columns; not one value was read into it. See docs/mapping.md.",
        f"id = {_text(id)}",
        "version = 1",
        f"key = [{', '.join(map(_text, keys))}]" if keys else "key = []  # the columns that tell rows apart",
        'on_change = "correct"',
        'on_vanish = "nothing"',
        "",
        "[source]",
        *(_setting(name, value) for name, value in section.items()),
    ]
    if section["kind"] == "sql" and "changed" in found:
        lines += [f"cursor = {_text(found['changed'])}", "lag_days = 3", *([f"key = {_text(key)}"] if key else [])]
    if section["kind"] == "folder":
        lines.append(
            "# a file that was read is moved to the folder's own folder done, one that cannot be read to refused"
        )
    lines += _person(found)
    contract = contract_of(type)
    lines += ["", "[common]", 'legal_basis = { constant = "public_duty" }']
    constant = "" if area else "  # the county of the agency, six digits; or the name of a column"
    fixed = f"area = {{ constant = {_text(area)} }}{constant}"
    lines.append(f"area = {_text(found['area'])}" if "area" in found else fixed)
    lines.append(f"occurred_on = {_text(found['date'])}" if "date" in found else '# occurred_on = "which column?"')
    if "changed" in found:
        lines.append(f"recorded_at = {_text(found['changed'])}")
    lines += ["", "[[event]]", f"type = {_text(type)}", "", "[event.fields]"]
    fields = fields_of(columns, type)
    for name, target in contract.targets.items():
        if name in fields:
            ready = f', codes = "{table_of(name)}"' if ready_codes(name, target) else ""
            lines.append(f"{name} = {{ column = {_text(fields[name])}{ready} }}")
        elif name not in _COMMON:
            codes = f', codes = "{table_of(name)}"' if target.codes is not None else ""
            need = "optional" if target.nullable else "required"
            lines.append(f'# {name} = {{ column = "?"{codes} }}  # {target.type}, {need}')
    used = {*found.values(), *fields.values(), *keys}
    rest = [column.name for column in columns if column.name not in used]
    if rest:
        lines += ["", f"# Columns not used: {', '.join(rest)}"]
    return "\n".join(lines) + "\n"


def draft_codes(columns: Sequence[Column], type: str) -> dict[str, str]:
    """The code tables that a draft names, by path; also where it could not guess the column, for the codes in them."""
    targets, known = contract_of(type).targets, fields_of(columns, type)
    return {
        table_of(name): table_text(name, target)
        for name, target in targets.items()
        if name not in _COMMON and (name in known or target.codes is not None) and ready_codes(name, target)
    }


def _meanings(columns: Sequence[Column]) -> list[str]:
    """What each column's name says it is; under merged headers its lower part says it, too, where it occurs once."""
    lowest = [column.name.rpartition("/")[2] for column in columns]
    return [
        meaning_of(column.name) or (meaning_of(lower) if lowest.count(lower) == 1 else "")
        for column, lower in zip(columns, lowest, strict=True)
    ]


def draft_cases(columns: Sequence[Column], area: str) -> str:
    """The first cases of a mapping: a person of no province, and one whose number a spreadsheet has damaged."""
    samples, meanings = _SAMPLES | {"area": area or "220102"}, _meanings(columns)
    whole = [samples.get(meaning, "") for meaning in meanings]
    whole = ["1月" if column.name == SHEET else cell for column, cell in zip(columns, whole, strict=True)]
    lines = [[*(column.name for column in columns), EXPECT[0]], [*whole, OPEN]]
    number = next((at for at, meaning in enumerate(meanings) if meaning in _ID_KINDS), None)
    if number is not None:
        damaged = [*whole[:number], "1.60101E+17", *whole[number + 1 :]]
        lines.append([*damaged, f"HUB-C104 {shlex.quote(columns[number].name)}"])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()


def _person(found: dict[str, str]) -> list[str]:
    lines: list[str] = []
    tokens = [f"{kind} = {_text(found[kind])}" for kind in _ID_KINDS if kind in found]
    if tokens:
        lines += ["", "[person.patient.tokens]", *tokens]
        identity = [
            f"{kind} = {{ column = {_text(found[kind])}, kind = {_text(kind)} }}"
            for kind in ("name", "phone")
            if kind in found
        ]
        lines += ["", "[person.patient.identity]", *identity] if identity else []
    if "guardian_id" in found:
        lines += ["", "[person.guardian]", "required = false", "", "[person.guardian.tokens]"]
        lines.append(f"resident_id = {_text(found['guardian_id'])}")
        if "guardian_name" in found:
            name = _text(found["guardian_name"])
            lines += ["", "[person.guardian.identity]", f'name = {{ column = {name}, kind = "name" }}']
    return lines


def _setting(name: str, value: object) -> str:
    shown = f"[{', '.join(_text(str(one)) for one in value)}]" if isinstance(value, list | tuple) else _text(str(value))
    return f"{name} = {shown}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
