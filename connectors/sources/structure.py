"""Is every column there that the mapping reads, and is it still what it was? Asked before the first row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from difflib import get_close_matches

from connectors.sources.source import Column
from hub.core.errors import DataError


def check_columns(alias: str, found: Sequence[Column], wanted: Mapping[str, str]) -> None:
    """Raises DataError unless `found` has every name of `wanted` with its declared type.

    C201 a missing column with the nearest name, C202 without a near one: with all names; C203 retyped. Only column
    names are shown; the caller makes sure that they are names and no row of data.
    """
    names = [column.name for column in found]
    missing = [name for name in wanted if name not in names]
    if missing:
        free = [name for name in names if name not in wanted] or names
        nearest = [(get_close_matches(name, free, 1, 0.4) or ["-"])[0] for name in missing]
        place = {"alias": alias, "column": ", ".join(missing)}
        if set(nearest) == {"-"}:
            raise DataError("HUB-C202", **place, columns=", ".join(names))
        raise DataError("HUB-C201", **place, nearest=", ".join(nearest))
    for column in found:
        declared = wanted.get(column.name, "any")
        if "any" not in (declared, column.type) and declared != column.type:
            raise DataError("HUB-C203", alias=alias, column=column.name, declared=declared, found=column.type)


def family(value: object) -> str:
    """The type of a cell: text, number, date, time, boolean, binary; empty text for an empty cell."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float, Decimal)):
        return "number"
    if isinstance(value, date):
        return "date"
    if isinstance(value, (time, timedelta)):
        return "time"
    return "binary" if isinstance(value, (bytes, memoryview)) else "any"


def family_of_all(values: Iterable[object]) -> str:
    """The one type that all filled cells have; `any` if they differ or none is filled."""
    families = {family(value) for value in values} - {""}
    return families.pop() if len(families) == 1 else "any"
