"""Each law of these tests sees what it is there to see: an installation that breaks it is told from one at rest."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hub import wiring
from hub.core.record import Record
from tests.e2e.laws import law_at_rest, law_invariants, law_rows_are_the_fold, law_sums
from tests.e2e.rig import CODEC, Home, Model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rest(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An installation at rest, which keeps every law."""
    home = model.after(len(model.steps), tmp_path_factory.mktemp("laws") / "home")
    law_at_rest(home)
    return home


@pytest.fixture
def home(rest: Home, tmp_path: Path) -> Home:
    """A copy of it, to break."""
    shutil.copytree(rest.folder, tmp_path / "home")
    return Home(tmp_path / "home", rest.model, rest.done)


LAST = "(SELECT max(at) FROM {0}_event WHERE place <> '')"


@pytest.mark.parametrize(
    ("law", "file", "change"),
    [
        (law_rows_are_the_fold, "hub/views.db", "UPDATE persons_case SET same = same + 1 WHERE n = 0"),
        (law_rows_are_the_fold, "hub/views.db", "DELETE FROM markets_event WHERE at = " + LAST.format("markets")),
        (law_sums, "hub/intake.db", "UPDATE total SET value = value - 1 WHERE name = 'appended'"),
        (law_sums, "edges/health-stays/spool.db", "UPDATE fact SET value = value - 1 WHERE name = 'appended'"),
        (law_sums, "hub/views.db", "DELETE FROM persons_event WHERE at = " + LAST.format("persons")),
        (law_invariants, "hub/views.db", "UPDATE persons_case SET holder = '' WHERE state = 'in_service'"),
        (law_invariants, "hub/views.db", "UPDATE markets_site SET reserved = reserved + 1"),
        (law_invariants, "hub/views.db", "UPDATE persons_name SET value = x'00'"),
    ],
    ids=["row", "ledger", "intake", "edge", "event", "custody", "place", "pseudonym"],
)
def test_a_broken_installation_is_seen(home: Home, law: Callable[[Home], None], file: str, change: str) -> None:
    """A changed row, a lost event, a count that is short, a lost custodian, a place given twice: each is seen."""
    law(home)
    with closing(sqlite3.connect(home.folder / file)) as database:
        assert database.execute(change).rowcount > 0
        database.commit()
    with pytest.raises(AssertionError):
        law(home)


@pytest.mark.parametrize("again", [0, 1], ids=["fork", "double"])
def test_a_fact_twice_or_a_fork_is_seen(home: Home, again: int) -> None:
    """Other bytes under a number that was used, or the same fact under the next number: the reader of facts tells."""
    home.facts()
    with closing(wiring.open_log(home.settings.database("log"))) as log:
        records = log.read("persons", 0, 0, 100_000)
        last = [one for one in records if CODEC.envelope(one.headers).source.startswith("agency/")][-1]
        envelope = CODEC.envelope(last.headers)
        numbers = [CODEC.envelope(one.headers) for one in records]
        newest = max(one.number for one in numbers if one.sender == envelope.sender)
        changed = envelope._replace(number=newest + again)
        value = last.value if again else last.value + b"\0"
        log.append("persons", 0, [Record(last.key, CODEC.headers(changed), value)])
    with pytest.raises(AssertionError):
        home.facts()
