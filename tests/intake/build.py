"""An edge that makes real frames, a log that fails as law 2 allows, and an installation of intake over real files."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hub.adapters.files.keys import FileKeys
from hub.adapters.sql.intake import SqliteIntakeStore
from hub.adapters.sql.vault import SqliteVaultTables
from hub.adapters.system import FixedSystem
from hub.core.envelope import unpack_envelope
from hub.core.errors import AppendUncertain
from hub.core.frame import (
    BODY_LABEL,
    PATIENT,
    PERSONS_LABEL,
    Entry,
    FrameHeader,
    Ref,
    commitment,
    pack_body,
    pack_entry,
    pack_header,
    pack_person,
    pack_persons,
    pack_refs,
    pack_unsigned,
    root_of,
)
from hub.core.outcome import Outcome, unpack_outcome
from hub.core.record import Bounds, Record
from hub.flow.accept import NEXT, accept
from hub.intake.intake import Intake, Progress
from hub.ports.intake import Connector
from hub.ports.log import Log
from hub.vault.vault import LinkingVault
from tests.flow.sample import CODEC, fields

AREA = "220102"
SIZES = {"persons": 4, "markets": 2}
AGENCY = "changchun-health"


def pack_entries(entries: Iterable[Entry]) -> bytes:
    """A body of these events."""
    return pack_body(
        pack_entry(number, area, b"".join(pack_person(*one) for one in persons), pack_refs(refs), place, value)
        for number, area, persons, refs, place, value in entries
    )


class Crash(BaseException):
    """The process was killed here."""


class FaultyLog:
    """A log in memory. `fault(topic, records)` may raise Crash before anything landed, or return which records land
    before an AppendUncertain; None lets all pass."""

    def __init__(self) -> None:
        self.parts: dict[tuple[str, int], list[Record]] = {}
        self.sizes: dict[str, int] = {}
        self.fault: Callable[[str, Sequence[Record]], Sequence[Record] | None] = lambda topic, records: None

    def identity(self) -> str:
        return "log-1"

    def create(self, topic: str, partitions: int) -> None:
        assert self.sizes.setdefault(topic, partitions) == partitions
        for partition in range(partitions):
            self.parts.setdefault((topic, partition), [])

    def topics(self) -> dict[str, int]:
        return dict(self.sizes)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        part = self.parts[topic, partition]
        landed = self.fault(topic, records)
        part += records if landed is None else landed
        if landed is not None:
            raise AppendUncertain("HUB-L501", topic=topic, partition=partition)
        return len(part) - len(records)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        part = self.parts[topic, partition]
        assert 0 <= offset <= len(part)
        assert limit > 0
        return part[offset : offset + limit]

    def bounds(self, topic: str, partition: int) -> Bounds:
        return Bounds(0, len(self.parts[topic, partition]))

    def close(self) -> None:
        self.fault = lambda topic, records: None


class Fact(NamedTuple):
    """A canonical record as accept-next reads it, without the number that only its sending needs."""

    topic: str
    key: bytes
    type: str
    id: bytes
    asserted: int
    place: str
    refs: bytes
    value: bytes


class Say(NamedTuple):
    """An event to be sent: its type, whom it concerns by token names (as patient), and what else is not ordinary."""

    type: str
    who: tuple[str, ...] = ()
    area: str = AREA
    refs: tuple[Ref, ...] = ()
    number: int = 0
    roles: tuple[int, ...] = ()
    value: bytes | None = None
    given: tuple[tuple[str, Any], ...] = ()


class Edge:
    """One connector's spool. `sabotage` changes the header or other parts of the next frame before it is sealed."""

    def __init__(self, installation: "Installation", name: str, types: str = "agency.* health.* stations.*") -> None:
        self.name, self._home = name, installation
        self.keys = FileKeys(installation.folder / "edges" / name)
        self.keys.make("sign", "agency")
        self.generation, self.number, self.event, self.previous = 1, 0, 0, ""
        self.incarnation = hashlib.sha256(f"{name}/1".encode()).hexdigest()[:32]
        self.registered = Connector(
            0, name, AGENCY, "health", types, "22", "", self.keys.public("agency"), "county key check"
        )
        installation.store.register(self.registered)

    def restart(self) -> str:
        """A new spool takes over; returns the old one's id."""
        before = self.incarnation
        self.generation, self.number, self.event = self.generation + 1, 0, 0
        self.incarnation = hashlib.sha256(f"{self.name}/{self.generation}".encode()).hexdigest()[:32]
        return before

    def entry(self, say: Say, people: dict[str, int]) -> Entry:
        """One event as a frame has it."""
        self.event = say.number or self.event + 1
        salt = hashlib.sha256(f"{self.name}/{self.generation}/{self.event}".encode()).digest()[:16]
        value = say.value or CODEC.encode(say.type, fields(say.type, salt=salt, area=say.area, **dict(say.given)))
        roles = say.roles or (PATIENT,) * len(say.who)
        who = tuple((role, people.setdefault(name, len(people))) for role, name in zip(roles, say.who, strict=True))
        return Entry(self.event, say.area, who, say.refs, f"rows:{self.event}:", value)

    def frame(self, *says: Say, **sabotage: Any) -> bytes:
        """The bytes of the next frame. A person's name is its token, `a+b` has two, `` has none."""
        people: dict[str, int] = {}
        entries = [self.entry(say, people) for say in says]
        self.number = sabotage.pop("number", self.number + 1)
        marks = root_of(commitment(entry.value) for entry in entries).hex()
        plain = FrameHeader(
            AGENCY, self.name, self.incarnation, self.generation, self.number, self.previous, 1,
            "county key check", "ab", "1", len(entries), marks, 1_767_000_000_000 + self.number,
        )  # fmt: skip
        sealer = sabotage.pop("sealer", self.keys)
        header = pack_header(plain._replace(**{k: v for k, v in sabotage.items() if k in plain._fields}))
        body_key, persons_key = self.keys.fresh(), self.keys.fresh()
        hub, vault = self._home.hub_keys.public("hub"), self._home.vault_keys.public("vault")
        signed = pack_unsigned(
            header,
            self.keys.seal(body_key, pack_entries(entries), header),
            self.keys.seal(persons_key, pack_persons(persons_of(people)), header),
            self.keys.wrap(sabotage.get("body_for", hub), body_key, BODY_LABEL),
            self.keys.wrap(sabotage.get("persons_for", vault), persons_key, PERSONS_LABEL),
        )
        raw = signed + sealer.sign("agency", signed)
        self.previous = hashlib.sha256(raw).hexdigest()
        return raw

    def send(self, *says: Say, **sabotage: Any) -> bytes:
        """Make the next frame and append it."""
        raw = self.frame(*says, **sabotage)
        self.deliver(raw)
        return raw

    def deliver(self, raw: bytes) -> None:
        """Append a frame, the same or another."""
        self._home.log.append(f"ingress.{AGENCY}", 0, [Record(self.name.encode(), b"", raw)])


