"""A finding: one thing that was looked at. What is wrong is an error of ours, so that it has its reason and its fix."""

import errno
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from hub.core.errors import HubError, Unreachable

OK, WARN, FAIL = "ok", "warn", "fail"
Place = Mapping[str, str | int]
Check = Callable[[], Place]

WARNINGS: Final = frozenset(
    (
        *("HUB-H301", "HUB-H302", "HUB-H303", "HUB-H304", "HUB-H305", "HUB-H306", "HUB-H307"),
        *("HUB-H310", "HUB-H311", "HUB-H316"),
        *("HUB-C480", "HUB-C481"),
    )
)
"""Codes of what works today, and should be seen to."""


class Finding(NamedTuple):
    """What a check found. `check` names its phrase, `of` the connector or database that it is about, else empty."""

    level: str
    check: str
    of: str
    place: Place
    error: HubError | None


def looked(check: str, look: Check, of: str = "") -> Finding:
    """The finding of one look; whatever is wrong there keeps nobody from looking further."""
    try:
        return Finding(OK, check, of, look(), None)
    except HubError as error:
        return Finding(WARN if error.code in WARNINGS else FAIL, check, of, {}, error)
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "OSError")
        return Finding(FAIL, check, of, {}, Unreachable("HUB-G520", reason=reason, at=check))
