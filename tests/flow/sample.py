"""Events and records for tests: real types, every field filled with the least it allows."""

from typing import Any

from hub.codec import Codec, kind_of
from hub.core.envelope import Envelope
from hub.core.event import asserted_of
from hub.core.frame import KIND_SUBJECT, PATIENT, Ref, commitment, pack_refs
from hub.core.record import Record

CODEC = Codec()
DAY = 20_000


def subject(number: int) -> bytes:
    """A subject id that is easy to recognise."""
    return number.to_bytes(16, "big")


def fields(type: str, **given: Any) -> Any:
    """The fields of a type: those given, the others empty, zero or false."""
    cls = kind_of(type).cls
    values: dict[str, Any] = {"salt": b"\0" * 16, "occurred_on": DAY, "mode": "live", "area": "220102"}
    values |= {"legal_basis": "public_duty", **given}
    for name, hint in cls.__annotations__.items():
        if name not in values:
            options = getattr(hint, "__args__", None)
            values[name] = None if options and type_none(options) else _least(hint)
    return cls(**values)


def type_none(options: tuple[Any, ...]) -> bool:
    """Whether a hint allows None."""
    return type(None) in options


def _least(hint: Any) -> Any:
    return {"int": 0, "str": "", "bool": False, "bytes": b"\0" * 16}[getattr(hint, "__name__", str(hint))]


def record(
    type: str, number: int, key: bytes, *, sender: str = "intake/a", refs: tuple[Ref, ...] | None = None,
    id: bytes = b"", event_number: int = 0, **given: Any,
) -> Record:  # fmt: skip
    """A canonical record of a sender."""
    value = CODEC.encode(type, fields(type, **given))
    refs = (Ref(PATIENT, KIND_SUBJECT, key),) if refs is None else refs
    asserted = asserted_of(1, 1, event_number or number)
    event_id = id or commitment(f"{sender}/{key.hex()}/{number}".encode())[:16]
    envelope = Envelope(
        event_id, number, 0, asserted, commitment(value), 0, type, "agency/a", sender, "a:1:", pack_refs(refs)
    )
    return Record(key, CODEC.headers(envelope), value)