def persons_of(people: dict[str, int]) -> list[tuple[tuple[tuple[int, bytes], ...], bytes]]:
    """Tokens and identity of each name; the kinds count up from 1, the strongest."""
    return [
        (
            tuple((kind, token_of(part)) for kind, part in enumerate(name.split("+"), 1) if part),
            f"identity of {name}".encode() if name else b"",
        )
        for name in people
    ]


def token_of(name: str) -> bytes:
    """32 bytes that stand for a person's number."""
    return hashlib.sha256(b"token " + name.encode()).digest()


class Installation:
    """Folders, keys, stores and an intake. `open` stands for a restart of the process."""

    def __init__(self, folder: Path, log: Log | None = None) -> None:
        self.folder = folder
        self.log: Any = log or FaultyLog()
        for topic, size in SIZES.items():
            self.log.create(topic, size)
        for name in ("ingress", "outcomes"):
            self.log.create(f"{name}.{AGENCY}", 1)
        self.hub_keys, self.vault_keys = FileKeys(folder / "hub/keys"), FileKeys(folder / "vault/keys")
        for kind, name in (("wrap", "hub"), ("secret", "K_intake")):
            self.hub_keys.make(kind, name)
        for kind, name in (("wrap", "vault"), ("secret", "K_vault"), ("secret", "K_identity")):
            self.vault_keys.make(kind, name)
        self.open()

    def open(self) -> None:
        """A process starts: only files and the log are left of the one before."""
        self.store = SqliteIntakeStore(self.folder / "hub/intake.db")
        tables = SqliteVaultTables(self.folder / "vault/vault.db")
        self.vault = LinkingVault(tables, self.vault_keys, FixedSystem(20_000))
        self.intake = Intake(self.log, self.vault, self.hub_keys, self.store, CODEC)

    def close(self) -> None:
        """The process ends."""
        self.store.close()
        self.vault.close()

    def parts(self) -> dict[tuple[str, int], list[Record]]:
        """Everything in the log, read through its port."""
        return {
            (topic, partition): self.log.read(topic, partition, 0, 100_000)
            for topic, size in sorted(self.log.topics().items())
            for partition in range(size)
        }

    def drain(self, events: int = 5_000) -> Progress:
        """Advance until nothing is left; the sum of all progress."""
        total = Progress()
        while (step := self.intake.advance(AGENCY, events)).frames:
            total = Progress(*map(sum, zip(total, step, strict=True)))
        return total

    def facts(self) -> list[Fact]:
        """What a reader of persons and markets accepts, partition by partition."""
        found: list[Fact] = []
        for (topic, _), part in self.parts().items():
            last: dict[str, int] = {}
            for record in part if topic in SIZES else ():
                head = unpack_envelope(record.headers)
                if accept(last, head.sender, head.number) == NEXT:
                    own = head.type, head.id, head.asserted, head.place, head.refs
                    found.append(Fact(topic, record.key, *own, record.value))
        return found

    def outcomes(self) -> list[Outcome]:
        """What an agency accepts of the outcomes."""
        last: dict[str, int] = {}
        told = [unpack_outcome(record.value) for record in self.parts()[f"outcomes.{AGENCY}", 0]]
        return [outcome for outcome in told if accept(last, AGENCY, outcome.sequence) == NEXT]

    def codes(self) -> list[str]:
        """Every event's code, in order of the outcomes."""
        return [event.code for outcome in self.outcomes() for event in outcome.events]
