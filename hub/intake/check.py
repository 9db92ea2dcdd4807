"""The registry, event by event: what a connector may say. What needs no vault is judged before it is asked."""

from typing import Any, Final, NamedTuple

from hub.codec import Codec
from hub.core.area import MUNICIPALITIES
from hub.core.errors import IntegrityError
from hub.core.frame import (
    CASE,
    CAUSE,
    CORRECTS,
    KIND_EVENT,
    KIND_SUBJECT,
    OFFER,
    PATIENT,
    PREVIOUS_CASE,
    STAFF,
    Entry,
    Ref,
    unpack_edge_event,
)
from hub.ports.intake import Connector

RETRACTED: Final = "agency.Retracted"
HUB: Final = "hub."
MARKET, SUBJECT = "market", "subject"
_ROLES: Final = frozenset((CORRECTS, CASE, OFFER, PREVIOUS_CASE, CAUSE))


class Checked(NamedTuple):
    """An event after the registry: its type's route and fields, or the code that refuses it."""

    type: str
    route: str
    fields: Any
    code: str


class Registry:
    """What one connector may publish, event by event."""

    def __init__(self, connector: Connector, codec: Codec) -> None:
        self._codec = codec
        self._types = frozenset(connector.types.split())
        self._areas = tuple(connector.areas.split())
        self._sites = frozenset(connector.sites.split())
        self._allowed: dict[str, bool] = {}

    def check(self, entry: Entry, generation: int) -> Checked:
        """The event's type, route and fields, or the code of what it may not be.

        A retraction without a person follows a site's fact to its market.
        """
        try:
            kind, fields = self._codec.decode(entry.value)
        except IntegrityError:
            return Checked("", "", None, "HUB-I320")
        type, area = kind.type, entry.area
        if not self._allows(type):
            return Checked(type, "", None, "HUB-I321")
        if kind.route not in (SUBJECT, MARKET):
            return Checked(type, "", None, "HUB-I322")
        if fields.area != area or not area.isdigit() or not area.startswith(self._areas):
            return Checked(type, "", None, "HUB-I323")
        if len(area) < 4 and area[:2] not in MUNICIPALITIES:
            return Checked(type, "", None, "HUB-I323")
        if self._sites and (site := getattr(fields, "site", None)) and site not in self._sites:
            return Checked(type, "", None, "HUB-I324")
        route = MARKET if type == RETRACTED and not entry.persons else kind.route
        if not _names_persons(entry, route):
            return Checked(type, "", None, "HUB-I325")
        if not all(_may_name(ref, generation, entry.number) for ref in entry.refs):
            return Checked(type, "", None, "HUB-I326")
        return Checked(type, route, fields, "")

    def _allows(self, type: str) -> bool:
        found = self._allowed.get(type)
        if found is None:
            named = type in self._types or f"{type.partition('.')[0]}.*" in self._types
            found = self._allowed[type] = named and not type.startswith(HUB)
        return found


def _names_persons(entry: Entry, route: str) -> bool:
    """Whether every role is one of a person, and there is a patient where one is needed."""
    roles = [role for role, _ in entry.persons]
    return all(PATIENT <= role <= STAFF for role in roles) and (route == MARKET or PATIENT in roles)


def _may_name(ref: Ref, generation: int, number: int) -> bool:
    """Whether an edge may make this reference: never a subject, and an event only of its own and from before."""
    if ref.role not in _ROLES or ref.kind == KIND_SUBJECT or not ref.value:
        return False
    if ref.kind != KIND_EVENT:
        return True
    try:
        return unpack_edge_event(ref.value) < (generation, number)
    except IntegrityError:
        return False
