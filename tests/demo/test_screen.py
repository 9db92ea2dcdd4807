"""The screen of the demo, from figures alone."""

from typing import Any

import pytest

from hub.demo.edges import AGENCIES
from hub.demo.findings import Choice, Figures, Moment, Reason, RefusedExample, SourceLine, holds, sums
from hub.demo.screen import screen, width

LINES = (
    SourceLine("health", 12_480, 12_290, 31, 81, 78, 13_004),
    SourceLine("federation", 2_140, 2_067, 12, 0, 61, 2_067),
    SourceLine("civil-affairs", 1_310, 1_240, 9, 49, 12, 1_651),
    SourceLine("stations", 6_905, 6_690, 88, 12, 115, 6_702),
)
FIGURES = Figures(
    seconds=48,
    people=2_000,
    sources=LINES,
    appended=23_407,
    repeated=0,
    refused_events=17,
    visible=23_193,
    parked=214,
    held=0,
    reasons=(Reason("HUB-C104", 118), Reason("HUB-C140", 74), Reason("HUB-C102", 41), Reason("", 33)),
    example=RefusedExample("stations", "monthly-weihai", 57, "D", "HUB-C104"),
    cases={"waiting": 37, "offered": 21, "in_service": 902, "handover": 6, "closed": 238, "other": 0},
    nobody_took_over=23,
    longest_wait_days=131,
    over_three_months=4,
    one=(
        Moment(20_514, "health", "discharged"),
        Moment(20_521, "civil-affairs", "registered"),
        Moment(20_523, "hub", "offered", "B"),
        Moment(20_524, "civil-affairs", "assigned"),
        Moment(20_525, "stations", "accepted", "B"),
        Moment(20_533, "stations", "agreed"),
    ),
    choice=Choice("A", 812, 0, "B", 2_140, 3),
    files=37,
    size=212_000_000,
    plain_numbers=0,
    rebuilt=3,
    rebuilt_equal=True,
    digest="9f3c00a1",
    domains_disjoint=True,
    example_case="C-0417",
    new_events_on_repeat=None,
    folder="./demo",
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_figure_is_on_the_screen_and_gbk_has_all_of_it(lang: str) -> None:
    """The screen shows the figures it was given, in characters that a GBK console has."""
    shown = screen(FIGURES, lang)
    assert shown.encode("gbk").decode("gbk") == shown
    assert "{" not in shown
    for figure in (
        "12,480",
        "13,004",
        "22,835",
        "23,424",
        "23,193",
        "214",
        "118",
        "131",
        "902",
        "C-0417",
        "212",
        "0.8",
    ):
        assert figure in shown, figure
    assert "HUB-C104" in shown


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_agency_of_the_demo_has_a_name(lang: str) -> None:
    """The agencies that the demo runs are those that the screen can name."""
    assert tuple(line.agency for line in LINES) == AGENCIES
    assert screen(FIGURES, lang)


def test_the_three_sums_are_checked_and_not_asserted_away() -> None:
    """The screen says `equal` only where law 8 holds; each of the three sums is noticed when it fails."""
    assert all(sums(FIGURES))
    assert screen(FIGURES, "zh").count("不相等") == 0
    lost_row = FIGURES._replace(sources=(LINES[0]._replace(published=12_289), *LINES[1:]))
    lost_event = FIGURES._replace(refused_events=16)
    lost_fact = FIGURES._replace(held=1)
    for wrong in (lost_row, lost_event, lost_fact):
        assert sum(sums(wrong)) == 2
        assert screen(wrong, "zh").count("不相等") == 1


def test_a_failed_promise_is_shown_as_failed() -> None:
    """A rebuild that differs, or views that share a pseudonym, read as failures and not as promises."""
    shown = screen(FIGURES._replace(rebuilt_equal=False, domains_disjoint=False), "en")
    assert "NOT EQUAL" in shown
    assert "SHARE" in shown
    assert "unrelated" not in shown


@pytest.mark.parametrize(
    "broken",
    [{"plain_numbers": 1}, {"rebuilt_equal": False}, {"domains_disjoint": False}, {"appended": FIGURES.appended + 1}],
)
def test_a_demo_that_breaks_a_promise_does_not_end_well(broken: dict[str, Any]) -> None:
    """What the screen promises holds, or the exit code is that of integrity."""
    assert holds(FIGURES)
    assert not holds(FIGURES._replace(**broken))


def test_columns_stand_under_one_another() -> None:
    """Figures of all agencies end in the same column, though Chinese characters are twice as wide."""
    lines = [line for line in screen(FIGURES, "zh").splitlines() if " = " in line and " + " in line][:5]
    assert len({width(line[: line.index("=")]) for line in lines}) == 1


def test_millions_of_rows_stand_under_one_another() -> None:
    """A total that is wider than its column makes the column wider: every figure ends where its heading ends."""
    large = [line._replace(read=line.read * 1_000, unchanged=line.unchanged * 10_000) for line in LINES]
    lines = screen(FIGURES._replace(sources=large), "en").splitlines()
    lines = [line for line in lines if " = " in line and " + " in line][:5]
    assert len({width(line[: line.index(" =")]) for line in lines}) == 1
    assert len({width(line[: line.rindex(" +")]) for line in lines}) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_was_run_by_hand_is_counted(lang: str) -> None:
    """Whoever ran a connector on the demo, as it tells people to, has broken no sum; a fact too few still breaks it."""
    more = FIGURES._replace(appended=FIGURES.appended + 50, visible=FIGURES.visible + 50)
    assert not sums(more).events
    assert holds(more._replace(by_hand=50))
    assert not holds(more._replace(by_hand=49))
    assert "23,474" in screen(more._replace(by_hand=50), lang)
    anew = screen(more._replace(by_hand=None), lang)
    assert anew.encode("gbk").decode("gbk") == anew
    assert holds(more._replace(by_hand=None))


def test_what_to_type_next_names_the_demos_folder() -> None:
    """Words work on ./demo unless told otherwise; a demo elsewhere is named in every command, as a shell wants it."""
    here, there = (screen(FIGURES._replace(folder=folder), "en").splitlines() for folder in ("./demo", "/srv/a demo"))
    typed = [line for line in there if "./run " in line and "./run demo" not in line]
    assert not any("--home" in line for line in here)
    assert len(typed) == 5
    assert all("--home '/srv/a demo'" in line for line in [*typed, *(line for line in there if "./run demo" in line)])


def test_a_small_world_without_offers_has_a_screen() -> None:
    """Nothing refused, nobody offered: the parts that have nothing to say are left out."""
    shown = screen(FIGURES._replace(reasons=(), example=None, one=(), choice=None, new_events_on_repeat=0), "en")
    assert "refused for" not in shown
    assert "this run: 0 new events" in shown


def test_a_nearer_site_is_called_full_only_when_it_is() -> None:
    """The reason names what was so: full, unfit, or the nearest itself."""
    full = screen(FIGURES, "en")
    unfit = screen(FIGURES._replace(choice=Choice("A", 812, 2, "B", 2_140, 3)), "en")
    same = screen(FIGURES._replace(choice=Choice("A", 812, 2, "A", 812, 2)), "en")
    assert ["is full" in full, "is full" in unfit, "is full" in same] == [True, False, False]
    assert "is unfit" in unfit
    assert "is nearest" in same
