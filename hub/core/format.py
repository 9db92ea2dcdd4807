"""Files that carry a format number, so that a program never touches one newer than itself; and JSON to be signed."""

import json

from hub.core.errors import DataError


def check_format(found: int, known: int, what: str) -> bool:
    """Whether `what`, a kind of file such as `spool`, is older than this program writes and has to be brought up.

    Raises DataError HUB-G130 when a newer program wrote it, HUB-G131 when the number is none that ever was.
    """
    if found > known:
        raise DataError("HUB-G130", what=what, found=found, known=known)
    if found < 1:
        raise DataError("HUB-G131", what=what)
    return found < known


def same_bytes(document: object) -> bytes:
    """A document of JSON as the bytes that are signed or proved: whoever has the document has these."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
