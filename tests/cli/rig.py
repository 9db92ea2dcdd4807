"""A small installation that knows one person, for commands that ask or mend."""

from pathlib import Path

from hub import wiring
from hub.cli.main import run
from hub.config import Settings, load
from hub.core.calendar import iso
from hub.core.event import Event
from hub.core.partition import partition_of
from hub.installation import Installation
from tests.projections.engine import record_of
from tests.projections.test_case import WHO, D


def fed(home: Path, *events: Event, day: int) -> Settings:
    """An installation that went live on day D, whose log holds these events and the ticks up to `day`, all unread."""
    where = ["--home", str(home), "--go-live", iso(D), "--set", "partitions.persons=1"]
    assert run(["init", *where, "--set", f"hub.clock_day={iso(day)}"]) == 0
    settings = load(home, {})
    with Installation(settings) as hub:
        hub.announce()
        hub.log.append("persons", partition_of(WHO, 1), [record_of(one, n) for n, one in enumerate(events, 1)])
        hub.tick()
    return settings


def lived(home: Path, *events: Event, day: int) -> str:
    """An installation that went live on day D and knows these events at `day`; returns the person's pseudonym."""
    with Installation(fed(home, *events, day=day)) as hub:
        hub.follower().drain()
        (id, *_), *_ = list(hub.store.scan("persons", "case"))
        return wiring.pseudonym(hub.store, "persons", id, "case")
