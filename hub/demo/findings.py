"""What the demo's screen shows: figures computed from stores, sources and files, and the three sums of law 8."""

from collections.abc import Sequence
from typing import NamedTuple


class SourceLine(NamedTuple):
    """Rows of one agency by what became of them, over all runs (law 8), and the events they made."""

    agency: str
    read: int
    published: int
    unchanged: int
    not_selected: int
    refused: int
    events: int

    def counts(self) -> tuple[int, int, int, int, int, int]:
        """The six figures in the order of the screen."""
        return self.read, self.published, self.unchanged, self.not_selected, self.refused, self.events


class Reason(NamedTuple):
    """How many rows were refused for one code; `code` "" gathers the rest."""

    code: str
    rows: int


class RefusedExample(NamedTuple):
    """One refused row as its owner finds it: never a value."""

    agency: str
    alias: str
    row: int
    column: str
    code: str


class Moment(NamedTuple):
    """One step of the one person's way: `what` is a phrase of `demo_step`, `site` a letter of the screen or empty."""

    day: int
    agency: str
    what: str
    site: str = ""


class Choice(NamedTuple):
    """Why the hub chose: the nearest site and the chosen one, by letter, with metres and free places."""

    nearest: str
    nearest_m: int
    nearest_free: int
    chosen: str
    chosen_m: int
    chosen_free: int


class Figures(NamedTuple):
    """All that the screen shows. Days are since 1970-01-01, sizes in bytes.

    `cases` counts by state group: waiting, offered, in_service, handover, closed and other; `digest` is hex. `one` is
    the way of one person whom no agency saw whole. `by_hand` events are of connectors that somebody ran besides the
    demo; None where a spool was begun anew, and nobody knows what its connector sent before. None is an identifier.
    """

    seconds: int
    people: int
    sources: Sequence[SourceLine]
    appended: int
    repeated: int
    refused_events: int
    visible: int
    parked: int
    held: int
    reasons: Sequence[Reason]
    example: RefusedExample | None
    cases: dict[str, int]
    nobody_took_over: int
    longest_wait_days: int
    over_three_months: int
    one: Sequence[Moment]
    choice: Choice | None
    files: int
    size: int
    plain_numbers: int
    rebuilt: int
    rebuilt_equal: bool
    digest: str
    domains_disjoint: bool
    example_case: str
    new_events_on_repeat: int | None
    folder: str
    by_hand: int | None = 0


class Sums(NamedTuple):
    """The three sums of law 8: rows, events at intake, events in the views."""

    rows: bool
    events: bool
    views: bool


def sums(figures: Figures) -> Sums:
    """Whether each of the three sums comes out."""
    rows = all(s.read == s.published + s.unchanged + s.not_selected + s.refused for s in figures.sources)
    sent = sum(source.events for source in figures.sources)
    taken = figures.appended + figures.repeated + figures.refused_events
    return Sums(
        rows,
        figures.by_hand is None or sent + figures.by_hand == taken,
        figures.appended == figures.visible + figures.parked + figures.held,
    )


def holds(figures: Figures) -> bool:
    """Whether everything is as the screen promises: sums, nothing in clear, disjoint domains, equal views."""
    clean = figures.domains_disjoint and not figures.plain_numbers
    return all(sums(figures)) and clean and figures.rebuilt_equal
