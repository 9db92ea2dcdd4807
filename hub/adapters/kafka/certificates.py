"""The certificates of brokers, by a TLS handshake with each: nothing is asked of them, or said."""

import socket
import ssl
from contextlib import suppress
from typing import Final

from hub.adapters.kafka.address import Address, parse
from hub.core.errors import DataError

SECONDS: Final = 3
"""So long a broker may take; who does not answer is somebody else's finding."""

_EXPIRED: Final = 10  # OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED


def shown_by(url: str) -> dict[str, bytes]:
    """The certificate of each server that answers, in DER, by host and port.

    Raises DataError HUB-L112 for a client certificate that cannot be read.
    """
    address, found = parse(url), {}
    for server in address.servers if address.tls else ():
        with suppress(OSError):
            found[server] = _shown(address, server)
    return found


def refuse_ended(url: str) -> None:
    """Raises DataError HUB-K331 where a broker is not trusted because its certificate has ended."""
    address = parse(url)
    context = address.context()
    if context is None:
        return
    for server in address.servers:
        host, port = _place(server)
        with suppress(OSError):
            try:
                with socket.create_connection((host, port), SECONDS) as line:
                    context.wrap_socket(line, server_hostname=host).close()
            except ssl.SSLCertVerificationError as error:
                if error.verify_code == _EXPIRED:
                    raise DataError("HUB-K331", host=server) from None


def _shown(address: Address, server: str) -> bytes:
    """The certificate that a server shows, whoever trusts it: also one that has ended is to be read."""
    context = address.context()
    assert context is not None
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = _place(server)
    with (
        socket.create_connection((host, port), SECONDS) as line,
        context.wrap_socket(line, server_hostname=host) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


def _place(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":")
    return host.strip("[]"), int(port)
