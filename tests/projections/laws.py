"""The laws that every case, market and dialogue keeps, as functions that raise AssertionError where one is broken."""

from collections import Counter
from typing import Any

from hub.core.fold import Decision
from projections.case.decide import decide_case
from projections.case.duties import needs_site
from projections.case.tables import BEFORE, Case, is_open
from projections.profiles import Profiles, load
from tests.projections.world import Group, World

NAMED_WAITING = frozenset((*BEFORE, "offered", "assigned", "handover"))
"""States in which nobody need hold custody; their owner is the county `area`, in `assigned` the site asked."""
RULES = load().rules("", 20_000)


def one_custodian(case: Case) -> None:
    """An open case has one custody holder, or a named waiting state with an owner."""
    if not is_open(case):
        assert not case.holder, "a case that is over has a holder"
        return
    if not case.holder:
        assert case.state in NAMED_WAITING, f"nobody holds custody in {case.state}"
        assert case.area, "nobody owns the waiting"
        assert case.state != "assigned" or case.site, "assigned to no site"
    assert bool(case.to_area) <= bool(case.holder), "a hand-over from nobody"


def due_is_exact(case: Case, profiles: Profiles, day: int, closing: bool = False) -> None:
    """A case decides something on a day if and only if it is due by then.

    `closing`: a consent that ends before anything was decided leaves a case due that has nothing to say any more.
    """
    decisions = decide_case(case, profiles.rules(case.area, case.last_on), day)
    due = case.due is not None and case.due <= day
    assert bool(decisions) == due or (closing and due), (
        f"due {case.due} on {day}, decides {[one.type for one in decisions]}"
    )


def told_once(decisions: list[Decision]) -> None:
    """No decision of one moment is made twice."""
    counts = Counter((one.type, one.key, one.fields, one.refs) for one in decisions)
    assert not [one for one, count in counts.items() if count > 1], "the same decision twice"


def newest(world: World) -> list[Case]:
    """The newest case of every person."""
    found: dict[int, Any] = {}
    for (id, _), row in sorted(world.persons.rows.tables.get("case", {}).items()):
        found[id] = row
    return list(found.values())


def within_room(group: Group, decisions: list[Decision]) -> None:
    """A market proposes no more than there is room, and nobody who has a proposal."""
    proposed = [one for one in decisions if one.type == "hub.MatchProposed"]
    counts = Counter((one.key, one.fields.site) for one in proposed)
    rooms = {
        (site.market.encode(), site.site): (site.free or 0) - site.reserved
        for site in group.rows.tables.get("site", {}).values()
    }
    for place, count in counts.items():
        assert count <= rooms[place], "more proposed than there was room"
    needs = Counter((one.refs[0].value, one.fields.need_no) for one in proposed)
    standing = {(n.subject, n.need_no) for n in group.rows.tables.get("need", {}).values() if n.state != "open"}
    assert not [need for need, count in needs.items() if count > 1 or need in standing], "two proposals for one need"


def grants_what_stands(group: Group, decisions: list[Decision]) -> None:
    """An offer is granted for the need that is open, once, at a site that did not decline, within its days."""
    rows = sorted(group.rows.tables.get("case", {}).items())
    cases: dict[bytes, Case] = {row.subject: row for _, row in rows}
    grants = [one for one in decisions if one.type == "hub.OfferMade"]
    for one in grants:
        case = cases[one.key]
        voided = [each for each in decisions if each.type == "hub.OfferVoided" and each.key == one.key]
        assert one.fields.need_no == case.told_need, "granted for a need that is not open"
        assert needs_site(case, RULES), "granted to a case that needs no site"
        assert one.fields.site not in case.declined.split(","), "granted at a site that declined"
        assert one.fields.occurred_on <= one.fields.valid_until, "granted too late"
        assert not case.offer or voided, "granted while another offer stands"
    assert len({one.key for one in grants}) == len(grants), "two offers at once"


def rows_follow_from_the_log(group: Group, other: Group) -> None:
    """Rows = fold(log): `other` has read the same log from the start and decided nothing."""
    assert group.rows.tables == other.rows.tables, "live rows differ from a rebuild"


def agreed(world: World) -> None:
    """When nothing is under way, cases and markets know the same of each other, and no place is counted twice."""
    needs = list(world.markets.rows.tables.get("need", {}).values())
    standing = [need for need in needs if need.offer and not need.void_reason and need.state in ("proposed", "offered")]
    cases = newest(world)
    open_needs = {(need.subject, need.need_no) for need in needs if need.state != "closed"}
    assert open_needs == {(case.subject, case.told_need) for case in cases if case.told_need}, "open needs differ"
    granted = {(case.subject, case.offer) for case in cases if case.offer}
    assert granted == {(need.subject, need.offer) for need in standing}, "standing offers differ"
    reserved = Counter(need.offer_site for need in standing)
    for site in world.markets.rows.tables.get("site", {}).values():
        assert site.reserved == reserved[site.site], f"{site.reserved} reserved, {reserved[site.site]} offered"
    for case in cases:
        assert case.holder == case.told_holder, "custody moved and nobody was told"
