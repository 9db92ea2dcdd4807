"""A reply code: it names an offer and its person to the hub alone, so that a site can answer without knowing who it is.

    what is asked (1) | last day (3) | sealed under a key of the hub: subject (16), offer (16)

Site, what is asked and last day are bound into the seal: none of them can be changed. In a workbook it is text, with
four bytes of a hash behind it, so that a slip is seen before anything is sent. For ever: `docs/decisions/024`.
"""

import base64
import binascii
from hashlib import sha256
from typing import Final, NamedTuple

OFFER_ASKED, HANDOVER_ASKED = 1, 2
ACCEPTED, DECLINED = "accepted", "declined"
ANSWERS: Final = {
    OFFER_ASKED: {ACCEPTED: "stations.OfferAccepted", DECLINED: "stations.OfferDeclined"},
    HANDOVER_ASKED: {ACCEPTED: "stations.HandoverAccepted", DECLINED: "stations.HandoverDeclined"},
}
"""What may be answered to what is asked."""

ANSWER_TYPES: Final = frozenset(type for answers in ANSWERS.values() for type in answers.values())
FOREVER: Final = 2_932_896
"""9999-12-31: the last day of what has no deadline."""

SIZE: Final = 52
_TERMS, _CHECK = 4, 4
_NUMBER = 5  # bytes behind an offer's number, 8 characters


class Terms(NamedTuple):
    """What a code is good for: what it asks, and the last day of an answer, in days since 1970-01-01."""

    asks: int
    until: int


def pack_terms(terms: Terms) -> bytes:
    """The part of a code that anyone may read."""
    return bytes((terms.asks,)) + terms.until.to_bytes(3, "big")


def terms_of(code: bytes) -> Terms | None:
    """The terms of a code, or None for bytes that are none."""
    known = len(code) == SIZE and code[0] in ANSWERS
    return Terms(code[0], int.from_bytes(code[1:_TERMS], "big")) if known else None


def sealed_of(code: bytes) -> bytes:
    """The part that only the hub can open."""
    return code[_TERMS:]


def number_of(code: bytes) -> str:
    """Eight characters by which people name an offer; they say nothing without the hub's key."""
    return base64.b32encode(sealed_of(code)[:_NUMBER]).decode()


def written(code: bytes) -> str:
    """A code as text: letters and the digits 2 to 7, of which none is taken for another."""
    return base64.b32encode(code + _check(code)).decode().rstrip("=")


def read(text: str) -> bytes | None:
    """The code that a text is, in either case and with blanks; None where a character is not what was written."""
    plain = "".join(text.split()).upper()
    try:
        raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError):
        return None
    code, check = raw[:SIZE], raw[SIZE:]
    return code if terms_of(code) and check == _check(code) and written(code) == plain else None


def _check(code: bytes) -> bytes:
    return sha256(b"reply code" + code).digest()[:_CHECK]
