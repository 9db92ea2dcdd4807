"""One spool file: everything that a run changes commits in one local transaction."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from connectors.spool import tables as t
from connectors.spool.tables import Known, RefusedRow, Sent
from hub.core.errors import DataError, IntegrityError, Unreachable
from hub.core.format import check_format

FORMAT: Final = 1
_DRIVER: Final[Any] = sqlite.dialect.import_dbapi()


class State(NamedTuple):
    """Where an edge stands. Hashes and ids are hex; empty means: not yet.

    `incarnation` and `generation` name this spool; `frame` and `event` are the last numbers given, `hash` the last
    frame's; `read` numbers the reads. `cursor` is the source's, `mapping` the hash last run, `log` the log's identity,
    `outcome` the offset to read outcomes from and `sequence` the last one taken; `full_day` the day of the last full
    read. `sent`, `appended` and `refused` count events of this incarnation; `blocked` is intake's code for the frame
    that it did not take. `sent_at` is the offset at which the log put the frame sent last, `sent_hash` that frame's.
    """

    connector: str
    format: int = FORMAT
    incarnation: str = ""
    generation: int = 0
    frame: int = 0
    event: int = 0
    hash: str = ""
    read: int = 0
    cursor: str = ""
    mapping: str = ""
    log: str = ""
    outcome: int = 0
    sequence: int = 0
    full_day: int = 0
    sent: int = 0
    appended: int = 0
    refused: int = 0
    blocked: str = ""
    sent_at: int = -1
    sent_hash: str = ""


class Spool:
    """The spool of one connector. Only one process may have it open to write: the edge's lock sees to that."""

    def __init__(self, path: Path, connector: str, write: bool = True) -> None:
        """Open or make it; not to `write`: only look at one that is there, while a run may go on.

        Raises IntegrityError HUB-C404 for another connector's, DataError HUB-G130 for a newer one and HUB-C331 where
        there is none to look at, Unreachable HUB-C501 when it cannot be opened.
        """
        if not write and not path.exists():
            raise DataError("HUB-C331", connector=connector)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.state: State
        self._db: Any
        self._engine = sa.create_engine("sqlite://", creator=lambda: _connect(path), poolclass=sa.pool.NullPool)
        with mapped():
            self._connection = self._engine.raw_connection()
            self._db = self._connection.driver_connection
            if write:
                with self.transaction():
                    for statement in t.CREATE:
                        self._db.execute(statement)
                    self.state = self._load(connector)
                    self.save(self.state)
            else:
                self.state = self._load(connector)
        if self.state.connector != connector:
            self.close()
            raise IntegrityError("HUB-C404", connector=connector)

    def close(self) -> None:
        """Let go of the file; closing twice is harmless."""
        self._connection.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on disk before it returns. What raises inside is undone, the state in memory, too."""
        before = getattr(self, "state", None)
        with mapped():
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            with mapped():
                self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if before is not None:
                self.state = before
            raise

    def save(self, state: State) -> None:
        """Keep the state; inside a transaction."""
        self.state = state
        self._many(t.PUT_FACT, [(name, json.dumps(value)) for name, value in state._asdict().items()])

    def known(self, ids: Sequence[int]) -> dict[int, Known]:
        """Which of these rows were published before, by token."""
        found: dict[int, Known] = {}
        for begin in range(0, len(ids), t.AT_ONCE):
            some = ids[begin : begin + t.AT_ONCE]
            padded = (*some, *[-1] * (t.AT_ONCE - len(some)))
            found.update((row[0], Known(*row)) for row in self._all(t.GET_ROWS, padded))
        return found

    def put(self, rows: Iterable[Known]) -> None:
        """Keep rows as they were published, in the order of their tokens: neighbours share a page."""
        self._many(t.PUT_ROW, sorted(rows))

    def see(self, read: int, ids: Iterable[int]) -> None:
        """These rows are still there."""
        self._many(t.SEE_ROW, [(read, one) for one in sorted(ids)])

    def drop(self, ids: Iterable[int]) -> None:
        """Forget these rows."""
        self._many(t.DROP_ROW, [(one,) for one in ids])

    def leave(self, ids: Iterable[int]) -> None:
        """These rows vanished and nothing was said of it."""
        self._many(t.LEAVE_ROW, [(one,) for one in ids])

    def forget_all(self) -> None:
        """Forget every row and every frame: a new incarnation publishes all anew."""
        for statement in ('DELETE FROM "row"', "DELETE FROM frame"):
            self._all(statement, ())

    def size(self) -> int:
        """How many published rows are believed to be there."""
        return int(self._all(t.COUNT_ROWS, ())[0][0])

    def unseen_count(self, read: int) -> int:
        """How many of them the read `read` did not see."""
        return int(self._all(t.COUNT_UNSEEN, (read,))[0][0])

    def unseen(self, read: int) -> Iterator[list[Known]]:
        """The rows that the read did not see, some at a time; they may be dropped on the way."""
        after = -1
        while rows := [Known(*row) for row in self._all(t.UNSEEN, (read, after))]:
            after = rows[-1].id
            yield rows

    def refused(self) -> list[RefusedRow]:
        """The refused rows that are open or to be tried again, oldest first."""
        return [RefusedRow(*row) for row in self._all(t.GET_REFUSED, ())]

    def one_refused(self, id: int) -> RefusedRow:
        """A refused row in any state. Raises DataError HUB-C330 when there is none."""
        found = self._all(t.GET_ONE_REFUSED, (id,))
        if not found:
            raise DataError("HUB-C330", id=id)
        return RefusedRow(*found[0])

    def refuse(self, rows: Sequence[RefusedRow]) -> None:
        """Keep refused rows; id 0 gets the next number, another id replaces that one."""
        following = int(self._all(t.NEXT_REFUSED, ())[0][0])
        numbered = []
        for row in rows:
            if not row.id:
                row, following = row._replace(id=following), following + 1
            numbered.append(row)
        self._many(t.PUT_REFUSED, numbered)

    def move_refused(self, state: str, ids: Iterable[int], sealed: bytes = b"") -> None:
        """Give refused rows another state; what was sealed of them goes, unless given anew."""
        self._many(t.MOVE_REFUSED, [(state, sealed, one) for one in ids])

    def add_frames(self, frames: Iterable[Sent]) -> None:
        """Keep finished frames to be sent."""
        self._many(t.PUT_FRAME, frames)

    def unsent(self, most: int) -> list[Sent]:
        """The first frames that the log has not acknowledged, in their order."""
        return [Sent(*row) for row in self._all(t.GET_UNSENT, (most,))]

    def acknowledge(self, number: int) -> None:
        """The log has every frame up to this one."""
        self._all(t.ACKNOWLEDGE, (number,))

    def send_again(self, number: int) -> int:
        """Intake did not take this frame: it and all after it go again. Returns how many events that are."""
        events = int(self._all(t.COUNT_AGAIN, (number,))[0][0])
        self._all(t.SEND_AGAIN, (number,))
        return events

    def frame(self, number: int) -> Sent | None:
        """A frame whose outcome is not known yet."""
        found = self._all(t.GET_FRAME, (number,))
        return Sent(*found[0]) if found else None

    def forget_frame(self, number: int) -> None:
        """Its outcome is known; its bytes are no longer needed."""
        self._all(t.DROP_FRAME, (number,))

    def waiting(self) -> tuple[int, int]:
        """Events in frames that are unsent, and in frames sent whose outcome is not known."""
        events = {state: int(count) for state, _, count in self._all(t.COUNT_FRAMES, ())}
        return events.get(0, 0), events.get(1, 0)

    def _load(self, connector: str) -> State:
        facts = {name: json.loads(value) for name, value in self._all(t.GET_FACTS, ())}
        if not facts:
            return State(connector)
        check_format(facts["format"], FORMAT, "spool")
        return State(**{name: value for name, value in facts.items() if name in State._fields})

    def _all(self, statement: str, values: Sequence[Any]) -> list[Any]:
        with mapped():
            return list(self._db.execute(statement, values).fetchall())

    def _many(self, statement: str, values: Iterable[Any]) -> None:
        with mapped():
            self._db.executemany(statement, values)


@contextmanager
def mapped() -> Iterator[None]:
    """The driver's errors as ours, without their text."""
    try:
        yield
    except _DRIVER.OperationalError as error:
        raise Unreachable("HUB-C501", reason=getattr(error, "sqlite_errorname", "SQLITE_ERROR")) from None
    except _DRIVER.DatabaseError as error:
        raise IntegrityError("HUB-C405", reason=getattr(error, "sqlite_errorname", "SQLITE_ERROR")) from None


def _connect(path: Path) -> Any:
    connection = _DRIVER.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-32768", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
