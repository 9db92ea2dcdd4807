"""An answer that names its person by a reply code: opened by the hub that wrote it, for that site, and no otherwise."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.files.keys import FileKeys
from hub.core.frame import KIND_EVENT, KIND_OFFER, KIND_REPLY, KIND_SUBJECT, OFFER, PATIENT, STAFF, Ref, pack_edge_event
from hub.core.frame import unpack_refs as unpack
from hub.core.reply import ANSWER_TYPES, ANSWERS, HANDOVER_ASKED, OFFER_ASKED, Terms, number_of, read, written
from hub.intake.reply import Named, Replies, assigned
from hub.intake.route import SECRET
from tests.intake.build import Edge, Installation, Say
from tests.intake.laws import law_one_outcome_a_frame, law_sums

SITE, OTHER = "52220102MJ0000001A", "52220102MJ0000002B"
FILED, ACCEPTED, DECLINED = "health.PatientFiled", "stations.OfferAccepted", "stations.OfferDeclined"
DAY, UNTIL = 20_000, 20_010
PROPOSAL = bytes(range(16))


class World:
    """An intake that knows one person, and a desk that is registered for one site."""

    def __init__(self, folder: Path, sites: str = SITE) -> None:
        self.home = Installation(folder)
        hospital = Edge(self.home, "hospital")
        hospital.send(Say("agency.SourceStarted", given=(("reason", "first"),)), Say(FILED, ("ann",)))
        self.home.drain()
        (self.subject,) = {fact.key for fact in self.home.facts() if fact.topic == "persons"}
        self.desk = Edge(self.home, "desk")
        self.home.store.register(self.desk.registered._replace(sites=sites))
        self.replies = Replies(self.home.hub_keys, SECRET)
        self.desk.send(Say("agency.SourceStarted", given=(("reason", "first"),)))

    def code(self, asks: int = OFFER_ASKED, site: str = SITE, offer: bytes = PROPOSAL) -> bytes:
        """What the hub writes into a workbook."""
        return self.replies.make(Terms(asks, UNTIL), site, Named(self.subject, offer))

    def answer(
        self, code: bytes, type: str = ACCEPTED, site: str = SITE, day: int = DAY, role: int = PATIENT,
        more: tuple[Ref, ...] = (), who: tuple[str, ...] = (),
    ) -> str:  # fmt: skip
        """The code of intake's outcome for one answer; "" where it was taken."""
        given: dict[str, Any] = {"site": site, "occurred_on": day} if type in ANSWER_TYPES else {}
        given |= {"reason": "full"} if type in (DECLINED, "stations.HandoverDeclined") else {}
        before = self.home.intake.totals("changchun-health")
        refs = (Ref(role, KIND_REPLY, code), *more)
        self.desk.send(Say(type, who, refs=refs, given=tuple(given.items())))
        self.home.drain()
        law_sums(self.home)
        new = {name for name, n in self.home.intake.totals("changchun-health").items() if n != before.get(name, 0)}
        return next((name for name in new if name.startswith("HUB-")), "")


def test_an_answer_is_recorded_as_if_it_had_named_the_person_by_number(tmp_path: Path) -> None:
    """The canonical record has the subject and the offer, and nothing of the code."""
    world = World(tmp_path)
    for n, (asks, answer) in enumerate(product(ANSWERS, ("accepted", "declined"))):
        type, code = ANSWERS[asks][answer], world.code(asks)
        assert world.answer(code, type) == ""
        fact = [fact for fact in world.home.facts() if fact.type == type][-1]
        assert fact.key == world.subject, n
        assert unpack(fact.refs) == (
            Ref(PATIENT, KIND_SUBJECT, world.subject),
            Ref(OFFER, KIND_OFFER, PROPOSAL),
        )
        raw = b"".join(record.headers + record.value for part in persons(world) for record in part)
        assert code[4:] not in raw
    law_one_outcome_a_frame(world.home, 6)


def persons(world: World) -> list[list[Any]]:
    """The records of persons."""
    return [part for (topic, _), part in world.home.parts().items() if topic == "persons"]


def test_an_assignment_without_an_offer_names_none(tmp_path: Path) -> None:
    """Where no offer came before, the record refers to none, whichever day the assignment is of, and also under a code
    of a hub of before, which named no day."""
    world = World(tmp_path)
    for offer in (assigned(DAY), assigned(-30_000), assigned(None), bytes(16)):
        assert world.answer(world.code(offer=offer)) == ""
        fact = [fact for fact in world.home.facts() if fact.type == ACCEPTED][-1]
        assert unpack(fact.refs) == (Ref(PATIENT, KIND_SUBJECT, world.subject),)


