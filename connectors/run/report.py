"""How a run ended, in numbers that add up (law 8)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hub.core.errors import Coded, IntegrityError

BACKFILL: Final = "backfill"
"""In a run's description: it read nothing, since a backfill that is not over reads it all."""
UNSEEN, NAMELESS = "unseen", "nameless"
"""In a run's description: how many known rows a whole read lacks, and how many of its rows have no readable key. Each
of these may be one of those: nobody is taken for gone until they are mended, or `--accept-vanished` says so."""


@dataclass
class Endings:
    """Every row has one ending: published, unchanged, not selected by a rule, refused with a code."""

    read: int = 0
    published: int = 0
    unchanged: int = 0
    not_selected: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    first: dict[str, dict[str, str | int]] = field(default_factory=dict)
    """The places of the first error of each code, as its text takes them: columns and limits, never a value."""
    columns: dict[str, dict[str, int]] = field(default_factory=dict)
    """How many rows each code refused, by the column that is wrong in them."""
    tables: dict[str, int] = field(default_factory=dict)
    """How many rows were refused for a value that a code table lacks, by that table."""

    def skip(self, rule: str) -> None:
        """A row that no section wants."""
        self.not_selected[rule] = self.not_selected.get(rule, 0) + 1

    def refuse(self, error: Coded) -> None:
        """A row that is refused."""
        code = error.code
        self.refused[code] = self.refused.get(code, 0) + 1
        self.first.setdefault(code, dict(error.place))
        if error.column:
            columns = self.columns.setdefault(code, {})
            columns[error.column] = columns.get(error.column, 0) + 1
        if table := str(error.place.get("table", "")):
            self.tables[table] = self.tables.get(table, 0) + 1

    def plus(self, other: "Endings") -> "Endings":
        """Both together."""
        return Endings(
            self.read + other.read, self.published + other.published, self.unchanged + other.unchanged,
            dict(Counter(self.not_selected) + Counter(other.not_selected)),
            dict(Counter(self.refused) + Counter(other.refused)), {**other.first, **self.first},
            {
                code: dict(Counter(self.columns.get(code, {})) + Counter(other.columns.get(code, {})))
                for code in {**self.columns, **other.columns}
            },
            dict(Counter(self.tables) + Counter(other.tables)),
        )  # fmt: skip

    @property
    def ended(self) -> int:
        """Rows that have an ending."""
        return self.published + self.unchanged + sum(self.not_selected.values()) + sum(self.refused.values())

    def check(self) -> None:
        """Raises IntegrityError HUB-C408 unless rows read = published + unchanged + not selected + refused."""
        if self.read != self.ended:
            raise IntegrityError("HUB-C408", read=self.read, ended=self.ended)


class RunReport(NamedTuple):
    """What a run did. `rows` are those of the source, `retried` those that were tried again from the spool.

    Events are counted over the life of this spool: made = unsent + waiting for an answer + appended + refused by the
    hub. `vanished` rows were missing in a whole read; `not_data` are blank lines, subtotals and the like. `blocked` is
    intake's code for a frame that it did not take. `open` counts refused rows that wait for their owner, `stale` known
    rows that the mapping, which was edited since, would say otherwise: `--remap` does.
    """

    connector: str
    alias: str
    dry_run: bool
    full: bool
    rows: Endings
    retried: Endings
    not_data: int
    vanished: int
    events: int
    made: int
    unsent: int
    waiting: int
    appended: int
    refused: int
    new_refused: int
    closed: int
    open: int
    blocked: str
    description: dict[str, str]
    stale: int = 0

    def check(self) -> None:
        """Raises IntegrityError HUB-C408, C409 unless both sums are right."""
        self.rows.check()
        self.retried.check()
        if self.made != self.unsent + self.waiting + self.appended + self.refused:
            raise IntegrityError("HUB-C409", made=self.made)
