"""Reading a table page after page: where a page begins, and which of its rows the page before had already."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa


def not_before(order: Sequence[sa.ColumnElement[Any]], last: Sequence[object], nulls_last: bool) -> Any:
    """`(a, b) >= (x, y)` as `a >= x AND (a > x OR (a = x AND b >= y))`: not all databases take the short form.

    The first condition says nothing new; by it an optimiser finds where in an index to begin. `last` holds values, or
    parameters for them, and may be shorter than `order`; what it leaves out is not compared. Where the database sorts
    empty values last, those of the key come after all others, and `last` may end in None; the cursor is never empty.
    """
    begin = order[0] >= _literal(last[0])
    if len(last) == 1:
        return begin
    steps = []
    for place, value in enumerate(last):
        equal = [_same(column, same) for column, same in zip(order[:place], last, strict=False)]
        beyond = _beyond(order[place], value, place == len(last) - 1, nulls_last and place > 0)
        if beyond is not None:
            steps.append(sa.and_(*equal, beyond))
    return sa.and_(begin, sa.or_(*steps))


def _beyond(column: sa.ColumnElement[Any], value: object, or_equal: bool, nulls_last: bool) -> Any:
    """The column is greater than the value; None if nothing can be."""
    if value is None:
        return column.is_(None) if or_equal else None
    greater = column >= _literal(value) if or_equal else column > _literal(value)
    return sa.or_(greater, column.is_(None)) if nulls_last else greater


def _same(column: sa.ColumnElement[Any], value: object) -> Any:
    return column.is_(None) if value is None else column == _literal(value)


def _literal(value: object) -> Any:
    return value if isinstance(value, sa.ColumnElement) else sa.literal(value)


def without(
    rows: Sequence[tuple[object, ...]], seen: Iterable[object], mark: Callable[[tuple[object, ...]], object] = repr
) -> list[tuple[object, ...]]:
    """The rows less those whose marks were seen before, each as often as it was seen, in whatever order the database
    has equals. A row's own text marks it, since a value of some databases has no hash."""
    left = Counter(seen)
    if not left:
        return list(rows)
    fresh: list[tuple[object, ...]] = []
    for row in rows:
        marked = mark(row)
        if left[marked]:
            left[marked] -= 1
        else:
            fresh.append(row)
    return fresh
