"""Reading a column into values that fit a field of a schema; each different cell is worked out once.

A value that cannot be read is its Coded error, in the place of the value: nothing is raised in the middle of a column.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Map
from typing import Any, Final, NamedTuple

from connectors.forms.canonical import canonical, form_of
from connectors.forms.exposed import names_person
from connectors.forms.fault import Fault
from connectors.mapping.language import Cell
from hub.core.calendar import date_of
from hub.core.errors import Coded

Value = str | int | bool | None
MEMO_LIMIT: Final = 20_000
"""Different cells remembered for one column: four lots of rows. Beyond it the memory begins anew and stays small."""


class Target(NamedTuple):
    """What a field of a schema takes: `type` int, long, boolean or string, and its limits.

    `low` and `high` bound numbers, `size` bounds text; `codes` are all it may be, None where any text may stand; they
    are the list `listed`.
    """

    name: str
    type: str
    nullable: bool
    low: int | None = None
    high: int | None = None
    size: int | None = None
    codes: frozenset[str] | None = None
    many: bool = False
    kind: str = ""
    listed: str = ""


_ANY_TEXT: Final = ("string", True, None, None, None, None, False, "text", "")
"""A target that takes any text or none, as numbers of persons have: nothing is left to judge after the form."""


class Memo(dict[Any, Any]):
    """Remembers what `work` makes of each different cell."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, raw: Any) -> Any:
        if len(self) >= MEMO_LIMIT:
            self.clear()
        found = self[raw] = self._work(raw)
        return found


def _same(value: Any) -> Any:
    return value


class Reader:
    """Reads one cell of the mapping from the rows of a chunk."""

    def __init__(
        self,
        cell: Cell,
        target: Target,
        tables: Map[str, Map[str, str]],
        today: int,
        then: Callable[[Any], Any] = _same,
    ) -> None:
        """`then` is done to each value that was read, and remembered with it."""
        self.column = cell.column
        self.may_fail = False
        self._then = then
        self._cell, self._target, self._today = cell, target, today
        self._kind = cell.kind or target.kind
        self._table = _table(cell, target, self._kind, tables)
        self._form = None if self._table is not None or not cell.column else form_of(self._kind)
        self._any_text = target[1:] == _ANY_TEXT
        self._texts = Memo(self._judged)
        self._others = Memo(lambda key: self._judged(key[1]))

    def read(self, raws: Sequence[object]) -> list[Any]:
        """The value of each cell, or its Coded error. `may_fail` tells whether any error was ever among them."""
        if not self.column:
            return [self._then(self._cell.constant)] * len(raws)
        if set(map(type, raws)) == {str}:
            return list(map(self._texts.__getitem__, raws))
        return [self._one(raw) for raw in raws]

    def _one(self, raw: object) -> Any:
        if raw.__class__ is str:
            return self._texts[raw]
        try:
            return self._others[raw.__class__, raw]
        except TypeError:  # a list has no hash
            return self._judged(raw)

    def one(self, raw: object) -> Any:
        """The value of one cell, or its Coded error; it is not remembered."""
        return self._judged(raw) if self.column else self._then(self._cell.constant)

    def _judged(self, raw: object) -> Any:
        try:
            return self._then(self.value(raw))
        except Coded as error:
            self.may_fail = True
            return error

    def value(self, raw: object) -> Value:
        """The value of one cell. Raises Coded C1xx, which names the column."""
        cell, target = self._cell, self._target
        found: Value
        if self._form is None:
            found = self._looked_up(raw)
        else:
            try:
                found = self._form(raw, self._today)
            except Fault as fault:
                raise Coded(fault.code, cell.column, **fault.place) from None
            if self._any_text and found.__class__ is str:
                return found
        if found is None:
            found = cell.default
        if found is None:
            if not target.nullable:
                raise Coded("HUB-C141", cell.column)
            return None
        if cell.per and isinstance(found, int):
            found //= cell.per
        if cell.age and isinstance(found, int):
            return date_of(found).year if self._kind.startswith(("date", "until")) else found
        return fitting(found, target, cell.column)

    def _looked_up(self, raw: object) -> Value:
        spelled = canonical("code", raw, today=self._today, column=self._cell.column)
        if spelled is None:
            return None
        parts = [str(spelled)]
        if self._target.many:
            for mark in self._cell.split or "、,;/，；":
                parts = [piece for part in parts for piece in part.split(mark)]
        codes = [self._code(part) for part in parts if part]
        return ",".join(sorted(set(codes))) if self._target.many else codes[0]

    def _code(self, spelled: str) -> str:
        assert self._table is not None
        found = self._table.get(spelled, self._cell.other)
        if found is None:
            if self._cell.codes:
                raise Coded("HUB-C140", self._cell.column, table=self._cell.codes)
            raise Coded("HUB-C144", self._cell.column)
        return found


def _table(cell: Cell, target: Target, kind: str, tables: Map[str, Map[str, str]]) -> Map[str, str] | None:
    """What a column's values are looked up in: the table that the mapping names, else the codes of the list."""
    if cell.codes:
        return tables[cell.codes]
    return _themselves(target.codes) if cell.column and kind == "code" and target.codes is not None else None


def _themselves(codes: Iterable[str]) -> dict[str, str]:
    """The code table of a column that holds the codes of the list themselves, in whatever case and width."""
    return {str(canonical("code", code, today=0, column="")): code for code in codes}


def fitting(found: Value, target: Target, column: str) -> Value:
    """The value as the field takes it. Raises Coded: C142 too long, C143 out of range, C144 no code of the list, C148
    of another type, C149 a person's number or name where payloads may have none (law 9)."""
    if target.type == "boolean":
        if isinstance(found, str) and found in ("true", "false"):
            return found == "true"
        if isinstance(found, bool):
            return found
        raise Coded("HUB-C148", column)
    if target.type == "string":
        if not isinstance(found, str):
            found = str(found)
        if target.size is not None and len(found) > target.size:
            raise Coded("HUB-C142", column, limit=target.size)
        if target.codes is not None and not target.codes.issuperset(found.split(",") if target.many else (found,)):
            raise Coded("HUB-C144", column)
        if target.codes is None and target.size is not None and names_person(target.name, found):
            raise Coded("HUB-C149", column)
        return found
    if isinstance(found, str) and found.lstrip("-").isdecimal() and len(found) < 20:
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Coded("HUB-C148", column)
    if (target.low is not None and found < target.low) or (target.high is not None and found > target.high):
        raise Coded("HUB-C143", column)
    return found