def test_no_bit_of_a_code_can_be_changed(tmp_path: Path) -> None:
    """Whichever bit is turned, nothing is opened; and a code of another hub opens nothing, either."""
    world = World(tmp_path / "a")
    code = world.code()
    day = world.replies.open(code, ACCEPTED, SITE, DAY)
    assert day == Named(world.subject, PROPOSAL)
    for bit in range(len(code) * 8):
        forged = bytearray(code)
        forged[bit // 8] ^= 1 << bit % 8
        assert world.replies.open(bytes(forged), ACCEPTED, SITE, DAY) == "HUB-I450", bit
    keys = FileKeys(tmp_path / "b")
    keys.make("secret", SECRET)
    stranger = Replies(keys, SECRET).make(Terms(OFFER_ASKED, UNTIL), SITE, Named(world.subject, PROPOSAL))
    for forged_code in (stranger, code[:-1], code + b"\0", b"", bytes(52)):
        assert world.answer(forged_code) == "HUB-I450"


def test_a_code_is_good_for_its_site_kind_and_days_only(tmp_path: Path) -> None:
    """Another site's answer, another kind of answer, and one after the last day are refused, each with its code."""
    world = World(tmp_path, f"{SITE} {OTHER}")
    code = world.code()
    assert world.answer(code, site=OTHER) == "HUB-I450"
    assert world.answer(code, "stations.HandoverAccepted") == "HUB-I450"
    assert world.answer(world.code(HANDOVER_ASKED)) == "HUB-I450"
    assert world.answer(code, day=UNTIL + 1) == "HUB-I452"
    assert world.answer(code, day=UNTIL) == ""


@pytest.mark.parametrize("sites", ["", OTHER])
def test_only_who_is_registered_for_the_site_may_answer(tmp_path: Path, sites: str) -> None:
    """A connector that may speak of any site must still be registered for this one by name: the code went astray."""
    world = World(tmp_path, sites)
    assert world.answer(world.code()) == ("HUB-I324" if sites else "HUB-I451")
    assert not [fact for fact in world.home.facts() if fact.type == ACCEPTED]


def test_a_code_names_nobody_in_any_other_event(tmp_path: Path) -> None:
    """Only an answer may name its person so, as its patient, with nobody and nothing else beside."""
    world = World(tmp_path)
    code = world.code()
    assert world.answer(code, "health.FollowUpRecorded") == "HUB-I326"
    assert world.answer(code, "agency.ConsentGranted") == "HUB-I326"
    assert world.answer(code, role=STAFF) == "HUB-I326"
    assert world.answer(code, more=(Ref(PATIENT, KIND_REPLY, code),)) == "HUB-I326"
    assert world.answer(code, more=(Ref(16, KIND_EVENT, pack_edge_event(1, 1)),)) == "HUB-I326"
    assert world.answer(code, who=("bo",)) == "HUB-I326"


def test_a_frame_read_again_after_a_crash_gives_the_same_records(tmp_path: Path) -> None:
    """Opening a code is a function of the frame and the key: what intake sends twice is the same."""
    world = World(tmp_path)
    world.desk.send(
        Say(ACCEPTED, refs=(Ref(PATIENT, KIND_REPLY, world.code()),), given=(("site", SITE), ("occurred_on", DAY)))
    )

    class Died(BaseException):
        pass

    def lost(*_: Any) -> None:
        raise Died

    commit, world.home.store.commit = world.home.store.commit, lost  # type: ignore[method-assign]
    with pytest.raises(Died):
        world.home.drain()
    world.home.store.commit = commit  # type: ignore[method-assign]
    before = world.home.parts()
    assert [record for part in persons(world) for record in part if b"OfferAccepted" in record.headers]
    world.home.drain()
    sent = {place: part for place, part in world.home.parts().items() if place[0] == "persons"}
    for place, part in sent.items():
        assert part[: len(before[place])] == before[place]
        assert set(part) == set(before[place])  # sent twice at most, never otherwise


def test_a_code_as_text_shows_every_slip(tmp_path: Path) -> None:
    """A code is read back from its text, also in small letters with blanks; with one character changed it is none."""
    world = World(tmp_path)
    code = world.code()
    text = written(code)
    assert read(text) == read(f" {text[:40]} \n{text[40:]}".lower()) == code
    assert len(number_of(code)) == 8
    for at in range(len(text)):
        for letter in "A7":
            changed = text[:at] + letter + text[at + 1 :]
            assert read(changed) == (code if changed == text else None), at
    assert read(text[:-1]) is read("") is read("不是") is None


def test_the_same_offer_has_the_same_code(tmp_path: Path) -> None:
    """Whoever writes an inbox twice writes the same, so that an answer given twice is one; other offers have others."""
    world = World(tmp_path)
    codes = [
        world.code(),
        world.code(),
        world.code(HANDOVER_ASKED),
        world.code(site=OTHER),
        world.code(offer=b"2" * 16),
    ]
    assert len(set(codes)) == 4
    assert len({number_of(code) for code in codes}) == 4
