"""The tables of a spool. No value of a source is in any of them but sealed.

Statements are compiled once by SQLAlchemy and executed by the driver: executemany through SQLAlchemy costs twice that.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, Index

AT_ONCE: Final = 500
"""Rows asked for in one statement."""
TOGETHER: Final = 50
"""Rows written by one statement, where there are many: a fifth less than one by one."""

_META: Final = MetaData()
_DIALECT: Final = sqlite.dialect(paramstyle="qmark")


class Known(NamedTuple):
    """A row published before. `id` is its keyed token, `print` its keyed fingerprint (16 bytes), both of `K_source`.

    `seen` numbers the full or partial read that saw it last. `gone` is 1 when it vanished and nothing was said of it.
    `events` is packed by `connectors.rows.changes`, and names whom they concerned by the number of a `Concerned`.
    """

    id: int
    print: bytes
    seen: int
    gone: int
    events: bytes


class Concerned(NamedTuple):
    """Whom events concerned, kept once for all of them, for a retraction when a row has changed or is gone.

    `persons`, and with them the site where it is said of one, are locked under `K_spool` (`frames.whom`); area and
    legal basis say of nobody who he is.
    """

    id: int
    area: str
    basis: str
    persons: bytes


class TakenBack(NamedTuple):
    """An event `number` that took back another, packed in `made`, of the row `token`, until the hub answered it.

    `gone` is 1 where the row had vanished. `refused` is 1 when the hub refused it: it waits for its owner.
    """

    number: int
    token: int
    gone: int
    refused: int
    made: bytes


class RefusedRow(NamedTuple):
    """A refused row: why and where, and the row itself, locked under the key `rows-<day>` (empty where intake refused).

    `state` is open, closed, discarded or again (the owner wants it tried again). `token` is the row's keyed token,
    `place` the named places of the error as JSON. `since` is a day.
    """

    id: int
    token: int
    print: bytes
    code: str
    place: str
    alias: str
    row: int
    column: str
    since: int
    day: int
    mapping: str
    sealed: bytes
    state: str


class Sent(NamedTuple):
    """A finished frame. `raw` are its bytes, exactly those that are sent; `state` 0 unsent, 1 acknowledged by the log.

    `places` says which row each event came from, until intake's outcome is known.
    """

    number: int
    hash: bytes
    events: int
    state: int
    raw: bytes
    places: bytes


class Place(NamedTuple):
    """Where an event was read: "alias:row:column", and the token of its row (0: no row)."""

    place: str
    token: int


FACT: Final = Table(
    "fact", _META, Column("name", Text, primary_key=True), Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
ROW: Final = Table(
    "row", _META,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("print", LargeBinary, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("events", LargeBinary, nullable=False),
)  # fmt: skip
LINKED: Final = Table("linked", _META, Column("id", Integer, primary_key=True, autoincrement=False))
CONCERNED: Final = Table(
    "concerned", _META,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("area", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("persons", LargeBinary, nullable=False),
)  # fmt: skip
TAKEN: Final = Table(
    "taken_back", _META,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("token", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("made", LargeBinary, nullable=False),
)  # fmt: skip
REFUSED: Final = Table(
    "refused", _META,
    Column("id", Integer, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("print", LargeBinary, nullable=False),
    Column("code", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("alias", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("column", Text, nullable=False),
    Column("since", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
)  # fmt: skip
FRAME: Final = Table(
    "frame", _META,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("events", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("places", LargeBinary, nullable=False),
)  # fmt: skip


def _sql(statement: Any, **options: Any) -> str:
    return str(statement.compile(dialect=_DIALECT, **options))


def _insert(table: Table) -> str:
    return _sql(table.insert(), column_keys=[column.name for column in table.columns])


CREATE: Final = (
    *(_sql(CreateTable(table, if_not_exists=True)) for table in (FACT, ROW, LINKED, CONCERNED, TAKEN, REFUSED, FRAME)),
    _sql(CreateIndex(Index("refused_by_state", REFUSED.c.state, REFUSED.c.token), if_not_exists=True)),
)
PUT_FACT: Final = _insert(FACT).replace("INSERT", "INSERT OR REPLACE", 1)
PUT_ROW: Final = _insert(ROW).replace("INSERT", "INSERT OR REPLACE", 1)
PUT_ROWS: Final = f"{PUT_ROW}{', (?, ?, ?, ?, ?)' * (TOGETHER - 1)}"
PUT_REFUSED: Final = _insert(REFUSED).replace("INSERT", "INSERT OR REPLACE", 1)
PUT_FRAME: Final = _insert(FRAME)
PUT_CONCERNED: Final = _insert(CONCERNED)
PUT_TAKEN: Final = _insert(TAKEN)
GET_FACTS: Final = _sql(FACT.select())
GET_ROWS: Final = f"{_sql(ROW.select())} WHERE id IN ({','.join('?' * AT_ONCE)})"
SEE_ROW: Final = 'UPDATE "row" SET seen = ?, gone = 0 WHERE id = ?'
DROP_ROW: Final = 'DELETE FROM "row" WHERE id = ?'
LEAVE_ROW: Final = 'UPDATE "row" SET gone = 1 WHERE id = ?'
UNSEEN: Final = f"{_sql(ROW.select())} WHERE seen < ? AND gone = 0 AND id > ? ORDER BY id LIMIT {AT_ONCE}"
COUNT_UNSEEN: Final = 'SELECT count(*) FROM "row" WHERE seen < ? AND gone = 0'
COUNT_ROWS: Final = 'SELECT count(*) FROM "row" WHERE gone = 0'
PUT_LINKED: Final = _insert(LINKED).replace("INSERT", "INSERT OR IGNORE", 1)
COUNT_UNLINKED: Final = 'SELECT count(*) FROM "row" WHERE id NOT IN (SELECT id FROM linked)'
DROP_LINKED: Final = "DELETE FROM linked"
ANY_ROW: Final = 'SELECT 1 FROM "row" LIMIT 1'
DROP_ROWS: Final = 'DELETE FROM "row"'
EVENTS_OF_ROWS: Final = 'SELECT id, events FROM "row" WHERE id > ? ORDER BY id LIMIT 10000'
GET_CONCERNED: Final = f"{_sql(CONCERNED.select())} WHERE id = ?"
DROP_CONCERNED: Final = "DELETE FROM concerned WHERE id = ?"
CONCERNED_IDS: Final = "SELECT id FROM concerned"
LAST_CONCERNED: Final = "SELECT coalesce(max(id), 0) FROM concerned"
GET_TAKEN: Final = f"{_sql(TAKEN.select())} WHERE number BETWEEN ? AND ?"
REFUSE_TAKEN: Final = "UPDATE taken_back SET refused = 1 WHERE number = ?"
DONE_TAKEN: Final = "DELETE FROM taken_back WHERE number BETWEEN ? AND ? AND refused = 0"
REFUSED_TAKEN: Final = f"{_sql(TAKEN.select())} WHERE refused = 1 ORDER BY number"
DROP_TAKEN: Final = "DELETE FROM taken_back WHERE number = ?"
EVENTS_TAKEN: Final = "SELECT made FROM taken_back"
GET_REFUSED: Final = f"{_sql(REFUSED.select())} WHERE state IN ('open', 'again', 'discarded') ORDER BY id"
_LISTED: Final = "state IN ('open', 'again', 'discarded')"
ANY_REFUSED: Final = f"SELECT 1 FROM refused WHERE {_LISTED} LIMIT 1"
REFUSED_OF: Final = f"{_sql(REFUSED.select())} WHERE {_LISTED} AND token IN ({','.join('?' * AT_ONCE)})"
REFUSED_AGAIN: Final = f"{_sql(REFUSED.select())} WHERE state = 'again' ORDER BY id"
_OTHERS: Final = "state = 'open' AND code LIKE 'HUB-C%' AND mapping <> ? AND sealed <> x''"
REFUSED_OF_OTHERS: Final = f"{_sql(REFUSED.select())} WHERE {_OTHERS} ORDER BY id"
REFUSED_BEFORE: Final = f"{_sql(REFUSED.select())} WHERE {_LISTED} AND day < ? AND sealed <> x''"
COUNT_REFUSED: Final = "SELECT count(*) FROM refused WHERE state IN ('open', 'again')"
GET_ONE_REFUSED: Final = f"{_sql(REFUSED.select())} WHERE id = ?"
MOVE_REFUSED: Final = "UPDATE refused SET state = ?, sealed = ? WHERE id = ?"
NEXT_REFUSED: Final = "SELECT coalesce(max(id), 0) + 1 FROM refused"
GET_UNSENT: Final = f"{_sql(FRAME.select())} WHERE state = 0 AND number > ? ORDER BY number LIMIT ?"
ACKNOWLEDGE: Final = "UPDATE frame SET state = 1 WHERE number BETWEEN ? AND ?"
SEND_AGAIN: Final = "UPDATE frame SET state = 0 WHERE number >= ?"
COUNT_AGAIN: Final = "SELECT coalesce(sum(events), 0) FROM frame WHERE number >= ? AND state = 1"
COUNT_FROM: Final = "SELECT coalesce(sum(events), 0) FROM frame WHERE number >= ?"
GET_FRAME: Final = f"{_sql(FRAME.select())} WHERE number = ?"
DROP_FRAME: Final = "DELETE FROM frame WHERE number = ?"
COUNT_FRAMES: Final = "SELECT state, count(*), coalesce(sum(events), 0) FROM frame GROUP BY state"
FORGET_SEALED: Final = "UPDATE refused SET sealed = x''"
"""For a copy that is kept: as if the daily keys of all refused rows were destroyed; a full read seals them anew."""
