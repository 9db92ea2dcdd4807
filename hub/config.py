"""The settings of an installation: `hub.toml`, over it the environment, over it flags.

`[log] url = "..."` in the file is `log.url` everywhere else and `HUB_LOG_URL` in the environment. Passwords never stand
in the file or on a command line: they come from the environment, from a file of their own, or are asked for.
"""

import datetime
import difflib
import json
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, get_args

from hub.core.calendar import day_of, iso
from hub.core.errors import DataError, HubError, UsageError
from hub.core.format import check_format
from hub.core.url import has_password, mask, placed_under, with_password

FILE: Final = "hub.toml"
FORMAT: Final = 1
Database = Literal["log", "store", "intake", "vault"]
DATABASES: Final[tuple[Database, ...]] = get_args(Database)
Value = str | int | bool
_DAY: Final = int | None


def _setting(key: str, default: Any, low: int = 0, high: int = 0) -> Any:
    """A field that is set as `key`, a number within limits, both included. The texts say what each `key` means."""
    return field(default=default, metadata={"key": key, "low": low, "high": high})


@dataclass(frozen=True, repr=False)  # a URL of the environment may have a password in it
class Settings:
    """All settings of one installation. A day is written 2026-03-01 and kept as days since 1970-01-01."""

    home: Path
    profile: str = _setting("hub.profile", "national")
    installed_on: int | None = _setting("hub.installed_on", None)
    go_live: int | None = _setting("hub.go_live", None)
    clock_day: int | None = _setting("hub.clock_day", None)
    log_url: str = _setting("log.url", "sqlite:///hub/log.db")
    log_password_file: str = _setting("log.password_file", "")
    log_ask_password: bool = _setting("log.ask_password", False)
    log_ingress_days: int = _setting("log.ingress_days", 0, 0, 3650)
    log_outage_days: int = _setting("log.outage_days", 10, 0, 3650)
    log_backup_days: int = _setting("log.backup_days", 7, 0, 3650)
    store_url: str = _setting("store.url", "sqlite:///hub/views.db")
    store_password_file: str = _setting("store.password_file", "")
    store_ask_password: bool = _setting("store.ask_password", False)
    intake_url: str = _setting("intake.url", "sqlite:///hub/intake.db")
    intake_password_file: str = _setting("intake.password_file", "")
    intake_ask_password: bool = _setting("intake.ask_password", False)
    vault_url: str = _setting("vault.url", "sqlite:///vault/vault.db")
    vault_password_file: str = _setting("vault.password_file", "")
    vault_ask_password: bool = _setting("vault.ask_password", False)
    keys_hub: str = _setting("keys.hub", "hub/keys")
    keys_vault: str = _setting("keys.vault", "vault/keys")
    persons: int = _setting("partitions.persons", 8, 1, 1024)
    markets: int = _setting("partitions.markets", 4, 1, 1024)
    fetch: int = _setting("flow.fetch", 5000, 1, 100_000)
    serve_host: str = _setting("serve.host", "127.0.0.1")
    serve_port: int = _setting("serve.port", 8470, 0, 65_535)
    serve_pause_ms: int = _setting("serve.pause_ms", 500, 10, 60_000)
    worker_processes: int = _setting("worker.processes", 1, 1, 64)
    worker_port: int = _setting("worker.port", 8480, 0, 65_535)
    worker_session: int = _setting("worker.session_seconds", 10, 1, 300)
    worker_patience: int = _setting("worker.patience_seconds", 120, 5, 3600)
    gateway_host: str = _setting("gateway.host", "127.0.0.1")
    gateway_port: int = _setting("gateway.port", 8443, 0, 65_535)
    gateway_cert: str = _setting("gateway.cert", "")
    gateway_key: str = _setting("gateway.key", "")
    gateway_oldest_key: int = _setting("gateway.oldest_key", 1, 1, 99_999)
    gateway_most_mb: int = _setting("gateway.most_mb", 16, 1, 1000)
    gateway_waiting: int = _setting("gateway.waiting", 2000, 1, 1_000_000)
    contact_hub: str = _setting("contact.hub", "")
    contact_agencies: str = _setting("contact.agencies", "")
    origins: Mapping[str, str] = field(default_factory=dict)
    passwords: Mapping[str, str] = field(default_factory=dict)

    def folder(self, relative: str) -> Path:
        """A path of the settings; a relative one starts at the installation's folder."""
        return self.home / relative

    def database(self, name: Database, ask: Callable[[str], str] | None = None) -> str:
        """The URL of a database with its password; a relative SQLite path is one under the installation's folder.

        `ask(name)` is called when the password is to be asked for. Raises DataError HUB-G136 when the password's file
        cannot be read, or nobody can be asked.
        """
        url = placed_under(getattr(self, f"{name}_url"), str(self.home.absolute()))
        password = self.passwords.get(name) or self._kept_password(name, ask)
        return with_password(url, password) if password else url

    def _kept_password(self, name: Database, ask: Callable[[str], str] | None) -> str:
        file: str = getattr(self, f"{name}_password_file")
        if file:
            try:
                return self.folder(file).read_text(encoding="utf-8").strip("\r\n")
            except (OSError, UnicodeDecodeError):
                raise DataError("HUB-G136", key=f"{name}.password_file") from None
        if getattr(self, f"{name}_ask_password"):
            if ask is None:
                raise DataError("HUB-G136", key=f"{name}.ask_password")
            return ask(name)
        return ""

    def shown(self) -> dict[str, Value]:
        """Every setting by its key, as it may be shown: passwords are masked, a day is written as a date."""
        return {key: _as_shown(key, getattr(self, name)) for key, name in ATTRIBUTES.items()}


