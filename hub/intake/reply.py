"""Reply codes, made and opened: only the hub has the key, so that nobody else can make one or read one.

Opening asks no projection and no clock: the code says itself whom it concerns, for which site and how long it is good.
"""

from typing import Final, NamedTuple

from hub.core.errors import IntegrityError
from hub.core.frame import KIND_OFFER, KIND_SUBJECT, OFFER, PATIENT, Ref
from hub.core.reply import ANSWERS, Terms, pack_terms, sealed_of, terms_of
from hub.ports.keys import Keys

_NO_OFFER: Final = bytes(12)
_SUBJECT: Final = 16


def assigned(day: int | None) -> bytes:
    """In the place of an offer's id: an assignment of that day (in days since 1970-01-01) that is no answer to one."""
    return _NO_OFFER + (day or 0).to_bytes(4, "big", signed=True)


class Named(NamedTuple):
    """What a code names: the subject, and what is answered: an offer's id, or what `assigned` says."""

    subject: bytes
    offer: bytes

    def refs(self) -> list[Ref]:
        """As an answer that came with an identity number has them."""
        person = Ref(PATIENT, KIND_SUBJECT, self.subject)
        return [person] if self.offer.startswith(_NO_OFFER) else [person, Ref(OFFER, KIND_OFFER, self.offer)]


class Replies:
    """Makes and opens codes under a secret of the hub. The same offer, and the same assignment, has always one code."""

    def __init__(self, keys: Keys, secret: str) -> None:
        self._keys, self._secret = keys, secret

    def make(self, terms: Terms, site: str, named: Named) -> bytes:
        """The code of an offer to a site."""
        head = pack_terms(terms)
        return head + self._keys.lock_alike(self._secret, named.subject + named.offer, _bound(head, site))

    def open(self, code: bytes, type: str, site: str, day: int) -> Named | str:
        """What a code names, or the error code: HUB-I450 for one that this hub did not make for that site and kind of
        answer, HUB-I452 for an answer of a day after its last one."""
        terms = terms_of(code)
        if terms is None or type not in ANSWERS[terms.asks].values():
            return "HUB-I450"
        try:
            clear = self._keys.unlock_alike(self._secret, sealed_of(code), _bound(pack_terms(terms), site))
        except IntegrityError:
            return "HUB-I450"
        return Named(clear[:_SUBJECT], clear[_SUBJECT:]) if day <= terms.until else "HUB-I452"


def _bound(head: bytes, site: str) -> bytes:
    return b"reply code" + head + site.encode()
