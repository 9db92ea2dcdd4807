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
    KIND_REPLY,
    KIND_SUBJECT,
    OFFER,
    PATIENT,
    PREVIOUS_CASE,
    STAFF,
    Entry,
    Ref,
    unpack_edge_event,
)
from hub.core.reply import ANSWER_TYPES
from hub.ports.intake import Connector

RETRACTED: Final = "agency.Retracted"
HUB: Final = "hub."
_OWN: Final = 4
"""Salt, date, minute and time of recording: what differs from event to event, and can break no rule of the registry."""
_REMEMBERED: Final = 10_000
MARKET, SUBJECT = "market", "subject"
_ROLES: Final = frozenset((CORRECTS, CASE, OFFER, PREVIOUS_CASE, CAUSE))


class Checked(NamedTuple):
    """An event after the registry: its type's route and fields, or the code that refuses it."""

    type: str
    route: str
    fields: Any
    code: str


_new: Any = tuple.__new__  # half the time of calling a NamedTuple's class


class Registry:
    """What one connector may publish, event by event. What many events say alike is judged once."""

    def __init__(self, connector: Connector, codec: Codec) -> None:
        self._decode = codec.decode
        self._types = frozenset(connector.types.split())
        self._areas = tuple(connector.areas.split())
        self._sites = frozenset(connector.sites.split())
        self._judged: dict[tuple[int, str, Any], str] = {}

    def check(self, entry: Entry, generation: int) -> Checked:
        """The event's type, route and fields, or the code of what it may not be.

        A retraction that names a site follows that site's fact to its market.
        """
        try:
            kind, fields = self._decode(entry.value)
        except IntegrityError:
            return Checked("", "", None, "HUB-I320")
        type, persons = kind.type, entry.persons
        route = MARKET if type == RETRACTED and fields.site else kind.route
        said = kind.id, entry.area, fields[_OWN:]
        code = self._judged.get(said)
        if code is None:
            if len(self._judged) >= _REMEMBERED:
                self._judged.clear()
            code = self._judged[said] = self._code(type, kind.route, entry.area, fields)
        replied = bool(entry.refs) and reply_of(entry) is not None
        if not code and not replied and not _names_persons(persons, route):
            code = "HUB-I325"
        if not code and entry.refs and not all(_may_name(ref, generation, entry.number) for ref in entry.refs):
            code = "HUB-I326"
        if not code and replied:
            code = self._reply_code(entry, type, fields)
        if not code and "\0" in entry.place:
            code = "HUB-I328"
        return Checked(type, "", None, code) if code else _new(Checked, (type, route, fields, ""))

    def _code(self, type: str, route: str, area: str, fields: Any) -> str:
        """What is wrong with an event, whomever it concerns, whenever it happened and whatever it refers to."""
        if code := self._type_code(type, route):
            return code
        if fields.area != area or not self._allows_area(area):
            return "HUB-I323"
        if self._sites and (site := getattr(fields, "site", None)) and site not in self._sites:
            return "HUB-I324"
        return "HUB-I328" if "\0" in "".join([field for field in fields if field.__class__ is str]) else ""

    def _reply_code(self, entry: Entry, type: str, fields: Any) -> str:
        """A reply code stands alone, in an answer, of a site that the connector is registered for by name."""
        if type not in ANSWER_TYPES or entry.persons or len(entry.refs) > 1:
            return "HUB-I326"
        return "" if fields.site in self._sites else "HUB-I451"

    def _type_code(self, type: str, route: str) -> str:
        named = type in self._types or f"{type.partition('.')[0]}.*" in self._types
        if not named or type.startswith(HUB):
            return "HUB-I321"
        return "" if route in (SUBJECT, MARKET) else "HUB-I322"

    def _allows_area(self, area: str) -> bool:
        sound = area.isdigit() and (len(area) >= 4 or area[:2] in MUNICIPALITIES)
        return sound and area.startswith(self._areas)


def _names_persons(persons: tuple[tuple[int, int], ...], route: str) -> bool:
    """Whether every role is one of a person, and there is a patient where one is needed."""
    needed = route == SUBJECT
    for role, _ in persons:
        if not PATIENT <= role <= STAFF:
            return False
        needed = needed and role != PATIENT
    return not needed


def reply_of(entry: Entry) -> bytes | None:
    """The reply code that an event names its patient by."""
    return next((ref.value for ref in entry.refs if ref.kind == KIND_REPLY), None)


def _may_name(ref: Ref, generation: int, number: int) -> bool:
    """Whether an edge may make this reference: never a subject, and an event only of its own and from before."""
    if ref.kind == KIND_REPLY:
        return ref.role == PATIENT
    if ref.role not in _ROLES or ref.kind == KIND_SUBJECT or not ref.value:
        return False
    if ref.kind != KIND_EVENT:
        return True
    try:
        return unpack_edge_event(ref.value) < (generation, number)
    except IntegrityError:
        return False
