"""Accept next for foreign readers: each record once, in its order, whatever comes twice."""

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import IntegrityError
from hub.core.outcome import Outcome, pack_outcome
from hub.core.record import pack_headers
from hub.deliver import distinct as module
from hub.deliver.distinct import Distinct, distinct


class Message(NamedTuple):
    """As kafka-python gives one."""

    topic: str
    partition: int
    headers: Any
    value: bytes


class Foreign:
    """As confluent-kafka gives one: everything is a method."""

    def __init__(self, message: Message, failed: bool = False) -> None:
        self.topic, self.partition = (lambda: message.topic), (lambda: message.partition)
        self.headers, self.value, self.error = (lambda: message.headers), (lambda: message.value), (lambda: failed)


def said(sender: str, number: int, partition: int = 0, shape: str = "pairs") -> Message:
    pairs = [("sender", sender.encode()), ("number", number.to_bytes(8, "big"))]
    return Message("persons", partition, pairs if shape == "pairs" else pack_headers(pairs), f"{number}".encode())


def once_law(arrivals: list[tuple[str, int]]) -> None:
    """Of each sender exactly 1, 2, 3 ... as far as they came in order, and nothing twice."""
    taken = [message.value for message in distinct([said(*one) for one in arrivals], Distinct())]
    expected: list[bytes] = []
    last: dict[str, int] = {}
    for sender, number in arrivals:
        if number == last.get(sender, 0) + 1:
            last[sender] = number
            expected.append(str(number).encode())
    assert taken == expected
    for sender in last:
        of_one = [number for who, number in arrivals if who == sender]
        assert last[sender] <= max(of_one)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 5)), max_size=30))
def test_each_record_once_and_in_its_order(arrivals: list[tuple[str, int]]) -> None:
    """Whatever comes again or too early, of each sender exactly the next is taken."""
    once_law(arrivals)


def test_highest_seen_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a reader that takes whatever is higher than before: it would lose what comes again."""

    def highest(last: dict[str, int], sender: str, number: int) -> str:
        new = number > last.get(sender, 0)
        last[sender] = max(number, last.get(sender, 0))
        return "next" if new else "repeat"

    monkeypatch.setattr(module, "accept", highest)
    with pytest.raises(AssertionError):
        once_law([("a", 1), ("a", 3), ("a", 2), ("a", 3)])


def test_a_reader_goes_on_where_it_was(tmp_path: Any) -> None:
    """The state is JSON, and who begins with it takes what would have come next."""
    seen = Distinct()
    assert len(list(distinct([said("a", 1), said("a", 2)], seen))) == 2
    again = Distinct(json.loads(json.dumps(seen.state)))
    assert [message.value for message in distinct([said("a", 2), said("a", 3)], again)] == [b"3"]
    assert [message.value for message in distinct([said("a", 1, partition=1)], again)] == [b"1"]


def test_messages_of_every_library_are_read() -> None:
    """Attributes, methods and packed headers are alike; an empty poll and an error are passed on to nobody."""
    whole = said("a", 1)
    assert len(list(distinct([None, Foreign(whole, failed=True), Foreign(whole), whole], Distinct()))) == 1
    assert len(list(distinct([said("a", 1, shape="packed")], Distinct()))) == 1
    with pytest.raises(IntegrityError, match="HUB-P411"):
        list(distinct([Message("persons", 0, None, b"")], Distinct()))


def test_outcomes_are_told_apart_by_their_sequence() -> None:
    """An outcome has no headers; its own sequence says whether it came before."""
    one = Outcome(1, 0, "c", "00" * 16, 1, 1, bytes(32), "", 1, 1, (), ())
    values = [pack_outcome(one), pack_outcome(one), pack_outcome(one._replace(sequence=2))]
    messages = [Message("outcomes.x", 0, [], value) for value in values]
    assert [message.value for message in distinct(messages, Distinct())] == [values[0], values[2]]
