"""What a broker answered becomes the records that were written, or an error that says what is wrong with it."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from hub.adapters.kafka import headers, reader
from hub.adapters.kafka.fetched import decoded, whole
from hub.adapters.kafka.log import KafkaLog
from hub.core.errors import DataError, IntegrityError, Unreachable
from hub.core.record import Record, pack_headers
from tests.conformance.log_laws import records
from tests.kafka.broker import Broker

FIRST: Final = 40
SUMMED: Final = 21  # where the bytes begin that the sum of a record batch covers
GZIP, ZSTD, CONTROL = 1, 4, 32


def written(count: int) -> list[Record]:
    """Records whose headers are of two sorts."""
    pairs = [("ce_id", b"1"), ("number", b"\0" * 8)]
    return [Record(b"k%d" % at, pack_headers(pairs[: at % 3]), b"v" * at) for at in range(count)]


def batch(given: list[Record], base: int, left_out: int = -1, codec: int = 0) -> bytes:
    """A record batch as a broker stores it, with offsets from `base` on, perhaps without one of them."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1 << 20)
    for at, (key, packed, value) in enumerate(given):
        if at != left_out:
            builder.append(at, 0, key, value, headers.native(packed))
    made = builder.build()
    made[:8] = base.to_bytes(8, "big")
    return bytes(made)


def marked(raw: bytes, attributes: int) -> bytes:
    """A batch with other attributes, and the sum of that."""
    covered = attributes.to_bytes(2, "big") + raw[SUMMED + 2 :]
    return raw[: SUMMED - 4] + int(calc_crc32c(covered)).to_bytes(4, "big") + covered


def answer() -> tuple[list[Record], bytes]:
    """Nine records in two batches, and half of a third."""
    given = written(9)
    cut = batch(given, FIRST + 9)
    return given, batch(given[:5], FIRST) + batch(given[5:], FIRST + 5) + cut[: len(cut) // 2]


def read(raw: bytes, first: int = FIRST) -> list[Record]:
    """What is read of an answer."""
    return decoded(whole(first, raw), "persons", 3)


@pytest.mark.parametrize("first", range(FIRST, FIRST + 5))
def test_records_come_back_from_where_they_were_asked_for(first: int) -> None:
    """Byte for byte and in order, also from the middle of a batch on; what the broker cut off is not there yet."""
    given, raw = answer()
    assert read(raw, first) == given[first - FIRST :]
    assert whole(first, raw).end == FIRST + 9


def test_a_byte_that_was_changed_is_never_read() -> None:
    """Whichever bit of a batch's own bytes is another now, its sum tells: HUB-L403."""
    given = written(4)
    sound = batch(given, FIRST)
    for at in range(SUMMED, len(sound)):
        raw = bytearray(sound)
        raw[at] ^= 1 << at % 8
        with pytest.raises(IntegrityError) as caught:
            read(bytes(raw))
        assert caught.value.code == "HUB-L403"
    assert read(sound) == given


@pytest.mark.parametrize("left_out", range(4))
def test_an_offset_that_is_left_out_is_told(left_out: int) -> None:
    """A topic that somebody compacted has lost records: HUB-L401, at the first, in the middle and at the end."""
    given = written(4)
    raw = batch(written(2), FIRST - 2) + batch(given, FIRST, left_out) + batch(given, FIRST + 4)
    with pytest.raises(IntegrityError) as caught:
        read(raw, FIRST - 2)
    assert caught.value.code == "HUB-L401"


def test_the_mark_of_a_transaction_is_no_record() -> None:
    """Its offset is left out, and nobody of ours writes one: HUB-L401."""
    with pytest.raises(IntegrityError) as caught:
        read(batch(written(2), FIRST) + marked(batch(written(1), FIRST + 2), CONTROL) + batch(written(2), FIRST + 3))
    assert caught.value.code == "HUB-L401"


def test_what_somebody_else_wrote_is_read_too() -> None:
    """Nothing instead of a key, a value or a header's value is empty; what is compressed is taken apart."""
    builder = DefaultRecordBatchBuilder(2, GZIP, 0, -1, -1, -1, 1 << 20)
    builder.append(0, 0, None, None, [("foreign", None)])
    assert read(bytes(builder.build()), 0) == [Record(b"", pack_headers([("foreign", b"")]), b"")]
    assert read(batch(written(4), FIRST, codec=GZIP)) == written(4)


def test_what_cannot_be_taken_apart_is_told() -> None:
    """A codec whose library is not there is HUB-L108, and nothing of the library's own."""
    with pytest.raises(DataError) as caught:
        read(marked(batch(written(4), FIRST), ZSTD))
    assert caught.value.code == "HUB-L108"


@pytest.mark.slow
def test_nothing_is_asked_for_twice(broker: Broker, names: Iterator[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads on from the record before, as advance() does, costs the broker each record once."""
    monkeypatch.setattr(reader, "ANSWER_BYTES", 2000)
    log = KafkaLog(f"{broker.url}/{next(names)}")
    log.create("persons", 1)
    given = records(0, 300)
    for at in range(0, 300, 20):
        log.append("persons", 0, given[at : at + 20])
    log._ends.clear()
    asked: list[tuple[int, int]] = []
    fetch = log._reader.fetch

    def counted(place: Any, offset: int, topic: str) -> list[Record]:
        found = fetch(place, offset, topic)
        asked.append((offset, len(found)))
        return found

    monkeypatch.setattr(log._reader, "fetch", counted)
    taken: list[Record] = []
    while len(taken) < len(given):
        overlap = min(len(taken), 1)
        found = log.read("persons", 0, len(taken) - overlap, 70 + overlap)
        assert found[:overlap] == taken[len(taken) - overlap :]
        assert len(found) > overlap
        taken += found[overlap:]
    log.close()
    assert taken == given
    assert len(asked) > 2, "more than one answer was needed"
    assert [offset for offset, _ in asked] == [sum(size for _, size in asked[:at]) for at in range(len(asked))]


@pytest.mark.slow
def test_what_comes_next_is_there_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads a partition twice in turn has the next answer without the broker: it came in the meantime."""
    monkeypatch.setattr(reader, "ANSWER_BYTES", 20_000)
    given = records(0, 300)
    broker = Broker(tmp_path / "broker").start()
    try:
        with closing(KafkaLog(f"{broker.url}/log", seconds=8)) as log:
            log.create("persons", 1)
            for at in range(0, 300, 30):
                log.append("persons", 0, given[at : at + 30])
            log._ends.clear()
            first = log.read("persons", 0, 0, 1000)
            half = len(first) // 2
            assert 2 < len(first) < len(given), "an answer is not the whole log"
            with closing(KafkaLog(f"{broker.url}/log", seconds=8)) as again:
                assert again.read("persons", 0, 0, half) == first[:half]
                assert again.read("persons", 0, half, len(first) - half) == first[half:]
                time.sleep(2)
                broker.kill()
                found = again.read("persons", 0, len(first), 1000)
                assert found
                assert found == given[len(first) : len(first) + len(found)]
                with pytest.raises(Unreachable):
                    again.read("persons", 0, len(given), 1000)
    finally:
        broker.stop()
