"""Three ways from an edge to the hub, each as bad as it may be: sends are lost, doubled and come in another order."""

import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from connectors.edge import Edge
from connectors.run.offline import pack, take_answers
from connectors.run.run import run
from hub import wiring
from hub.adapters.files.packets import packet_files, read_packets, write_packet
from hub.api.ingress import Ingress, key_of
from hub.core.errors import AppendUncertain, IntegrityError, Unreachable
from hub.core.packet import ANSWERS, FRAMES, Packet
from hub.core.record import Record
from hub.intake.packets import Importer, answers
from hub.ports.log import Log
from tests.carriers.rig import serving
from tests.e2e.rig import NAMES, Home

SMALL = 20_000  # bytes of a packet, so that there are several
FATES = ("well", "well", "nothing", "whole", "part", "later", "twice", "turned", "down")


class Lossy:
    """A log whose sends meet any fate that law 2 allows; reading fails now and then."""

    def __init__(self, log: Log, chance: random.Random) -> None:
        self._log, self._chance = log, chance
        self.fates: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        fate = self._chance.choice(FATES)
        self.fates.add(fate)
        half = (len(records) + 1) // 2
        if fate == "down":
            raise Unreachable("HUB-L502", reason="test")
        lands: dict[str, list[Sequence[Record]]] = {
            "well": [records],
            "nothing": [],
            "whole": [records],
            "part": [records[:half]],
            "later": [records[half:]],
            "twice": [records, records],
            "turned": [records[half:], records[:half]],
        }
        first = 0
        for some in lands[fate]:
            first = self._land(topic, partition, some)
        if fate in ("well", "twice"):
            return first
        raise AppendUncertain("HUB-L501", topic=topic, partition=partition)

    def _land(self, topic: str, partition: int, some: Sequence[Record]) -> int:
        try:
            return self._log.append(topic, partition, some)
        except IntegrityError as error:  # a gateway takes nothing before its turn, and says so
            if error.code != "HUB-L406":
                raise
            return 0

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        if self._chance.random() < 0.1:
            raise Unreachable("HUB-L502", reason="test")
        return self._log.read(topic, partition, offset, self._chance.choice([1, 3, limit]))


Wrap = Callable[[Log, random.Random], Any]


def straight(home: Home, chance: random.Random, wrap: Wrap = Lossy) -> set[str]:
    """Every connector publishes into the hub's own log, and tries again until all is sent and answered."""
    return _published(home, chance, wrap)


@contextmanager
def behind_a_gateway(home: Home) -> Iterator[int]:
    """Every connector of the installation reaches the hub through the gateway only, with its agency's key in a file."""
    settings, keys = home.settings, wiring.hub_keys(home.settings)

    def opened() -> Ingress:
        log, store = wiring.open_log(settings.database("log")), wiring.open_intake_store(settings)
        return Ingress(log, store, keys, 1, 100_000)

    with serving(opened, 16_000_000) as port:
        point(home, f"http://127.0.0.1:{port}")
        yield port


def point(home: Home, url: str) -> None:
    """Write the log's address, and for a gateway the agency's key, into every connector's settings."""
    for name in NAMES:
        folder = home.folder / "edges" / name
        text = (folder / "edge.toml").read_text(encoding="utf-8")
        text = re.sub(r'^log = ".*"$', f'log = "{url}"', text, flags=re.MULTILINE)
        if url.startswith("http") and "log_password_file" not in text:
            text += 'log_password_file = "key"\n'
        (folder / "edge.toml").write_text(text, encoding="utf-8")
        if url.startswith("http"):
            agency = wiring.open_edge(home.settings, name).spec.agency
            (folder / "key").write_text(key_of(wiring.hub_keys(home.settings), agency, 1), encoding="utf-8")


def gateway(home: Home, chance: random.Random, wrap: Wrap = Lossy) -> set[str]:
    """The same through HTTP: requests and answers are lost, come twice, or in another order."""
    with behind_a_gateway(home):
        return _published(home, chance, wrap)


def _published(home: Home, chance: random.Random, wrap: Wrap) -> set[str]:
    fates: set[str] = set()
    for name in chance.sample(NAMES, len(NAMES)):
        edge = wiring.open_edge(home.settings, name)
        with closing(wiring.edge_log(home.settings, edge)) as log:
            bad = wrap(log, chance)
            for _ in range(300):
                try:
                    run(edge, bad, wiring.system_of(home.settings))
                    break
                except Unreachable:
                    continue
            else:
                raise AssertionError(f"{name} was never done")
            fates |= getattr(bad, "fates", set())
    return fates


def packets(home: Home, chance: random.Random, last_round: bool = True) -> set[str]:
    """On sticks that are lost, carried twice, damaged and brought in any order; what was lost is packed again."""
    point(home, "offline:")
    fates: set[str] = set()
    for name in chance.sample(NAMES, len(NAMES)):
        edge = wiring.open_edge(home.settings, name)
        with closing(wiring.edge_log(home.settings, edge)) as own:
            take_answers(edge, own, _answered(home, edge, chance))
            run(edge, own, wiring.system_of(home.settings))
            stick = home.folder / "stick"
            write = partial(_keep, stick)
            for _ in range(3):
                pack(edge, own, 0, SMALL, write)
                fates |= _carry(home, stick, chance)
            if last_round:
                pack(edge, own, 0, SMALL, write)
                _carry(home, stick, None)
    return fates


def _keep(stick: Path, packet: Packet, records: list[Record]) -> None:
    write_packet(stick, packet, records)


def _carry(home: Home, stick: Path, chance: random.Random | None) -> set[str]:
    """Bring what is on a stick to the hub, well or, by chance, badly; the stick is empty then."""
    files, fates = packet_files([stick], FRAMES), set()
    if chance:
        files = [file for file in files for _ in range(chance.choice([0, 1, 1, 2]))]
        chance.shuffle(files)
    settings = home.settings
    with (
        closing(wiring.open_log(settings.database("log"))) as log,
        closing(wiring.open_intake_store(settings)) as store,
    ):
        importer = Importer(log, store)
        for _, packet, records in read_packets(files):
            done = importer.take(packet, records)
            fates.add("missing" if done.missing else "took" if done.frames else "repeat")
            assert done.fork is None
            assert not done.spool
    shutil.rmtree(stick)
    return fates


def _answered(home: Home, edge: Edge, chance: random.Random) -> Iterator[tuple[Packet, list[Record]]]:
    """The hub's answers, some packets twice, and in the end all of them in their order."""
    found: list[tuple[Packet, list[Record]]] = []
    with closing(wiring.open_log(home.settings.database("log"))) as log:
        answers(log, edge.spec.agency, 0, lambda packet, records: found.append((packet, records)), most=3)
    assert all(packet.kind == ANSWERS for packet, _ in found)
    at = 0
    while at < len(found):
        yield found[at]
        at += chance.choice([1, 1, 0, -1]) if at else 1
