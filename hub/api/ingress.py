"""What the ingress gateway does with a request, whatever serves it: frames in, outcomes out, each agency its own.

    POST /v1/ingress/<agency>/frames     a packet of frames -> how far its spool came; twice is harmless
    GET  /v1/ingress/<agency>            identity of the log, first and next offset of the outcomes
    GET  /v1/outcomes/<agency>?from=N    a packet of answers, or nothing new

An agency's key is derived from the hub's secret, so that none is stored: `<agency>.<epoch>.<MAC>`. Every refusal is
JSON with a code, where, and why and what mends it in Chinese and English.
"""

import hmac
from base64 import urlsafe_b64encode
from typing import Any, Final, NamedTuple

from hub.core.errors import DataError, HubError, IntegrityError, NotPermitted
from hub.core.packet import ANSWERS, Packet, pack_packet, unpack_packet
from hub.intake.packets import Importer
from hub.ports.intake import IntakeStore
from hub.ports.keys import Keys
from hub.ports.log import Log
from hub.texts import LANGUAGES, text

SECRET: Final = "K_gateway"
ANSWERS_AT_ONCE: Final = 1_000


class Reply(NamedTuple):
    """An HTTP status with a document, or with bytes; `retry_after` in seconds when it is to be tried again."""

    status: int
    document: Any = None
    body: bytes = b""
    retry_after: int = 0


def key_of(keys: Keys, agency: str, epoch: int) -> str:
    """The key of an agency in an epoch; whoever has it may send as that agency, and reads its outcomes."""
    mac = keys.mac(SECRET, "agency key")(f"{agency}/{epoch}".encode())
    return f"{agency}.{epoch}.{urlsafe_b64encode(mac).decode().rstrip('=')}"


class Ingress:
    """The gateway over a log and intake's store; one thread uses it.

    `oldest` is the first epoch whose keys are still good; `most_waiting` how many frames of an agency may wait for
    intake before it is told to come again later.
    """

    def __init__(self, log: Log, store: IntakeStore, keys: Keys, oldest: int, most_waiting: int) -> None:
        self._log, self._store, self._keys = log, store, keys
        self._oldest, self._most_waiting = oldest, most_waiting
        self._importer = Importer(log, store)

    def permit(self, authorization: str, agency: str) -> None:
        """Raises NotPermitted HUB-I601 without a good key, HUB-I602 for the key of another agency."""
        scheme, _, key = authorization.partition(" ")
        who, _, rest = key.strip().partition(".")
        epoch = rest.partition(".")[0]
        sound = scheme.lower() == "bearer" and key.isascii() and epoch.isdigit() and len(epoch) < 6
        known = sound and hmac.compare_digest(key.strip().encode(), key_of(self._keys, who, int(epoch)).encode())
        if not known or int(epoch) < self._oldest:
            raise NotPermitted("HUB-I601")
        if who != agency:
            raise NotPermitted("HUB-I602", agency=agency)

    def take(self, agency: str, body: bytes) -> Reply:
        """Append what is new of a packet, and say how far its spool came.

        Raises DataError HUB-I360, I362, I363 for a packet that is damaged, of another agency, of nobody registered;
        HUB-I367, I370 when frames before it are missing; HUB-I368 while intake is behind.
        """
        waiting = self._behind(agency)
        if waiting > self._most_waiting:
            raise DataError("HUB-I368", waiting=waiting, limit=self._most_waiting)
        packet, records = unpack_packet(body, "body")
        if packet.agency != agency:
            raise DataError("HUB-I362", file="body")
        done = self._importer.take(packet, list(records))
        if done.spool:
            raise DataError("HUB-I370", connector=packet.connector, agency=agency, generation=done.spool)
        if done.missing:
            first, last = done.missing
            raise DataError("HUB-I367", connector=packet.connector, agency=agency, first=first, last=last)
        told = {"connector": packet.connector, "generation": packet.generation, "last": packet.last}
        return Reply(200, told | {"frames": done.frames, "end": self._log.bounds(f"ingress.{agency}", 0).end})

    def state(self, agency: str) -> Reply:
        """What an edge needs to know of its log."""
        begin, end = (0, 0)
        if f"outcomes.{agency}" in self._log.topics():
            begin, end = self._log.bounds(f"outcomes.{agency}", 0)
        spools = {connector: list(reached) for connector, reached in self._importer.waiting(agency).reached().items()}
        return Reply(200, {"log": self._log.identity(), "outcomes": [begin, end], "spools": spools})

    def outcomes(self, agency: str, begin: str) -> Reply:
        """Outcomes from an offset on, as a packet; 204 when there are none. DataError HUB-I365 for no offset."""
        if not begin.isascii() or not begin.isdigit() or len(begin) > 15:
            raise DataError("HUB-I365")
        topic, at = f"outcomes.{agency}", int(begin)
        if topic not in self._log.topics():
            return Reply(204)
        try:
            records = self._log.read(topic, 0, at, ANSWERS_AT_ONCE)
        except IntegrityError:
            raise DataError("HUB-I365") from None
        if not records:
            return Reply(204)
        packet = Packet(ANSWERS, agency, "", 0, at, at + len(records) - 1, self._log.identity())
        return Reply(200, body=pack_packet(packet, records))

    def _behind(self, agency: str) -> int:
        """Frames of an agency that intake has not read."""
        topic = f"ingress.{agency}"
        if topic not in self._log.topics():
            return 0
        return self._log.bounds(topic, 0).end - self._store.state(agency).offset


STATUS: Final = {
    "HUB-I601": 401,
    "HUB-I602": 403,
    "HUB-I363": 403,
    "HUB-I366": 413,
    "HUB-I367": 409,
    "HUB-I368": 429,
    "HUB-I370": 409,
}


def refusal(error: HubError) -> Reply:
    """An error as an answer: 400 for what is wrong with the request, 503 for what is wrong here, 500 for a bug.

    After 503 nobody may know what was appended; the same packet sent again is a repeat as far as it was.
    """
    document: dict[str, object] = {"code": error.code, "where": error.place}
    for language in LANGUAGES:
        why, fix = text(error.code, language, **error.place)
        document[language] = {"why": why, "fix": fix}
    waiting = error.place.get("waiting", 0)
    if isinstance(error, (DataError, NotPermitted)):
        again = min(300, 2 + waiting // 100) if error.code == "HUB-I368" and isinstance(waiting, int) else 0
        return Reply(int(error.place.get("status", STATUS.get(error.code, 400))), document, retry_after=again)
    return Reply(500, document) if error.exit_code == 1 else Reply(503, document, retry_after=30)
