"""Writing rows where their owners keep them: a SQLite database, CSV files, JSON lines.

A file that grows is written beside itself and swapped in whole, so that a step which was cut off can be done again:
rows whose key is there already are replaced, the others follow at the end.
"""

import csv
import io
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from hub.demo.tables import TABLES, Fact, Row, Table


def write(folder: Path, table: Table, facts: Iterable[Fact]) -> int:
    """Apply facts in order to one table of the sources folder; returns how many there were."""
    path = folder / table.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if table.kind == "sqlite":
        return _sqlite(path, table, facts)
    latest: dict[str, Row | None] = {}
    count = 0
    for fact in facts:
        latest[fact.key] = fact.row
        count += 1
    if latest or not path.exists():
        _rewrite(path, table, latest)
    return count


def append(folder: Path, table: Table, rows: Iterable[Row]) -> None:
    """Add rows that are known to be new: the first load, streamed."""
    path = folder / table.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if table.kind == "sqlite":
        _sqlite(path, table, (Fact(0, table.name, str(row[table.key]), row) for row in rows))
        return
    fresh = not path.exists()
    with path.open("a", encoding=_encoding(table, fresh), newline="") as file:
        if fresh:
            file.write(_head(table))
        file.writelines(_line(table, row) for row in rows)


def clear(folder: Path) -> None:
    """Remove the sources of a first load that was cut off."""
    for table in TABLES.values():
        (folder / table.path).unlink(missing_ok=True)


def _encoding(table: Table, fresh: bool) -> str:
    return "utf-8" if table.encoding == "utf-8-sig" and not fresh else table.encoding


def _head(table: Table) -> str:
    return _csv_line(table.columns) if table.kind == "csv" else ""


def _csv_line(values: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(["" if value is None else value for value in values])
    return text.getvalue()


def _line(table: Table, row: Row) -> str:
    if table.kind == "csv":
        return _csv_line(row[name] for name in table.columns)
    return json.dumps({name: row[name] for name in table.columns if row[name] is not None}, ensure_ascii=False) + "\n"


def _key_of(table: Table, line: str) -> str:
    """The key stands first in every line, and needs no quoting."""
    if table.kind == "csv":
        return line[: line.index(",")]
    start = len(table.key) + 6  # {"key": "
    return line[start : line.index('"', start)]


def _rewrite(path: Path, table: Table, latest: dict[str, Row | None]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", encoding=table.encoding, newline="") as file:
        file.write(_head(table))
        for line in _lines(path, table):
            key = _key_of(table, line)
            if key not in latest:
                file.write(line)
                continue
            row = latest.pop(key)
            if row is not None:
                file.write(_line(table, row))
        file.writelines(_line(table, row) for row in latest.values() if row is not None)
    os.replace(part, path)


def _lines(path: Path, table: Table) -> Iterator[str]:
    if not path.exists():
        return
    with path.open(encoding=table.encoding, newline="") as file:
        if table.kind == "csv":
            next(file, None)
        yield from file


def _sqlite(path: Path, table: Table, facts: Iterable[Fact]) -> int:
    names = ", ".join(f'"{name}"' for name in table.columns)
    marks = ", ".join("?" for _ in table.columns)
    count = 0
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("BEGIN IMMEDIATE")
        typed = ", ".join(f'"{name}" TEXT{" PRIMARY KEY" if name == table.key else ""}' for name in table.columns)
        db.execute(f'CREATE TABLE IF NOT EXISTS "{table.name}" ({typed})')
        for fact in facts:
            count += 1
            if fact.row is None:
                db.execute(f'DELETE FROM "{table.name}" WHERE "{table.key}" = ?', (fact.key,))
                continue
            values = [fact.row[name] for name in table.columns]
            db.execute(f'INSERT OR REPLACE INTO "{table.name}" ({names}) VALUES ({marks})', values)
        db.execute("COMMIT")
    finally:
        db.close()
    return count
