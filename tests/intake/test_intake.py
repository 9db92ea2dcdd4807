"""Intake: what is taken, what is refused, and what becomes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.files.keys import FileKeys
from hub.adapters.memory.log import MemoryLog
from hub.adapters.sql.log import SqliteLog
from hub.cli.main import run
from hub.core.envelope import Envelope, envelope_packer, pack_envelope
from hub.core.errors import DataError, IntegrityError
from hub.core.frame import (
    CORRECTS,
    GUARDIAN,
    KIND_EVENT,
    KIND_OFFER,
    KIND_SUBJECT,
    OFFER,
    PATIENT,
    Ref,
    pack_edge_event,
    unpack_refs,
)
from hub.core.record import Record
from hub.intake.route import Lane, Router
from tests.flow.sample import CODEC, fields
from tests.intake.build import AGENCY, Edge, FaultyLog, Installation, Say
from tests.intake.laws import law_one_outcome_a_frame, law_payload_untouched, law_sums

FILED, LEFT, FOLLOWED = "health.PatientFiled", "health.DischargeAssessed", "health.FollowUpRecorded"


def a_week(edge: Edge) -> list[bytes]:
    """Three ordinary frames and the values in them."""
    says = [
        [Say("agency.SourceStarted", given=(("reason", "first"),)), Say(FILED, ("ann",)), Say(FILED, ("bo",))],
        [Say(LEFT, ("ann+cert-ann",)), Say("stations.CapacityDeclared"), Say(FILED, ("cy",))],
        [Say(FOLLOWED, ("+cert-ann",)), Say("agency.RunFinished")],
    ]
    numbers = iter(range(1, 100))
    for frame in says:
        edge.send(*frame)
    return [edge.entry(say._replace(number=next(numbers)), {}).value for frame in says for say in frame]


@pytest.mark.parametrize("kind", ["faulty", "memory", "sqlite"])
def test_a_week_arrives(tmp_path: Path, kind: str) -> None:
    """Each frame is answered once, each value untouched, each event in its place, and the sums are right."""
    log = {"faulty": FaultyLog, "memory": MemoryLog, "sqlite": lambda: SqliteLog(tmp_path / "log.db")}[kind]()
    home = Installation(tmp_path, log)
    values = a_week(Edge(home, "c"))
    done = home.drain()
    law_one_outcome_a_frame(home, 3)
    law_payload_untouched(home, values)
    law_sums(home)
    assert (done.sent, done.appended, done.registered, done.frames) == (8, 8, 3, 3)
    persons = [fact for fact in home.facts() if fact.topic == "persons"]
    ann = next(fact.key for fact in persons if fact.type == LEFT)
    assert [fact.type for fact in persons if fact.key == ann] == ["hub.SubjectRegistered", FILED, LEFT, FOLLOWED]
    assert {fact.key for fact in home.facts() if fact.topic == "markets"} == {b"2201"}


def test_no_frame_is_answered_twice(tmp_path: Path) -> None:
    """A frame that comes again is counted as a repeat and gives neither records nor an outcome."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    raw = edge.send(Say(FILED, ("ann",)), Say(FILED, ("bo",)))
    for _ in range(2):
        edge.deliver(raw)
    home.drain(1)
    before = home.facts()
    edge.deliver(raw)
    assert home.drain().repeat == 2
    law_one_outcome_a_frame(home, 1)
    law_sums(home)
    assert home.facts() == before


