"""One spool file: everything that a run changes commits in one local transaction."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import sqlalchemy as sa

from connectors.spool import tables as t
from connectors.spool.driver import connect, mapped
from connectors.spool.refusals import Refusals
from connectors.spool.rows import Rows
from connectors.spool.state import FORMAT, State
from connectors.spool.tables import Concerned, RefusedRow, Sent
from connectors.spool.taken import TakenBacks
from hub.core.errors import DataError, IntegrityError, NotPermitted, Unreachable
from hub.core.format import check_format

_MANY: Final = 5_000
_FORBIDDEN: Final = frozenset(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_READONLY_DIRECTORY", "SQLITE_PERM"))


class Spool:
    """The spool of one connector. Only one process may have it open to write: the edge's lock sees to that."""

    def __init__(self, path: Path, connector: str, write: bool = True) -> None:
        """Open or make it; not to `write`: only look at one that is there, while a run may go on.

        Raises IntegrityError HUB-C404 for another connector's, DataError HUB-G130 for a newer one and HUB-C331 where
        there is none to look at, NotPermitted HUB-C601 when it may not be opened, Unreachable HUB-C501 when it cannot.
        """
        if not write and not path.exists():
            raise DataError("HUB-C331", connector=connector)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open(path, connector, write)
        except PermissionError:
            raise NotPermitted("HUB-C601", connector=connector) from None
        except Unreachable as error:
            if error.place.get("reason") in _FORBIDDEN and path.exists():
                raise NotPermitted("HUB-C601", connector=connector) from None
            raise
        if self.state.connector != connector:
            self.close()
            raise IntegrityError("HUB-C404", connector=connector)

    def _open(self, path: Path, connector: str, write: bool) -> None:
        self._db: Any
        self._connector = connector
        self._concerned: list[Concerned] = []
        self._last_concerned = 0
        self.rows, self.taken = Rows(self._all, self._many), TakenBacks(self._all, self._many)
        self.refusals = Refusals(self._all)
        self._engine = sa.create_engine("sqlite://", creator=lambda: connect(path), poolclass=sa.pool.NullPool)
        with mapped(self._connector):
            self._connection = self._engine.raw_connection()
            self._db = self._connection.driver_connection
            if write:
                with self.transaction():
                    for statement in t.CREATE:
                        self._db.execute(statement)
                    self.state = self._load(connector)
                    self.save(self.state)
                    self.rows.begin()
            else:
                self.state = self._load(connector)

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
        with mapped(self._connector):
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.rows.flush()
            self._flush()
            with mapped(self._connector):
                self._db.execute("COMMIT")
        except BaseException:
            self._concerned.clear()
            self._last_concerned = 0
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if before is not None:
                self.state = before
                self.rows.begin()
            raise

    def save(self, state: State) -> None:
        """Keep the state; inside a transaction."""
        self.state = state
        self._many(t.PUT_FACT, [(name, json.dumps(value)) for name, value in state._asdict().items()])

    def forget_all(self) -> None:
        """Forget every row and every frame: a new incarnation publishes all anew."""
        self.rows.forget_all()
        self._flush()
        for table in ("concerned", "taken_back", "frame"):
            self._all(f"DELETE FROM {table}", ())

    def concern(self, area: str, basis: str, persons: bytes) -> int:
        """Keep whom events concern; its number, from 1 on."""
        self._last_concerned = self._last_concerned or int(self._all(t.LAST_CONCERNED, ())[0][0])
        self._last_concerned += 1
        self._concerned.append(Concerned(self._last_concerned, area, basis, persons))
        if len(self._concerned) >= _MANY:
            self._flush()
        return self._last_concerned

    def concerned(self, ids: Iterable[int]) -> list[Concerned]:
        """What was kept under these numbers."""
        self._flush()
        return [Concerned(*row) for id in ids for row in self._all(t.GET_CONCERNED, (id,))]

    def everybody(self) -> Iterator[Concerned]:
        """All whom events concern, of what is kept now."""
        self._flush()
        for (id,) in self._all(t.CONCERNED_IDS, ()):
            yield Concerned(*self._all(t.GET_CONCERNED, (id,))[0])

    def concern_again(self, known: Iterable[Concerned]) -> None:
        """Keep those whom events concern in another form."""
        self._many(t.PUT_CONCERNED.replace("INSERT", "INSERT OR REPLACE", 1), known)

    def forget_others(self, named: Callable[[int], object]) -> None:
        """Forget whom no event concerns any more, as far as `named` tells of each number."""
        self._flush()
        gone = [(id,) for (id,) in self._all(t.CONCERNED_IDS, ()) if not named(id)]
        self._many(t.DROP_CONCERNED, gone)

    def _flush(self) -> None:
        self._many(t.PUT_CONCERNED, self._concerned)
        self._concerned.clear()

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

    def unsent(self, most: int, after: int = 0) -> list[Sent]:
        """The first frames after the number `after` that the log has not acknowledged, in their order."""
        return [Sent(*row) for row in self._all(t.GET_UNSENT, (after, most))]

    def acknowledge(self, first: int, last: int) -> None:
        """The log has the frames from `first` to `last`."""
        self._all(t.ACKNOWLEDGE, (first, last))

    def send_again(self, number: int) -> int:
        """Intake did not take this frame: it and all after it go again. Returns how many events that are."""
        events = int(self._all(t.COUNT_AGAIN, (number,))[0][0])
        self._all(t.SEND_AGAIN, (number,))
        return events

    def frame(self, number: int) -> Sent | None:
        """A frame whose outcome is not known yet."""
        found = self._all(t.GET_FRAME, (number,))
        return Sent(*found[0]) if found else None

    def first_event(self, frame: int) -> int:
        """The number of the first event of a frame whose outcome is not known, nor that of any later one."""
        return self.state.event - int(self._all(t.COUNT_FROM, (frame,))[0][0]) + 1

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
        if check_format(facts["format"], FORMAT, "spool"):
            raise DataError("HUB-G131", what="spool")  # format 1 was never released
        return State(**{name: value for name, value in facts.items() if name in State._fields})

    def _all(self, statement: str, values: Sequence[Any]) -> list[Any]:
        with mapped(self._connector):
            return list(self._db.execute(statement, values).fetchall())

    def _many(self, statement: str, values: Iterable[Any]) -> None:
        with mapped(self._connector):
            self._db.executemany(statement, map(tuple, values))  # a plain tuple costs two thirds of a named one