_FIELDS: Final = {one.metadata["key"]: one for one in fields(Settings) if "key" in one.metadata}
ATTRIBUTES: Final = {key: one.name for key, one in _FIELDS.items()}
VARIABLES: Final = {f"HUB_{key.upper().replace('.', '_')}": key for key in _FIELDS}
_PASSWORDS: Final = {f"HUB_{name.upper()}_PASSWORD": name for name in map(str, DATABASES)}
_PREFIXES: Final = tuple(sorted({f"HUB_{key.partition('.')[0].upper()}_" for key in _FIELDS}))


def load(
    home: Path,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Value] | None = None,
    file: Path | None = None,
) -> Settings:
    """Read the settings of the installation in `home`; without a file, all are at their defaults. `file` is another
    one that may come into the place of `hub.toml`.

    Raises DataError: HUB-G132 for a file that is no TOML, HUB-G133 for a setting that there is not, HUB-G134 for a
    value it cannot have, HUB-G135 for a password in the file, HUB-G130 for the file of a newer program. UsageError
    HUB-G204 and HUB-G205 say the same of flags.
    """
    environment = os.environ if environment is None else environment
    found: dict[str, Any] = {}
    origins = dict.fromkeys(_FIELDS, "default")
    layers = (("file", _read(file or home / FILE)), ("environment", _variables(environment)), ("flag", flags or {}))
    for origin, layer in layers:
        for key, value in layer.items():
            if key not in _FIELDS:
                raise _refusal(origin, "HUB-G204" if origin == "flag" else "HUB-G133", key=key, nearest=nearest(key))
            found[ATTRIBUTES[key]] = _checked(key, value, origin)
            origins[key] = origin
    passwords = {name: environment[variable] for variable, name in _PASSWORDS.items() if environment.get(variable)}
    return Settings(home=home, origins=origins, passwords=passwords, **found)


def write(home: Path, settings: Mapping[str, Value]) -> Path:
    """Write a new `hub.toml` with these settings and all others left out. Raises DataError HUB-G137 if there is one."""
    lines = [f"format = {FORMAT}"]
    for section in dict.fromkeys(key.partition(".")[0] for key in settings):
        lines += ["", f"[{section}]"]
        for key, value in settings.items():
            if key.partition(".")[0] == section:
                if key not in _FIELDS:
                    raise DataError("HUB-G133", key=key, nearest=nearest(key))
                kept = _as_shown(key, _checked(key, value, "file"))
                lines.append(f"{key.partition('.')[2]} = {json.dumps(kept, ensure_ascii=False)}")
    home.mkdir(parents=True, exist_ok=True)
    try:
        with (home / FILE).open("x", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError:
        raise DataError("HUB-G137", file=FILE) from None
    return home / FILE


def nearest(key: str) -> str:
    """The setting whose key is most like this one, or all of them when none is."""
    near = difflib.get_close_matches(key, _FIELDS, 1, 0.6)
    return near[0] if near else ", ".join(_FIELDS)


def _read(path: Path) -> dict[str, Any]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):
        raise DataError("HUB-G132", file=path.name) from None
    form = tables.pop("format", FORMAT)
    check_format(form if isinstance(form, int) else 0, FORMAT, path.name)
    flat: dict[str, Any] = {}
    for section, table in tables.items():
        flat |= (
            {f"{section}.{key}": value for key, value in table.items()} if isinstance(table, dict) else {section: table}
        )
    return flat


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Settings of the environment. A variable that is almost one of ours is refused, not ignored."""
    found = {}
    for name, value in environment.items():
        if name in VARIABLES:
            found[VARIABLES[name]] = value
        elif name.startswith(_PREFIXES) and name not in _PASSWORDS:
            near = difflib.get_close_matches(name, [*VARIABLES, *_PASSWORDS], 1, 0.6)
            raise DataError("HUB-G133", key=name, nearest=near[0] if near else ", ".join(VARIABLES))
    return found


def _checked(key: str, value: object, origin: str) -> str | int | bool | None:
    """The value as its field wants it, from TOML or from a text."""
    one = _FIELDS[key]
    refused = "HUB-G205" if origin == "flag" else "HUB-G134"
    low, high = one.metadata["low"], one.metadata["high"]
    try:
        if one.type is bool:
            return value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]
        if one.type is int and not isinstance(value, bool) and low <= int(str(value)) <= high:
            return int(str(value))
        if one.type == _DAY:
            return day_of(datetime.date.fromisoformat(str(value))) if value != "" else None
        if one.type is str and isinstance(value, str):
            if origin == "file" and has_password(value):
                raise DataError("HUB-G135", key=key)
            return value
    except (ValueError, KeyError):
        raise _refusal(origin, refused, key=key, wanted=_wanted(key)) from None
    raise _refusal(origin, refused, key=key, wanted=_wanted(key))


def _wanted(key: str) -> str:
    one = _FIELDS[key]
    if one.type is int:
        return f"{one.metadata['low']}-{one.metadata['high']}"
    return {bool: "true | false", str: '"..."'}.get(one.type if isinstance(one.type, type) else object, "YYYY-MM-DD")


def _refusal(origin: str, code: str, **place: str | int) -> HubError:
    return UsageError(code, **place) if origin == "flag" else DataError(code, **place)


def _as_shown(key: str, value: Value | None) -> Value:
    if _FIELDS[key].type == _DAY:
        return iso(int(value)) if value is not None else ""
    assert value is not None
    return mask(value) if isinstance(value, str) else value