def test_what_is_ahead_comes_again(tmp_path: Path) -> None:
    """A frame whose elder is missing is left alone and taken when it comes after it."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    first, second = edge.frame(Say(FILED, ("ann",))), edge.frame(Say(LEFT, ("ann",)))
    edge.deliver(second)
    assert home.drain().ahead == 1
    for raw in (first, second):
        edge.deliver(raw)
    home.drain()
    law_one_outcome_a_frame(home, 2)
    assert [fact.type for fact in home.facts()] == ["hub.SubjectRegistered", FILED, LEFT]


def test_person_by_person_the_same_in_any_frames(tmp_path: Path) -> None:
    """However events are packed into frames, their facts are the same."""
    says = [Say(FILED, (name,)) for name in "abcabdce"]
    found = []
    for size in (1, 3, 8):
        home = Installation(tmp_path / str(size))
        for folder in ("hub/keys", "vault/keys"):
            for key in (tmp_path / "1" / folder).glob("*.key"):
                (home.folder / folder / key.name).write_bytes(key.read_bytes())
        home.hub_keys, home.vault_keys = FileKeys(home.folder / "hub/keys"), FileKeys(home.folder / "vault/keys")
        home.open()
        edge = Edge(home, "c")
        for at in range(0, len(says), size):
            edge.send(*says[at : at + size])
        home.drain()
        found.append([(fact.type, fact.id, fact.asserted, fact.value) for fact in home.facts() if fact.type == FILED])
    assert sorted(found[0]) == sorted(found[1]) == sorted(found[2])


def test_references_become_the_hubs(tmp_path: Path) -> None:
    """A correction names the hub's id of the event that it corrects, and persons come first, each in its role."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("ann", "mum"), roles=(PATIENT, GUARDIAN)))
    refs = (Ref(CORRECTS, KIND_EVENT, pack_edge_event(1, 1)), Ref(OFFER, KIND_OFFER, b"o" * 16))
    edge.send(Say(LEFT, ("ann",), refs=refs))
    home.drain()
    filed = next(fact for fact in home.facts() if fact.type == FILED)
    left = next(fact for fact in home.facts() if fact.type == LEFT)
    (patient, guardian) = unpack_refs(filed.refs)
    assert (patient.role, patient.kind, patient.value) == (PATIENT, KIND_SUBJECT, filed.key)
    assert (guardian.role, guardian.kind) == (GUARDIAN, KIND_SUBJECT)
    assert guardian.value != patient.value
    assert unpack_refs(left.refs)[1:] == (Ref(CORRECTS, KIND_EVENT, filed.id), refs[1])


def test_a_person_is_registered_once_and_first(tmp_path: Path) -> None:
    """Whoever is new is registered before the first event, dated as early as it, and never again."""
    home = Installation(tmp_path)
    one, two = Edge(home, "one"), Edge(home, "two")
    one.send(*(Say(FILED, ("ann",), given=(("occurred_on", day),)) for day in (19_005, 19_001)))
    two.send(Say(FILED, ("ann",)), Say(FILED, ("bo",)))
    home.drain()
    facts = [fact for fact in home.facts() if fact.topic == "persons"]
    for subject in {fact.key for fact in facts}:
        own = [fact.type for fact in facts if fact.key == subject]
        assert own.index("hub.SubjectRegistered") == 0
        assert own.count("hub.SubjectRegistered") == 1
    days = [CODEC.decode(f.value)[1].occurred_on for f in facts if f.type == "hub.SubjectRegistered"]
    assert sorted(days) == [19_001, 20_000]


def test_a_retraction_of_a_site_fact_goes_to_its_market(tmp_path: Path) -> None:
    """A retraction that names a site follows what it retracts, to the market; one without person or site is refused."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say("stations.CapacityDeclared"))
    refs = (Ref(CORRECTS, KIND_EVENT, pack_edge_event(1, 1)),)
    edge.send(Say("agency.Retracted", refs=refs, given=(("site", "A"),)), Say("agency.Retracted", refs=refs))
    home.drain()
    assert [(fact.topic, fact.type) for fact in home.facts()][1:] == [("markets", "agency.Retracted")]
    assert home.codes() == ["", "", "HUB-I325"]


EVENTS = {
    "HUB-I320": Say(FILED, ("ann",), value=b"\0\0\0\xff\xff" + b"\0" * 40),
    "HUB-I321": Say("civil_affairs.SiteChanged"),
    "HUB-I323": Say(FILED, ("ann",), area="110101"),
    "HUB-I325": Say(FILED),
    "HUB-I326": Say(FILED, ("ann",), refs=(Ref(CORRECTS, KIND_EVENT, pack_edge_event(1, 9)),)),
}


@pytest.mark.parametrize("code", sorted(EVENTS))
def test_one_wrong_event_is_refused_alone(tmp_path: Path, code: str) -> None:
    """An event outside the registry or without its person gets a code; the others of its frame are appended."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("bo",)), EVENTS[code], Say(LEFT, ("bo",)))
    home.drain()
    assert home.codes() == ["", code, ""]
    law_sums(home)
    assert [fact.type for fact in home.facts()] == ["hub.SubjectRegistered", FILED, LEFT]


