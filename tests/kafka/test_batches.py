"""Batches packed by another library's extension are the ones that the producer's own library would have packed."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.record.default_records import DefaultRecordBatchBuilder

from hub.adapters.kafka import batches
from hub.adapters.kafka.batches import Builder
from hub.adapters.kafka.log import KafkaLog
from hub.core.record import Record
from tests.kafka.broker import Broker

NOW, BATCH_BYTES = 1_700_000_000_000, 2_000
EPOCH = 12  # where the leader's epoch stands, four bytes: a broker writes its own, whatever a client puts there
Packed = tuple[bytes, bytes, list[tuple[str, bytes]]]

bodies = st.binary(max_size=300)
several = st.lists(
    st.tuples(bodies, bodies, st.lists(st.tuples(st.text(max_size=20), bodies), max_size=12)), min_size=1, max_size=30
)


def built(builder: Any, records: list[Packed]) -> tuple[bytes, int]:
    """The bytes of a batch of the records that fit into it, and how many they are."""
    taken = 0
    for key, value, headers in records:
        if builder.append(taken, NOW + taken, key, value, headers) is None:
            break
        taken += 1
    builder.set_producer_state(7, 2, 40, False)
    whole = bytes(builder.build())
    return whole[:EPOCH] + whole[EPOCH + 4 :], taken


@given(several)
def test_a_batch_is_packed_as_the_producer_would(records: list[Packed]) -> None:
    """Both libraries take as many records into a batch, and make the same bytes of them."""
    ours, theirs = (make(2, 0, 0, -1, -1, -1, BATCH_BYTES) for make in (Builder, DefaultRecordBatchBuilder))
    assert built(ours, records) == built(theirs, records)


@pytest.mark.parametrize("spare", [-1, 0, 1])
def test_a_batch_is_filled_to_its_last_byte(spare: int) -> None:
    """A record that makes a batch exactly full is taken by both libraries, one that is a byte too long by neither."""
    records: list[Packed] = [(b"key", b"value" * 20, [("name", b"1")])] * 2
    whole, _ = built(DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, BATCH_BYTES), records)
    most = len(whole) + 4 + spare  # `built` leaves the leader's epoch out
    ours, theirs = (built(make(2, 0, 0, -1, -1, -1, most), records) for make in (Builder, DefaultRecordBatchBuilder))
    assert ours == theirs
    assert ours[1] == (1 if spare < 0 else 2)


class Forgetful(Builder):
    """Leaves out the first header."""

    def append(self, offset: int, at: int, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> Any:
        """Pack the rest."""
        return super().append(offset, at, key, value, headers[1:])


def test_a_batch_that_lacks_a_header_is_caught() -> None:
    """Bytes that another record would have had are not taken for the same."""
    record = b"key", b"value", [("name", b"1")]
    ours, theirs = (make(2, 0, 0, -1, -1, -1, BATCH_BYTES) for make in (Forgetful, DefaultRecordBatchBuilder))
    assert built(ours, [record]) != built(theirs, [record])


def test_many_batches_of_one_append_keep_their_order(
    broker: Broker, names: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fills many batches lies in the order given, one offset after the other, and begins where append says."""
    monkeypatch.setattr(batches, "BATCH_BYTES", BATCH_BYTES)
    log = KafkaLog(f"{broker.url}/{next(names)}")
    log.create("t", 1)
    records = [Record(b"%d" % n, b"", bytes(n % 700)) for n in range(500)]
    firsts = [log.append("t", 0, records), log.append("t", 0, records[:3]), log.append("t", 0, records)]
    found: list[Record] = []
    while len(found) < 1003:
        found += log.read("t", 0, len(found), 1003)
    log.close()
    assert [after - before for before, after in pairwise(firsts)] == [500, 3]
    assert found == [*records, *records[:3], *records]
