"""The simulated world between two visits: what will happen next, who is where. It is nobody's agency source.

One SQLite file beside the sources. It holds identity numbers in clear, as the agencies do, and goes with the demo.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from hub.core.errors import DataError
from hub.demo.counties import Site, sites
from hub.demo.life import OpenPerson
from hub.demo.people import PATIENT_PROVINCES, index_of, person
from hub.demo.plan import Places, Plan
from hub.demo.referral import registration
from hub.demo.tables import Fact

FORMAT = 1
_SCHEMA = """
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE queue (seq INTEGER PRIMARY KEY, day INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
  changed INTEGER NOT NULL, row TEXT);
CREATE INDEX queue_day ON queue (source, day);
CREATE TABLE sheet (source TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL,
  PRIMARY KEY (source, key)) WITHOUT ROWID;
CREATE TABLE open_person (person INTEGER PRIMARY KEY, id_number TEXT NOT NULL UNIQUE, registration TEXT NOT NULL,
  county TEXT NOT NULL, since INTEGER NOT NULL, handover INTEGER NOT NULL, old_site INTEGER NOT NULL,
  offers INTEGER NOT NULL DEFAULT 0);
CREATE TABLE answered (offer TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE taken (site INTEGER PRIMARY KEY, days BLOB NOT NULL);
"""


class World:
    """The open world file of a sources folder. Use as a context: commits on success, rolls back on an error."""

    def __init__(self, folder: Path, plan: Plan | None = None) -> None:
        """Open what is there, or make it for `plan`. DataError HUB-D101 if another plan or format was used before."""
        path = folder / "world.db"
        fresh = not path.exists()
        if fresh and plan is None:
            raise DataError("HUB-D102")
        folder.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA synchronous=NORMAL")
        if fresh or not self.db.execute("SELECT 1 FROM sqlite_master").fetchone():
            assert plan is not None
            self.db.executescript(_SCHEMA)
            values = {"format": FORMAT, "day": -1_000_000, **plan._asdict()}
            self.db.executemany("INSERT INTO state VALUES (?, ?)", values.items())
        self.plan = Plan(*(self.get(name) for name in Plan._fields))
        if self.get("format") != FORMAT or (plan is not None and plan != self.plan):
            self.db.close()
            raise DataError("HUB-D101")
        self.sites: tuple[Site, ...] = sites(self.plan.seed, self.plan.people)

    def __enter__(self) -> Self:
        self.db.execute("BEGIN IMMEDIATE")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.db.execute("COMMIT" if kind is None else "ROLLBACK")
        self.db.close()

    def get(self, name: str) -> int:
        """A number of the state."""
        row = self.db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def put(self, name: str, value: int) -> None:
        """Set a number of the state."""
        self.db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def queue(self, facts: Iterable[Fact]) -> None:
        """What will be written on its day."""
        self.db.executemany(
            "INSERT INTO queue (day, source, key, changed, row) VALUES (?, ?, ?, ?, ?)",
            ((f.day, f.table, f.key, f.changed, json.dumps(f.row, ensure_ascii=False)) for f in facts),
        )

    def due(self, table: str, day: int) -> list[Fact]:
        """Facts of a table up to and with `day`, in order."""
        found = self.db.execute(
            "SELECT day, source, key, row, changed FROM queue WHERE source = ? AND day <= ? ORDER BY day, seq",
            (table, day),
        )
        return [Fact(d, source, key, json.loads(row), bool(changed)) for d, source, key, row, changed in found]

    def done(self, day: int) -> None:
        """Everything up to `day` is written."""
        self.db.execute("DELETE FROM queue WHERE day <= ?", (day,))
        self.put("day", day)

    def sheet_put(self, facts: Iterable[Fact]) -> None:
        """Rows of workbooks, which are written whole."""
        self.db.executemany(
            "INSERT OR REPLACE INTO sheet VALUES (?, ?, ?)",
            ((f.table, f.key, json.dumps(f.row, ensure_ascii=False)) for f in facts),
        )

    def sheet_rows(self, table: str) -> Iterator[dict[str, str | int | float | None]]:
        """The rows of a sheet by key."""
        for (row,) in self.db.execute("SELECT row FROM sheet WHERE source = ? ORDER BY key", (table,)):
            yield json.loads(row)

    def open_put(self, people: Iterable[OpenPerson]) -> None:
        """People for whom the hub must find a site."""
        self.db.executemany("INSERT INTO open_person VALUES (?, ?, ?, ?, ?, ?, ?, 0)", people)

    def open_people(self) -> Iterator[OpenPerson]:
        """All of them, settled or not."""
        return self._open("")

    def _open(self, where: str, *values: str) -> Iterator[OpenPerson]:
        columns = "person, id_number, registration, county, since, handover, old_site"
        for row in self.db.execute(f"SELECT {columns} FROM open_person {where} ORDER BY person", values):
            yield OpenPerson(row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6])

    def open_person(self, id_number: str) -> OpenPerson | None:
        """The person of that number as somebody to find a site for; None for a number that is nobody's here.

        Who is not among the open ones may be offered a site all the same: the row that said so was refused.
        """
        found = next(self._open("WHERE id_number = ?", id_number), None)
        if found is not None or id_number[:2] not in PATIENT_PROVINCES:
            return found
        who = person(self.plan.seed, index_of(id_number), self.plan.golive)
        if who.number >= self.plan.people or who.id_number != id_number:
            return None
        code = who.county.code
        found = OpenPerson(who.number, id_number, registration(code, who.number), code, self.plan.golive, False, -1)
        self.open_put([found])
        return found

    def answer(self, offer: str) -> bool:
        """Note that an offer is answered; False if it was before."""
        return self.db.execute("INSERT OR IGNORE INTO answered VALUES (?)", (offer,)).rowcount == 1

    def offers(self, index: int) -> int:
        """How many offers this person has had before this one."""
        row = self.db.execute(
            "UPDATE open_person SET offers = offers + 1 WHERE person = ? RETURNING offers - 1", (index,)
        ).fetchone()
        return int(row[0])

    def places(self) -> Places:
        """Who is where, as last saved."""
        taken = [days for (days,) in self.db.execute("SELECT days FROM taken ORDER BY site")]
        return Places(self.plan, self.sites, taken)

    def save_places(self, places: Places) -> None:
        """Keep who is where."""
        self.db.executemany("INSERT OR REPLACE INTO taken VALUES (?, ?)", enumerate(places.dump()))
