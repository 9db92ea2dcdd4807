"""Who is proposed to whom: the rule of referral matching, as plain functions over rows (both 二-6, puyang 畅通机制).

A need goes to the nearest suitable site with room: sites of its own county first, then by whole metres from the
centre of the person's grid cell, then by site code. The nearer site that was full, and the next best one, are named.
"""

from collections.abc import Iterable
from math import isqrt
from typing import NamedTuple

from projections.market.tables import Need, Site, room
from projections.profiles import Rules

CELL_M = 2000
"""The side of a grid cell in metres (architecture §5)."""

UNKNOWN = 1 << 40
"""Sorts an unknown distance behind every known one."""


class Match(NamedTuple):
    """A proposal: the site, why it, what came second, and which nearer one was full."""

    site: Site
    reason: str
    distance_m: int | None
    runner_up: Site | None
    runner_up_m: int | None
    full: Site | None
    full_m: int | None


def distance_m(need: Need, site: Site) -> int | None:
    """Whole metres from the centre of the need's cell to the site; None when either place is not known."""
    if need.cell_x is None or need.cell_y is None or site.x_m is None or site.y_m is None:
        return None
    dx = need.cell_x * CELL_M + CELL_M // 2 - site.x_m
    dy = need.cell_y * CELL_M + CELL_M // 2 - site.y_m
    return isqrt(dx * dx + dy * dy)


def suitable(need: Need, site: Site, rules: Rules) -> bool:
    """Whether the site gives what is needed, for this age, where the person may be sent."""
    if rules.escalation == "county" and site.area != need.area:
        return False
    if need.age_group and site.age_groups and need.age_group not in site.age_groups.split(","):
        return False
    if not need.needs or not site.programmes:
        return True
    wanted, given = set(need.needs.split(",")), set(site.programmes.split(","))
    return wanted <= given if rules.suitable == "all" else bool(wanted & given)


def preference(need: Need, site: Site) -> tuple[bool, int, str]:
    """Sorts the sites for a need, best first."""
    metres = distance_m(need, site)
    return site.area != need.area, UNKNOWN if metres is None else metres, site.site


def match(need: Need, sites: Iterable[Site], rules: Rules) -> Match | None:
    """The proposal for a need among usable sites, full ones included; None when none that is suitable has room."""
    refused = need.refused.split(",")
    fitting = [s for s in sites if s.site not in refused and suitable(need, s, rules)]
    ranked = sorted((preference(need, site), site) for site in fitting)
    free = [site for _, site in ranked if room(site) > 0]
    if not free:
        return None
    best, second = free[0], free[1] if len(free) > 1 else None
    nearer = next((site for _, site in ranked if room(site) <= 0), None)
    if nearer is not None and preference(need, nearer) > preference(need, best):
        nearer = None
    reason = "own_county" if best.area == need.area else "escalated"
    return Match(
        best,
        "only_site" if second is None and nearer is None else reason,
        distance_m(need, best),
        second,
        None if second is None else distance_m(need, second),
        nearer,
        None if nearer is None else distance_m(need, nearer),
    )
