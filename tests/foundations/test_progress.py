"""How long nothing came of what there was to do: told from outside, whatever the process is in the middle of."""

from itertools import count

from hub.telemetry.progress import ALONE, Progress

A, B = ("persons", 0), ("ingress.a", 0)


class Hour:
    """A clock that a test moves, and a process that is well: it is driven, and has what is its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.progress = Progress(lambda: self.now)
        self.progress.given()

    def passes(self, seconds: int, *, alive: bool = True) -> None:
        """So many seconds, in each of which somebody drives the process, or not."""
        for _ in range(seconds):
            self.now += 1
            if alive:
                self.progress.alive()


def test_nothing_to_do_is_no_standstill() -> None:
    """Whoever is driven and has nothing to do may wait for ever."""
    hour = Hour()
    hour.progress.behind(A, 0)
    hour.passes(1000)
    assert hour.progress.still() == 0


def test_who_is_not_driven_stands_still() -> None:
    """Before it opened, in the middle of a call or after its end: no record is known of, and it counts all the same."""
    hour = Hour()
    hour.passes(7, alive=False)
    assert hour.progress.still() == 7
    hour.progress.alive()
    assert hour.progress.still() == 0


def test_what_is_taken_in_a_long_round_is_no_standstill() -> None:
    """Each fetch counts when it is over: a round of many takes longer than the patience, and nobody stands still."""
    hour = Hour()
    hour.progress.behind(A, 5)
    hour.progress.behind(B, 5)
    for _ in range(10):
        hour.passes(9)
        hour.progress.took(1)
    assert hour.progress.still() < 90
    hour.passes(9)
    hour.progress.took(0)
    hour.passes(60)
    assert hour.progress.still() == 69


def test_who_was_told_of_no_place_stands_still() -> None:
    """A group that never answers gives nobody anything to do; one that gives us nothing has answered."""
    hour = Hour()
    hour.progress = Progress(lambda: hour.now)
    hour.passes(9)
    assert hour.progress.still() == 9
    hour.progress.given()
    assert hour.progress.still() == 0


def test_records_that_wait_are_a_standstill_unless_some_are_taken() -> None:
    """It begins when there is something to do and ends when some of it was done; a look at it changes nothing."""
    hour = Hour()
    hour.progress.behind(A, 0)
    hour.passes(100)
    hour.progress.behind(A, 5)
    hour.passes(4)
    hour.progress.behind(A, 6)
    assert hour.progress.still() == 4
    hour.progress.behind(A, 3, moved=True)
    assert hour.progress.still() == 0
    hour.passes(3)
    assert hour.progress.still() == 3


def test_one_place_that_others_overtake_is_seen() -> None:
    """Others get on, second by second, and one place does not: that counts, too, with more patience."""
    hour = Hour()
    hour.progress.behind(A, 5)
    for left in count(100 * ALONE, -1):
        if not left:
            break
        hour.progress.behind(B, left, moved=True)
        hour.passes(1)
    assert hour.progress.still() == 100
    hour.progress.forget(A)
    assert hour.progress.still() == 1


def test_what_waits_for_a_person_is_left_out() -> None:
    """An agency that intake has stopped may wait for as long as its owner takes."""
    hour = Hour()
    hour.progress.behind(B, 5)
    hour.passes(50)
    assert hour.progress.still() == 50
    assert hour.progress.still(lambda topic: topic == B[0]) == 0
