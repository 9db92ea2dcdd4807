"""The vault's keys are exchanged while it is in use: nobody becomes another person, and the old ones open nothing."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.core.errors import DataError, IntegrityError
from hub.ports.vault import Link, Warrant
from hub.vault import anew
from hub.vault.anew import write_anew
from hub.vault.ring import ring_of
from hub.vault.vault import LinkingVault
from tests.deaths import Death, Killed, killed_at
from tests.vault.rig import VaultRig, person

WARRANT = Warrant("auditor", "court order", "law 39")
PEOPLE = [person("a", "b", identity=b"first"), person("c", identity=b"third"), person("", "d")]
DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[VaultRig]:
    """A vault that knows three persons."""
    one = VaultRig(tmp_path)
    one.ask(*PEOPLE)
    yield one
    one.vault.close()


def opened(rig: VaultRig) -> list[bytes]:
    """What the vault says of its people after a restart, and tells on a warrant."""
    rig.keys = type(rig.keys)(rig.folder / "keys")
    rig.open()
    who = [one.subject for one in rig.ask(*PEOPLE)]
    return [*who, *(identity for each in who for identity in rig.vault.reveal(each, WARRANT))]


def test_everybody_is_who_they_were_however_often_keys_change(rig: VaultRig) -> None:
    """Subjects, links of all tokens, identities and erasure are as before, in this process and after a restart."""
    before = opened(rig)
    frames = [rig.seal(PEOPLE)]
    answers = rig.answer(*frames)
    for day in DAYS:
        keys = type(rig.keys)(rig.folder / "keys")
        with_other = type(rig.tables)(rig.folder / "vault.db")
        assert write_anew(with_other, keys, day)["link"] == 4
        with_other.close()
        assert rig.answer(*frames) == answers  # a process that had the old keys in memory
        assert opened(rig) == before
    (who,) = rig.ask(PEOPLE[0])
    rig.vault.erase(who.subject, WARRANT)
    assert rig.tables.counts()["link"] == 2
    (other,) = rig.ask(PEOPLE[0])
    assert other.subject != who.subject


def test_the_older_locking_key_is_gone_and_opens_nothing(rig: VaultRig) -> None:
    """What the vault holds is under the new key only, and no file has the old one any more."""
    path = rig.folder / "keys/K_identity.key"
    old = path.read_bytes()
    link = next(rig.tables.everything()[0])
    write_anew(rig.tables, rig.keys, DAYS[0])
    assert all(old not in each.read_bytes() for each in rig.folder.rglob("*") if each.is_file())
    again = next(one for one in rig.tables.everything()[0])
    assert again.at != link.at
    path.write_bytes(old)
    for one in rig.tables.everything()[0]:
        with pytest.raises(IntegrityError):
            type(rig.keys)(rig.folder / "keys").unlock("K_identity", one.locked, b"link")


def test_cut_off_anywhere_nothing_is_lost(rig: VaultRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every file and before and after the commit: the vault answers as before at once, and again when it is done."""
    before, commit, killed = opened(rig), type(rig.tables).commit, 0
    for at, day in enumerate(date.fromordinal(n).isoformat() for n in range(739_000, 739_200)):
        with killed_at(rig.folder / "keys", at + 1) as death:

            def committed(tables: Any, death: Death = death) -> None:
                death.step()
                commit(tables)
                death.step()

            monkeypatch.setattr(type(rig.tables), "commit", committed)
            try:
                write_anew(rig.tables, rig.keys, day)
            except Killed:
                killed += 1
        monkeypatch.undo()
        assert opened(rig) == before
        with suppress(DataError):  # HUB-K301: it was over
            write_anew(rig.tables, rig.keys, day)
        assert opened(rig) == before
        assert not list(rig.folder.rglob("*-next.key"))
        if killed == at:
            break
    assert killed > 12, "some file was not met"


def test_what_would_lead_elsewhere_is_not_kept(rig: VaultRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: a link is lost while it is written anew. Found out before the commit, and nothing has changed."""
    before = opened(rig)

    insert = type(rig.tables)._insert

    def lost(self: Any, table: str, rows: Any) -> None:
        insert(self, table, rows[1:] if table == "link" else rows)

    monkeypatch.setattr(type(rig.tables), "_insert", lost)
    with pytest.raises(IntegrityError) as stop:
        write_anew(rig.tables, rig.keys, DAYS[0])
    assert stop.value.code == "HUB-V413"
    monkeypatch.undo()
    assert opened(rig) == before


def test_two_links_with_one_index_stay_apart(rig: VaultRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where marks find the same index, the links stand one after the other and are found."""
    before = opened(rig)
    monkeypatch.setattr(anew, "_MASK", 0xF)
    monkeypatch.setattr("hub.vault.vault._MASK", 0xF)
    keys = type(rig.keys)(rig.folder / "keys")
    write_anew(rig.tables, keys, DAYS[0])
    assert {one.at for one in rig.tables.everything()[0]} <= set(range(16))
    rig.vault = LinkingVault(rig.tables, keys, rig.system)
    assert [one.subject for one in rig.ask(*PEOPLE)] == before[:3]


def test_keys_of_another_vault_write_nothing_anew(rig: VaultRig) -> None:
    """With another K_vault, nothing is read and nothing is written."""
    (rig.folder / "keys/K_vault.key").write_text(f"secret {'ab' * 32}\n", encoding="ascii")
    with pytest.raises(IntegrityError) as stop:
        write_anew(rig.tables, type(rig.keys)(rig.folder / "keys"), DAYS[0])
    assert stop.value.code == "HUB-V411"
    assert isinstance(next(rig.tables.everything()[0]), Link)
    with pytest.raises(IntegrityError):
        ring_of(type(rig.keys)(rig.folder / "keys"), rig.tables.check())


def test_a_link_that_leads_to_another_person_is_not_kept(rig: VaultRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: as many links as before, one of them to somebody else. Found out before the commit."""
    before = opened(rig)
    lock = type(rig.keys).lock

    def elsewhere(self: Any, name: str, data: bytes, associated: bytes) -> bytes:
        return lock(self, name, data[:24] + bytes(16) + data[40:] if associated == b"link" else data, associated)

    keys = type(rig.keys)(rig.folder / "keys")
    monkeypatch.setattr(type(rig.keys), "lock", elsewhere)
    with pytest.raises(IntegrityError) as stop:
        write_anew(rig.tables, keys, DAYS[0])
    assert stop.value.code == "HUB-V413"
    monkeypatch.undo()
    assert opened(rig) == before
