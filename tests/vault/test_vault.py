"""Laws of the vault."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.adapters.files.keys import FileKeys
from hub.core.errors import DataError, IntegrityError, NotPermitted
from hub.ports.keys import Mac
from hub.ports.vault import Resolved, Warrant
from hub.vault.ring import current
from hub.vault.vault import LinkingVault
from tests.vault.rig import VaultRig, person, token

WARRANT = Warrant("auditor", "court order", "law 39")


def law_same_answer(rig: VaultRig, frames: list[list[tuple[str, ...]]]) -> None:
    """Whatever happened since, a frame is answered again as it was, `new` included."""
    sealed = [rig.seal([person(*names) for names in people]) for people in frames]
    first = [rig.answer(frame)[0] for frame in sealed]
    rig.open()
    assert [rig.answer(frame)[0] for frame in reversed(sealed)] == first[::-1]


def test_a_token_is_one_subject_for_ever(tmp_path: Path) -> None:
    """The same token gives the same subject, from any frame, before and after a restart."""
    rig = VaultRig(tmp_path)
    (first,) = rig.ask(person("a"))
    (second,) = rig.ask(person("a"))
    rig.open()
    (third,) = rig.ask(person("a"))
    assert first.is_new
    assert not second.is_new
    assert first.subject == second.subject == third.subject
    assert rig.ask(person("b"))[0].subject != first.subject


def test_tokens_of_one_person_link(tmp_path: Path) -> None:
    """Whoever once comes with two tokens is known by either."""
    rig = VaultRig(tmp_path)
    (both,) = rig.ask(person("id", "passport"))
    assert rig.ask(person("", "passport"))[0].subject == both.subject
    (grown,) = rig.ask(person("", "passport", "card"))
    assert rig.ask(person("", "", "card"))[0].subject == grown.subject == both.subject


def test_the_stronger_token_wins_and_the_pair_is_kept(tmp_path: Path) -> None:
    """Two subjects of one person are kept for a merge, and the lower kind decides, however often it is asked."""
    rig = VaultRig(tmp_path)
    (strong,), (weak,) = rig.ask(person("id")), rig.ask(person("", "card"))
    for _ in range(2):
        assert rig.ask(person("id", "card"))[0].subject == strong.subject
    assert rig.ask(person("", "card"))[0].subject == weak.subject
    assert rig.vault.counts()["conflict"] == 1


NAMES = st.sampled_from(["", "p", "q", "r"])
FRAMES = st.lists(
    st.lists(st.tuples(NAMES.map(lambda n: n and "i" + n), NAMES.map(lambda n: n and "c" + n)), max_size=3),
    min_size=1,
    max_size=5,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=FRAMES)
def test_a_frame_is_answered_again_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, frames: list[list[tuple[str, ...]]]
) -> None:
    """Answers never change: neither subjects nor what was new, in any mixture of tokens."""
    law_same_answer(VaultRig(tmp_path_factory.mktemp("vault")), frames)


class Forgetful(LinkingVault):
    """Mutant: new is what was not there, not what this frame brought."""

    def _person(self, fetch, frame, i, told):  # type: ignore[no-untyped-def]
        known = told.mark in self._cache or any(name in fetch.known for name in told.names)
        who = super()._person(fetch, frame, i, told)
        return who and Resolved(who.subject, not known)


class Grasping(LinkingVault):
    """Mutant: in memory, the links of a conflict are turned to the subject that won."""

    def _person(self, fetch, frame, i, told):  # type: ignore[no-untyped-def]
        who = super()._person(fetch, frame, i, told)
        for conflict in fetch.conflicts:
            won = next(known for known in fetch.known.values() if known.subject == conflict.kept)
            self._cache.update({mark: won for mark, known in self._cache.items() if known.subject == conflict.other})
        return who


@pytest.mark.parametrize("mutant", [Forgetful, Grasping])
def test_the_law_of_same_answers_kills_its_mutants(
    tmp_path: Path, mutant: type[LinkingVault], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vault that forgets what was new, or moves links, is found out."""
    monkeypatch.setattr("tests.vault.rig.LinkingVault", mutant)
    with pytest.raises(AssertionError):
        law_same_answer(VaultRig(tmp_path), [[("", "c")], [("i", "")], [("i", "c")], [("", "c")]])


