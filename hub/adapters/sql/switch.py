"""A shadow of the live tables in the same file; its fence is SQLite's write lock."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hub.adapters.sql.faults import mapped
from hub.adapters.sql.shadowed import Ask, Stream, TableShadows
from hub.adapters.sql.store import SqliteStore


class SqliteShadows(TableShadows[SqliteStore]):
    """The `Shadows` port over the live store, whose one connection sees both."""

    _foreign = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"  # here there are none of ours

    def _ask(self) -> Ask:
        return self._live.ask

    def _names(self, ask: Ask) -> set[str]:
        return {name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'")}

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Ask, Stream]]:
        with self._transaction("BEGIN"):
            yield self._live.ask, self._stream

    @contextmanager
    def _fence(self, groups: Sequence[str]) -> Iterator[Ask]:
        with self._transaction("BEGIN IMMEDIATE"):
            yield self._live.ask

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._live.ask(begin)
        try:
            yield
        finally:
            if self._live.connection.in_transaction:
                self._live.connection.execute("ROLLBACK")

    def _stream(self, statement: str) -> Iterator[tuple[Any, ...]]:
        with mapped():
            yield from self._live.connection.execute(statement)
