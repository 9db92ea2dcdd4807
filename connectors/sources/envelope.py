"""Debezium's envelope: what a change event says of a row, with or without a schema, and what its values stand for."""

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from connectors.sources.objects import parse

_DAY: Final = date(1970, 1, 1)
_BEGIN_MS: Final = -62_135_510_400_000
_END_MS: Final = 253_402_214_399_999
"""From 0001-01-02 to 9999-12-30: moments that are also moments in every time zone."""
_NOON: Final = datetime(1970, 1, 1)  # noqa: DTZ001  a wall without a zone, as such a column is


class Part(NamedTuple):
    """A key or a value of a message, with the schema that came along (Connect's JSON, or Avro's), if any."""

    payload: Any
    schema: Any = None


class Form(NamedTuple):
    """The type of a column as we name types, and how its values are read, where they are not what they stand for."""

    family: str
    read: Callable[[Any], Any] | None = None


class Change(NamedTuple):
    """What happened to a row: `kind` is row, gone, all_gone or other. `cells` are of the row as it is, or as it was."""

    kind: str
    key: Mapping[str, Any]
    cells: Mapping[str, Any]
    at_ms: int | None
    snapshot: str


Forms = Mapping[str, Form]
_KINDS: Final = {"c": "row", "r": "row", "u": "row", "d": "gone", "t": "all_gone", "m": "other"}


def json_part(raw: bytes | None) -> Part:
    """A key or value of JSON. Raises ValueError for anything else."""
    if not raw:
        return Part(None)
    return split(parse(raw))


def split(found: Any) -> Part:
    """A document, with its schema taken off where it has one."""
    if isinstance(found, dict) and found.keys() == {"schema", "payload"}:
        return Part(found["payload"], found["schema"])
    return Part(found)


def change_of(key: Part, value: Part, forms: Forms) -> Change | None:
    """The change that a message tells of; None where it is no change event. A value of nothing: the row was deleted."""
    named = key.payload if isinstance(key.payload, dict) else {}
    told = value.payload
    try:
        if told is None:
            return Change("gone" if named else "other", _read(named, forms), {}, None, "")
        kind = _KINDS[told["op"]]
        cells = told.get("before" if kind == "gone" else "after")
        origin = told.get("source") or {}
        marked, at = str(origin.get("snapshot") or "").lower(), origin.get("ts_ms")
        if kind == "row" and not isinstance(cells, dict):
            return None
        at = at if isinstance(at, int) else None
        if at is not None and not _BEGIN_MS <= at <= _END_MS:
            return None
        return Change(kind, _read(named, forms), _read(cells if isinstance(cells, dict) else {}, forms), at, marked)
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        return None


def _read(cells: Mapping[str, Any], forms: Forms) -> Mapping[str, Any]:
    meant = {name: form.read(cells[name]) for name, form in forms.items() if form.read and cells.get(name) is not None}
    return {**cells, **meant} if meant else cells


def moment(ms: int) -> datetime:
    """A moment of the database's clock, as a change has it."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def forms_of(schema: Any) -> dict[str, Form]:
    """By column: its type and how it is read, as the schema of an envelope's row says; empty without one.

    Raises ValueError for what is no schema.
    """
    try:
        return {name: _form(kind, logical, about) for name, kind, logical, about in _fields(schema)}
    except (KeyError, TypeError, AttributeError, ArithmeticError):
        raise ValueError from None


def declared(days: Iterable[str], milliseconds: Iterable[str], microseconds: Iterable[str]) -> dict[str, Form]:
    """The same of columns whose numbers somebody says are days and moments, where no schema does."""
    return {
        **dict.fromkeys(days, Form("date", _days)),
        **dict.fromkeys(milliseconds, Form("date", _since(1_000))),
        **dict.fromkeys(microseconds, Form("date", _since(1))),
    }


def _fields(schema: Any) -> Iterable[tuple[str, str, str, Mapping[str, Any]]]:
    """Name, plain type, meaning and the rest of each column of the row within an envelope's schema."""
    parts = schema.get("fields") if isinstance(schema, dict) else None
    for part in parts if isinstance(parts, list) else ():
        if part.get("field") == "after":
            for one in part.get("fields") or ():
                yield one["field"], str(one.get("type")), str(one.get("name") or ""), one
            return
        row = _record(part.get("type")) if part.get("name") in ("before", "after") else None
        if row is not None:
            for one in row["fields"]:
                about = _plain(one["type"])
                named = str(about.get("connect.name") or about.get("logicalType") or "")
                yield one["name"], str(about.get("type")), named, about
            return


