"""Outcomes: what a connector can trust about its frames."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.errors import IntegrityError
from hub.core.outcome import EventOutcome, Outcome, pack_outcome, unpack_outcome

MARKS = st.binary(min_size=32, max_size=32)
APPENDED = st.builds(
    EventOutcome, MARKS, st.just(""), st.sampled_from(["persons", "markets"]), st.integers(0, 99), st.integers(1, 2**60)
)
REFUSED = st.builds(EventOutcome, MARKS, st.sampled_from(["HUB-I301", "HUB-I399"]), st.just(""), st.just(0), st.just(0))
NEXT = st.tuples(st.sampled_from(["persons", "markets"]), st.integers(0, 99), st.integers(1, 2**60))
OUTCOMES = st.builds(
    Outcome,
    sequence=st.integers(1, 2**60),
    offset=st.integers(0, 2**60),
    connector=st.text("abcdefgh-县", min_size=1, max_size=40),
    incarnation=st.binary(min_size=16, max_size=16).map(bytes.hex),
    generation=st.integers(0, 65535),
    frame=st.integers(0, 2**32 - 1),
    hash=MARKS,
    code=st.sampled_from(["", "HUB-I310"]),
    last_event=st.integers(0, 2**32 - 1),
    vault=st.integers(0, 2**60),
    events=st.lists(APPENDED | REFUSED, max_size=5).map(tuple),
    next=st.lists(NEXT, max_size=5).map(tuple),
)


@settings(max_examples=50)
@given(OUTCOMES)
def test_an_outcome_comes_back_as_it_was_packed(outcome: Outcome) -> None:
    """What intake answered is what the edge reads, to the last number."""
    assert unpack_outcome(pack_outcome(outcome)) == outcome


@settings(max_examples=50)
@given(OUTCOMES, st.data())
def test_a_cut_or_longer_outcome_is_refused(outcome: Outcome, data: st.DataObject) -> None:
    """Half an answer is no answer."""
    raw = pack_outcome(outcome)
    cut = data.draw(st.integers(0, len(raw) - 1))
    for wrong in (raw[:cut], raw + b"\0", b"JKHF" + raw[4:]):
        with pytest.raises(IntegrityError, match="HUB-I412"):
            unpack_outcome(wrong)