@pytest.mark.parametrize(
    ("say", "code"),
    [
        (Say(FILED, ("", "bo"), roles=(GUARDIAN, PATIENT)), "HUB-I325"),
        (Say(FILED, ("ann",), roles=(GUARDIAN,)), "HUB-I325"),
        (Say(FILED, ("ann",), roles=(9,)), "HUB-I325"),
        (Say(FILED, ("ann",), refs=(Ref(CORRECTS, KIND_SUBJECT, b"s" * 16),)), "HUB-I326"),
        (Say(FILED, ("ann",), refs=(Ref(CORRECTS, KIND_EVENT, b"short"),)), "HUB-I326"),
        (Say(FILED, ("ann",), refs=(Ref(PATIENT, KIND_OFFER, b"s" * 16),)), "HUB-I326"),
        (Say(FILED, ("ann",), area="22"), "HUB-I323"),
        (Say(FILED, ("ann",), value=CODEC.encode(FILED, fields(FILED))[:-1]), "HUB-I320"),
        (Say(FILED, ("ann",), value=CODEC.encode(FILED, fields(FILED, area="220104"))), "HUB-I323"),
    ],
)
def test_an_edge_cannot_say_what_only_the_hub_may(tmp_path: Path, say: Say, code: str) -> None:
    """Persons without tokens, unknown roles, subjects named directly, references onwards, other areas: refused."""
    home = Installation(tmp_path)
    Edge(home, "c").send(say)
    home.drain()
    assert home.codes() == [code]


def test_the_hubs_own_types_are_refused_even_if_registered(tmp_path: Path) -> None:
    """No registration lets an agency speak as the hub."""
    home = Installation(tmp_path)
    Edge(home, "c", types="hub.*").send(Say("hub.SubjectRegistered", ("ann",)), Say("hub.DayTicked"))
    home.drain()
    assert home.codes() == ["HUB-I321", "HUB-I321"]


def test_a_text_that_no_database_of_ours_may_meet_is_refused(tmp_path: Path) -> None:
    """A character of code 0 in a text is refused at the door: behind it, PostgreSQL could not take the event."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(*(Say("stations.CapacityDeclared", given=(("site", site),)) for site in ("s2", "s\x003")))
    home.drain()
    assert home.codes() == ["", "HUB-I328"]


def test_a_site_out_of_the_registration_is_refused(tmp_path: Path) -> None:
    """A station speaks of its own sites only."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    home.store.register(edge.registered._replace(sites="s1 s2"))
    edge.send(*(Say("stations.CapacityDeclared", given=(("site", site),)) for site in ("s2", "s3")))
    home.drain()
    assert home.codes() == ["", "HUB-I324"]


WHOLE: dict[str, dict[str, Any]] = {
    "HUB-I305": {"canonical_form": 2},
    "HUB-I306": {"key_check": "another key"},
    "HUB-I307": {"body_for": b"\x09" + b"\0" * 31},
    "HUB-I308": {"root": "00" * 32},
    "HUB-I327": {"persons_for": b"\x09" + b"\0" * 31},
}


@pytest.mark.parametrize("code", sorted(WHOLE))
def test_a_frame_that_cannot_be_used_is_answered_and_passed(tmp_path: Path, code: str) -> None:
    """A signed frame whose content is no good is refused event by event, and the next frame goes on after it."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("ann",)), Say(FILED, ("bo",)), **WHOLE[code])
    edge.send(Say(FILED, ("cy",)))
    home.drain()
    assert home.codes() == [code, code, ""]
    law_one_outcome_a_frame(home, 2)
    law_sums(home)


def test_event_numbers_go_up(tmp_path: Path) -> None:
    """An event number that came before, even in an earlier frame, is refused: ids would collide."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("ann",)), Say(FILED, ("ann",)))
    edge.send(Say(LEFT, ("ann",), number=2))
    edge.send(Say(LEFT, ("ann",), number=3))
    home.drain(1)
    assert home.codes() == ["", "", "HUB-I309", ""]