def test_two_persons_of_one_fetch_share_a_new_token(tmp_path: Path) -> None:
    """Frames that are resolved together agree as if they had come one by one, and only the first brought it in."""
    rig = VaultRig(tmp_path)
    one, two = rig.answer(rig.seal([person("a"), person("a", "b")]), rig.seal([person("", "b")]))
    assert one is not None
    assert two is not None
    assert {who.subject for who in [*one, *two] if who} == {one[0].subject if one[0] else b""}
    assert [who.is_new for who in [*one, *two] if who] == [True, True, False]


class Colliding(FileKeys):
    """Keys under which every token has the same index."""

    def mac(self, name: str, label: str) -> Mac:
        full = super().mac(name, label)
        return lambda data: b"\xff" * 8 + full(data)[8:]


def test_tokens_with_one_index_stay_apart(tmp_path: Path) -> None:
    """An index only finds; the rest of the MAC decides, so that a collision joins nobody."""
    rig = VaultRig(tmp_path, keys=Colliding)
    subjects = [who.subject for who in rig.ask(person("a"), person("b"), person("c", "d"))]
    rig.open()
    assert [who.subject for who in rig.ask(person("a"), person("b"), person("", "d"))] == subjects
    assert len(set(subjects)) == 3


def test_memory_is_bounded_and_no_source_of_truth(tmp_path: Path) -> None:
    """A vault that remembers ten persons answers as one that remembers all."""
    rig = VaultRig(tmp_path, remembered=10)
    first = {name: rig.ask(person(name))[0].subject for name in map(str, range(40))}
    assert {name: rig.ask(person(name))[0].subject for name in first} == first
    assert len(rig.vault._cache) <= 10


def test_a_seal_that_does_not_open_is_told_alone(tmp_path: Path) -> None:
    """One frame that was sealed for somebody else takes nothing from the others; nobody is made of no token."""
    rig = VaultRig(tmp_path)
    good, bad, none = rig.seal([person("a")]), rig.seal([person("b")]), rig.seal([person()])
    answers = rig.answer(bad._replace(associated=b"other"), good, none, bad._replace(wrapped=b"short"))
    assert answers[0] is answers[3] is None
    assert answers[1] is not None
    assert answers[2] == [None]
    assert rig.vault.counts()["person"] == 1


def test_who_is_not_wanted_is_not_made(tmp_path: Path) -> None:
    """A person whose every event was refused leaves nothing in the vault."""
    rig = VaultRig(tmp_path)
    frame = rig.seal([person("a", identity=b"x"), person("b")])
    (answer,) = rig.answer(frame._replace(wanted=frozenset({1})))
    assert answer is not None
    assert answer[0] is None
    assert answer[1] is not None
    assert rig.vault.counts() == {"link": 1, "person": 1, "identity": 0, "conflict": 0, "disclosure": 0}


def test_nothing_that_was_given_is_in_the_files(tmp_path: Path) -> None:
    """Neither a token nor an identity nor the way between the two is readable in what the vault writes."""
    rig = VaultRig(tmp_path)
    (who,) = rig.ask(person("a", "b", identity="某某 161122199001011234".encode()))
    written = rig.bytes()
    for secret in (token("a"), token("b"), "某某".encode(), b"161122199001011234"):
        assert secret not in written
    link = sqlite3.connect(tmp_path / "vault.db").execute("SELECT * FROM link").fetchall()
    assert who.subject not in b"".join(row[2] for row in link)
    assert who.subject in written


def test_an_identity_is_shown_on_a_warrant_and_that_is_kept(tmp_path: Path) -> None:
    """What agencies declared comes back once each, oldest first; every asking is a row that cannot be changed."""
    rig = VaultRig(tmp_path)
    (who,) = rig.ask(person("a", identity=b"first"))
    for identity in (b"second", b"first", b""):
        rig.ask(person("a", identity=identity))
    assert rig.vault.reveal(who.subject, WARRANT) == [b"first", b"second"]
    (kept,) = rig.tables.disclosures()
    assert kept[1:6] == (who.subject, "reveal", *WARRANT)
    other = sqlite3.connect(tmp_path / "vault.db")
    for act in ("DELETE FROM disclosure", "UPDATE disclosure SET reason = ''"):
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(act)


