"""What somebody types as a source, as the `[source]` of a mapping: database, interface, tap, file or folder."""

import json
import os
import shlex
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from connectors.sources.folder import is_taken
from connectors.sources.spec import FILES
from hub.core.errors import DataError
from hub.core.url import placed_under

KINDS: Final = {
    **dict.fromkeys((".csv", ".txt"), "csv"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".et"), "excel"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
}
"""What a file is by its ending."""
SHEET: Final = "工作表"
"""A column for the sheet's name, where a pattern names several: rows of two sheets may have one number."""
_SQLITE: Final = (".db", ".sqlite", ".sqlite3")
TAP: Final = "singer:"
_OF_TAPS: Final = {"--config": "config", "-c": "config", "--catalog": "catalog", "--properties": "catalog"}


def source_section(address: str, table: str, alias: str, folder: Path) -> dict[str, object]:
    """The `[source]` of an address: database, interface, topic, tap, file by its ending, or drop folder.

    Raises DataError HUB-C230, C487 for a folder whose files do not tell which are meant, C496 for a tap's catalogue
    without the tap.
    """
    if address.startswith(("http://", "https://")):
        asked: dict[str, object] = {"kind": "http", "alias": alias, "url": address}
        return asked | ({"rows": table} if table else {})
    if address.startswith(("kafka://", "kafka+tls://")):
        return {"kind": "debezium", "alias": alias, "url": address}
    if address.startswith(TAP):
        return _tap(address.removeprefix(TAP), table, alias, folder)
    if "://" in address:
        url = placed_under(address, str(folder.absolute()))  # the mapping will lie elsewhere
        return {"kind": "sql", "alias": alias, "url": url, "table": table}
    path = folder / address
    if path.is_dir():
        return _dropped(path.absolute(), table, alias)
    if path.suffix.lower() == ".json" and streams_of(path):
        raise DataError("HUB-C496", file=path.name)
    if path.suffix.lower() in _SQLITE and path.is_file():
        return {"kind": "sql", "alias": alias, "url": f"sqlite:///{path.absolute().as_posix()}", "table": table}
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        allowed = ["sqlite:///FILE.db", "postgresql://...", "https://...", "kafka://HOST/TOPIC", "singer:COMMAND"]
        raise DataError("HUB-C230", setting="--from", allowed=", ".join([*allowed, *KINDS]))
    section: dict[str, object] = {"kind": kind, "alias": alias, "path": str(path.absolute())}
    if kind != "excel" or not table:
        return section
    return section | {"sheet": table} | ({"sheet_column": SHEET} if set(table) & set("*?[") else {})


def example_of(section: dict[str, Any]) -> dict[str, Any]:
    """A source of files as one of its files, the first by name: that one shows the columns. Raises DataError C487."""
    names = _matching(Path(section["path"]), section["pattern"])
    if not names:
        raise DataError("HUB-C487", files=", ".join(sorted(FILES)), found="-")
    rest = {name: value for name, value in section.items() if name not in ("files", "pattern", "quiet_seconds")}
    return rest | {"kind": section["files"], "path": str(Path(section["path"]) / names[0])}


def streams_of(catalog: Path) -> dict[str, dict[str, Any]]:
    """The streams of a tap's catalogue by their names; none in a file that is no catalogue."""
    try:
        document = json.loads(catalog.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}
    found = document.get("streams") if isinstance(document, dict) else None
    named = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return {str(one.get("stream") or one.get("tap_stream_id")): one for one in named}


def _dropped(folder: Path, pattern: str, alias: str) -> dict[str, object]:
    """A drop folder: all of its files have one ending, or a pattern says which are meant."""
    names = _matching(folder, pattern or "*")
    endings = Counter(Path(name).suffix for name in names if Path(name).suffix.lower() in KINDS)
    if len(endings) != 1 and not (pattern and len({KINDS[one.lower()] for one in endings}) == 1):
        shown = ", ".join(f"*{ending} ({count})" for ending, count in sorted(endings.items())) or "-"
        raise DataError("HUB-C487", files=", ".join(sorted(FILES)), found=shown)
    ending = next(iter(endings))
    kind = KINDS[ending.lower()]
    return {"kind": "folder", "alias": alias, "path": str(folder), "files": kind, "pattern": pattern or f"*{ending}"}


def _matching(folder: Path, pattern: str) -> list[str]:
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    return [name for name in names if fnmatch(name, pattern) and is_taken(name, pattern)]


def _tap(typed: str, stream: str, alias: str, folder: Path) -> dict[str, object]:
    """A tap as it is typed, and started in the same folder ever after; its settings and catalogue are given by us,
    since the state and secrets are, too.

    Raises DataError HUB-C230 without a command, HUB-C495 where no stream is named and the catalogue has not just one.
    """
    try:
        words = shlex.split(typed, posix=os.name != "nt")
    except ValueError:
        words = []
    command: list[str] = []
    given: dict[str, object] = {"folder": str(folder.absolute())}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _OF_TAPS:
            given[_OF_TAPS[name]] = value if equals else next(rest, "")
        else:
            command.append(word)
    if not command:
        raise DataError("HUB-C230", setting="--from", allowed='"singer:tap-NAME --config FILE --catalog FILE"')
    if not stream:
        known = list(streams_of(folder / str(given["catalog"]))) if "catalog" in given else []
        if len(known) != 1:
            raise DataError("HUB-C495", count=len(known), streams=", ".join(known[:40]) or "-")
        stream = known[0]
    return {"kind": "singer", "alias": alias, "stream": stream, "command": command, **given}
