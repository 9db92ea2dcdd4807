"""A demo installation that tests play by hand: the same agencies and keys in as many folders as a test wants.

`Model` is the undisturbed run. `Model.twin` is a folder with its keys, registry and clock and nothing done yet, whose
agencies come to write what they wrote in the model. Whatever is done to a twin on the way, its facts are the model's.
"""

import dataclasses
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from connectors.run.report import RunReport
from connectors.run.run import run
from hub import wiring
from hub.codec import Codec
from hub.config import Settings, load
from hub.core.calendar import iso
from hub.core.frame import KIND_SUBJECT, unpack_refs
from hub.core.record import Record
from hub.demo.edges import EDGES
from hub.demo.play import Play, Step
from hub.installation import Installation

TODAY = 20_782
NAMES = tuple(edge.connector for edge in EDGES)
CODEC = Codec()
AGENCIES = "agency/"


class Fact(NamedTuple):
    """A canonical fact as promise (ii) means it; a subject may stand under another name in another run."""

    topic: str
    type: str
    id: bytes
    key: bytes
    refs: tuple[tuple[int, int, bytes], ...]
    value: bytes


class Model:
    """The undisturbed run: `base` before anything was read, `home` at the end, and the sources as of each step."""

    def __init__(self, folder: Path, people: int, steps: int) -> None:
        self.folder, self.home = folder, folder / "model"
        play = Play(self.home, people, TODAY, lambda line: None, "en")
        shutil.copytree(self.home, folder / "base")
        self.steps: list[Step] = []
        for step in play.steps()[:steps]:
            play.play(step)
            self.steps.append(step)
            number = len(self.steps)
            shutil.copytree(self.home / "sources", folder / f"sources-{number}")
            shutil.copytree(self.home, folder / f"after-{number}", ignore=shutil.ignore_patterns("sources"))

    def twin(self, folder: Path) -> "Home":
        """Another installation with the same keys and connectors, before anything was read."""
        shutil.copytree(self.folder / "base", folder)
        return Home(folder, self)

    def after(self, step: int, folder: Path) -> "Home":
        """A copy of the model as it was after a step."""
        shutil.copytree(self.folder / f"after-{step}", folder)
        shutil.copytree(self.folder / f"sources-{step}", folder / "sources")
        return Home(folder, self, step)


