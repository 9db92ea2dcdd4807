"""Numbers that name a person: the resident ID (GB 11643), permits, passports, the disability certificate.

A check here refuses what is certainly wrong and nothing else: check digit, a date that exists, a province that exists.
County codes are not looked up, since those of people born before 1980 left the tables long ago.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from operator import mul
from typing import Final

from connectors.forms.cells import shaped, tight
from connectors.forms.fault import Fault
from hub.core.calendar import day_of

PROVINCES: Final = frozenset(
    f"{region}{number}" for region, last in ((1, 5), (2, 3), (3, 7), (4, 6), (6, 5)) for number in range(1, last + 1)
) | {"50", "51", "52", "53", "54", "71", "81", "82", "83"}
"""Of GB/T 2260; 81, 82 and 83 are the residence permits of Hong Kong, Macao and Taiwan people."""

SYNTHETIC: Final = frozenset({"16", "17", "18", "19"})
"""Unassigned provinces: all our test and demo data, and no real person."""

_KNOWN: Final = PROVINCES | SYNTHETIC
_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECK: Final = "10X98765432"

_ID_18: Final = re.compile(r"[0-9]{17}[0-9X]")
_ID_15: Final = re.compile(r"[0-9]{15}")
_SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?E\+?1[4-9]|[0-9]{14,20}\.0+")
_SEPARATORS: Final = re.compile("[-·.,]")
_CERTIFICATE: Final = re.compile(r"([0-9]{17}[0-9X])([1-7])([1-4])(?:B[0-9])?")


def check_character(digits: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECK[(sum(map(mul, _WEIGHTS, digits.encode())) - ord("0") * sum(_WEIGHTS)) % 11]


def resident_id(raw: object, today: int) -> str | None:
    """Eighteen characters, the last 0-9 or X; 15-digit ones of old get 19 for the century and their check digit.

    Raises Fault: C104 damaged by a spreadsheet, C101 shape, C103 check digit, C106 province, C102 no such date, C105
    born in the future.
    """
    if isinstance(raw, float) and raw == raw and not (raw.is_integer() and 0 < raw < 10**15):
        raise Fault("HUB-C104" if abs(raw) >= 10**13 else "HUB-C101", kind="resident_id")
    text = _id_text(raw)
    if text is None:
        return None
    return whole_id(text, today)


def _id_text(raw: object) -> str | None:
    """The tight text of an ID cell, its separators gone. Raises Fault HUB-C104 for scientific or float notation."""
    text = tight(raw)
    if text is None or text.isalnum():
        return text
    if _SCIENTIFIC.fullmatch(text):
        raise Fault("HUB-C104")
    return _SEPARATORS.sub("", text)


@lru_cache(maxsize=4096)  # a row names its person's number several times: in the certificate's number, for the age
def whole_id(text: str, today: int) -> str:
    """The 18 characters for 18 or 15 tight ones, checked. Raises Fault as `resident_id`."""
    if _ID_15.fullmatch(text):
        text = f"{text[:6]}19{text[6:]}"
        text += check_character(text)
    elif not _ID_18.fullmatch(text):
        raise Fault("HUB-C101", kind="resident_id")
    elif check_character(text[:17]) != text[17]:
        # A spreadsheet keeps fifteen digits and writes noughts after them.
        raise Fault("HUB-C104" if text.endswith("000") else "HUB-C103")
    if text[:2] not in _KNOWN:
        raise Fault("HUB-C106")
    born_in_time(text[6:14], today)
    return text


def born_in_time(digits: str, today: int) -> None:
    """Raises Fault C102 unless yyyymmdd exists (from 1800), C105 if it lies after `today`."""
    year = int(digits[:4])
    try:
        day = day_of(date(year, int(digits[4:6]), int(digits[6:])))
    except ValueError:
        raise Fault("HUB-C102") from None
    if year < 1800:
        raise Fault("HUB-C102")
    if day > today:
        raise Fault("HUB-C105")


def foreigner_permit(raw: object, today: int) -> str | None:
    """The permanent residence card: 18 digits that begin with 9 (since 2023), or three letters and 12 digits of old.

    New: 9, province of application, three digits of nationality, birth date, sequence, check character as the resident
    ID. Raises Fault as `resident_id`.
    """
    if isinstance(raw, float) and raw == raw:
        raise Fault("HUB-C104" if abs(raw) >= 10**13 else "HUB-C101", kind="foreigner_permit")
    text = _id_text(raw)
    if text is None:
        return None
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", text):
        return text
    if not _ID_18.fullmatch(text) or text[0] != "9":
        raise Fault("HUB-C101", kind="foreigner_permit")
    if check_character(text[:17]) != text[17]:
        raise Fault("HUB-C104" if text.endswith("000") else "HUB-C103")
    if text[1:3] not in _KNOWN:
        raise Fault("HUB-C106")
    born_in_time(text[6:14], today)
    return text


def disability_certificate(raw: object, today: int) -> str | None:
    """Twenty characters: ID, category 1-7, grade 1-4. B and a digit after them count reissues and go: one certificate.

    Raises Fault as `resident_id` for the ID inside, C114 for a category or grade that does not exist.
    """
    text = _id_text(raw)
    if text is None:
        return None
    found = _CERTIFICATE.fullmatch(text)
    if found is None:
        if re.fullmatch(r"[0-9]{17}[0-9X][0-9]{2}(?:B[0-9])?", text):
            raise Fault("HUB-C104" if text.endswith("00000") else "HUB-C114")
        raise Fault("HUB-C101", kind="disability_certificate")
    whole_id(found[1], today)
    return text[:20]


def id_birth_year(raw: object, today: int) -> int | None:
    """The year of birth in a resident ID."""
    text = resident_id(raw, today)
    return None if text is None else int(text[6:10])


def id_sex(raw: object, today: int) -> str | None:
    """`1` male, `2` female (GB/T 2261.1), from the sequence in a resident ID."""
    text = resident_id(raw, today)
    return None if text is None else "1" if int(text[16]) % 2 else "2"


def certificate_person(raw: object, today: int) -> str | None:
    """The resident ID in a disability certificate number."""
    text = disability_certificate(raw, today)
    return None if text is None else text[:18]


def certificate_category(raw: object, today: int) -> str | None:
    """The category in a disability certificate number: 6 is mental, 7 hides several."""
    text = disability_certificate(raw, today)
    return None if text is None else text[18]


def certificate_grade(raw: object, today: int) -> str | None:
    """The grade in a disability certificate number: 1 is the most severe."""
    text = disability_certificate(raw, today)
    return None if text is None else text[19]


passport = shaped(re.compile(r"(?=.*[0-9])[A-Z0-9]{5,12}"), "passport", lambda found: found[0])
hk_macao_permit = shaped(re.compile(r"([HM][0-9]{8})(?:[0-9]{2})?"), "hk_macao_permit", lambda found: found[1])
taiwan_permit = shaped(re.compile(r"([0-9]{8})(?:[0-9]{2}(?:\(?[A-Z]\)?)?)?"), "taiwan_permit", lambda found: found[1])

FORMS: Final[Mapping[str, Callable[[object, int], str | int | bool | None]]] = {
    "resident_id": resident_id,
    "passport": passport,
    "hk_macao_permit": hk_macao_permit,
    "taiwan_permit": taiwan_permit,
    "foreigner_permit": foreigner_permit,
    "disability_certificate": disability_certificate,
    "id_birth_year": id_birth_year,
    "id_sex": id_sex,
    "certificate_person": certificate_person,
    "certificate_category": certificate_category,
    "certificate_grade": certificate_grade,
}
