"""How a connector is enrolled without a network: an invitation is carried to the agency, its answer back to the hub.

    {"format": 1, "kind": "invitation", "terms": {...}, "secret": "32 hex digits"}
    {"format": 1, "kind": "answer", "terms": {...}, "public_key": "...", "proof": "...", "signature": "..."}

Terms are what the hub will register, and what the agency needs to know of the hub. The secret is the hub's MAC over the
terms, so that the hub keeps nothing of an invitation and yet knows it again. The answer proves the secret without
holding it, and is signed with the key that it names. Whoever carries the files could read the secret: therefore each
file has `digits`, which its maker reads out over another way, such as the telephone, to whoever takes it.
"""

import hmac
import json
import re
from hashlib import sha256
from typing import Any, Final, NamedTuple

from hub.core.errors import DataError
from hub.core.format import check_format, same_bytes

FORMAT: Final = 1
INVITATION, ANSWER = "invitation", "answer"
LABEL: Final = "enrolment"
_DIGITS: Final = 10**25  # 83 bits: nobody finds another file with the same digits
_HEX: Final = {"hub_public": 64, "vault_public": 64, "key_check": 32, "secret": 32, "public_key": 64, "proof": 64}


class Terms(NamedTuple):
    """What an invitation is for. Several values of `types`, `areas` and `sites` are separated by blanks.

    `log` is the address that frames go to; `go_live` and `until`, the last day on which it may be used, are dates as
    2026-03-01; keys are hexadecimal.
    """

    connector: str
    agency: str
    publisher: str
    types: str
    areas: str
    sites: str
    county: str
    log: str
    go_live: str
    until: str
    hub_public: str
    vault_public: str
    key_check: str

    def bound(self) -> bytes:
        """The bytes that the secret is a MAC over."""
        return same_bytes(self._asdict())


class Invitation(NamedTuple):
    """Terms with their one-time secret."""

    terms: Terms
    secret: str


class Answer(NamedTuple):
    """The terms again, the key that the agency made, and that it had the secret and has the key."""

    terms: Terms
    public_key: str
    proof: str
    signature: str

    def signed(self) -> bytes:
        """The bytes that `signature` is over."""
        return LABEL.encode() + b"\0" + same_bytes({"terms": self.terms._asdict(), "public_key": self.public_key})

    def proved(self, secret: str) -> "Answer":
        """The same with the proof that its maker had the secret."""
        return self._replace(proof=hmac.new(bytes.fromhex(secret), self.signed(), sha256).hexdigest())

    def proves(self, secret: str) -> bool:
        """Whether its maker had this secret and changed nothing of the terms."""
        return hmac.compare_digest(self.proved(secret).proof, self.proof)


def pack_enrolment(file: Invitation | Answer) -> str:
    """The text of a file."""
    return json.dumps(_document(file), indent=2, ensure_ascii=False) + "\n"


def digits(file: Invitation | Answer) -> str:
    """25 digits in five groups, to be read out: of what the file says, not of how its lines end."""
    number = int.from_bytes(sha256(same_bytes(_document(file))).digest(), "big") % _DIGITS
    return "-".join(re.findall(".{5}", f"{number:025}"))


def check_digits(file: Invitation | Answer, heard: str, name: str) -> None:
    """Raises DataError HUB-C351 when these are not the digits that its maker sees."""
    if re.sub(r"[\s-]", "", heard) != digits(file).replace("-", ""):
        raise DataError("HUB-C351", file=name)


def unpack_invitation(text: str, name: str) -> Invitation:
    """The inverse. Raises DataError HUB-C350 for what is none, HUB-G130 for one of a newer program."""
    terms, texts = _unpacked(text, name, INVITATION, ("secret",))
    return Invitation(terms, **texts)


def unpack_answer(text: str, name: str) -> Answer:
    """As `unpack_invitation`."""
    terms, texts = _unpacked(text, name, ANSWER, ("public_key", "proof", "signature"))
    return Answer(terms, **texts)


def _unpacked(text: str, name: str, kind: str, parts: tuple[str, ...]) -> tuple[Terms, dict[str, str]]:
    try:
        found = json.loads(text)
        check_format(int(found["format"]), FORMAT, "enrolment")
        terms = Terms(**found["terms"])
        texts = {part: found[part] for part in parts}
        for key, value in (*terms._asdict().items(), *texts.items()):
            if type(value) is not str or not re.fullmatch(f"[0-9a-f]{{{_HEX[key]}}}" if key in _HEX else ".*", value):
                raise ValueError
        if found["kind"] != kind:
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DataError("HUB-C350", file=name) from None
    return terms, texts


def _document(file: Invitation | Answer) -> dict[str, Any]:
    kind = INVITATION if isinstance(file, Invitation) else ANSWER
    return {"format": FORMAT, "kind": kind} | file._asdict() | {"terms": file.terms._asdict()}
