"""A refused row as bytes, to be locked, and back: the same cells come out, of the same types."""

import marshal
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

_FORM: Final = 2
_READ: Final[dict[str, Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "Decimal": Decimal,
}


class Sealed(NamedTuple):
    """A refused row as it was read: names of all its columns (none for a row that could not be split), and cells."""

    columns: tuple[str, ...]
    cells: tuple[Any, ...]


def pack_row(row: Sealed) -> bytes:
    """A row as bytes, from which `unpack_row` makes the same cells again."""
    return marshal.dumps((row.columns, tuple(_flat(cell) for cell in row.cells)), _FORM)


def unpack_row(packed: bytes) -> Sealed:
    """The inverse of `pack_row`."""
    columns, cells = marshal.loads(packed)
    return Sealed(tuple(columns), tuple(map(_whole, cells)))


def _flat(cell: Any) -> Any:
    """A cell of marshal's own types. A list stays a list: as text it would be taken for one when it is tried again."""
    if cell is None or isinstance(cell, (str, bool, int, float, bytes)):
        return cell
    if isinstance(cell, list):
        return [_flat(one) for one in cell]
    if isinstance(cell, dict):
        return {str(name): _flat(one) for name, one in cell.items()}
    if isinstance(cell, timedelta):
        return "timedelta", str(cell // timedelta(microseconds=1))
    name = type(cell).__name__
    return (name if name in _READ else "str", cell.isoformat() if isinstance(cell, (date, time)) else str(cell))


def _whole(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_whole(one) for one in cell]
    if isinstance(cell, dict):
        return {name: _whole(one) for name, one in cell.items()}
    return _cell(*cell) if isinstance(cell, tuple) else cell


def _cell(kind: str, text: str) -> Any:
    if kind == "timedelta":
        return timedelta(microseconds=int(text))
    return _READ[kind](text) if kind in _READ else text
