"""What must never stand in a payload: a number that names a person, or a person's name where a site's code belongs.

Payloads are kept for ever and read by everybody who reads events (law 9). A mapping that names the wrong column, and a
row whose cells have moved by one, both bring a person's number to a field for text.
"""

import re
from typing import Final

_DAY: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_NUMBER: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    rf"[1-9][0-9]{{5}}(?:18|19|20)[0-9]{{2}}{_DAY}[0-9]{{3}}[0-9Xx](?:[1-7][1-4](?:[Bb][0-9])?)?"  # ID, certificate
    rf"|[1-9][0-9]{{5}}[0-9]{{2}}{_DAY}[0-9]{{3}}"  # ID of old
    r"|(?:\+?86)?1[3-9][0-9]{9}"  # mobile telephone
    r")(?![0-9A-Za-z])"
)
_MARK: Final = re.compile("[0-9A-Za-z]")
_SITES: Final = frozenset({"hospital", "skipped_full_site", "runner_up"})


def names_person(field: str, text: str) -> bool:
    """Whether a text meant for `field` has the shape of a person's number, or is all words where a code belongs.

    The check character is not asked: a number with one wrong digit names its person, too.
    """
    if _NUMBER.search(text):
        return True
    return (field in _SITES or field.endswith("site")) and not _MARK.search(text)
