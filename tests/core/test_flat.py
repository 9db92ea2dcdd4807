"""The flat Avro functions agree with fastavro, byte by byte and value by value."""

import io
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import flat
from hub.events import KINDS, Kind


def values(type: Any) -> st.SearchStrategy[Any]:
    """Values that a field of this Avro type may have."""
    if isinstance(type, list):
        return st.none() | values(next(each for each in type if each != "null"))
    if isinstance(type, dict):
        return st.binary(min_size=type["size"], max_size=type["size"])
    bits = {"int": 31, "long": 63}
    if type in bits:
        return st.integers(-(1 << bits[type]), (1 << bits[type]) - 1)
    return st.booleans() if type == "boolean" else st.text(max_size=200)


def fields(kind: Kind) -> st.SearchStrategy[Any]:
    """Fields of a kind of event."""
    return st.tuples(*(values(field["type"]) for field in kind.avro["fields"])).map(lambda found: kind.cls(*found))


@given(st.data())
def test_bytes_and_values_are_fastavros(data: st.DataObject) -> None:
    """Every released type is written as fastavro writes it, and what fastavro wrote is read as it was."""
    kind = data.draw(st.sampled_from(sorted(KINDS.values(), key=lambda kind: kind.type)))
    wanted = data.draw(fields(kind))
    out = io.BytesIO()
    fastavro.schemaless_writer(out, kind.avro, wanted._asdict())
    assert flat.encoder(kind.avro)(wanted) == out.getvalue()
    assert flat.decoder(kind.avro, kind.cls)(out.getvalue(), 0) == wanted


@given(st.data())
def test_cut_bytes_are_refused(data: st.DataObject) -> None:
    """A record that is cut anywhere, or has something behind it, is refused."""
    kind = KINDS["agency.ApplicationFiled"]
    raw = flat.encoder(kind.avro)(data.draw(fields(kind)))
    decode = flat.decoder(kind.avro, kind.cls)
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]
    for wrong in (cut, raw + b"\0"):
        with pytest.raises((ValueError, IndexError)):
            decode(wrong, 0)


@pytest.mark.parametrize("field", ["salt", "occurred_on", "mode", "severe", "cell_x"])
def test_a_value_of_another_type_is_refused(field: str) -> None:
    """A value that its field's type does not have is refused when it is written."""
    kind = KINDS["agency.ApplicationFiled"]
    least = {"salt": b"\0" * 16, "severe": False, "occurred_on": 0, "recorded_at": 0, "occurred_minute": None}
    good = kind.cls(**{name: least.get(name, "") for name in kind.cls._fields} | {"cell_x": None, "cell_y": None})
    encode = flat.encoder(kind.avro)
    encode(good)
    for wrong in (1.5, [], b"\0", 1 << 40 if field in ("occurred_on", "cell_x") else 1.5):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            encode(good._replace(**{field: wrong}))
