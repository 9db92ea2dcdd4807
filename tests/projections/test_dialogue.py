"""Case and market together: from application to closure."""

from hub.core.frame import CAUSE
from projections.definitions import markets, persons
from projections.profiles import load
from tests.projections.world import World, person_fact, site_fact, subject

DAY = 20_000
ANNA = subject(1)


def started(free: int = 1) -> World:
    """A market of two sites, A nearer than B, on its first day."""
    profiles = load()
    world = World(persons(profiles), markets(profiles))
    for n, (site, x) in enumerate((("A", 1_000), ("B", 9_000))):
        world.tell(
            site_fact("civil_affairs.SiteLicensed", DAY - 50, site, 10 + n, basis="licence", until=None),
            site_fact(
                "stations.SiteProfiled",
                DAY - 50,
                site,
                20 + n,
                programmes="social,work",
                age_groups="",
                kinds="",
                x_m=x,
                y_m=1_000,
            ),
            site_fact("stations.CapacityDeclared", DAY - 40, site, 30 + n, free=free, as_of=DAY - 40),
        )
    world.tick(DAY)
    world.drain()
    return world


def apply_for(world: World, who: bytes, day: int, number: int = 100) -> None:
    """Application, assessment and registration."""
    world.tell(
        person_fact("agency.ApplicationFiled", day, who, number, cell_x=0, cell_y=0, birth_year_band=""),
        person_fact("agency.NeedAssessed", day, who, number + 1, suitable=True, needs="work"),
        person_fact("agency.ApplicationRegistered", day, who, number + 2),
    )


def test_a_case_goes_from_application_to_closure() -> None:
    """Registered, offered the nearest site, assigned, served and closed: each step is told once to whom it concerns."""
    world = started()
    apply_for(world, ANNA, DAY)
    world.drain()
    assert world.case(ANNA).state == "offered"
    assert world.case(ANNA).offer_site == "A"
    assert (world.site("A").free, world.site("A").reserved) == (1, 1)
    world.tell(
        person_fact("civil_affairs.CaseAssigned", DAY + 1, ANNA, 200, site="A", site_area="220102"),
        person_fact("stations.OfferAccepted", DAY + 1, ANNA, 201, site="A"),
        person_fact("stations.ServiceDelivered", DAY + 2, ANNA, 202, site="A", kind="work"),
    )
    world.tick(DAY + 2)
    world.drain()
    case = world.case(ANNA)
    assert (case.state, case.holder, case.offer) == ("in_service", "A", b"")
    assert (world.site("A").free, world.site("A").reserved) == (0, 0)
    world.tell(
        person_fact("stations.TransitionAssessed", DAY + 3, ANNA, 203, meets_exit=True),
        person_fact("stations.CaseClosed", DAY + 3, ANNA, 204, kind="community_living", reason=""),
    )
    world.tick(DAY + 3)
    world.drain()
    case = world.case(ANNA)
    assert (case.state, case.holder, case.end, case.due) == ("closed", "", "community_living", None)
    assert world.site("A").free == 1
    assert world.types("persons", "persons") == [
        "hub.CaseOpened",
        "hub.NeedOpened",
        "hub.OfferMade",
        "hub.VacancyTaken",
        "hub.CustodyMoved",
        "hub.NeedClosed",
        "hub.VacancyFreed",
        "hub.CustodyMoved",
    ]
    assert world.types("markets", "markets") == ["hub.MatchProposed"]


def test_a_proposal_names_its_cause_and_what_was_full() -> None:
    """Who finds the nearest site full gets the next one, and the proposal says so."""
    world = started()
    apply_for(world, ANNA, DAY)
    world.drain()
    apply_for(world, subject(2), DAY, 300)
    world.drain()
    assert world.case(subject(2)).offer_site == "B"
    need = next(n for n in world.markets.rows.tables["need"].values() if n.subject == subject(2))
    assert (need.full_site, need.runner_up, need.distance_m) == ("A", "", 8000)
    offer = next(e for _, _, e in world.persons.log if e.type == "hub.OfferMade" and e.key == subject(2))
    assert offer.ref(CAUSE) == need.offer
