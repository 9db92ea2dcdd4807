"""The rows of a market: its sites with their vacancies, and its needs with their offers.

Days are days since 1970-01-01, distances whole metres, coordinates metres of the national grid.
"""

from typing import NamedTuple

from hub.core.fold import Table


class Site(NamedTuple):
    """One site of one market.

    `free` is the last declared number of free places, less those taken and more those given back after `free_as_of`
    (`moves` keeps them by day); None until declared, and below zero when more were taken than declared. `reserved`
    counts proposals that nobody answered finally. `has_room` = 1 when it may be proposed once more; `stuck` = 1 when
    its proposals must be taken back, because nobody may be dispatched to it.
    """

    id: int
    n: int
    market: str
    site: str
    area: str
    x_m: int | None
    y_m: int | None
    kinds: str
    programmes: str
    age_groups: str
    basis: str
    licensed_until: int | None
    suspended: int
    closed: int
    free: int | None
    free_as_of: int | None
    moves: str
    reserved: int
    has_room: int
    stuck: int
    last_on: int
    due: int | None


NO_SITE = Site(
    id=0, n=0, market="", site="", area="", x_m=None, y_m=None, kinds="", programmes="", age_groups="", basis="",
    licensed_until=None, suspended=0, closed=0, free=None, free_as_of=None, moves="", reserved=0, has_room=0, stuck=0,
    last_on=0, due=None,
)  # fmt: skip

SITES = Table("site", Site, due=True, indexes=(("market", "has_room"), ("has_room",), ("stuck", "market")))


class Need(NamedTuple):
    """One need of one subject, and the proposal that it has or last had.

    `state`: open · proposed (the subject's partition has not answered) · offered (granted) · closed. `rush` is 0 for
    an urgent need, so that it sorts first. `asked` = 1 when the proposal was taken back and awaits its voiding.
    """

    id: int
    n: int
    subject: bytes
    need_no: int
    market: str
    state: str
    area: str
    reason: str
    needs: str
    age_group: str
    cell_x: int | None
    cell_y: int | None
    rush: int
    registered_on: int
    opened: bytes
    opened_on: int
    closed_on: int | None
    closed_reason: str
    refused: str
    offer: bytes
    offer_site: str
    offer_area: str
    offer_on: int | None
    offer_until: int | None
    offer_reason: str
    distance_m: int | None
    runner_up: str
    runner_up_m: int | None
    full_site: str
    full_m: int | None
    asked: int
    void_reason: str
    offers: int
    last_on: int


NO_NEED = Need(
    id=0, n=0, subject=b"", need_no=0, market="", state="closed", area="", reason="", needs="", age_group="",
    cell_x=None, cell_y=None, rush=1, registered_on=0, opened=b"", opened_on=0, closed_on=None, closed_reason="",
    refused="", offer=b"", offer_site="", offer_area="", offer_on=None, offer_until=None, offer_reason="",
    distance_m=None, runner_up="", runner_up_m=None, full_site="", full_m=None, asked=0, void_reason="", offers=0,
    last_on=0,
)  # fmt: skip

QUEUE = ("rush", "registered_on", "subject", "need_no")
"""The order of a waiting list: urgent first, then who was registered earlier; the rest only breaks ties."""

NEEDS = Table("need", Need, indexes=(("market", "state", *QUEUE), ("market", "offer_site", "state")))


def usable(site: Site, day: int) -> bool:
    """Whether anyone may be dispatched to the site: approved, registered or filed, not suspended, not closed."""
    allowed = bool(site.basis) and not site.suspended and not site.closed
    return allowed and (site.licensed_until is None or site.licensed_until >= day)


def room(site: Site) -> int:
    """How many more proposals the site can take; 0 or less is none."""
    return -site.reserved if site.free is None else site.free - site.reserved