def test_a_stranger_is_refused_until_registered(tmp_path: Path) -> None:
    """Nothing is believed of a connector that is not in the registry; once it is, the same frame is taken."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    stranger = edge.frame(Say(FILED, ("ann",)))
    home.log.append(f"ingress.{AGENCY}", 0, [Record(b"d", b"", stranger), Record(b"c", b"", b"rubbish")])
    assert home.drain().refused_frames == 2
    assert [outcome.code for outcome in home.outcomes()] == ["HUB-I302", "HUB-I301"]
    assert home.facts() == []
    edge.deliver(stranger)
    assert home.drain().appended == 1
    law_sums(home)


def test_a_frame_of_another_agency_is_refused(tmp_path: Path) -> None:
    """A connector that is registered for one agency cannot publish as another."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("ann",)), agency="weihai-health")
    home.drain()
    assert [outcome.code for outcome in home.outcomes()] == ["HUB-I302"]


def test_a_wrong_signature_is_refused_and_spoils_nothing(tmp_path: Path) -> None:
    """A frame that somebody else signed, or that was changed on its way, does not use up the number."""
    home = Installation(tmp_path)
    edge, other = Edge(home, "c"), Edge(home, "d")
    good = edge.frame(Say(FILED, ("ann",)))
    edge.deliver(good[:-1] + bytes((good[-1] ^ 1,)))
    edge.deliver(good[:400] + bytes((good[400] ^ 1,)) + good[401:])
    edge.number, edge.event = 0, 0
    edge.send(Say(FILED, ("eve",)), sealer=other.keys)
    home.drain()
    assert [outcome.code for outcome in home.outcomes()] == ["HUB-I303"] * 3
    edge.deliver(good)
    assert home.drain().appended == 1


def law_forks_stop(home: Installation, edge: Edge) -> None:
    """Another frame under a number that was taken stops intake, and what came before it is in."""
    edge.send(Say(FILED, ("ann",)))
    edge.send(Say(LEFT, ("ann",)))
    edge.send(Say(LEFT, ("mallory",)), number=1)
    with pytest.raises(IntegrityError) as fork:
        home.drain()
    assert fork.value.exit_code == 4
    assert [fact.type for fact in home.facts()] == ["hub.SubjectRegistered", FILED, LEFT]


def test_a_fork_stops_intake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lower number with other bytes is a fork, exit 4; a door that takes any lower number for a repeat is caught."""
    for fetch in (1, 5_000):
        home = Installation(tmp_path / str(fetch))
        monkeypatch.setattr(home, "drain", lambda home=home, fetch=fetch: Installation.drain(home, fetch))
        law_forks_stop(home, Edge(home, "c"))
    monkeypatch.setattr("hub.intake.fetch.Fetch._taken", lambda self, *_: self._hashes[max(self._hashes)])
    home = Installation(tmp_path / "mutant")
    monkeypatch.setattr("hub.intake.arrive.next_of", lambda chain, header, digest, taken: "repeat")
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        law_forks_stop(home, Edge(home, "c"))


@pytest.mark.parametrize(
    ("sabotage", "code"), [({"previous": "00" * 32}, "HUB-I420"), ({"incarnation": "00" * 16}, "HUB-I422")]
)
def test_two_histories_of_a_connector_stop_intake(tmp_path: Path, sabotage: dict[str, Any], code: str) -> None:
    """A frame that does not follow the last one, or comes from another spool of the same generation, is no next one."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("ann",)))
    home.drain()
    edge.send(Say(LEFT, ("ann",)), **sabotage)
    with pytest.raises(IntegrityError, match=code):
        home.drain()
    with pytest.raises(IntegrityError, match=code):
        home.drain()


