"""What the page asks for. It is told columns, shapes, verdicts and codes, and never a cell of the source."""

from collections import Counter
from collections.abc import Callable
from itertools import chain, count
from typing import Any, Final

from connectors.drafting.draft import fields_of
from connectors.drafting.ready_codes import ready_codes, table_of
from connectors.mapping.language import Mapping
from connectors.rows.contract import contract_of
from connectors.rows.drafts import RowMapper
from connectors.rows.tokens import Tokens
from connectors.studio.file import File, Version
from connectors.studio.placed import slots_of_error, slots_with
from connectors.studio.plan import Document
from connectors.studio.slots import slots_of, types_of
from connectors.trial.preview import Lines, first_rows, seen, shapes
from hub.core.errors import DataError, HubError
from hub.ports.system import System

ROWS: Final = 20
"""First rows that the page shows."""

Explain = Callable[[HubError], dict[str, object]]


class Desk:
    """One connector on the page. `file` is its mapping; whoever calls sees to it that one call ends before the next."""

    def __init__(self, file: File, tokens: Tokens, system: System, explain: Explain, lang: str) -> None:
        self._file, self._tokens, self._system = file, tokens, system
        self._explain, self._lang = explain, lang
        self._lines: tuple[tuple[str, ...], list[Lines]] | None = None

    def state(self, _: Document) -> Document:
        """All that the page needs to begin: choices of tables and types, columns, the plan and its places."""
        file = self._file
        return {
            "connector": file.spec.connector,
            "fresh": file.fresh,
            "tables": file.tables,
            "chosen": file.chosen,
            "types": types_of(file.spec.publisher, self._lang),
            **self._planned(file.plan),
        }

    def open(self, asked: Document) -> Document:
        """Choose a table by its place in the list. Raises DataError HUB-C382 for none, C386 and as a source."""
        self._file.choose(_number(asked, "table"))
        self._lines = None
        return self.state(asked)

    def draft(self, asked: Document) -> Document:
        """Begin a new mapping with an event type. Raises DataError HUB-C388 for one of another publisher."""
        self._file.draft(self._permitted(asked))
        return self.state(asked)

    def add(self, asked: Document) -> Document:
        """The plan with one more event, its fields filled by the names of columns as in a draft."""
        type, plan = self._permitted(asked), self._plan(asked)
        targets = contract_of(type).targets
        fields: Document = {}
        tables: Document = {}
        for name, column in fields_of(self._file.columns, type).items():
            ready = ready_codes(name, targets[name])
            fields[name] = {"column": column, **({"codes": table_of(name)} if ready else {})}
            tables |= {table_of(name): [list(pair) for pair in ready.items()]} if ready else {}
        names = [event["name"] for event in plan["event"]]
        name = next(one for one in chain((type,), (f"{type} {n}" for n in count(2))) if one not in names)
        plan["event"] = [*plan["event"], {"name": name, "type": type, "fields": fields}]
        plan["tables"] = tables | plan["tables"]
        return self._planned(plan)

    def judge(self, asked: Document) -> Document:
        """What `check` says of the plan, each error at its place, and what `preview` shows of the first rows."""
        plan = self._plan(asked)
        if asked.get("again"):
            self._lines = None
        try:
            mapping = self._file.version(plan).mapping
        except DataError as error:
            return {"error": self._placed(plan, error), "rows": [], "counts": {}}
        fault, mapper = None, None
        try:
            mapper = self._mapper(mapping)
        except DataError as error:
            fault = self._placed(plan, error)
        try:
            lines = self._first(mapping)
        except HubError as error:
            return {"error": fault or self._placed(plan, error), "rows": [], "counts": {}}
        rows = self._judged(plan, mapper, lines) if mapper else _unjudged(mapping, lines)
        return {"error": fault, "rows": rows, "counts": Counter(row["verdict"] for row in rows)}

    def changes(self, asked: Document) -> Document:
        """What saving would write, line by line, and the mark that `save` wants to see. Raises DataError as a check."""
        version = self._sound(asked)
        return {"lines": self._file.changes(version), "seen": self._file.mark(version)}

    def save(self, asked: Document) -> Document:
        """Write exactly what `changes` showed. Raises DataError HUB-C383 where that is something else by now."""
        version = self._sound(asked)
        if asked.get("seen") != self._file.mark(version):
            raise DataError("HUB-C383", connector=self._file.spec.connector)
        files, told = self._file.save(version)
        return {"files": files, "next": told, **self.state(asked)}

    def _planned(self, plan: Document) -> Document:
        columns = [column._asdict() for column in self._file.columns]
        return {"columns": columns, "plan": plan, "slots": slots_of(plan, self._lang)}

    def _plan(self, asked: Document) -> Document:
        plan = asked.get("plan")
        if not isinstance(plan, dict):
            raise DataError("HUB-C382", part="plan")
        self._file.whole(plan)  # whatever is no plan of this mapping is refused before it is looked into
        for event in plan["event"][self._file.events() :]:
            self._permitted(event)
        return plan

    def _permitted(self, asked: Document) -> str:
        type = asked.get("type")
        if type not in [one["type"] for one in types_of(self._file.spec.publisher, self._lang)]:
            raise DataError("HUB-C388", publisher=self._file.spec.publisher)
        return str(type)

    def _sound(self, asked: Document) -> Version:
        """What the plan would be in its files, judged as `hub connector check` does."""
        version = self._file.version(self._plan(asked))
        self._mapper(version.mapping)
        self._first(version.mapping)
        return version

    def _mapper(self, mapping: Mapping) -> RowMapper:
        system = self._system
        return RowMapper(mapping, self._tokens, system.today(), self._file.spec.go_live, system.now_ms())

    def _first(self, mapping: Mapping) -> list[Lines]:
        """The first rows, read again only where other columns are wanted."""
        names = mapping.columns()
        if not names:
            return []
        if self._lines is None or self._lines[0] != names:
            self._lines = names, first_rows(mapping, self._file.folder, self._system, ROWS)
        return self._lines[1]

    def _judged(self, plan: Document, mapper: RowMapper, lines: list[Lines]) -> list[Document]:
        found = []
        for one in seen(mapper, lines):
            why: Any = one.why
            at: list[str] = []
            if isinstance(why, HubError):
                at = slots_with(plan, str(why.place.get("column", "")))
                why = self._explain(why)
            found.append({**one._asdict(), "why": why, "at": at})
        return found

    def _placed(self, plan: Document, error: HubError) -> Document:
        return {**self._explain(error), "at": slots_of_error(plan, error.place)}


def _unjudged(mapping: Mapping, lines: list[Lines]) -> list[Document]:
    """Rows as they come, of a mapping that is not whole yet."""
    names = mapping.columns()
    return [
        {"alias": some.alias, "row": number, "cells": shapes(names, row), "verdict": "", "why": "", "events": []}
        for some in lines
        for number, row in zip(some.numbers, some.rows, strict=True)
    ]


def _number(asked: Document, name: str) -> int:
    value = asked.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise DataError("HUB-C382", part=name)
    return value
