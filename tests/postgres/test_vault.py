"""What the vault leaves in PostgreSQL: nothing in clear, no way back to who was erased, disclosures for ever."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.adapters.postgres.vault import PostgresVaultTables
from hub.core.errors import DataError, IntegrityError
from hub.ports.vault import Warrant
from hub.vault.anew import write_anew
from hub.vault.vault import LinkingVault
from tests.postgres.server import Server
from tests.vault.rig import VaultRig, person, token

WARRANT = Warrant("auditor", "court order", "law 39")
TABLES = ("link", "person", "identity", "conflict", "disclosure", "key_check", "high")


class Rig(VaultRig):
    """A vault whose tables are in a database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        super().__init__(folder)

    def open(self) -> None:
        """A process starts: nothing but the database and keys is left of the one before."""
        self.tables = PostgresVaultTables(self.url)  # type: ignore[assignment]
        self.vault = LinkingVault(self.tables, self.keys, self.system, self.remembered)

    def kept(self) -> bytes:
        """Every value of every table, one after the other."""
        rows = [row for table in TABLES for row in self.tables._run(f"SELECT * FROM {table}")]  # type: ignore[attr-defined]
        return b"|".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)


@pytest.fixture
def rig(tmp_path: Path, server: Server) -> Iterator[Rig]:
    """An empty vault."""
    one = Rig(tmp_path, server.database())
    yield one
    one.vault.close()


def test_nothing_that_was_given_is_in_the_tables(rig: Rig) -> None:
    """Neither a token nor an identity is readable in any row; the subject is."""
    (who,) = rig.ask(person("a", "b", identity="某某 161122199001011234".encode()))
    kept = rig.kept()
    for secret in (token("a"), token("b"), "某某".encode(), b"161122199001011234"):
        assert secret not in kept
    assert who.subject in kept


def test_who_is_erased_comes_back_as_another(rig: Rig) -> None:
    """After erasure no row leads to the old subject or holds what was known of it; others are as they were."""
    who, other = rig.ask(person("a", "b", identity=b"first"), person("c"))
    ((identity,),) = rig.tables._run("SELECT locked FROM identity")  # type: ignore[attr-defined]
    rig.vault.erase(who.subject, WARRANT)
    with pytest.raises(DataError, match="HUB-V301"):
        rig.vault.reveal(who.subject, WARRANT)
    assert identity not in rig.kept()
    assert rig.ask(person("", "b"))[0].subject != who.subject
    assert rig.ask(person("c"))[0].subject == other.subject


def test_a_disclosure_is_for_ever(rig: Rig) -> None:
    """Each reveal is a row that nobody changes, removes or empties away."""
    (who,) = rig.ask(person("a", identity=b"first"))
    assert rig.vault.reveal(who.subject, WARRANT) == [b"first"]
    for act in ("UPDATE disclosure SET reason = ''", "DELETE FROM disclosure", "TRUNCATE disclosure"):
        with pytest.raises(IntegrityError, match="HUB-P413"):
            rig.tables._run(act)  # type: ignore[attr-defined]
    (kept,) = rig.tables.disclosures()
    assert kept[1:6] == (who.subject, "reveal", *WARRANT)


def test_other_keys_open_nothing(rig: Rig) -> None:
    """A vault under another key than the one that it began with is refused before it makes a person anew."""
    rig.ask(person("a"))
    rig.vault.close()
    (rig.folder / "keys" / "K_vault.key").unlink()
    rig.keys = type(rig.keys)(rig.folder / "keys")
    rig.keys.make("secret", "K_vault")
    with pytest.raises(IntegrityError, match="HUB-V411"):
        rig.open()


def test_everybody_is_who_they_were_under_other_keys(rig: Rig) -> None:
    """Written anew in one transaction: subjects and identities are as before, also for a process with the old keys."""
    people = [person("a", "b", identity=b"first"), person("c", identity=b"third")]
    frame = rig.seal(people)
    answers = rig.answer(frame)
    before = rig.kept()
    keys, other = type(rig.keys)(rig.folder / "keys"), PostgresVaultTables(rig.url)
    assert write_anew(other, keys, "2026-03-01") == rig.vault.counts()
    other.close()
    assert rig.answer(frame) == answers
    (first, third) = rig.ask(*people)
    assert [rig.vault.reveal(one.subject, WARRANT) for one in (first, third)] == [[b"first"], [b"third"]]
    assert all(value not in rig.kept() for value in before.split(b"|") if len(value) > 40)
