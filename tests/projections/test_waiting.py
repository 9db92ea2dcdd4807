"""Who waits beyond the limit: the public view, the day on which it was told, and the demo's figure say the same."""

from pathlib import Path

from hub.adapters.sql.store import SqliteStore
from hub.adapters.sql.views import SqliteViews, install
from hub.core.calendar import add_months
from hub.core.event import Event
from hub.demo.figures import over_limit
from projections.dictionary import VIEWS
from projections.profiles import load
from tests.projections.engine import Engine
from tests.projections.world import person_fact, subject

D = 20_000
LATER = add_months(D + 10, 3) + 1


def waiting(who: int) -> list[Event]:
    """A person who was registered and waits since day D + 10."""
    facts: list[tuple[str, int, dict[str, object]]] = [
        ("agency.ApplicationFiled", D, {"birth_year_band": ""}),
        ("agency.ApplicationRegistered", D + 2, {}),
        ("stations.WaitStarted", D + 10, {"reason": "no_site"}),
    ]
    return [person_fact(t, day, subject(who), 10 * who + n, **own) for n, (t, day, own) in enumerate(facts)]


def lived(folder: Path, *later: Event) -> SqliteViews:
    """The views after two persons waited beyond the limit, and then these things happened."""
    engine = Engine(load(), D, folder)
    engine.tell(*waiting(1), *waiting(2))
    engine.run(LATER)
    engine.tell(*later)
    engine.run(LATER + 10)
    assert isinstance(engine.store, SqliteStore)
    install(engine.store, {view.name: view.select() for view in VIEWS})
    engine.store.close()
    return SqliteViews(folder / "views.db")


def test_who_waits_beyond_the_limit_is_counted_until_checked(tmp_path: Path) -> None:
    """A check takes a person out of the view and of the demo's figure at once."""
    assert over_limit(lived(tmp_path / "before")) == 2
    check = person_fact("stations.WaitReverified", LATER + 5, subject(1), 90, willing=True, changed=False)
    assert over_limit(lived(tmp_path / "after", check)) == 1


def test_a_wait_that_was_too_long_does_not_follow_into_the_next_case(tmp_path: Path) -> None:
    """Who comes back has a new case, whose own wait has only just begun, or has not begun at all."""
    ends = person_fact("stations.CaseClosed", LATER + 1, subject(1), 90, kind="moved", reason="own_wish")
    back = [
        person_fact("agency.ApplicationFiled", LATER + 2, subject(1), 91, birth_year_band=""),
        person_fact("agency.ApplicationRegistered", LATER + 3, subject(1), 92),
    ]
    assert over_limit(lived(tmp_path / "registered", ends, *back)) == 1
    waits = person_fact("stations.WaitStarted", LATER + 4, subject(1), 93, reason="no_site")
    assert over_limit(lived(tmp_path / "waiting", ends, *back, waits)) == 1