def _record(kind: Any) -> Any:
    """The record within an Avro union."""
    kinds = kind if isinstance(kind, list) else [kind]
    return next((one for one in kinds if isinstance(one, dict) and one.get("type") == "record"), None)


def _plain(kind: Any) -> Mapping[str, Any]:
    """An Avro type as its table: of a union the first that is not null."""
    if isinstance(kind, list):
        return _plain(next((one for one in kind if one != "null"), "null"))
    return kind if isinstance(kind, dict) else {"type": kind}


def _form(kind: str, named: str, about: Mapping[str, Any]) -> Form:
    for mark, form in _NAMED.items():
        if named == mark or (mark.startswith(".") and named.endswith(mark)):
            return form
    if named.endswith(".Decimal") or named == "decimal":
        scale = int((about.get("parameters") or about.get("connect.parameters") or about).get("scale") or 0)
        return Form("number", lambda raw: _decimal(raw, scale))
    return _PLAIN.get(kind, Form("any"))


def _days(days: Any) -> date:
    return days if isinstance(days, date) else _DAY + timedelta(days=days)


def _since(microseconds: int, per: int = 1) -> Callable[[Any], datetime]:
    """Reads a count of so many microseconds each, or `per` of which make one."""
    return lambda count: count if isinstance(count, datetime) else _NOON + timedelta(
        microseconds=count * microseconds // per
    )  # fmt: skip


def _clock(microseconds: int, per: int = 1) -> Callable[[Any], time]:
    read = _since(microseconds, per)
    return lambda count: count if isinstance(count, time) else read(count).time()


def _decimal(raw: Any, scale: int) -> Decimal:
    if isinstance(raw, (Decimal, int, float)):
        return Decimal(str(raw))
    if isinstance(raw, str):
        raw = b64decode(raw, validate=True)
    return Decimal(int.from_bytes(raw, "big", signed=True)).scaleb(-scale)


def _any_scale(raw: Any) -> Any:
    return _decimal(raw["value"], raw["scale"]) if isinstance(raw, dict) else raw


_NAMED: Final[Mapping[str, Form]] = {
    ".time.Date": Form("date", _days),
    ".data.Date": Form("date", _days),
    ".time.Timestamp": Form("date", _since(1_000)),
    ".data.Timestamp": Form("date", _since(1_000)),
    ".time.MicroTimestamp": Form("date", _since(1)),
    ".time.NanoTimestamp": Form("date", _since(1, 1_000)),
    ".time.ZonedTimestamp": Form("date", datetime.fromisoformat),
    ".time.Time": Form("time", _clock(1_000)),
    ".data.Time": Form("time", _clock(1_000)),
    ".time.MicroTime": Form("time", _clock(1)),
    ".time.NanoTime": Form("time", _clock(1, 1_000)),
    ".VariableScaleDecimal": Form("number", _any_scale),
}
_PLAIN: Final[Mapping[str, Form]] = {
    **dict.fromkeys(("int8", "int16", "int32", "int64", "int", "long", "float", "double", "float32", "float64"),
                    Form("number")),
    **dict.fromkeys(("boolean",), Form("boolean")),
    **dict.fromkeys(("string",), Form("text")),
}  # fmt: skip
