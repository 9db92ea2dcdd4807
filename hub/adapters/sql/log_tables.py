"""Tables of the SQLite log, described and compiled with SQLAlchemy once, executed by the driver.

The tables themselves refuse what a log never does: UPDATE, DELETE, a second identity, an offset that does not follow
the one before. REPLACE deletes without firing DELETE triggers, so the INSERT triggers stop it first.
"""

from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

_DIALECT: Final = sqlite.dialect(paramstyle="qmark")
_META: Final = MetaData()
_LOG: Final = Table("log", _META, Column("identity", Text, nullable=False))
_TOPIC: Final = Table(
    "topic",
    _META,
    Column("id", Integer, CheckConstraint("id > 0"), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("partitions", Integer, CheckConstraint("partitions > 0"), nullable=False),
)
_APPENDED: Final = Table(
    "appended",
    _META,
    Column("n", Integer, CheckConstraint("n > 0"), primary_key=True),
    Column("topic", Integer, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
_PLACE: Final = Index("appended_place", _APPENDED.c.topic, _APPENDED.c.partition, _APPENDED.c.last, unique=True)


def _trigger(name: str, act: str, condition: str, what: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {act}{condition} BEGIN SELECT {what}; END"


def _triggers() -> list[str]:
    never = "RAISE(ABORT, 'a log is only appended to')"
    kept = [
        _trigger(f"{t}_no_{verb}", f"{verb} ON {t}", "", never) for t in _META.tables for verb in ("update", "delete")
    ]
    return [
        *kept,
        _trigger("log_one", "INSERT ON log", " WHEN EXISTS (SELECT 1 FROM log)", never),
        _trigger("topic_new", "INSERT ON topic", " WHEN EXISTS (SELECT 1 FROM topic WHERE id = NEW.id)", never),
        _trigger(
            "topic_once",
            "INSERT ON topic",
            " WHEN EXISTS (SELECT 1 FROM topic WHERE name = NEW.name)",
            "RAISE(IGNORE)",
        ),
        _trigger(
            "appended_next",
            "INSERT ON appended",
            " WHEN EXISTS (SELECT 1 FROM appended WHERE n = NEW.n) OR NEW.last < NEW.first OR NEW.first <>"
            " (SELECT coalesce(max(last) + 1, 0) FROM appended WHERE topic = NEW.topic AND partition = NEW.partition)",
            "RAISE(ABORT, 'offsets rise by one')",
        ),
    ]


def _compiled(statement: ClauseElement, **given: Any) -> str:
    return str(statement.compile(dialect=_DIALECT, **given))


def _of_partition(what: Select[Any]) -> Select[Any]:
    return what.where(_APPENDED.c.topic == bindparam("topic"), _APPENDED.c.partition == bindparam("partition"))


SCHEMA: Final = (
    *(_compiled(CreateTable(table)).rstrip() + " STRICT" for table in _META.sorted_tables),
    _compiled(CreateIndex(_PLACE)),
    *_triggers(),
)
# Each takes its values by position, in the order in which they stand here.
PUT_IDENTITY: Final = _compiled(insert(_LOG))
IDENTITY: Final = _compiled(select(_LOG.c.identity))
PUT_TOPIC: Final = _compiled(insert(_TOPIC), column_keys=["name", "partitions"])
TOPICS: Final = _compiled(select(_TOPIC.c.name, _TOPIC.c.id, _TOPIC.c.partitions).order_by(_TOPIC.c.name))
PUT: Final = _compiled(insert(_APPENDED), column_keys=["topic", "partition", "last", "first", "body"])
LAST: Final = _compiled(_of_partition(select(func.max(_APPENDED.c.last))))
ROWS: Final = _compiled(
    _of_partition(select(_APPENDED.c.first, _APPENDED.c.last, _APPENDED.c.body))
    .where(_APPENDED.c.last >= bindparam("offset"))
    .order_by(_APPENDED.c.last)
)
