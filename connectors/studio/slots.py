"""Where a column can go: each place of a plan, what it means, and what may stand there."""

from typing import Any, Final

from connectors.drafting.ready_codes import table_of
from connectors.mapping.language import COMMON, TOKENS
from connectors.rows.contract import OURS, RETRACTED, Contract, contract_of, released
from hub.data import codes
from hub.events import KINDS as TYPES

Slot = dict[str, Any]
_ENGINES: Final = ("agency.RunFinished", "agency.SourceStarted", RETRACTED)
"""What a connector says by itself."""

_IDENTITY: Final = ("name", "phone")
_ROLES: Final = ("patient", "guardian")
"""Roles that the page offers; of others it shows those that the mapping has."""


def types_of(publisher: str, lang: str) -> list[Slot]:
    """The released event types that a publisher's connector may say."""
    mine = (f"{publisher}.", "agency.")
    return [
        {"type": type, "doc": _doc(released(kind), lang)}
        for type, kind in TYPES.items()
        if type.startswith(mine) and type not in _ENGINES
    ]


def slots_of(plan: dict[str, Any], lang: str) -> list[Slot]:
    """Groups of slots, in the order of the page. Raises DataError HUB-C255."""
    types = [event["type"] for event in plan["event"]]
    groups: list[Slot] = [{"of": "key", "at": "key", "slots": []}]
    roles = dict.fromkeys((*_ROLES, *plan["person"]))
    groups += [{"of": "person", "name": role, "at": f"person.{role}", "slots": _person(role, plan)} for role in roles]
    if types:
        groups.append({"of": "common", "at": "common", "slots": _fields("common", types[0], lang, COMMON)})
    for number, event in enumerate(plan["event"], 1):
        type = event["type"]
        own = tuple(name for name in contract_of(type).targets if name not in COMMON or name in event["fields"])
        slots = _fields(f"event {number}.fields", type, lang, own)
        group: Slot = {
            "of": "event",
            "name": event["name"],
            "type": type,
            "at": f"event {number}",
            "when": event.get("when", []),
        }
        groups.append({**group, "doc": _doc(released(TYPES[type]), lang), "slots": slots})
    return groups


def _person(role: str, plan: dict[str, Any]) -> list[Slot]:
    """Numbers that become tokens, and what the vault keeps."""
    have = plan["person"].get(role, {})
    kinds = dict.fromkeys((*TOKENS, *have.get("tokens", {})))
    told = dict.fromkeys((*_IDENTITY, *have.get("identity", {})))
    at = f"person.{role}"
    numbers: list[Slot] = [{"at": f"{at}.tokens.{kind}", "name": kind, "doc": "", "sealed": True} for kind in kinds]
    sealed: list[Slot] = [
        {"at": f"{at}.identity.{name}", "name": name, "doc": "", "sealed": True, "cell": {"kind": name}}
        for name in told
    ]
    return [*numbers, *sealed]


def _fields(at: str, type: str, lang: str, names: tuple[str, ...]) -> list[Slot]:
    contract = contract_of(type)
    told = {field["name"]: field for field in released(TYPES[type])["fields"] if field["name"] not in OURS}
    return [_field(f"{at}.{name}", name, contract, _doc(told[name], lang), lang) for name in names]


def _field(at: str, name: str, contract: Contract, doc: str, lang: str) -> Slot:
    target = contract.targets[name]
    needed = not target.nullable and name != "recorded_at"
    slot: Slot = {"at": at, "name": name, "doc": doc, "form": target.kind, "needed": needed, "many": target.many}
    if target.codes is not None:
        listed = codes(target.listed)
        choices = [[code, one.zh if lang == "zh" else one.en] for code, one in listed.items()]
        return {**slot, "choices": choices, "table": table_of(name)}
    if target.type == "boolean":
        return {**slot, "choices": [["true", "true"], ["false", "false"]], "table": table_of(name)}
    return slot


def _doc(told: Any, lang: str) -> str:
    return str(told["doc_zh" if lang == "zh" else "doc"])
