"""Until when a certificate is good: in a file, or as somebody showed it."""

import datetime
from pathlib import Path

from cryptography import x509

from hub.core.errors import DataError


def ends_ms(file: Path, name: str) -> int:
    """The end of the first of the certificates in a PEM file that ends, in milliseconds since 1970.

    Raises DataError HUB-L112 for a file that cannot be read or holds none.
    """
    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        raise DataError("HUB-L112", file=name) from None
    return min(_end(one) for one in found)


def ends_ms_of(shown: bytes) -> int:
    """The same of one certificate in DER; 0 for bytes that are none."""
    try:
        return _end(x509.load_der_x509_certificate(shown))
    except ValueError:
        return 0


def _end(one: x509.Certificate) -> int:
    return (one.not_valid_after_utc - datetime.datetime.fromtimestamp(0, datetime.UTC)) // datetime.timedelta(
        milliseconds=1
    )
