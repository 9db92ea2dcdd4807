"""An edge: one connector's folder at an agency, with its settings, mapping, spool and keys.

    <folder>/edge.toml  mapping.toml  codes/*.csv  spool.db  keys/

Keys of the folder (architecture §6): `K_edge` makes tokens and is shared by the edges of a county; `K_source` keys row
tokens and fingerprints; `K_spool` locks whom a row concerned; `rows-<day>` locks the rows refused on that day; `agency`
signs frames.
"""

import datetime
import json
import re
import tomllib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from hub.core.calendar import day_of, iso
from hub.core.errors import DataError
from hub.core.format import check_format
from hub.core.url import has_password
from hub.ports.keys import Keys

FILE: Final = "edge.toml"
FORMAT: Final = 1
MAPPING: Final = "mapping.toml"
NOWHERE: Final = "000000"
"""The area of a connector for whose county nobody asked yet."""
SPOOL: Final = "spool.db"
OWN_KEYS: Final = (("secret", "K_source"), ("secret", "K_spool"), ("sign", "agency"))
"""Keys that an edge makes for itself; `K_edge` is carried in by its keeper."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,40}")
_AREA: Final = re.compile(r"[0-9]{6}")
_DEVICES: Final = frozenset(("CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))))
_KEY: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class EdgeSpec:
    """What `edge.toml` says. `log` is a URL, `offline:`, or empty for the installation's own log.

    `go_live` is a day since 1970-01-01. `area` is the county of the agency. `epochs` names the generations of keys of
    the hub, the vault and the edge.
    `log_password_file`, relative to the folder, holds the password of the user in `log`; the URL may not have it.
    Rows that were refused can be read for `keep_refused_days`; then their daily key is destroyed.
    """

    connector: str
    agency: str
    publisher: str
    log: str
    hub_public: bytes
    vault_public: bytes
    go_live: int
    area: str
    epochs: str = "hub:1 vault:1 edge:1"
    keep_refused_days: int = 90
    log_password_file: str = ""


@dataclass(frozen=True)
class Edge:
    """A folder with what it takes to run it. `lock` keeps a second process out of it (AlreadyRunning HUB-G701); `turn`
    has who waits for it, and `filling` a backfill for as long as it goes on (`connectors.turns`)."""

    folder: Path
    spec: EdgeSpec
    keys: Keys
    lock: AbstractContextManager[Any]
    turn: AbstractContextManager[Any] = field(default_factory=nullcontext)
    filling: AbstractContextManager[Any] = field(default_factory=nullcontext)

    @property
    def spool_path(self) -> Path:
        """The spool's file."""
        return self.folder / SPOOL

    @property
    def ingress(self) -> str:
        """The topic that its frames go to."""
        return f"ingress.{self.spec.agency}"

    @property
    def outcomes(self) -> str:
        """The topic that intake answers on."""
        return f"outcomes.{self.spec.agency}"

    def log_password(self) -> str:
        """The password of the user in `log`, empty without a file. Raises DataError HUB-G136."""
        if not self.spec.log_password_file:
            return ""
        try:
            return (self.folder / self.spec.log_password_file).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise DataError("HUB-G136", key="log_password_file") from None


def shown(typed: str) -> str:
    """A connector's name as it was typed, fit to be repeated: it may be anything, a person's number, too (law 9)."""
    return re.sub("[0-9]{6,}", "******", "".join(one if one.isprintable() else "?" for one in typed))


def make_keys(keys: Keys) -> None:
    """Make the keys that an edge makes for itself, where they lack."""
    for kind, name in OWN_KEYS:
        keys.make(kind, name)


def load_spec(folder: Path) -> EdgeSpec:
    """Read `edge.toml`. Raises DataError HUB-C320 no such file or no TOML, C321 unknown setting, C322 wrong value;
    HUB-G130 for the file of a newer program, before anything else of it is looked at."""
    try:
        found = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise DataError("HUB-C320", file=FILE) from None
    form = found.pop("format", FORMAT)  # the first programs wrote none
    check_format(form if isinstance(form, int) else 0, FORMAT, FILE)
    known = sorted(EdgeSpec.__dataclass_fields__)
    for name in found:
        if name not in known:
            raise DataError("HUB-C321", setting=name, nearest=(get_close_matches(name, known, 1, 0.4) or known)[0])
    if has_password(str(found.get("log", ""))):
        raise DataError("HUB-G135", key="log")
    go_live = found.get("go_live")
    if not isinstance(go_live, datetime.date):
        raise DataError("HUB-C322", setting="go_live")
    days = found.get("keep_refused_days", 90)
    if not isinstance(days, int) or not 1 <= days <= 3650:
        raise DataError("HUB-C322", setting="keep_refused_days")
    return EdgeSpec(
        connector=_matching(found, "connector", _NAME),
        agency=_matching(found, "agency", _NAME),
        publisher=_matching(found, "publisher", re.compile(r"[a-z_]{2,30}")),
        log=_matching(found, "log", re.compile(r".{0,400}")),
        hub_public=bytes.fromhex(_matching(found, "hub_public", _KEY)),
        vault_public=bytes.fromhex(_matching(found, "vault_public", _KEY)),
        go_live=day_of(go_live),
        area=_matching(found, "area", _AREA),
        epochs=_matching({"epochs": EdgeSpec.epochs, **found}, "epochs", re.compile(r"[a-z0-9: ]{1,60}")),
        keep_refused_days=days,
        log_password_file=_matching({"log_password_file": "", **found}, "log_password_file", re.compile(r".{0,400}")),
    )


def check_spec(spec: EdgeSpec) -> None:
    """Raises DataError HUB-C322 for names that `load_spec` would not take: nothing is written that cannot be read.

    HUB-C442 for a name that a folder or file cannot have on Windows, where the next machine of this edge may be.
    """
    for name, value, shape in (
        ("connector", spec.connector, _NAME), ("agency", spec.agency, _NAME), ("area", spec.area, _AREA),
    ):  # fmt: skip
        if not shape.fullmatch(value):
            raise DataError("HUB-C322", setting=name)
        if value.upper() in _DEVICES:
            raise DataError("HUB-C442", setting=name, name=value)


def write_spec(folder: Path, spec: EdgeSpec) -> None:
    """Write `edge.toml`, as `load_spec` reads it."""
    texts = {
        "connector": spec.connector,
        "agency": spec.agency,
        "publisher": spec.publisher,
        "log": spec.log,
        "hub_public": spec.hub_public.hex(),
        "vault_public": spec.vault_public.hex(),
        "area": spec.area,
        "epochs": spec.epochs,
    }
    lines = [f"format = {FORMAT}"]
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in texts.items()]
    lines.append(f"go_live = {iso(spec.go_live)}")
    lines.append(f"keep_refused_days = {spec.keep_refused_days}")
    if spec.log_password_file:
        lines.append(f"log_password_file = {json.dumps(spec.log_password_file, ensure_ascii=False)}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _matching(found: dict[str, Any], name: str, shape: "re.Pattern[str]") -> str:
    value = found.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise DataError("HUB-C322", setting=name)
    return value