def test_a_fork_is_passed_once_a_person_decided(tmp_path: Path) -> None:
    """A frame that was ruled out is refused with a code of its own, and intake goes on with the connector's history."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("ann",)))
    good = edge.previous
    edge.send(Say(FILED, ("mallory",)), number=1)
    with pytest.raises(IntegrityError) as fork:
        home.drain(1)
    (tmp_path / "hub.toml").write_text("format = 1\n", encoding="utf-8")
    assert run(["agency", "rule-out", str(fork.value.place["frame"]), "--by", "li", "--home", str(tmp_path)]) == 0
    edge.previous = good
    edge.send(Say(LEFT, ("ann",)))
    home.drain()
    assert [outcome.code for outcome in home.outcomes()] == ["", "HUB-I304", ""]
    assert [fact.type for fact in home.facts()] == ["hub.SubjectRegistered", FILED, LEFT]
    assert run(["agency", "rule-out", "12", "--by", "li", "--home", str(tmp_path)]) == 2


def test_a_new_spool_says_which_one_it_follows(tmp_path: Path) -> None:
    """Generation two is taken when it begins with a SourceStarted that names the spool before it, else refused."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    old = edge.send(Say(FILED, ("ann",)))
    before = edge.restart()
    edge.send(Say(FILED, ("ann",)))
    home.drain()
    assert home.outcomes()[-1].code == "HUB-I310"
    edge.number, edge.event = 0, 0
    edge.send(Say("agency.SourceStarted", given=(("previous", "ff" * 16), ("reason", "lost"))))
    edge.number, edge.event = 0, 0
    edge.send(Say("agency.SourceStarted", given=(("previous", before), ("reason", "lost"))), Say(LEFT, ("ann",)))
    edge.send(Say(FOLLOWED, ("ann",)))
    edge.deliver(old)
    home.drain()
    assert [outcome.code for outcome in home.outcomes()] == ["", "HUB-I310", "HUB-I310", "", ""]
    asserted = [fact.asserted for fact in home.facts() if fact.type in (FILED, LEFT, FOLLOWED)]
    assert asserted == [(1 << 48) + (1 << 32) + 1, (1 << 48) + (2 << 32) + 2, (1 << 48) + (2 << 32) + 3]
    assert home.intake.totals(AGENCY)["repeat"] == 1


def test_a_generation_is_not_skipped(tmp_path: Path) -> None:
    """A spool that is two ahead waits until the one between has come."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("ann",)))
    edge.restart()
    edge.restart()
    edge.send(Say("agency.SourceStarted", given=(("reason", "lost"),)))
    assert home.drain().ahead == 1


def test_two_connectors_keep_their_own_chains(tmp_path: Path) -> None:
    """Connectors of one agency are numbered apart, and mixed frames of both are all taken."""
    home = Installation(tmp_path)
    edges = [Edge(home, "one"), Edge(home, "two")]
    for _ in range(3):
        for edge in edges:
            edge.send(Say(FILED, ("ann",)))
    home.drain(2)
    law_one_outcome_a_frame(home, 6)
    assert len({fact.id for fact in home.facts()}) == 7


def test_the_registry_gives_no_number_twice(tmp_path: Path) -> None:
    """Registering again keeps the number and takes the new rights; another agency cannot take the name."""
    home = Installation(tmp_path)
    one, two = Edge(home, "one"), Edge(home, "two")
    again = home.store.register(one.registered._replace(areas="37"))
    assert [(each.number, each.areas) for each in home.store.registry()[1]] == [(1, "37"), (2, "22")]
    assert again.number == 1
    with pytest.raises(DataError, match="HUB-I350"):
        home.store.register(two.registered._replace(agency="other"))


def touches(lane: Lane) -> None:
    """Mutant: changes the payload."""
    lane.records[-1] = lane.records[-1]._replace(value=lane.records[-1].value[:-1] + b"\1")


def loses(lane: Lane) -> None:
    """Mutant: a record is lost."""
    lane.records.pop()


def skips(lane: Lane) -> None:
    """Mutant: a number is left out."""
    lane.number += 1


@pytest.mark.parametrize("mutant", [touches, loses, skips])
def test_the_laws_kill_their_mutants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: Callable[[Lane], None]
) -> None:
    """A router that touches, loses or numbers wrongly is caught by the laws of outcomes, payload or sums."""
    append = Router._append

    def broken(self: Router, *given: Any) -> Lane:
        lane = append(self, *given)
        mutant(lane)
        return lane

    monkeypatch.setattr(Router, "_append", broken)
    home = Installation(tmp_path)
    values = a_week(Edge(home, "c"))
    home.drain()
    with pytest.raises((AssertionError, KeyError)):  # noqa: PT012  whichever law sees it first
        law_one_outcome_a_frame(home, 3)
        law_payload_untouched(home, values)
        law_sums(home)


def test_headers_made_for_many_are_those_made_for_one() -> None:
    """The prepared packer writes the canonical headers, to the byte."""
    made = envelope_packer("a.B", "agency/x", "intake/x")(b"i" * 16, 7, 8, 9, b"c" * 32, "p:1:", b"refs")
    assert made == pack_envelope(
        Envelope(b"i" * 16, 7, 8, 9, b"c" * 32, 0, "a.B", "agency/x", "intake/x", "p:1:", b"refs")
    )
