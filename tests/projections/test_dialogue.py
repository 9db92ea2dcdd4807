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


def offered(world: World, who: bytes = ANNA) -> str:
    """The site of the offer that stands."""
    return str(world.case(who).offer_site)


def test_a_site_that_declines_gives_way_to_the_next() -> None:
    """A declined offer is voided, its place is free again, and the site is not asked again."""
    world = started()
    apply_for(world, ANNA, DAY)
    world.drain()
    world.tell(person_fact("stations.OfferDeclined", DAY + 1, ANNA, 200, site="A", reason="no_staff"))
    world.drain()
    assert (offered(world), world.site("A").reserved) == ("B", 0)
    world.tell(person_fact("stations.OfferDeclined", DAY + 1, ANNA, 201, site="B", reason="no_staff"))
    world.drain()
    assert (offered(world), world.case(ANNA).state) == ("", "registered")


def test_an_offer_that_nobody_uses_expires_and_is_made_anew() -> None:
    """Not assigned in its days, an offer is voided; the need is proposed again in the order of the queue."""
    world = started()
    apply_for(world, ANNA, DAY)
    world.drain()
    until = world.case(ANNA).offer_until
    world.tick(until)
    world.drain()
    assert world.types("persons", "persons").count("hub.OfferVoided") == 0
    world.tick(until + 1)
    world.drain()
    assert world.types("persons", "persons").count("hub.OfferVoided") == 1
    assert (offered(world), world.case(ANNA).offer_until > until) == ("A", True)


def test_an_offer_dies_with_its_site() -> None:
    """The market asks to take back what it proposed to a suspended site; the case voids it and is offered another."""
    world = started()
    apply_for(world, ANNA, DAY)
    world.drain()
    world.tell(site_fact("civil_affairs.SiteSuspended", DAY + 1, "A", 300, until=None))
    world.drain()
    assert (offered(world), world.site("A").reserved) == ("B", 0)
    reasons = [e.fields.reason for _, _, e in world.persons.log if e.type == "hub.OfferVoided"]
    assert reasons == ["site_suspended"]


def test_an_assignment_elsewhere_voids_the_offer() -> None:
    """The assigner is free (domain 2-3): the place of the offer is given back, that of the assignment taken."""
    world = started()
    apply_for(world, ANNA, DAY)
    world.drain()
    world.tell(person_fact("civil_affairs.CaseAssigned", DAY + 1, ANNA, 200, site="B", site_area="220102"))
    world.drain()
    assert offered(world) == ""
    assert [(world.site(s).free, world.site(s).reserved) for s in "AB"] == [(1, 0), (0, 0)]


def test_a_hand_over_to_another_city_keeps_one_custodian() -> None:
    """The old site holds custody and its place until the new one accepts; only then both places change hands."""
    world = started()
    world.tell(
        site_fact("civil_affairs.SiteLicensed", DAY - 50, "C", 40, "371002", basis="licence", until=None),
        site_fact("stations.CapacityDeclared", DAY - 40, "C", 41, "371002", free=1, as_of=DAY - 40),
    )
    apply_for(world, ANNA, DAY)
    world.tell(
        person_fact("civil_affairs.CaseAssigned", DAY + 1, ANNA, 200, site="A", site_area="220102"),
        person_fact("stations.OfferAccepted", DAY + 1, ANNA, 201, site="A"),
    )
    world.drain()
    world.tell(person_fact("stations.ReReferralSent", DAY + 9, ANNA, 202, to_area="371002"))
    world.drain()
    case = world.case(ANNA)
    assert (case.state, case.holder, case.offer_site) == ("handover", "A", "C")
    assert (world.site("A").free, world.site("C").reserved) == (0, 1)
    world.tell(person_fact("stations.HandoverAccepted", DAY + 12, ANNA, 203, "371002", site="C", site_area="371002"))
    world.drain()
    case = world.case(ANNA)
    assert (case.state, case.holder, case.area) == ("accepted", "C", "371002")
    assert (world.site("A").free, world.site("C").free, world.site("C").reserved) == (1, 0, 0)
    moves = [(e.fields.from_site, e.fields.to_site) for _, _, e in world.persons.log if e.type == "hub.CustodyMoved"]
    assert moves == [(None, "A"), ("A", "C")]
    assert world.types("persons", "persons").count("hub.HandoverOpened") == 1


def test_history_makes_no_offer_before_the_first_tick() -> None:
    """Nothing is decided before go-live; who still waits then is offered a site on that day."""
    profiles = load()
    world = World(persons(profiles), markets(profiles))
    apply_for(world, ANNA, DAY - 300)
    world.drain()
    assert world.types("persons", "persons") == []
    world.tick(DAY)
    world.drain()
    days = {e.fields.occurred_on for s, _, e in world.persons.log if s == "persons"}
    assert days == {DAY}


def test_the_same_day_again_decides_nothing() -> None:
    """A second run under the same clock finds everything told."""
    world = started()
    apply_for(world, ANNA, DAY)
    world.drain()
    before = len(world.persons.log), len(world.markets.log)
    for group in world.groups.values():
        group.restore(group.state())
    world.drain()
    assert (len(world.persons.log), len(world.markets.log)) == before
