"""The canonical form, version 1: one written procedure before any token (docs/canonical-form.md).

A token links a person's pieces only if every agency spells a value alike, so this form is for ever: a change is a new
VERSION, which every frame carries. What cannot be brought into it is refused with a code, never guessed.

Kinds: text, code, name, phone · resident_id, passport, hk_macao_permit, taiwan_permit, foreigner_permit,
disability_certificate · id_birth_year, id_sex, certificate_person, certificate_category, certificate_grade · uscc ·
area, county, grade · integer, fen, boolean · date, date_1900, date_1904, until, until_1900, until_1904, minute,
timestamp.
"""

from collections.abc import Callable, Mapping
from typing import Final

from connectors.forms import codes, identity, moments, numbers, organisation, stamps, words
from connectors.forms.fault import Fault
from hub.core.errors import Coded, DataError

VERSION: Final = 1
"""Of the canonical form. Travels in every frame."""

Canonical = str | int | bool | None
"""None means: the cell says nothing."""

Form = Callable[[object, int], Canonical]
"""From a raw cell and today (days since 1970-01-01); raises Fault."""

FORMS: Final[Mapping[str, Form]] = {
    **words.FORMS,
    **identity.FORMS,
    **organisation.FORMS,
    **codes.FORMS,
    **numbers.FORMS,
    **moments.FORMS,
    **stamps.FORMS,
}

KINDS: Final = tuple(FORMS)


def canonical(kind: str, raw: object, *, today: int, column: str) -> Canonical:
    """The canonical form of one cell; None if it is empty.

    `today` is days since 1970-01-01. Dates come back as such days, minutes as 0..1439, timestamps as milliseconds
    since 1970, fen as hundredths of a yuan. Raises Coded HUB-C1xx, which names `column` and never the value, and
    DataError HUB-C100 for a kind that does not exist.
    """
    form = form_of(kind)
    try:
        return form(raw, today)
    except Fault as fault:
        raise Coded(fault.code, column, **fault.place) from None


def form_of(kind: str) -> Form:
    """The procedure of a kind. Raises DataError HUB-C100 for one that does not exist."""
    try:
        return FORMS[kind]
    except KeyError:
        raise DataError("HUB-C100", kind=kind, allowed=", ".join(KINDS)) from None
