"""Rows to drafts of events: column by column, without a thought for what was published before."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from connectors.mapping.language import Mapping
from connectors.rows.contract import check_mapping
from connectors.rows.people import PersonReader
from connectors.rows.rules import RuleReader
from connectors.rows.section import Draft, Refused, SectionMapper
from connectors.rows.tokens import Tokens


class NotSelected(NamedTuple):
    """A row that no section wants; `rule` names the rules that said so."""

    rule: str


Reading = list[Draft] | Refused | NotSelected


class RowMapper:
    """A mapping made ready for one run. `columns` are those it reads, in the order in which rows are given to it."""

    def __init__(
        self, mapping: Mapping, tokens: Tokens, today: int, go_live: int, now_ms: int,
        open_replies: AbstractSet[bytes] | None = None,
    ) -> None:  # fmt: skip
        """`open_replies` are the reply codes that may be answered, where that is known.

        Raises DataError when the mapping does not fit the schemas (connectors.rows.contract).
        """
        self.columns = mapping.columns()
        self.contracts = check_mapping(mapping)
        self._mapping = mapping
        self._rules = {name: RuleReader(rule, today, go_live) for name, rule in mapping.rules.items()}
        self._persons = {
            role: PersonReader(person, mapping.tables, tokens, today) for role, person in mapping.persons.items()
        }
        self.sections = [
            SectionMapper(
                number, section, mapping, self.contracts[section.name], self._persons, today, go_live, now_ms,
                open_replies,
            )
            for number, section in enumerate(mapping.sections)
        ]  # fmt: skip

    def read(self, rows: Sequence[tuple[Any, ...]], places: Map[str, str]) -> list[Reading]:
        """What becomes of each row; its cells follow `columns`. `places` name the columns for their owner."""
        if not rows:
            return []
        out: list[Any] = [None] * len(rows)
        whole = dict(zip(self.columns, zip(*rows, strict=True), strict=True))
        judged = {name: rule.read(whole[rule.column]) for name, rule in self._rules.items()}
        left: Sequence[int] = range(len(rows))
        for name in self._mapping.select:
            kept = self._holding([name], judged, left, out, places)
            if len(kept) < len(left):
                for at in set(left).difference(kept):
                    out[at] = out[at] or NotSelected(name)
                left = kept
        for section in self.sections:
            section.read(whole, len(rows), self._holding(section.when, judged, left, out, places), out, places)
        for at in left:
            if out[at] is None:
                why = [next(name for name in section.when if not judged[name][at]) for section in self.sections]
                out[at] = NotSelected(" / ".join(dict.fromkeys(why)))
        return out

    def _holding(
        self,
        rules: Sequence[str],
        judged: Map[str, list[Any]],
        rows: Sequence[int],
        out: list[Any],
        places: Map[str, str],
    ) -> Sequence[int]:
        """The rows that all rules hold for; a cell that a rule cannot read refuses its row."""
        for name in rules:
            verdict, rule = judged[name], self._rules[name]
            if rule.may_fail:
                for at in rows:
                    if verdict[at].__class__ is not bool:
                        out[at] = Refused(verdict[at], places.get(rule.column, ""))
                rows = [at for at in rows if verdict[at] is True]
            elif not all(verdict) or len(rows) < len(verdict):
                rows = [at for at in rows if verdict[at]]
        return rows
