"""Reading a table page after page: where a page begins, and which of its rows the page before had already."""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa


def not_before(order: Sequence[sa.ColumnElement[object]], last: Sequence[object]) -> sa.ColumnElement[bool]:
    """`(a, b) >= (x, y)` as `a > x OR (a = x AND b >= y)`: Oracle and SQL Server refuse the short form.

    `last` may be shorter than `order`; what it leaves out is not compared.
    """
    steps = [
        sa.and_(
            *(column == sa.literal(same) for column, same in zip(order[:place], last, strict=False)),
            order[place] >= sa.literal(value) if place == len(last) - 1 else order[place] > sa.literal(value),
        )
        for place, value in enumerate(last)
    ]
    return sa.or_(*steps)


def without(rows: Sequence[tuple[object, ...]], seen: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The rows less those seen before, each as often as it was seen, in whatever order the database has equals."""
    if not seen:
        return list(rows)
    left = Counter(map(repr, seen))  # a value of some databases has no hash
    fresh: list[tuple[object, ...]] = []
    for row in rows:
        spelled = repr(row)
        if left[spelled]:
            left[spelled] -= 1
        else:
            fresh.append(row)
    return fresh
