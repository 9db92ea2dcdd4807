"""Named conditions on rows, a column at a time."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from connectors.forms.canonical import canonical
from connectors.mapping.language import Rule
from connectors.rows.cells import Memo
from hub.core.calendar import day_of
from hub.core.errors import Coded, DataError


class RuleReader:
    """Judges one rule. Texts are compared as `code`, dates as `until`; a cell that cannot be read refuses its row."""

    def __init__(self, rule: Rule, today: int, go_live: int) -> None:
        """Raises DataError HUB-C266 when the date of a before or after is none."""
        self.column = rule.column
        self.may_fail = False
        self._today = today
        self._test = self._made(rule, today, go_live)
        self._texts, self._others = Memo(self._judged), Memo(lambda key: self._judged(key[1]))

    def read(self, raws: Sequence[object]) -> list[Any]:
        """True, False or a Coded error for each cell."""
        texts, others = self._texts, self._others
        if set(map(type, raws)) == {str}:
            return list(map(texts.__getitem__, raws))
        try:
            return [texts[raw] if raw.__class__ is str else others[raw.__class__, raw] for raw in raws]
        except TypeError:  # a list has no hash
            return [self._judged(raw) for raw in raws]

    def _judged(self, raw: object) -> bool | Coded:
        try:
            return self._test(raw)
        except Coded as error:
            self.may_fail = True
            return error

    def _made(self, rule: Rule, today: int, go_live: int) -> Callable[[object], bool]:
        kind = "until" if rule.op in ("before", "after") else "code"

        def read(raw: object) -> Any:
            return canonical(kind, raw, today=today, column=rule.column)

        if rule.op in ("empty", "not_empty"):
            wanted = rule.op == "empty"
            return lambda raw: (read(raw) is None) == wanted
        if kind == "until":
            day = {"today": today, "go_live": go_live}.get(rule.values[0])
            if day is None:
                try:
                    day = day_of(date.fromisoformat(rule.values[0]))
                except ValueError:
                    raise DataError("HUB-C266", rule=rule.name) from None
            limit = day
            if rule.op == "before":
                return lambda raw: (found := read(raw)) is not None and found < limit
            return lambda raw: (found := read(raw)) is not None and found > limit
        values = {canonical("code", value, today=today, column=rule.column) for value in rule.values}
        inside = rule.op in ("equals", "in")
        return lambda raw: (read(raw) in values) == inside
