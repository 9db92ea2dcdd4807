"""Questions over a whole store: what agencies' events became in the views, and whether pseudonyms are apart."""

from typing import NamedTuple

from hub.adapters.sql.schema import mapped
from hub.adapters.sql.store import SqliteStore


class Tally(NamedTuple):
    """Events of agencies by what became of them in the views of a group."""

    visible: int
    parked: int
    held: int


def tally(store: SqliteStore, group: str) -> Tally:
    """Counted in the ledger itself, not taken from running totals."""
    with mapped():
        found = dict(
            store.connection.execute(
                f"SELECT coalesce(p.state, 'visible'), count(*) FROM {group}_event e"
                f" JOIN {group}_source s ON s.partition = e.at >> 40 AND s.n = e.source"
                f" LEFT JOIN {group}_put p ON p.id = e.id AND p.n = e.at"
                " WHERE s.name LIKE 'agency/%' GROUP BY 1"
            ).fetchall()
        )
    return Tally(*(found.get(name, 0) for name in Tally._fields))


def disjoint(store: SqliteStore, group: str) -> bool:
    """Whether no pseudonym of the group stands in two domains, or for two subjects in one."""
    with mapped():
        twice = store.connection.execute(
            f"SELECT 1 FROM {group}_name GROUP BY value HAVING count(DISTINCT domain) > 1 LIMIT 1"
        ).fetchone()
    return twice is None


def pseudonym(store: SqliteStore, group: str, id: int, domain: str) -> str:
    """The pseudonym of a key in a domain, in hex; "-" when it has none."""
    with mapped():
        found = store.connection.execute(
            f"SELECT value FROM {group}_name WHERE id = ? AND domain = ?", (id, domain)
        ).fetchone()
    return found[0].hex() if found else "-"
