"""What a jurisdiction's policy says, key by key, dated, each with its source: `profiles/<jurisdiction>.toml`.

A key that a jurisdiction leaves out falls to the one above it (city, province, national). The rules of a case are those
of its governing county on the day of the event (domain §2-1).
"""

import tomllib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Final, NamedTuple

from hub.core.calendar import day_of
from hub.core.errors import DataError

GOVERNING: Final = "governing"
"""As the name of a profile: every county is ruled by its own jurisdiction's chain."""
NATIONAL: Final = "national"


class Rules(NamedTuple):
    """The keys in force somewhere on a day.

    consent_*: `open` (nothing parks) or `closed` (what the purpose covers is parked until it is consented to).
    assigner: whose `CaseAssigned` dispatches. wait_limit_months: a longer wait must be checked again.
    wait_reasons: the waits that the limit covers. escalation: `city` looks beyond the own county, `county` never.
    offer_valid_days: an offer lives so long. need_from: the step from which a case needs a site. suitable: `any` or
    `all` of the needed services. grace_days: what may still explain a breach, may come so much later.
    """

    consent_referral: str
    consent_service: str
    consent_transfer: str
    assigner: str
    wait_limit_months: int
    wait_reasons: str
    escalation: str
    offer_valid_days: int
    need_from: str
    suitable: str
    grace_days: int


_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "consent_referral": ("open", "closed"),
    "consent_service": ("open", "closed"),
    "consent_transfer": ("open", "closed"),
    "assigner": ("platform", "city", "county", "medical"),
    "escalation": ("city", "county"),
    "need_from": ("need_assessed", "registered", "confirmed"),
    "suitable": ("any", "all"),
}
_LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "wait_limit_months": (1, 120),
    "offer_valid_days": (1, 366),
    "grace_days": (0, 366),
}


class Line(NamedTuple):
    """One line of a profile: a key has a value from a day on, because of a source."""

    key: str
    value: str | int
    since: int
    source: str


class Profile(NamedTuple):
    """A jurisdiction's own lines; `area` is the prefix of its counties' codes ("" for the nation)."""

    name: str
    area: str
    lines: tuple[Line, ...]


class Profiles:
    """The profiles that an installation follows, answering for any county and day."""

    def __init__(self, profiles: Sequence[Profile], name: str = NATIONAL) -> None:
        """`name` is `national`, a jurisdiction (its chain then rules everywhere), or `governing` (each its own).

        Raises DataError HUB-P350 for a name that no profile has, HUB-P351 when the nation leaves a key out.
        """
        self._profiles = {profile.name: profile for profile in profiles}
        if name not in (GOVERNING, *self._profiles):
            raise DataError("HUB-P350", profile=name, known=", ".join(sorted(self._profiles)))
        self.name, self._governing = name, name == GOVERNING
        stated = {line.key for line in self._profiles[NATIONAL].lines}
        for key in Rules._fields:
            if key not in stated:
                raise DataError("HUB-P351", profile=NATIONAL, key=key)
        self._memo: dict[tuple[str, int], Rules] = {}
        self.rules: Callable[[str, int], Rules] = lru_cache(10_000)(self._rules)
        """The keys in force in a county on a day; before its first date a key of the nation holds all the same."""
        starts = {line.since for profile in profiles for line in profile.lines}
        self._starts = sorted(starts)

    def _rules(self, area: str, day: int) -> Rules:
        at = (area if self._governing else "", bisect_right(self._starts, day))
        found = self._memo.get(at)
        if found is None:
            version = self._starts[at[1] - 1] if at[1] else self._starts[0] - 1
            found = self._memo[at] = self._merged(self.chain(area), version)
        return found

    def chain(self, area: str) -> list[Profile]:
        """The profiles that rule a county, nearest first; the nation is last."""
        if self.name == GOVERNING:
            mine = [p for p in self._profiles.values() if p.area and area.startswith(p.area)]
        else:
            own = self._profiles[self.name]
            mine = [p for p in self._profiles.values() if p.area and own.area.startswith(p.area)]
        return [*sorted(mine, key=lambda p: -len(p.area)), self._profiles[NATIONAL]]

    def gated(self) -> bool:
        """Whether any gate of consent is closed anywhere, at any time."""
        return any(
            line.key.startswith("consent_") and line.value == "closed"
            for profile in self._profiles.values()
            for line in profile.lines
        )

    @staticmethod
    def _merged(chain: Sequence[Profile], day: int) -> Rules:
        values: dict[str, str | int] = {}
        for profile in reversed(chain):
            stated = sorted((line for line in profile.lines if line.since <= day), key=lambda line: line.since)
            values |= {line.key: line.value for line in stated}
        for line in chain[-1].lines:
            values.setdefault(line.key, line.value)
        return Rules(**values)  # type: ignore[arg-type]


def parse(text: str, name: str) -> Profile:
    """A profile from its TOML. Raises DataError HUB-P352 (key unknown or undated, or a value that it cannot have)."""
    try:
        table = tomllib.loads(text)
        lines = [_line(entry, name) for entry in table["line"]]
        return Profile(name, str(table["area"]), tuple(lines))
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        raise DataError("HUB-P352", profile=name, key="-") from None


def _line(entry: Mapping[str, object], name: str) -> Line:
    key, value, since, source = entry["key"], entry["value"], entry["since"], entry["source"]
    if not (isinstance(key, str) and isinstance(since, date) and isinstance(source, str) and source):
        raise DataError("HUB-P352", profile=name, key=str(key))
    if key in _LIMITS:
        low, high = _LIMITS[key]
        if isinstance(value, int) and low <= value <= high:
            return Line(key, value, day_of(since), source)
    elif isinstance(value, str) and (value in _CHOICES[key] if key in _CHOICES else key in Rules._fields):
        return Line(key, value, day_of(since), source)
    raise DataError("HUB-P352", profile=name, key=key)


def files() -> dict[str, bytes]:
    """The bytes of every profile file by jurisdiction, as `ProfileChanged` commits to them."""
    folder = resources.files("projections").joinpath("profiles")
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {entry.name.removesuffix(".toml"): entry.read_bytes() for entry in sorted(found, key=lambda e: e.name)}


def load(name: str = NATIONAL) -> Profiles:
    """The profiles that come with the program, followed as `name` says (see `Profiles`)."""
    return Profiles([parse(raw.decode(), jurisdiction) for jurisdiction, raw in files().items()], name)


def fingerprint(others: Mapping[str, bytes]) -> bytes:
    """What `ProfileChanged` hashes with SHA-256: profiles and `others` (calendar, areas) by name, with lengths."""
    parts: list[bytes] = []
    for name, raw in sorted({**{f"profiles/{n}": r for n, r in files().items()}, **others}.items()):
        label = name.encode()
        parts += (len(label).to_bytes(2, "big"), label, len(raw).to_bytes(8, "big"), raw)
    return b"".join(parts)
