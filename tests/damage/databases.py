"""Databases: gone, damaged, locked, with other tables, columns and types, asked in a way that cannot be answered."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.damage.catalogue import Damage, Do
from tests.damage.rows import HURT, SOUND
from tests.damage.sources import STEM
from tests.damage.texts import AT
from tests.damage.world import World


def sql(*statements: str) -> Do:
    """Change the database."""

    def do(world: World) -> None:
        with closing(sqlite3.connect(world.source("sql"))) as database:
            for one in statements:
                database.execute(one)
            database.commit()

    return do


def declared(old: str, new: str) -> Do:
    """Change the section of the mapping."""
    return lambda world: world.edit(old, new)


def _damage(name: str, code: str, do: Do, exit: int = 3, **where: object) -> Damage:
    return Damage(f"database: {name}", code, do, "sql", exit, {**AT, **where})  # type: ignore[dict-item]


def _row(name: str, code: str, do: Do, column: str, n: int = HURT, read: int = SOUND) -> Damage:
    return Damage(f"database: {name}", code, do, "sql", 0, rows=((n, column),), read=read)


def torn(path: Path) -> None:
    """The first page still says what it is; what it leads to is gone."""
    whole = bytearray(path.read_bytes())
    whole[100:] = b"\x5a" * (len(whole) - 100)
    path.write_bytes(whole)


_URL = f'url = "sqlite:///../../sources/{STEM}.db"'
_WHERE = f"WHERE 编号 = 'PG-7041{HURT:03d}'"

DATABASES: list[Damage] = [
    _damage("gone", "HUB-C206", lambda world: world.source("sql").unlink()),
    _damage("garbage", "HUB-C441", lambda world: world.source("sql").write_bytes(b"\x5a" * 9_000)),
    _damage("torn", "HUB-C441", lambda world: torn(world.source("sql"))),
    _damage("cut at the half", "HUB-C441", lambda world: os.truncate(world.source("sql"), 4_096)),
    _damage("no table", "HUB-C228", sql("ALTER TABLE t RENAME TO 患者随访"), table="t"),
    _damage("a column gone", "HUB-C202", sql("ALTER TABLE t DROP COLUMN 残疾证号"), column="残疾证号"),
    _damage("a column renamed", "HUB-C201", sql("ALTER TABLE t RENAME COLUMN 证件号码 TO 证件号"), column="证件号码"),
    _damage(
        "a view over what is gone",
        "HUB-C225",
        sql("ALTER TABLE t RENAME TO u", "CREATE VIEW t AS SELECT * FROM u", "DROP TABLE u"),
    ),
    _damage("all rows gone", "HUB-C301", sql("DELETE FROM t"), lost=SOUND)._replace(lived=True),
    _damage("another key for every row", "HUB-C301", sql("UPDATE t SET 编号 = 'N' || 编号"))._replace(lived=True),
    _damage(
        "a password in its address", "HUB-C223", declared(_URL, 'url = "postgresql://u:verysecretword@h/d"')
    )._replace(planted=("verysecretword",)),
    _damage("an address that is none", "HUB-C221", declared(_URL, 'url = "not an address"')),
    _damage("an unknown driver", "HUB-C222", declared(_URL, 'url = "nosuchbase://h/d"')),
    _damage(
        "nobody at its address",
        "HUB-C220",
        lambda world: (
            world.edit(_URL, 'url = "postgresql+psycopg://u@127.0.0.1:1/d"'),
            world.edit('key = "编号"\n', ""),
        ),
        5,
    ),
    _damage("a statement that writes", "HUB-C226", declared('table = "t"', 'query = "DELETE FROM t"')),
    _damage("two statements", "HUB-C226", declared('table = "t"', 'query = "SELECT * FROM t; DROP TABLE t"')),
    _damage("a statement that is no SQL", "HUB-C225", declared('table = "t"', 'query = "SELECT FROM WHERE"')),
    _damage(
        "a password variable that is not set",
        "HUB-C224",
        declared('table = "t"', 'table = "t"\npassword_env = "NO_SUCH_VARIABLE"'),
    ),
    _damage("outside its hours", "HUB-C271", declared('table = "t"', 'table = "t"\nhours = ["03:00-03:01"]'), 5),
    _row(
        "text in another encoding", "HUB-C118", sql(f"UPDATE t SET 姓名 = CAST(x'D5C5C8FD' AS TEXT) {_WHERE}"), "姓名"
    ),
    _row("a blob for a number", "HUB-C118", sql(f"UPDATE t SET 证件号码 = x'00FF10' {_WHERE}"), "证件号码"),
    _row("an infinite number", "HUB-C104", sql(f"UPDATE t SET 风险 = 9e999 {_WHERE}"), "风险"),
    _row(
        "an integer of 64 bits for a number",
        "HUB-C101",
        sql(f"UPDATE t SET 证件号码 = 9223372036854775807 {_WHERE}"),
        "证件号码",
    ),
    _row("a key that is null", "HUB-C146", sql(f"UPDATE t SET 编号 = NULL {_WHERE}"), "编号", 1),
    _row("a number that is null", "HUB-C145", sql(f"UPDATE t SET 证件号码 = NULL {_WHERE}"), "证件号码"),
    _row(
        "a text with a nought character",
        "HUB-C117",
        sql(f"UPDATE t SET 姓名 = '欧' || char(0) || '阳' {_WHERE}"),
        "姓名",
    ),
]
