"""The certificates of brokers, by a TLS handshake with each: nothing is asked of them, or said."""

import socket
import ssl
from contextlib import suppress

from hub.adapters.kafka.address import Address, parse
from hub.adapters.kafka.causes import SECONDS, place


def shown_by(url: str) -> dict[str, bytes]:
    """The certificate of each server that answers, in DER, by host and port.

    Raises DataError HUB-L112 for a client certificate that cannot be read.
    """
    address, found = parse(url), {}
    for server in address.servers if address.tls else ():
        with suppress(OSError):
            found[server] = _shown(address, server)
    return found


def _shown(address: Address, server: str) -> bytes:
    """The certificate that a server shows, whoever trusts it: also one that has ended is to be read."""
    context = address.context()
    assert context is not None
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = place(server)
    with (
        socket.create_connection((host, port), SECONDS) as line,
        context.wrap_socket(line, server_hostname=host) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""
