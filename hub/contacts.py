"""Who is to be called when something stops: an office, by role and telephone, as the settings name it.

`contact.hub` is who runs the hub, `contact.agencies` who runs each agency's connectors: "health: ward office, 0434-…;
stations: …". An office, never a person's data: what could be somebody's number is refused.
"""

import re
from collections.abc import Mapping
from typing import Final

from hub.config import Settings
from hub.core.errors import DataError, HubError

HUB: Final = "hub"
_OWNER: Final[Mapping[str, str]] = dict.fromkeys(
    (
        *("HUB-C401", "HUB-C402", "HUB-C403", "HUB-C406", "HUB-C407", "HUB-C502", "HUB-H313", "HUB-H314", "HUB-K331"),
        *("HUB-L112", "HUB-L401", "HUB-L406", "HUB-L407", "HUB-L504", "HUB-L505", "HUB-L602"),
        *("HUB-G520", "HUB-G548", "HUB-H102", "HUB-I430", "HUB-I431", "HUB-I432", "HUB-I433", "HUB-I434"),
    ),
    HUB,
)
"""Codes that only the hub's office can do something about; others belong to the agency that they name, if they do."""

_LONGEST: Final = 200
_NUMBER: Final = re.compile(r"(?<!\d)\d{14,}|\d{17}[0-9Xx]")


def of(error: HubError, settings: Settings) -> str:
    """Whom to call about an error; empty where nobody is named."""
    owner = str(error.place.get("owner", "")) or _OWNER.get(error.code, str(error.place.get("agency", "")))
    return named(settings, owner)


def named(settings: Settings, owner: str) -> str:
    """The office of the hub, or of an agency."""
    return settings.contact_hub if owner == HUB else _agencies(settings).get(owner, "")


def check(settings: Settings) -> dict[str, str]:
    """Every office by its owner. Raises DataError HUB-H315 for one that is malformed or may be a person's number."""
    for key, text in (("contact.hub", settings.contact_hub), ("contact.agencies", settings.contact_agencies)):
        parts = [part for part in text.split(";") if part.strip()] if key.endswith("agencies") else [text]
        malformed = key.endswith("agencies") and not all(re.match(r"\s*[a-z0-9_-]+\s*:\s*\S", part) for part in parts)
        if malformed or any(len(part) > _LONGEST or _NUMBER.search(part) for part in parts):
            raise DataError("HUB-H315", key=key)
    return {HUB: settings.contact_hub} | _agencies(settings)


def _agencies(settings: Settings) -> dict[str, str]:
    parts = (part.partition(":") for part in settings.contact_agencies.split(";"))
    return {agency.strip(): office.strip() for agency, _, office in parts if office.strip()}
