"""The rows of a market: its sites with their vacancies, and its needs with their offers.

Days are days since 1970-01-01, distances whole metres, coordinates metres of the national grid.
"""

from typing import NamedTuple

from hub.core.fold import Table


class Site(NamedTuple):
    """One site of one market.

    `free` is the last declared number of free places, less those taken and more those given back after `free_as_of`
    (`moves` keeps them by day); None until declared, and below zero when more were taken than declared. `reserved`
    counts proposals that nobody answered finally. `has_room` = 1 when it may be proposed once more, its dates
    allowing; `stuck` = 1 when its proposals must perhaps be taken back, because nobody may be dispatched to it.
    """

    id: int = 0
    n: int = 0
    market: str = ""
    site: str = ""
    area: str = ""
    x_m: int | None = None
    y_m: int | None = None
    kinds: str = ""
    programmes: str = ""
    age_groups: str = ""
    basis: str = ""
    licensed_until: int | None = None
    suspended_until: int | None = None
    closed: int = 0
    free: int | None = None
    free_as_of: int | None = None
    moves: str = ""
    reserved: int = 0
    has_room: int = 0
    stuck: int = 0
    last_on: int = 0
    due: int | None = None


NO_SITE = Site()

SITES = Table("site", Site, due=True, indexes=(("market", "site"), ("has_room",), ("stuck",)))


class Need(NamedTuple):
    """One need of one subject, and the proposal that it has or last had.

    `state`: open · proposed (the subject's partition has not answered) · offered (granted) · closed. `rush` is 0 for
    an urgent need, so that it sorts first. `asked` = 1 when the proposal was taken back and awaits its voiding.
    """

    id: int = 0
    n: int = 0
    subject: bytes = b""
    need_no: int = 0
    market: str = ""
    state: str = "closed"
    area: str = ""
    reason: str = ""
    needs: str = ""
    age_group: str = ""
    cell_x: int | None = None
    cell_y: int | None = None
    rush: int = 1
    registered_on: int = 0
    opened: bytes = b""
    opened_on: int = 0
    closed_on: int | None = None
    closed_reason: str = ""
    refused: str = ""
    offer: bytes = b""
    offer_site: str = ""
    offer_area: str = ""
    offer_on: int | None = None
    offer_until: int | None = None
    offer_reason: str = ""
    distance_m: int | None = None
    runner_up: str = ""
    runner_up_m: int | None = None
    full_site: str = ""
    full_m: int | None = None
    asked: int = 0
    void_reason: str = ""
    offers: int = 0
    last_on: int = 0


NO_NEED = Need()

QUEUE = ("rush", "registered_on", "subject", "need_no")
"""The order of a waiting list: urgent first, then who was registered earlier; the rest only breaks ties."""

NEEDS = Table("need", Need, indexes=(("market", "state", *QUEUE), ("market", "offer_site", "state")))


def usable(site: Site, day: int) -> bool:
    """Whether anyone may be dispatched to the site: approved, registered or filed, not suspended, not closed."""
    if not site.basis or site.closed or (site.suspended_until is not None and site.suspended_until >= day):
        return False
    return site.licensed_until is None or site.licensed_until >= day


def room(site: Site) -> int:
    """How many more proposals the site can take; 0 or less is none."""
    return -site.reserved if site.free is None else site.free - site.reserved
