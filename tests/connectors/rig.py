"""An edge for tests: a hospital's CSV of assessments, real keys, a real or modelled log, and the hub's end of it."""

import csv
from collections import Counter
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from connectors import edge as edges
from connectors.forms.identity import check_character
from connectors.run.run import run
from connectors.spool import Spool
from hub.adapters.files.keys import FileKeys
from hub.adapters.memory.log import MemoryLog
from hub.adapters.system import FixedSystem, FolderLock
from hub.codec import Codec
from hub.core.frame import (
    BODY_LABEL,
    PERSONS_LABEL,
    Entry,
    FrameHeader,
    commitment,
    unpack_entries,
    unpack_frame,
    unpack_persons,
)
from hub.core.outcome import EventOutcome, Outcome, pack_outcome
from hub.core.record import Record
from hub.flow.accept import NEXT, accept

DAY = 20_600  # 2026-05-27
GO_LIVE = DAY - 30
CODEC = Codec()
COLUMNS = ("评估编号", "姓名", "证件号码", "评估类型", "评估日期", "评估结论", "风险等级", "居住区划")

MAPPING = """
id = "assessments"
version = 1
key = ["评估编号"]
select = ["not_test"]
on_change = "{on_change}"
on_vanish = "{on_vanish}"

[source]
kind = "csv"
alias = "assessments"
path = "assessments.csv"

[rule.not_test]
column = "姓名"
op = "not_equals"
value = "测试"

[rule.discharge]
column = "评估类型"
op = "equals"
value = "出院评估"

[rule.clinic]
column = "评估类型"
op = "in"
values = ["门诊评估", "复诊评估"]

[person.patient]
tokens = {{ resident_id = "证件号码" }}
identity = {{ name = {{ column = "姓名", kind = "name" }} }}

[common]
legal_basis = {{ constant = "public_health" }}
area = "居住区划"
occurred_on = "评估日期"

[[event]]
type = "health.DischargeAssessed"
when = ["discharge"]
[event.fields]
suitable = {{ column = "评估结论", codes = "codes/conclusion.csv" }}
risk = "风险等级"

[[event]]
type = "health.OutpatientAssessed"
when = ["clinic"]
[event.fields]
suitable = {{ column = "评估结论", codes = "codes/conclusion.csv" }}
risk = "风险等级"
"""


def number(person: int) -> str:
    """A synthetic resident ID: province 16 is unassigned."""
    body = f"160101{1950 + person % 50}0{1 + person % 9}{10 + person % 18}{person % 1000:03d}"
    return body + check_character(body)


def row(n: int, **changed: str) -> dict[str, str]:
    """The n-th assessment, of person n."""
    whole = dict(
        zip(COLUMNS, (f"PG{n:05d}", "张三丰", number(n), "出院评估", "2026-05-01", "适合", "1", "220102"), strict=True)
    )
    return whole | changed


