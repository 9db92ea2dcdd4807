"""Questions about refused rows that are answered by few of them: there may be a hundred thousand."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from connectors.spool import tables as t
from connectors.spool.tables import RefusedRow


class Refusals:
    """The table `refused` of a spool, inside the transactions of its owner."""

    def __init__(self, all: Callable[[str, Sequence[Any]], list[Any]]) -> None:
        self._all = all

    def any(self) -> bool:
        """Whether there is one that is open, to be tried again, or given up."""
        return bool(self._all(t.ANY_REFUSED, ()))

    def of(self, tokens: Sequence[int]) -> Iterator[RefusedRow]:
        """Those of these rows that are open, to be tried again, or given up."""
        for begin in range(0, len(tokens), t.AT_ONCE):
            some = tokens[begin : begin + t.AT_ONCE]
            padded = (*some, *[-1] * (t.AT_ONCE - len(some)))
            yield from (RefusedRow(*row) for row in self._all(t.REFUSED_OF, padded))

    def again(self) -> list[RefusedRow]:
        """Those that their owner wants tried again, oldest first."""
        return [RefusedRow(*row) for row in self._all(t.REFUSED_AGAIN, ())]

    def of_others(self, mapping: str) -> list[RefusedRow]:
        """Those open ones that another mapping refused and that can still be read, oldest first."""
        return [RefusedRow(*row) for row in self._all(t.REFUSED_OF_OTHERS, (mapping,))]

    def sealed_before(self, day: int) -> list[RefusedRow]:
        """Those that were sealed before a day and can still be read."""
        return [RefusedRow(*row) for row in self._all(t.REFUSED_BEFORE, (day,))]

    def waiting(self) -> int:
        """How many wait for their owner: open, or to be tried again."""
        return int(self._all(t.COUNT_REFUSED, ())[0][0])
