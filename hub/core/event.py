"""An event as folds see it: decoded once, with what its record's headers say."""

from typing import Any, NamedTuple

from hub.core.frame import CORRECTS, KIND_EVENT, KIND_SUBJECT, PATIENT, Ref

_DATE_BIAS = 1 << 20  # dates before 1970 are negative; the order must not be


class Event(NamedTuple):
    """One accepted event. `fields` is the generated NamedTuple of its type; dates are days since 1970-01-01.

    `order` = (date, rank, minute | connector, generation, number) as two integers, the order of every fold (law 7).
    `place` is "alias:row:column" at the edge; `body` 0 in clear, 1 sealed under the subject's history key.
    """

    type: str
    id: bytes
    key: bytes
    fields: Any
    refs: tuple[Ref, ...]
    order: tuple[int, int]
    sender: str
    number: int
    source: str
    place: str
    received_at: int
    commitment: bytes

    def corrects(self) -> bytes | None:
        """The id of the event that this one corrects or retracts."""
        for role, kind, value in self.refs:
            if role == CORRECTS and kind == KIND_EVENT:
                return value
        return None

    def subject(self) -> bytes | None:
        """The patient's subject id, wherever the record is kept."""
        return next((value for role, kind, value in self.refs if role == PATIENT and kind == KIND_SUBJECT), None)

    def ref(self, role: int) -> bytes | None:
        """The bytes of the reference with this role."""
        return next((value for has, _, value in self.refs if has == role), None)


def order_of(occurred_on: int, rank: int, minute: int | None, asserted: int) -> tuple[int, int]:
    """The place of an event in its key's history, as two integers under 2^63."""
    return (occurred_on + _DATE_BIAS) << 19 | rank << 11 | (minute or 0), asserted


def asserted_of(connector: int, generation: int, number: int) -> int:
    """Who said it, as which of its sayings: connector (15 bits), generation (16), event number (32). The hub is 0."""
    return connector << 48 | generation << 32 | number
