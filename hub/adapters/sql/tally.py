"""Questions over a whole store: what agencies' events became in the views, and whether pseudonyms are apart."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol


class Asked(Protocol):
    """A store that answers a SELECT; `?` stands for a value."""

    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Its rows."""
        ...


class Tally(NamedTuple):
    """Events of agencies by what became of them in the views of a group."""

    visible: int
    parked: int
    held: int


def tally(store: Asked, group: str) -> Tally:
    """Counted in the ledger itself, not taken from running totals."""
    found = dict(
        store.ask(
            f"SELECT coalesce(p.state, 'visible'), count(*) FROM {group}_event e"
            f" JOIN {group}_source s ON s.partition = e.at >> 40 AND s.n = e.source"
            f" LEFT JOIN {group}_put p ON p.id = e.id AND p.n = e.at"
            " WHERE s.name LIKE ? GROUP BY 1",
            ("agency/%",),
        )
    )
    return Tally(*(found.get(name, 0) for name in Tally._fields))


def disjoint(store: Asked, group: str) -> bool:
    """Whether no pseudonym of the group stands in two domains, or for two subjects in one."""
    twice = f"SELECT 1 FROM {group}_name GROUP BY value HAVING count(DISTINCT domain) > 1 LIMIT 1"
    return not store.ask(twice)


def pseudonym(store: Asked, group: str, id: int, domain: str) -> str:
    """The pseudonym of a key in a domain, in hex; "-" when it has none."""
    found = store.ask(f"SELECT value FROM {group}_name WHERE id = ? AND domain = ?", (id, domain))
    return str(found[0][0].hex()) if found else "-"
