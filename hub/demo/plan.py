"""The demo's time: 23 months of history, then thirty live days in five steps; and who has room when."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from hub.core.calendar import add_months
from hub.demo.counties import Site

HISTORY_MONTHS = 23
LIVE_DAYS = 30
STEPS_LIVE = 5


class Plan(NamedTuple):
    """What a world is made from. `start` first day of history, `golive` first live day, `end` last live day."""

    people: int
    seed: int
    start: int
    golive: int
    end: int


def plan_of(people: int, seed: int, golive: int) -> Plan:
    """The plan whose first live day is `golive` (days since 1970-01-01)."""
    return Plan(people, seed, add_months(golive, -HISTORY_MONTHS), golive, golive + LIVE_DAYS - 1)


def step_days(plan: Plan) -> tuple[int, ...]:
    """The last day of each of the five live steps."""
    return tuple(plan.golive + LIVE_DAYS * (step + 1) // STEPS_LIVE - 1 for step in range(STEPS_LIVE))


class Places:
    """How many people each site has on each day of the plan. Memory grows with sites, never with people."""

    def __init__(self, plan: Plan, sites: Sequence[Site], taken: Sequence[bytes] = ()) -> None:
        """`taken` is what `dump` gave, to go on from there."""
        self.plan = plan
        self.sites = sites
        self._days = plan.end - plan.start + 1
        self._taken = [array("i", raw) for raw in taken] or [array("i", bytes(4 * self._days)) for _ in sites]

    def dump(self) -> list[bytes]:
        """One byte string a site."""
        return [row.tobytes() for row in self._taken]

    def free(self, site: int, day: int) -> int:
        """Free places of a site on a day; negative when more people are there than it has places."""
        return self.sites[site].capacity - self._taken[site][day - self.plan.start]

    def take(self, site: int, first: int, last: int) -> None:
        """Somebody is there from `first` to `last`, both included, cut to the plan."""
        self._add(site, first, last, 1)

    def release(self, site: int, first: int, last: int) -> None:
        """Undo `take` for these days: the person went elsewhere."""
        self._add(site, first, last, -1)

    def _add(self, site: int, first: int, last: int, change: int) -> None:
        row = self._taken[site]
        for at in range(max(0, first - self.plan.start), min(self._days, last - self.plan.start + 1)):
            row[at] += change

    def nearest(self, county: str, x_m: int, y_m: int, first: int, last: int, not_site: int = -1) -> int | None:
        """The nearest licensed site of the county with room all the time from `first` to `last`, or None."""
        best, best_distance = None, 0
        for site in self.sites:
            if site.county.code != county or site.number == not_site or not self._open(site, first):
                continue
            distance = (site.x_m - x_m) ** 2 + (site.y_m - y_m) ** 2
            if (best is None or distance < best_distance) and self._room(site, first, last):
                best, best_distance = site.number, distance
        return best

    def _open(self, site: Site, day: int) -> bool:
        if site.standing == "licensed":
            return True
        return site.standing in ("suspended", "lapsed") and day < self.plan.golive - 150

    def _room(self, site: Site, first: int, last: int) -> bool:
        low, high = max(0, first - self.plan.start), min(self._days, last - self.plan.start + 1)
        return max(self._taken[site.number][low:high], default=0) < site.capacity