class Home:
    """An installation on disk. Nothing of it is open between two calls."""

    def __init__(self, folder: Path, model: Model, done: int = 0) -> None:
        self.folder, self.model, self.done = folder, model, done

    @property
    def settings(self) -> Settings:
        """Under a clock that stands at the day of the step."""
        return dataclasses.replace(load(self.folder), clock_day=self.day)

    @property
    def day(self) -> int:
        """The day of the step."""
        return self.model.steps[max(0, self.done - 1)].day

    def grow(self) -> None:
        """The next step begins: the agencies have written what they wrote in the model until then."""
        self.done += 1
        shutil.rmtree(self.folder / "sources", ignore_errors=True)
        shutil.copytree(self.model.folder / f"sources-{self.done}", self.folder / "sources")

    def feed(self, names: Iterable[str] = NAMES, **options: Any) -> list[RunReport]:
        """Run connectors, once each, in this process."""
        settings = self.settings
        with closing(wiring.open_log(settings.database("log"))) as log:
            system = wiring.system_of(settings)
            return [run(wiring.open_edge(settings, name), log, system, **options) for name in names]

    def drain(self, fetch: int = 5000, intake: int = 5000) -> int:
        """Intake, groups and relays until nothing is left to do; returns how much was done."""
        with Installation(self.settings) as hub:
            hub.announce()
            return self._drain(hub, fetch, intake)

    def tick(self, fetch: int = 5000, intake: int = 5000) -> None:
        """The clock comes to the day of the step, and what follows from that is done."""
        with Installation(self.settings) as hub:
            hub.tick()
            self._drain(hub, fetch, intake)

    def step(self, fetch: int = 5000, intake: int = 5000) -> None:
        """A whole step as the demo plays it."""
        self.grow()
        with Installation(self.settings) as hub:
            hub.announce()
        self.feed()
        self.drain(fetch, intake)
        self.tick(fetch, intake)

    def command(self, *words: str, home: bool = True) -> list[str]:
        """A command line over this installation, in a process of its own."""
        return [sys.executable, "-m", "hub.cli.main", *words, *(["--home", str(self.folder)] if home else [])]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of such a process: the clock of the step, English."""
        date = iso(self.day)
        return {**os.environ, "HUB_HUB_CLOCK_DAY": date, "HUB_LANG": "en", "PYTHONUTF8": "1"}

    def call(self, *words: str, expect: int = 0, home: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end. Its exit code must be `expect`."""
        done = subprocess.run(
            self.command(*words, home=home), env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == expect, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def facts(self, of: str = "") -> set[Fact]:
        """Every fact that a reader accepts from the logs, asserted by `of`; none stands there twice, none is a fork."""
        return facts(self.folder, of)

    def rows(self) -> set[tuple[Any, ...]]:
        """Every row of every fold, without the store's own number for its key."""
        with Installation(self.settings) as hub:
            return {
                (fold.table.name, *row[1:])
                for projection in hub.projections
                for fold in projection.folds
                for row in hub.store.scan(projection.group, fold.table.name)
            }

    def _drain(self, hub: Installation, fetch: int, events: int) -> int:
        intake = wiring.open_intake(self.settings, hub.log)

        def advance(agency: str) -> int:
            return intake.advance(agency, events).frames

        return hub.follower([partial(advance, agency) for agency in intake.agencies()]).drain(fetch)


def accepted(folder: Path) -> list[tuple[str, Record]]:
    """What a reader accepts from the canonical logs, in their order; a lower number with other bytes is a fork."""
    found = []
    with closing(wiring.open_log(load(folder).database("log"), make=False)) as log:
        topics = log.topics()
        for topic in ("persons", "markets"):
            for partition in range(topics[topic]):
                taken: dict[str, list[bytes]] = {}
                for record in log.read(topic, partition, 0, 10_000_000):
                    envelope = CODEC.envelope(record.headers)
                    of_sender = taken.setdefault(envelope.sender, [])
                    mark = record.key + envelope.id + envelope.refs + record.value
                    if envelope.number == len(of_sender) + 1:
                        of_sender.append(mark)
                        found.append((topic, record))
                    elif envelope.number <= len(of_sender):
                        assert of_sender[envelope.number - 1] == mark, f"a fork in {topic}/{partition}"
    return found


def facts(folder: Path, of: str = "") -> set[Fact]:
    """The set of canonical facts of senders whose source begins with `of`; each is there once."""
    found: list[Fact] = []
    for topic, record in accepted(folder):
        envelope = CODEC.envelope(record.headers)
        if envelope.source.startswith(of):
            refs = tuple((ref.role, ref.kind, ref.value) for ref in unpack_refs(envelope.refs))
            key = record.key
            found.append(Fact(topic, envelope.type, envelope.id, key, refs, record.value))
    assert len({(f.topic, f.id, f.key) for f in found if f.key}) == len([f for f in found if f.key]), "a fact twice"
    return set(found)


def names_of(some: set[Fact]) -> dict[bytes, bytes]:
    """Each subject named by the first agency's event that it has a part in, whatever id the vault gave it."""
    names: dict[bytes, bytes] = {}
    for fact in sorted(some, key=lambda fact: (fact.id, fact.refs)):
        for at, (_, kind, value) in enumerate(fact.refs):
            if kind == KIND_SUBJECT and not fact.type.startswith("hub."):
                names.setdefault(value, fact.id + bytes((at,)))
    return names


def anonymous(some: set[Fact]) -> set[Fact]:
    """What agencies said, of subjects under their common names."""
    names = names_of(some)
    return {
        fact._replace(
            key=names.get(fact.key, fact.key),
            refs=tuple((role, kind, names.get(value, value)) for role, kind, value in fact.refs),
        )
        for fact in some
        if not fact.type.startswith("hub.")
    }


def decided(some: set[Fact]) -> "Counter[tuple[Any, ...]]":
    """What the hub decided, of whom and with which fields; its ids follow from the subjects' and are left out.

    A registration is no decision: it has the date of the event that came first.
    """
    names = names_of(some)
    found: Counter[tuple[Any, ...]] = Counter()
    for fact in some:
        if fact.type.startswith("hub.") and fact.type != "hub.SubjectRegistered":
            _, fields = CODEC.decode(fact.value)
            about = tuple((role, names[value]) for role, kind, value in fact.refs if kind == KIND_SUBJECT)
            found[fact.topic, fact.type, names.get(fact.key, fact.key), about, *fields[1:]] += 1
    return found


def put_back(name: str, source: Path, target: Path) -> None:
    """Put a database of one installation, with what SQLite keeps beside it, into the place of another's."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{target / name}{ending}").unlink(missing_ok=True)
    for ending in ("", "-wal"):
        if Path(f"{source / name}{ending}").exists():
            shutil.copy2(f"{source / name}{ending}", f"{target / name}{ending}")
