"""Where a source was left, as the spool keeps it: what may hold somebody's value is locked (law 9)."""

import json
from base64 import b64decode, b64encode
from typing import Final

from connectors.sources import Cursor
from hub.core.errors import DataError
from hub.ports.keys import Keys

_LOCKED: Final = "locked"
_AS: Final = b"where a source was left"


def kept(cursor: Cursor, keys: Keys) -> str:
    """A cursor as text for the spool; a closed one under `K_spool`."""
    text = cursor.dump()
    if not cursor.closed:
        return text
    return json.dumps([_LOCKED, b64encode(keys.lock("K_spool", text.encode(), _AS)).decode()])


def resumed(text: str, keys: Keys) -> Cursor:
    """What `kept` wrote. Raises DataError HUB-C227 on anything else, IntegrityError HUB-G410 where it was changed."""
    try:
        kind, locked = json.loads(text)
        raw = b64decode(locked, validate=True) if kind == _LOCKED else b""
    except (ValueError, TypeError):
        raise DataError("HUB-C227") from None
    return Cursor.load(keys.unlock("K_spool", raw, _AS).decode() if kind == _LOCKED else text)
