"""Why a server does not let us in: libpq keeps to itself the SQLSTATE with which a connection was refused.

So it is tried once more, and libpq writes down what it says and is answered. Of that the SQLSTATE is read, and how far
TLS came; nothing else of it leaves this module, since the rest holds names. Where libpq does not write it down (another
system than Linux, a libpq before 18), no cause is known.
"""

import os
import re
import select
import socket
import ssl
import struct
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from psycopg import Error, NotSupportedError, errors, pq
from psycopg.conninfo import make_conninfo

from hub.adapters import trust
from hub.core.errors import DataError, HubError, Unreachable

SECONDS: Final = 3
"""So long a server may take for all that it is asked; who does not answer is somebody else's finding."""

_REFUSED: Final = re.compile(rb'^B\t\S+\tErrorResponse\t .*? C "([0-9A-Z]{5})" ', re.MULTILINE)
_SPEAKS_TLS, _NO_TLS, _BEGAN = b"\tSSLResponse\t S\n", b"\tSSLResponse\t N\n", b"\tStartupMessage\t"
_SSL_REQUEST: Final = struct.pack(">ii", 8, 80877103)
_RULES: Final = errors.InvalidAuthorizationSpecification.sqlstate
_OF_CERTIFICATE: Final = {trust.UNKNOWN: "HUB-P515", trust.ANOTHER: "HUB-P516", trust.ENDED: "HUB-P517"}


class _Tried(NamedTuple):
    """A connection that was tried: what was said, with which settings, to whom, and what came of it."""

    said: bytes
    settings: Mapping[str, str]
    host: str
    place: tuple[str, int]
    lacks_password: bool

    @property
    def state(self) -> str | None:
        """With what the server refused us. Once more without TLS it refuses for another reason than the true one."""
        found = [one.decode() for one in _REFUSED.findall(self.said)]
        return next((one for one in found if one != _RULES), found[-1] if found else None)

    @property
    def ended_at(self) -> bytes:
        """What the server answered when it was asked for TLS, where we had no more to say after that."""
        *_, last = re.split(rb"(?=\tSSLResponse\t)", self.said)
        return last[: last.index(b"\n") + 1] if b"SSLResponse" in last and _BEGAN not in last else b""


def cause(address: str, what: str, key: str) -> HubError | Error | None:
    """Why we are not let in at an address of libpq: an error of ours, or the driver's for the server's SQLSTATE.

    None where that is not known, or nobody answers. DataError HUB-P519 or HUB-P520 for what is wrong in our own
    settings, Unreachable HUB-P513 to HUB-P518 for what may be mended on the server, too.
    """
    place = {"what": what, "key": key}
    try:
        tried = _tried(address)
    except NotSupportedError:
        return None
    if tried is None:
        refused = pq.PGconn.ping(address.encode()) == pq.Ping.NO_ATTEMPT
        return DataError("HUB-P520", **place) if refused else None
    if tried.state == _RULES and _wants_tls(tried, address):
        return Unreachable("HUB-P513", **place)
    if tried.state:
        return _of_state(tried.state)
    if tried.lacks_password:
        return Unreachable("HUB-P518", **place)
    if tried.ended_at == _NO_TLS:
        return Unreachable("HUB-P514", **place)
    return _of_tls(tried, place) if tried.ended_at == _SPEAKS_TLS else None


def _tried(address: str) -> _Tried | None:
    """One more attempt, written down by libpq into memory; None where it does not even begin."""
    until = time.monotonic() + SECONDS
    connection = pq.PGconn.connect_start(address.encode())
    try:
        if connection.status == pq.ConnStatus.BAD:
            return None
        status: int = pq.PollingStatus.WRITING
        with closing(open(os.memfd_create("hub"), "rb")) as written:
            connection.trace(written.fileno())
            connection.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
            while status not in (pq.PollingStatus.OK, pq.PollingStatus.FAILED) and _is_ready(connection, status, until):
                status = connection.connect_poll()
            connection.untrace()
            written.seek(0)
            said = written.read()
        settings = {one.keyword.decode(): (one.val or b"").decode() for one in connection.info}
        host, port = connection.host.decode(), int(connection.port or b"5432")
        place = (connection.hostaddr.decode() or host, port)
        return _Tried(said, settings, host, place, connection.needs_password)
    finally:
        connection.finish()


def _is_ready(connection: pq.abc.PGconn, status: int, until: float) -> bool:
    line, left = [connection.socket], max(0.0, until - time.monotonic())
    reading = status == pq.PollingStatus.READING
    return any(select.select(line if reading else [], [] if reading else line, [], left))


def _wants_tls(tried: _Tried, address: str) -> bool:
    """Whether a server that refuses us in clear speaks TLS, and has nothing against us there."""
    if _SPEAKS_TLS in tried.said:
        return False
    again = _tried(make_conninfo(address, sslmode="require"))
    return again is not None and _SPEAKS_TLS in again.said and again.state != _RULES


def _of_state(state: str) -> Error | None:
    try:
        return errors.lookup(state)()
    except KeyError:
        return None


def _of_tls(tried: _Tried, place: Mapping[str, str]) -> HubError | None:
    """What is wrong with TLS: libpq has only words for it, and is not told them in numbers."""
    mode, root = tried.settings["sslmode"], tried.settings["sslrootcert"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = mode == "verify-full"
    try:
        if root == "system":
            context.load_default_certs()
        else:
            context.load_verify_locations(root or Path.home() / ".postgresql" / "root.crt")
    except (OSError, ssl.SSLError):
        return DataError("HUB-P519", **place) if mode.startswith("verify-") else None
    try:
        with socket.create_connection(tried.place, SECONDS) as line:
            line.sendall(_SSL_REQUEST)
            line.recv(1)
            context.wrap_socket(line, server_hostname=tried.host).close()
            return None
    except ssl.SSLCertVerificationError as error:
        code = _OF_CERTIFICATE.get(trust.against(error))
        return Unreachable(code, **place) if code else None
    except OSError:  # it is not the certificate
        return None
