"""What OpenSSL has against the certificate of whoever we talk to, by its numbers."""

import ssl
from typing import Final

ENDED, UNKNOWN, ANOTHER = "ended", "unknown", "another"

# X509_V_ERR_CERT_HAS_EXPIRED; of an authority that we do not know; of another name or address.
_AGAINST: Final = {10: ENDED} | dict.fromkeys((2, 18, 19, 20, 21), UNKNOWN) | dict.fromkeys((62, 64), ANOTHER)


def against(error: ssl.SSLCertVerificationError) -> str:
    """ENDED, UNKNOWN (its authority), ANOTHER (name); empty for what has no word here."""
    return _AGAINST.get(error.verify_code, "")
