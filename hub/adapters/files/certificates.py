"""Until when a certificate in a file is good."""

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
    epoch = datetime.datetime.fromtimestamp(0, datetime.UTC)
    return min((one.not_valid_after_utc - epoch) // datetime.timedelta(milliseconds=1) for one in found)
