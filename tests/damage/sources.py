"""The same rows as every kind of source has them, each with its section of the mapping."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import xlwt

from tests.connectors.rig import number
from tests.damage.rows import COLUMNS, LETTERS

STEM = f"{number(90)}西门茯苓"
"""Somebody's number and name in the name of a file: it may stand in its owner's mapping, and nowhere else."""

FILES = {"csv": "csv", "excel": "xlsx", "xls": "xls", "jsonl": "jsonl", "sql": "db", "folder": "csv"}
EXTRA = {
    "sql": f'url = "sqlite:///../../sources/{STEM}.db"\ntable = "t"\nkey = "编号"',
    "folder": 'path = "../../sources"\npattern = "*.csv"\nfiles = "csv"\nquiet_seconds = 0',
}


def section(kind: str, more: str = "", path: str = "") -> str:
    """The lines of `[source]`."""
    named = {"xls": "excel"}.get(kind, kind)
    at = EXTRA.get(kind, f'path = "{path or f"../../sources/{STEM}.{FILES[kind]}"}"')
    return f'kind = "{named}"\nalias = "visits"\n{at}\n{more}'


def text_of(rows: Sequence[dict[str, Any]], delimiter: str = ",", names: Sequence[str] = COLUMNS) -> str:
    """A CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(names)
    writer.writerows([[one.get(name, "") for name in names] for one in rows])
    return out.getvalue()


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """As a program writes it."""
    path.write_bytes(text_of(rows).encode())


def write_jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """An object a line."""
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")


def write_excel(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """A sheet with one line of header."""
    made = openpyxl.Workbook()
    made.active.append(COLUMNS)
    for one in rows:
        made.active.append([one.get(name) for name in COLUMNS])
    made.save(path)


def write_xls(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """The same in the format of Excel 97 and WPS."""
    made = xlwt.Workbook()
    sheet = made.add_sheet("s")
    for at, name in enumerate(COLUMNS):
        sheet.write(0, at, name)
        for down, one in enumerate(rows, 1):
            sheet.write(down, at, one.get(name))
    made.save(str(path))


def write_sql(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """A table without types."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE t ({', '.join(COLUMNS)})")
        holes = ", ".join("?" * len(COLUMNS))
        database.executemany(f"INSERT INTO t VALUES ({holes})", [[one.get(name) for name in COLUMNS] for one in rows])
        database.commit()


WRITE: dict[str, Callable[[Path, Sequence[dict[str, Any]]], None]] = {
    "csv": write_csv,
    "folder": write_csv,
    "jsonl": write_jsonl,
    "excel": write_excel,
    "xls": write_xls,
    "sql": write_sql,
}


def place(kind: str, column: str, n: int) -> tuple[int, str]:
    """How a damaged row is named to its owner: the number of its row, and its column."""
    first = {"jsonl": 0, "sql": 0}.get(kind, 1)
    shown = column if kind in ("jsonl", "sql") else LETTERS.get(column, column)
    return first + n, shown
