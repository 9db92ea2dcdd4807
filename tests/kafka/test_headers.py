"""Headers of Kafka and our one byte string; no broker is needed."""

from hypothesis import given
from hypothesis import strategies as st

from hub.adapters.kafka import headers
from hub.core.record import pack_headers

PAIRS = st.lists(
    st.tuples(st.sampled_from(["ce_id", "number", "%", "a%b%%", "名", "n" * 255]) | st.text(max_size=9), st.binary()),
    max_size=14,
)


@given(PAIRS.filter(lambda pairs: not pairs or pairs[0][0] != headers.RAW))
def test_native_headers_give_the_bytes_that_were_packed(pairs: list[tuple[str, bytes]]) -> None:
    """However a record's headers are called and however long they are, their bytes come back as they were packed."""
    packed = pack_headers(pairs)
    assert headers.native(packed) == pairs
    assert headers.packed(headers.native(packed)) == packed


def test_forms_of_foreign_headers_are_not_remembered_without_end() -> None:
    """Somebody who gives each record headers of other names costs no memory for ever, and is read all the same."""
    for number in range(1_500):
        assert headers.packed([(f"x-{number}", b"1")]) == pack_headers([(f"x-{number}", b"1")])
    assert len(headers._forms) <= 1_000
