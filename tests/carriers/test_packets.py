"""Packets carried by hand: in whatever order, as often as you like, the same facts arrive, and what lacks is named."""

import json
import random
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from connectors.run.offline import pack
from hub.cli.main import run
from hub.core.calendar import iso
from hub.core.errors import DataError
from hub.core.packet import Packet, pack_packet, unpack_packet
from hub.core.record import Record
from tests.e2e.rig import NAMES, Home, Model, anonymous, decided, facts

SMALL = 20_000  # bytes of a packet, so that there are several


class Typed:
    """Commands typed at an installation, in this process: a hundred processes would take minutes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        monkeypatch.setenv("HUB_LANG", "en")

    def __call__(self, home: Home, *words: str, expect: int = 0) -> tuple[str, str]:
        """What a command prints; its exit code must be `expect`."""
        self._monkeypatch.setenv("HUB_HUB_CLOCK_DAY", iso(home.day))
        self._capsys.readouterr()
        code = run([*words, "--home", str(home.folder)])
        told = self._capsys.readouterr()
        assert code == expect, f"{words}: exit {code}\n{told.out}{told.err}"
        return told.out, told.err


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types commands."""
    return Typed(monkeypatch, capsys)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The embedded run: forty persons, history and a live step."""
    return Model(tmp_path_factory.mktemp("model"), 40, 2)


def offline(model: Model, folder: Path) -> Home:
    """An installation whose connectors are reached by no network, brought to the first step's sources."""
    home = model.twin(folder)
    for name in NAMES:
        path = home.folder / "edges" / name / "edge.toml"
        text = re.sub(r'^log = ".*"$', 'log = "offline:"', path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")
    return home


def run_all(typed: Typed, home: Home) -> None:
    for name in NAMES:
        typed(home, "connector", "run", name)


def pack_all(typed: Typed, home: Home, stick: Path, *options: str) -> list[Path]:
    for name in NAMES:
        typed(home, "connector", "pack", name, "--to", str(stick), "--max-mb", "1", *options)
    return sorted(stick.glob("*.frames"))


def answer_all(typed: Typed, home: Home, stick: Path) -> None:
    """Carry every agency's answers back to each of its connectors."""
    for name in NAMES:
        agency = re.search(r'agency = "(.*)"', (home.folder / "edges" / name / "edge.toml").read_text("utf-8"))
        assert agency
        back = stick / f"{agency[1]}-{name}"
        typed(home, "ingress", "answer", agency[1], "--to", str(back))
        typed(home, "connector", "answers", name, str(back))


@pytest.mark.slow
def test_frames_carried_by_hand_end_with_the_same_facts(model: Model, typed: Typed, tmp_path: Path) -> None:
    """Two steps carried on a stick, packets twice and answers back, give the embedded run's facts; all is answered."""
    home = offline(model, tmp_path / "home")
    for number in range(2):
        home.grow()
        run_all(typed, home)
        stick = tmp_path / f"stick{number}"
        assert pack_all(typed, home, stick)
        typed(home, "ingress", "import", str(stick))
        typed(home, "ingress", "import", str(stick))
        home.drain()
        home.tick()
        answer_all(typed, home, tmp_path / f"back{number}")
        run_all(typed, home)
    ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    for row in json.loads(typed(home, "connector", "status", "--json")[0]):
        assert (row["unsent"], row["blocked"], row["error"]) == (0, "", None)
        assert row["appended"] > 0


@pytest.mark.slow
def test_packets_in_any_order_wait_for_what_is_missing(
    model: Model, typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A packet before its turn names what is missing and is taken later; one that is damaged is named and stays."""
    home = offline(model, tmp_path / "home")
    home.grow()
    stick, name = tmp_path / "stick", NAMES[0]
    monkeypatch.setattr("hub.cli.connector.offline.pack", small_pack)
    monkeypatch.setattr("connectors.frames.seal.EVENTS", 10)
    typed(home, "connector", "run", name)
    typed(home, "connector", "pack", name, "--to", str(stick))
    files = sorted(stick.glob("*.frames"))
    assert len(files) > 2
    first, *others = files
    late = tmp_path / "late"
    late.mkdir()
    for path in others:
        shutil.copy(path, late)
    done = typed(home, "ingress", "import", str(late), expect=3)
    packet, _ = unpack_packet(first.read_bytes(), first.name)
    assert f"missing {packet.first}-{packet.last}" in done[1]
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / first.name).write_bytes(first.read_bytes()[:-40])
    done = typed(home, "ingress", "import", str(damaged), expect=3)
    assert "HUB-I360" in done[1]
    shuffled = [str(path) for path in files]
    random.Random(7).shuffle(shuffled)
    typed(home, "ingress", "import", *shuffled)
    again = typed(home, "ingress", "import", *shuffled, "--json")
    assert all(row["frames"] == 0 and row["missing"] is None for row in json.loads(again[0]))


@pytest.mark.slow
def test_one_damaged_packet_holds_up_no_other(model: Model, typed: Typed, tmp_path: Path) -> None:
    """Each packet that cannot be taken is named with file and code; the others are taken; the exit code is 3."""
    home = offline(model, tmp_path / "home")
    home.grow()
    run_all(typed, home)
    stick = tmp_path / "stick"
    files = pack_all(typed, home, stick)
    one, two, *good = files
    one.write_bytes(one.read_bytes()[:-1])
    packet, records = unpack_packet(two.read_bytes(), two.name)
    two.write_bytes(pack_packet(packet._replace(connector="stranger"), records))
    out, err = typed(home, "ingress", "import", str(stick), expect=3)
    assert "HUB-I371" in err
    for path, code in ((one, "HUB-I360"), (two, "HUB-I362")):
        assert re.search(f"{re.escape(path.name)}  {code}  ", out)
    rows = json.loads(typed(home, "ingress", "import", str(stick), "--json", expect=3)[0])
    assert {row["file"]: row["code"] for row in rows if "code" in row} == {
        one.name: "HUB-I360",
        two.name: "HUB-I362",
    }
    again = [row for row in rows if "code" not in row]
    assert [row["file"] for row in again] == [path.name for path in good]
    assert all((row["frames"], row["missing"]) == (0, None) for row in again), "the first import took them"


def small_pack(edge: object, log: object, begin: int, most_bytes: int, write: object) -> int:
    """As `pack`, with packets of few frames."""
    return pack(edge, log, begin, SMALL, write)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_lost_packet_is_packed_again(model: Model, typed: Typed, tmp_path: Path) -> None:
    """What was lost on its way is packed again from the beginning; what did arrive is a repeat."""
    home = offline(model, tmp_path / "home")
    home.grow()
    run_all(typed, home)
    pack_all(typed, home, tmp_path / "lost")
    assert pack_all(typed, home, tmp_path / "nothing") == []
    assert pack_all(typed, home, tmp_path / "again", "--again")
    typed(home, "ingress", "import", str(tmp_path / "again"))
    typed(home, "ingress", "import", str(tmp_path / "lost"))
    home.drain()
    assert home.facts("agency/")


@pytest.mark.slow
def test_what_does_not_belong_here_is_refused_by_name(model: Model, typed: Typed, tmp_path: Path) -> None:
    """Another agency's answers, another connector's frames, an unregistered one's, and an edge that is online."""
    home = offline(model, tmp_path / "home")
    home.grow()
    name = NAMES[0]
    typed(home, "connector", "run", name)
    stick = tmp_path / "stick"
    typed(home, "connector", "pack", name, "--to", str(stick))
    path = next(stick.glob("*.frames"))
    packet, records = unpack_packet(path.read_bytes(), path.name)
    for change, code in (({"connector": "other"}, "HUB-I362"), ({"first": 2, "last": packet.last + 1}, "HUB-I362")):
        wrong = packet._replace(**change)  # type: ignore[arg-type]
        folder = tmp_path / f"wrong{len(change)}"
        folder.mkdir()
        (folder / wrong.name).write_bytes(pack_packet(wrong, records))
        assert code in typed(home, "ingress", "import", str(folder), expect=3)[1]
    back = tmp_path / "back"
    back.mkdir()
    other = Packet("answers", "nobody", "", 0, 0, 0, "x")
    (back / other.name).write_bytes(pack_packet(other, [Record(b"", b"", b"")]))
    assert "HUB-C341" in typed(home, "connector", "answers", name, str(back), expect=3)[1]
    online = model.twin(tmp_path / "online")
    assert "HUB-C344" in typed(online, "connector", "pack", name, "--to", str(stick), expect=3)[1]


@pytest.mark.parametrize("cut", [1, 33, 60])
def test_a_packet_that_is_cut_or_changed_is_no_packet(cut: int) -> None:
    """Any byte that is missing or changed is noticed."""
    packet = Packet("frames", "a", "c", 1, 1, 1, "")
    raw = pack_packet(packet, [Record(b"c", b"", b"frame")])
    assert unpack_packet(raw, "x") == (packet, [Record(b"c", b"", b"frame")])
    for wrong in (raw[:-cut], raw[:cut] + bytes((raw[cut] ^ 1,)) + raw[cut + 1 :], b""):
        with pytest.raises(DataError, match="HUB-I360"):
            unpack_packet(wrong, "x")


def test_a_packet_of_a_newer_program_is_told_as_such() -> None:
    """Whoever is asked to carry a packet again, because it is damaged, has one that is: a newer one is no damage."""
    raw = pack_packet(Packet("frames", "a", "c", 1, 1, 1, ""), [Record(b"c", b"", b"frame")])
    newer = raw[:4] + b"\x02" + raw[5:-32]
    with pytest.raises(DataError, match="HUB-G130"):
        unpack_packet(newer + sha256(newer).digest(), "x")
    with pytest.raises(DataError, match="HUB-I360"):
        unpack_packet(newer + raw[-32:], "x")
