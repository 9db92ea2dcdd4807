"""Accept next (law 3): the one rule that every hop obeys.

A sender numbers its records 1, 2, 3 ... per destination partition. A reader takes exactly last + 1. A lower number is a
repeat and is counted; a higher one is ignored, because its sender trims only a contiguous acknowledged prefix and will
send the missing ones, and this one after them, again.
"""

from collections.abc import MutableMapping

NEXT, REPEAT, AHEAD = "next", "repeat", "ahead"


def accept(last: MutableMapping[str, int], sender: str, number: int) -> str:
    """Judge a record, and remember it when it is the next. `last` maps a sender to its last number accepted."""
    expected = last.get(sender, 0) + 1
    if number == expected:
        last[sender] = number
        return NEXT
    return REPEAT if number < expected else AHEAD


def accept_frame(last: tuple[int, int], generation: int, number: int) -> str:
    """The same for frames, whose senders are spools that follow one another; `last` is generation and number."""
    if generation > last[0]:
        return NEXT if (generation, number) == (last[0] + 1, 1) else AHEAD
    if (generation, number) == (last[0], last[1] + 1):
        return NEXT
    return REPEAT if (generation, number) <= last else AHEAD
