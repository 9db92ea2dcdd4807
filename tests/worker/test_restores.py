"""A spool put back from a backup while the log is on Kafka: known by its connector or by intake; exit 4, none twice."""

import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub import backup, wiring
from hub.installation import Installation
from tests.e2e.laws import law_invariants, law_rows_are_the_fold
from tests.e2e.rig import Home, Model, put_back
from tests.e2e.test_restores import CONNECTOR, SPOOL, refuses
from tests.kafka.broker import Broker
from tests.worker.rig import Workers, announce, twin_on, worked

pytestmark = pytest.mark.slow

WORDS = "five words that nobody guesses"


@pytest.fixture
def home(model: Model, broker: Broker, names: Iterator[str], tmp_path: Path) -> Home:
    """An installation after its first step."""
    home = twin_on(model, tmp_path / "home", f"{broker.url}/{next(names)}")
    home.step()
    return home


def frames(home: Home) -> dict[str, int]:
    """How many records each topic of an agency holds."""
    with closing(wiring.open_log(home.settings.database("log"), make=False)) as log:
        return {topic: log.bounds(topic, 0).end for topic in log.topics() if "." in topic}


def test_a_spool_that_is_rolled_back_is_known_by_its_connector(home: Home, tmp_path: Path) -> None:
    """Outcomes answer frames that a restored spool never made: exit 4, and nothing is sent; begun anew, rows stay
    true."""
    put_back("spool.db", home.folder / Path(SPOOL).parent, tmp_path)
    home.step()
    put_back("spool.db", tmp_path, home.folder / Path(SPOOL).parent)
    before = frames(home)
    refuses(home, "HUB-C401")
    assert frames(home) == before
    home.call("connector", "run", CONNECTOR, "--begin-anew", "restored")
    assert frames(home) != before
    worked(home, home.day)
    law_rows_are_the_fold(home)
    law_invariants(home)


def test_a_spool_that_is_rolled_back_before_an_answer_is_known_by_intake(home: Home, tmp_path: Path) -> None:
    """Restored and run before intake had answered, a spool sends other frames under the same numbers: the worker stops
    that agency alone, says why, and takes what all others send."""
    home.grow()
    announce(home)
    put_back("spool.db", home.folder / Path(SPOOL).parent, tmp_path)
    home.feed([CONNECTOR])
    put_back("spool.db", tmp_path, home.folder / Path(SPOOL).parent)
    home.feed()
    with Workers(home, home.day) as workers:
        workers.start(0)
        until = time.monotonic() + 90
        while not taken(home) or "HUB-I421" not in workers.codes():
            assert time.monotonic() < until, "others are held up"
            time.sleep(0.3)
        status, why = workers.get("/health/ready")
        assert (status, "HUB-I421" in why) == (503, True)
        assert workers.stop(0) == 0
    with Installation(home.settings) as hub:
        for follow in (hub.follower().drain, hub.tick, hub.follower().drain):
            follow()
    law_rows_are_the_fold(home)
    law_invariants(home)


def taken(home: Home) -> bool:
    """Whether intake took all frames but those of the one agency."""
    with closing(wiring.open_intake_store(home.settings)) as store:
        ends = frames(home)
        left = [agency for agency in store.agencies() if store.state(agency).offset < ends[f"ingress.{agency}"]]
        (own,) = (one.agency for one in store.registry()[1] if one.id == CONNECTOR)
    return left == [own]


def test_last_weeks_backup_and_todays_log_on_kafka_give_todays_state(home: Home, tmp_path: Path) -> None:
    """The hub's databases are a step old, the brokers have all: it catches up to today's rows and facts, says nothing
    twice, and goes on."""
    made = backup.create(home.settings, "hub", "", tmp_path / "week", WORDS)
    assert [one.partition(":")[0] for one in made.manifest.not_covered] == ["kafka"]
    old = home.rows()
    home.step()
    facts, rows = home.facts(), home.rows()
    assert rows != old
    shutil.rmtree(home.folder / "hub")
    backup.restore(tmp_path / "week", home.folder, WORDS)
    assert home.rows() == old
    worked(home, home.day)
    assert (home.facts(), home.rows()) == (facts, rows)
    law_rows_are_the_fold(home)
    law_invariants(home)
