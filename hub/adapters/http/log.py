"""The log of an edge behind HTTPS: it appends to its own ingress and reads its own outcomes, and sees nothing else.

Proxies are those of the environment (HTTPS_PROXY, NO_PROXY), of which none sees into TLS; a gateway on this machine is
asked directly. Trusted is who the system trusts, and the authority `ca`.
"""

import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from hub.core.errors import AppendUncertain, DataError, HubError, IntegrityError, NotPermitted, Unreachable
from hub.core.frame import unpack_frame
from hub.core.packet import ANSWERS, FRAMES, Packet, pack_packet, unpack_packet
from hub.core.record import Bounds, Record
from hub.ports.spools import Reached

SECONDS: Final = 60
_EXPIRED: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_LOCAL: Final = ("127.0.0.1", "localhost", "::1")


class HttpLog:
    """The `Log` port through `https://host[:port][?ca=FILE]`, for one agency with its key.

    Raises DataError HUB-L106 for a URL that is none, or one in clear to another machine; HUB-L112 for a bad `ca`.
    """

    def __init__(self, url: str, agency: str, key: str, seconds: int = SECONDS) -> None:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
        if not safe or not parts.hostname or parts.username or set(query) - {"ca"}:
            raise DataError("HUB-L106")
        try:
            context = ssl.create_default_context()
            if "ca" in query:
                context.load_verify_locations(query["ca"])
        except (OSError, ValueError):
            raise DataError("HUB-L112", file="ca") from None
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/v1"
        self._host = parts.hostname
        self._agency, self._key, self._seconds = agency, key, seconds
        handlers = [urllib.request.HTTPSHandler(context=context), _Stay()]
        if parts.scheme == "http":  # a proxy would see the key
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def identity(self) -> str:
        """That of the hub's log."""
        return str(_field(self._state(), "log", str))

    def create(self, topic: str, partitions: int) -> None:
        """Nothing is made from here. Raises DataError HUB-L102 for a topic that is not the agency's."""
        if topic not in self.topics():
            raise DataError("HUB-L102", topic=topic, partition=0)

    def topics(self) -> dict[str, int]:
        """The two topics of the agency."""
        return {f"ingress.{self._agency}": 1, f"outcomes.{self._agency}": 1}

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Send frames of one spool; returns an offset that is only good for counting.

        Raises IntegrityError HUB-L406 when the hub lacks frames before these: an older one was put back there.
        """
        if topic != f"ingress.{self._agency}" or partition:
            raise NotPermitted("HUB-L601", topic=topic, reason="gateway")
        if not records:
            return 0
        headers = [unpack_frame(record.value).header for record in records]
        first, last = headers[0], headers[-1]
        packet = Packet(FRAMES, self._agency, first.connector, first.generation, first.number, last.number, "")
        status, body = self._asked("POST", f"ingress/{self._agency}/frames", pack_packet(packet, records))
        told = _document(body)
        if status == 409 and "generation" in (where := _field(told, "where", dict)):
            raise IntegrityError("HUB-L407", generation=_field(where, "generation", int))
        if status == 409:
            raise IntegrityError("HUB-L406", first=_field(where, "first", int), last=_field(where, "last", int))
        return _field(told, "end", int) - len(records)  # type: ignore[no-any-return]

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Outcomes from an offset on. Raises IntegrityError HUB-L401 for an offset behind the end."""
        if topic != f"outcomes.{self._agency}" or partition:
            raise NotPermitted("HUB-L601", topic=topic, reason="gateway")
        status, body = self._asked("GET", f"outcomes/{self._agency}?from={offset}")
        if status == 204 or limit < 1:
            return []
        try:
            packet, records = unpack_packet(body, "body")
        except DataError:
            raise _silent("no packet") from None
        if packet.kind != ANSWERS or packet.agency != self._agency or packet.first != offset:
            raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset)
        return list(records[:limit])

    def bounds(self, topic: str, partition: int) -> Bounds:
        """Of outcomes, as the hub says; of ingress, that nothing can be read back."""
        if topic == f"outcomes.{self._agency}":
            found = _field(self._state(), "outcomes", list)
            return Bounds(_field(found, 0, int), _field(found, 1, int))
        return Bounds(1 << 60, 1 << 60)

    def reached(self, connector: str) -> Reached | None:
        """How far a connector of the agency came in its ingress, as the hub says."""
        found = _field(self._state(), "spools", dict).get(connector)
        if found is None:
            return None
        return Reached(_field(found, 0, str), _field(found, 1, int), _field(found, 2, int))

    def close(self) -> None:
        """Nothing stays open between two requests."""

    def _state(self) -> Any:
        return _document(self._asked("GET", f"ingress/{self._agency}")[1])

    def _asked(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body of an answer that is good, or 409. Errors are ours, without what the other side said."""
        sent = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/octet-stream"}
        request = urllib.request.Request(f"{self._base}/{path}", body, sent, method=method)
        failure: HubError
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 409:
                return 409, error.read()
            failure = _refused(error.code, error.headers.get("Retry-After", ""), body is not None)
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise _untrusted(error.reason, self._host) from None
            sent_nothing = isinstance(error.reason, (ConnectionRefusedError, ssl.SSLError, socket.gaierror))
            failure = _silent(type(error.reason).__name__) if sent_nothing or body is None else _uncertain(self._agency)
        except (HTTPException, OSError, ValueError) as error:
            failure = _silent(type(error).__name__) if body is None else _uncertain(self._agency)
        raise failure from None


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise _silent("no JSON") from None


def _field(document: Any, name: str | int, kind: type) -> Any:
    """What stands there, of that kind. Raises Unreachable HUB-L504: it was not the gateway that answered."""
    try:
        found = document[name]
    except (LookupError, TypeError):
        raise _silent("foreign JSON") from None
    if not isinstance(found, kind):
        raise _silent("foreign JSON")
    return found


def _refused(status: int, retry_after: str, sent: bool) -> HubError:
    """What a status means. Where something was sent and something failed on the way, nobody knows what landed."""
    if status in (401, 403):
        return NotPermitted("HUB-L602", status=status)
    if status == 413:
        return DataError("HUB-L113")
    if status < 500 and status != 429:
        return DataError("HUB-L114", status=status)
    seconds = retry_after if retry_after.isdigit() else "60"
    if sent and status >= 500:
        return AppendUncertain("HUB-L505", status=status, seconds=seconds)
    return Unreachable("HUB-L505", status=status, seconds=seconds)


def _untrusted(error: ssl.SSLCertVerificationError, host: str) -> HubError:
    """Nothing was sent, and waiting mends nothing: a certificate that ended, or one of somebody else."""
    return DataError("HUB-H313" if error.verify_code == _EXPIRED else "HUB-H314", host=host)


def _silent(reason: str) -> HubError:
    return Unreachable("HUB-L504", reason=reason)


def _uncertain(agency: str) -> HubError:
    return AppendUncertain("HUB-L501", topic=f"ingress.{agency}", partition=0)