def test_no_warrant_no_identity(tmp_path: Path) -> None:
    """A warrant that does not say who, why and on what basis shows nothing, and nor does an unknown subject."""
    rig = VaultRig(tmp_path)
    (who,) = rig.ask(person("a", identity=b"first"))
    for wrong in (WARRANT._replace(reason=" "), WARRANT._replace(by=""), WARRANT._replace(basis="x" * 201)):
        with pytest.raises(NotPermitted, match="HUB-V601"):
            rig.vault.reveal(who.subject, wrong)
    with pytest.raises(DataError, match="HUB-V301"):
        rig.vault.reveal(b"\0" * 16, WARRANT)
    assert rig.tables.disclosures() == []


def test_an_erased_person_comes_back_as_another(tmp_path: Path) -> None:
    """After erasure nothing leads to the old subject any more, and its bytes are gone from the files."""
    rig = VaultRig(tmp_path)
    (who, other) = rig.ask(person("a", "b", identity=b"first"), person("c"))
    identity = sqlite3.connect(tmp_path / "vault.db").execute("SELECT locked FROM identity").fetchone()[0]
    rig.vault.erase(who.subject, WARRANT)
    with pytest.raises(DataError, match="HUB-V301"):
        rig.vault.reveal(who.subject, WARRANT)
    assert rig.ask(person("", "b"))[0].subject != who.subject
    assert rig.ask(person("c"))[0].subject == other.subject
    assert identity not in rig.bytes()
    assert [kept.act for kept in rig.tables.disclosures()] == ["erase"]


def test_what_another_process_erased_is_forgotten_here(tmp_path: Path) -> None:
    """A vault that has a link in memory does not give it out after somebody else erased it."""
    rig = VaultRig(tmp_path)
    (who,) = rig.ask(person("a"))
    VaultRig(tmp_path).vault.erase(who.subject, WARRANT)
    assert rig.ask(person("a"))[0].subject != who.subject
    (again,) = rig.ask(person("a"))
    assert not again.is_new


@pytest.mark.parametrize("step", ["add", "raise_high", "commit"])
def test_a_kill_leaves_all_or_nothing(tmp_path: Path, step: str) -> None:
    """A vault that died anywhere in a fetch answers it afterwards as if it had never begun."""
    rig = VaultRig(tmp_path)
    frame = rig.seal([person("a", identity=b"x"), person("b", "c")])

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    kill: Callable[..., None] = dies
    setattr(rig.tables, step, kill)
    with pytest.raises(KeyboardInterrupt):
        rig.answer(frame)
    rig.open()
    assert rig.vault.counts() == dict.fromkeys(("link", "person", "identity", "conflict", "disclosure"), 0)
    assert [who.is_new for who in rig.answer(frame)[0] or [] if who] == [True, True]


def test_how_far_it_resolved_never_goes_back(tmp_path: Path) -> None:
    """A repeated frame does not make the vault younger than it is."""
    rig = VaultRig(tmp_path)
    frame = rig.seal([person("a")])
    rig.ask(person("b"))
    rig.vault.resolve("a", 1, [frame])
    rig.open()
    assert rig.vault.resolved("a") == 2
    assert rig.vault.resolved("b") == 0


def test_two_vaults_on_one_file_do_not_both_win(tmp_path: Path) -> None:
    """Of two that link one token at once, the second is stopped."""
    rig = VaultRig(tmp_path)
    other = VaultRig(tmp_path)
    looked = other.vault._look_up([b"\1" + token("a")])
    rig.ask(person("a"))
    other.vault._look_up = lambda names: looked  # type: ignore[method-assign]
    with pytest.raises(IntegrityError, match="HUB-V410"):
        other.ask(person("a"))


def test_another_key_is_noticed_before_a_person_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault under another key than the one it began with opens for nobody, unless it does not look."""
    rig = VaultRig(tmp_path)
    (before,) = rig.ask(person("a"))
    (tmp_path / "keys" / "K_vault.key").unlink()
    rig.keys = FileKeys(tmp_path / "keys")
    rig.keys.make("secret", "K_vault")
    with pytest.raises(IntegrityError, match="HUB-V411"):
        rig.open()
    monkeypatch.setattr("hub.vault.vault.ring_of", lambda keys, check: current(keys))
    rig.open()
    (after,) = rig.ask(person("a"))
    assert after.subject != before.subject