class Rig:
    """A folder with one edge, its log, and both ends' keys."""

    def __init__(self, folder: Path, log: Any = None, on_change: str = "event", on_vanish: str = "nothing") -> None:
        self.folder = folder / "edge"
        self.hub, self.vault = FileKeys(folder / "hub"), FileKeys(folder / "vault")
        self.hub.make("wrap", "hub")
        self.vault.make("wrap", "vault")
        self.keys = FileKeys(self.folder / "keys")
        self.keys.make("secret", "K_edge")
        edges.make_keys(self.keys)
        spec = edges.EdgeSpec(
            "hospital-1",
            "hospital",
            "health",
            "",
            self.hub.public("hub"),
            self.vault.public("vault"),
            GO_LIVE,
            "220102",
        )
        edges.write_spec(self.folder, spec)
        self.mapping(MAPPING.format(on_change=on_change, on_vanish=on_vanish))
        self.codes("适合,true\n不适合,false\n")
        self.log = log or MemoryLog()
        self.log.create("ingress.hospital", 1)
        self.log.create("outcomes.hospital", 1)
        self.system = FixedSystem(DAY)
        self._answered = 0
        self._sequence = 0
        self._accepted: dict[str, int] = {}

    def mapping(self, text: str) -> None:
        """Write the mapping."""
        (self.folder / "mapping.toml").write_text(text, encoding="utf-8")

    def codes(self, lines: str) -> None:
        """Write the code table of conclusions."""
        (self.folder / "codes").mkdir(exist_ok=True)
        (self.folder / "codes" / "conclusion.csv").write_text("值,代码\n" + lines, encoding="utf-8")

    def rows(self, *rows: dict[str, str]) -> None:
        """Write the source."""
        with (self.folder / "assessments.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)

    def edge(self, lock: bool = False) -> edges.Edge:
        """The edge, as wiring makes it."""
        keeper = FolderLock(self.folder, "connector") if lock else nullcontext()
        return edges.Edge(self.folder, edges.load_spec(self.folder), self.keys, keeper)

    def run(self, **options: Any) -> Any:
        """Run it once."""
        return run(self.edge(), self.log, self.system, **options)

    def frames(self) -> list[tuple[FrameHeader, list[Entry], list[Any]]]:
        """What the hub accepts of the ingress log by accept-next, opened by both ends, signatures and seals checked."""
        found = []
        accepted: dict[str, int] = {}
        for record in self.records():
            frame = unpack_frame(record.value)
            assert self.hub.check(self.keys.public("agency"), frame.signed, frame.signature)
            if accept(accepted, f"{frame.header.connector}/{frame.header.incarnation}", frame.header.number) != NEXT:
                continue
            body = self.hub.open(self.hub.unwrap("hub", frame.body_key, BODY_LABEL), frame.body, frame.header_bytes)
            key = self.vault.unwrap("vault", frame.persons_key, PERSONS_LABEL)
            persons = unpack_persons(self.vault.open(key, frame.persons, frame.header_bytes))
            found.append((frame.header, unpack_entries(body, frame.header.events), persons))
        return found

    def records(self) -> list[Record]:
        """Every record of the ingress log."""
        end = self.log.bounds("ingress.hospital", 0).end
        found: list[Record] = []
        while len(found) < end:
            found += self.log.read("ingress.hospital", 0, len(found), 1000)
        return found

    def facts(self) -> Counter[Any]:
        """The events that the hub accepts, without the connector's own, as type, fields without salt, persons, refs."""
        found: Counter[Any] = Counter()
        for _, entries, persons in self.frames():
            for entry in entries:
                kind, fields = CODEC.decode(entry.value)
                if kind.type not in ("agency.RunFinished", "agency.SourceStarted"):
                    who = tuple((role, persons[i]) for role, i in entry.persons)
                    found[kind.type, fields[1:3] + fields[4:], who, entry.refs] += 1
        return found

    def types(self) -> list[str]:
        """Types of all accepted events in order."""
        return [CODEC.decode(entry.value)[0].type for _, entries, _ in self.frames() for entry in entries]

    def answer(self, code: Any = lambda entry: "") -> None:
        """Do as intake does: one outcome for each frame not yet answered; `code` may refuse an entry."""
        for header, entries, _ in self.frames()[self._answered :]:
            self._answered += 1
            self._sequence += 1
            events = tuple(
                EventOutcome(commitment(e.value), code(e), "" if code(e) else "persons", 0, 0 if code(e) else e.number)
                for e in entries
            )
            raw = next(r.value for r in self.records() if unpack_frame(r.value).header == header)
            outcome = Outcome(
                self._sequence, 0, header.connector, header.incarnation, header.generation, header.number,
                sha256(raw).digest(), "", entries[-1].number, 0, events, (),
            )  # fmt: skip
            self.log.append("outcomes.hospital", 0, [Record(header.connector.encode(), b"", pack_outcome(outcome))])


def keep_places_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a spool keeps the place in a source for good before the rows up to it are safe."""
    real = Spool.save
    kept: dict[Path, str] = {}

    def hasty(self: Any, state: Any) -> None:
        path = Path(self._db.execute("PRAGMA database_list").fetchone()[2])
        kept[path] = state.cursor or kept.get(path, "")
        real(self, state._replace(cursor=kept[path]))

    monkeypatch.setattr(Spool, "save", hasty)
