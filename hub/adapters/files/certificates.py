"""Until when a certificate is good, in a file or as somebody showed it; and whose it is."""

import datetime
from pathlib import Path

from cryptography import x509

from hub.core.errors import DataError


def ends_ms(file: Path, name: str) -> int:
    """The end of the first of the certificates in a PEM file that ends, in milliseconds since 1970.

    Raises DataError HUB-L112 for a file that cannot be read or holds none.
    """
    return min(_end(one) for one in _read(file, name))


def common_name(file: Path, name: str) -> str:
    """The common name of the first certificate in a PEM file; empty where it has none. Raises as `ends_ms` does."""
    found = _read(file, name)[0].subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def ends_ms_of(shown: bytes) -> int:
    """The same of one certificate in DER; 0 for bytes that are none."""
    try:
        return _end(x509.load_der_x509_certificate(shown))
    except ValueError:
        return 0


def _read(file: Path, name: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        raise DataError("HUB-L112", file=name) from None


def _end(one: x509.Certificate) -> int:
    return (one.not_valid_after_utc - datetime.datetime.fromtimestamp(0, datetime.UTC)) // datetime.timedelta(
        milliseconds=1
    )
