"""What a carrier brings is compared with what is there: equal is a repeat, other bytes a fork, refused comes again."""

import os
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.files.packets import write_packet
from hub.core.errors import AppendUncertain, DataError, IntegrityError
from hub.core.frame import unpack_frame
from hub.core.packet import FRAMES, Packet, pack_packet, unpack_packet
from hub.core.record import Record
from hub.intake.packets import Imported, Importer
from hub.intake.waiting import Waiting
from tests.carriers.rig import INGRESS, digest, packed, standing
from tests.intake.build import AGENCY, Edge, Installation, Say

VISIT = Say("health.DischargeAssessed", ("zhang",))


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """An installation of intake over a log in memory."""
    return Installation(tmp_path)


def bring(importer: Importer, *frames: bytes) -> Imported:
    return importer.take(*packed(*frames))


@pytest.mark.parametrize("drained", [True, False])
def test_a_copied_spool_is_a_fork_and_an_equal_frame_a_repeat(home: Installation, drained: bool) -> None:
    """Other bytes under a number, taken or still waiting, go to intake, which stops; equal ones go nowhere."""
    edge, importer = Edge(home, "clinic"), Importer(home.log, home.store)
    frames = [edge.frame(VISIT) for _ in range(3)]
    assert bring(importer, *frames).frames == 3
    if drained:
        home.drain()
    again = bring(importer, *frames)
    assert (again.frames, again.missing, again.fork) == (0, None, None)
    edge.number, edge.previous = 1, unpack_frame(frames[1]).header.previous
    other = edge.frame(VISIT)
    forked = bring(importer, frames[0], other, frames[2])
    assert (forked.frames, forked.fork and forked.fork[0]) == (1, 2)
    assert standing(home) == [*frames, other]
    assert bring(importer, other).frames == 0, "a fork that stands there already is not appended again"
    with pytest.raises(IntegrityError, match="HUB-I421"):
        home.drain()


def test_an_older_spool_that_goes_on_is_a_fork(home: Installation) -> None:
    """Frames of a spool that another one followed: those taken are repeats, others are intake's to judge."""
    edge, importer = Edge(home, "clinic"), Importer(home.log, home.store)
    first = edge.frame(VISIT)
    later = edge.frame(VISIT)
    before = edge.restart()
    edge.previous = ""
    started = edge.frame(Say("agency.SourceStarted", given=(("previous", before), ("reason", "replaced"))))
    assert [bring(importer, one).frames for one in (first, started)] == [1, 1]
    home.drain()
    assert bring(importer, first).frames == 0
    assert bring(importer, later).fork is not None
    with pytest.raises(IntegrityError, match="HUB-I421"):
        home.drain()
    home.store.rule_out(digest(later), "somebody")
    assert bring(importer, later).frames == 0, "what a person ruled out is not asked about again"


def test_a_frame_that_intake_refused_comes_again_with_all_after_it(home: Installation) -> None:
    """What intake refused or passed over is not there: the same bytes are appended once more, and then taken."""
    edge, importer = Edge(home, "clinic"), Importer(home.log, home.store)
    frames = [edge.frame(VISIT) for _ in range(3)]
    right = edge.registered._replace(public_key=edge.keys.public("agency"))
    home.store.register(right._replace(public_key=bytes(32)))
    bring(importer, *frames)
    home.intake.advance(AGENCY, 1)  # the first is refused; the others still wait, and will be passed over
    home.store.register(right)
    assert bring(importer, *frames).frames == 3
    home.drain()
    assert [outcome.code for outcome in home.outcomes()] == ["HUB-I303", "", "", ""]
    assert bring(importer, *frames).frames == 0


def test_an_append_that_nobody_knows_about_is_made_good(home: Installation) -> None:
    """Whatever landed of a packet, whole, in part, or the later frames only: brought again, all is taken once."""
    edge, importer = Edge(home, "clinic"), Importer(home.log, home.store)
    for landing in (slice(0, 4), slice(0, 2), slice(2, 4), slice(0, 0)):
        frames = [edge.frame(VISIT) for _ in range(4)]
        home.log.fault = lambda topic, records, landing=landing: records[landing] if topic == INGRESS else None
        with pytest.raises(AppendUncertain):
            bring(importer, *frames)
        home.log.fault = lambda topic, records: None
        bring(importer, *frames)
        assert bring(importer, *frames).frames == 0
    home.drain()
    assert [outcome.frame for outcome in home.outcomes()] == list(range(1, 17))


def test_what_comes_before_its_turn_names_what_is_missing(home: Installation) -> None:
    """Frames of a spool, or a whole spool, that come first are named, and nothing is appended before they are there."""
    edge, importer = Edge(home, "clinic"), Importer(home.log, home.store)
    frames = [edge.frame(VISIT) for _ in range(5)]
    assert bring(importer, *frames[3:]).missing == (1, 3)
    bring(importer, *frames[:2])
    assert bring(importer, *frames[3:]).missing == (3, 3)
    edge.restart()
    edge.restart()
    assert bring(importer, edge.frame(VISIT)).spool == 2
    assert standing(home) == frames[:2]


def test_two_doors_at_once_bring_each_frame_once(home: Installation) -> None:
    """What another importer appended meanwhile is seen before each packet."""
    edge = Edge(home, "clinic")
    one, two = Importer(home.log, home.store), Importer(home.log, home.store)
    frames = [edge.frame(VISIT) for _ in range(6)]
    for at in range(0, 6, 2):
        assert [bring(each, *frames[at : at + 2]).frames for each in (one, two)] == [2, 0]
        one, two = two, one
    assert standing(home) == frames


def test_who_goes_by_numbers_only_would_hide_a_fork(home: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: an importer that looks at numbers and not at bytes hides the fork, which the law above accuses."""
    monkeypatch.setattr(Waiting, "knows", lambda self, header, hash: header.number <= self.last(header.connector)[1])
    with pytest.raises(AssertionError):
        test_a_copied_spool_is_a_fork_and_an_equal_frame_a_repeat(home, True)


def test_a_packet_whose_fields_are_of_another_kind_is_no_packet() -> None:
    """Texts, numbers and sizes are what they have to be, whoever computed the hash."""
    good = Packet(FRAMES, "a", "c", 1, 1, 1, "")
    wrong: list[dict[str, Any]] = [{"agency": 1}, {"generation": "1"}, {"first": True}, {"first": 1.0}, {"kind": "x"}]
    for change in wrong:
        with pytest.raises(DataError, match="HUB-I360"):
            unpack_packet(pack_packet(good._replace(**change), [Record(b"c", b"", b"x")]), "file")


@pytest.mark.skipif(os.name == "nt", reason="a folder cannot be opened there")
def test_a_packet_is_on_disk_under_its_name_before_anybody_counts_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file's bytes are synced, then it gets its name, then its folder is synced: in that order."""
    done: list[str] = []
    sync, rename = os.fsync, Path.replace

    def synced(handle: int) -> None:
        done.append("folder" if os.path.isdir(f"/dev/fd/{handle}") else "file")
        sync(handle)

    def renamed(self: Path, target: Path) -> Path:
        done.append("name")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    path = write_packet(tmp_path, Packet(FRAMES, "a", "c", 1, 1, 1, ""), [Record(b"c", b"", b"x")])
    assert done == ["file", "name", "folder"]
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
