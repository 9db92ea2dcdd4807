"""Why brokers do not let us in: the library tries until the time is over, and says only that. So each is asked again.

A broker is asked for our mechanism of passwords, then told user and password: whoever answers speaks TLS, has a
certificate that we trust, and takes ours; its answers tell the rest. The library itself may lose them, since brokers
close the connection behind an error.
"""

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from kafka.net.sasl import get_sasl_mechanism

from hub.adapters import trust
from hub.adapters.kafka.address import SCRAM, Address
from hub.core.errors import DataError, HubError, Unreachable

SECONDS: Final = 3
"""So long a broker may take; who does not answer is somebody else's finding."""

_OF_CERTIFICATE: Final = {trust.ANOTHER: "HUB-L570", trust.UNKNOWN: "HUB-L569"}
_HANDSHAKE, _AUTHENTICATE = 17, 36  # Kafka's SaslHandshake and SaslAuthenticate
# UNSUPPORTED_SASL_MECHANISM, ILLEGAL_SASL_STATE, SASL_AUTHENTICATION_FAILED
_UNSUPPORTED, _NO_SASL, _REFUSED = 33, 34, 58
_MOST: Final = 64 * 1024  # bytes of an answer


def cause(address: Address) -> HubError | None:
    """The error that names why a broker did not let us in; None where that is not known, or nobody answers.

    DataError HUB-K331 for a certificate that has ended, Unreachable HUB-L569 to HUB-L577 for all else.
    """
    for server in address.servers:
        if found := _cause(address, server):
            return found
    return None


def place(server: str) -> tuple[str, int]:
    """Host and port."""
    host, _, port = server.rpartition(":")
    return host.strip("[]"), int(port)


def _cause(address: Address, server: str) -> HubError | None:
    context = address.context()
    if context is None:
        return Unreachable("HUB-L577", host=server) if _speaks_tls(server) else None
    try:
        with _line(context, server) as line:
            answer = _introduced(line, address, server)
    except ssl.SSLCertVerificationError as error:
        return _of_certificate(trust.against(error), server)
    except (OSError, ValueError, LookupError, struct.error) as error:
        reason = str(getattr(error, "reason", ""))
        if "_ALERT_" in reason:  # ours is why: it is looked at after our side of the handshake is done
            return Unreachable("HUB-L574", host=server, reason=reason)
        return Unreachable("HUB-L571", host=server) if _speaks_in_clear(server) else None
    if not address.user:
        return Unreachable("HUB-L576", host=server) if answer != _NO_SASL else None
    if answer == _NO_SASL:
        return Unreachable("HUB-L573", host=server)
    if answer == _UNSUPPORTED:
        return Unreachable("HUB-L572", host=server, mechanism=SCRAM)
    return Unreachable("HUB-L575", host=server, user=address.user) if answer == _REFUSED else None


def _of_certificate(against: str, server: str) -> HubError | None:
    if against == trust.ENDED:
        return DataError("HUB-K331", host=server)
    return Unreachable(_OF_CERTIFICATE[against], host=server) if against else None


@contextmanager
def _line(context: ssl.SSLContext, server: str) -> Iterator[ssl.SSLSocket]:
    host, _ = place(server)
    with socket.create_connection(place(server), SECONDS) as line:
        line.settimeout(SECONDS)
        with context.wrap_socket(line, server_hostname=host) as secured:
            yield secured


def _speaks_in_clear(server: str) -> bool:
    """Whether Kafka answers there without TLS; nobody's name or password is told it."""
    try:
        with socket.create_connection(place(server), SECONDS) as line:
            line.settimeout(SECONDS)
            _asked(line, _HANDSHAKE, 1, _text(SCRAM))
    except (OSError, struct.error):
        return False
    return True


def _speaks_tls(server: str) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with _line(context, server):
            return True
    except OSError:
        return False


def _introduced(line: ssl.SSLSocket, address: Address, server: str) -> int:
    """Say who we are; the number of the broker's error, 0 for none. OSError where it does not answer."""
    found, _ = _asked(line, _HANDSHAKE, 1, _text(SCRAM))
    if found or not address.user:
        return found
    who = {"sasl_plain_username": address.user, "sasl_plain_password": address.password}
    options = {"host": place(server)[0], "security_protocol": "SASL_SSL", "sasl_mechanism": SCRAM}
    mechanism: Any = get_sasl_mechanism(SCRAM)(**options, **who)
    while not (found or mechanism.is_done()):
        said = mechanism.auth_bytes()
        found, rest = _asked(line, _AUTHENTICATE, 0, struct.pack(">i", len(said)) + said)
        if not found:
            message = max(0, struct.unpack(">h", rest[:2])[0])
            mechanism.receive(rest[2 + message + 4 :])
    return found


def _asked(line: socket.socket, api: int, version: int, body: bytes) -> tuple[int, bytes]:
    """The number of the error in a broker's answer, and what follows it."""
    request = struct.pack(">hhi", api, version, 1) + _text("hub") + body
    line.sendall(struct.pack(">i", len(request)) + request)
    (length,) = struct.unpack(">i", _exactly(line, 4))
    answer = _exactly(line, min(length, _MOST))
    return struct.unpack(">h", answer[4:6])[0], answer[6:]


def _exactly(line: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        if not (more := line.recv(count - len(found))):
            raise ConnectionResetError
        found += more
    return found


def _text(value: str) -> bytes:
    return struct.pack(">h", len(value)) + value.encode()
