"""Singer messages (SCHEMA, RECORD, STATE, ACTIVATE_VERSION), from a tap that is run or from a file of what one said."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from connectors.sources.files import find
from connectors.sources.objects import flat
from connectors.sources.source import Broken, Chunk, Column, Cursor, Row
from connectors.sources.spec import SingerSpec
from connectors.sources.structure import check_columns
from connectors.sources.tap import Tap
from connectors.sources.turns import Turns
from connectors.sources.whole import WholeRead
from hub.core.errors import Coded, DataError

STDIN: Final = "-"
_TYPES: Final = {"string": "text", "integer": "number", "number": "number", "boolean": "boolean"}
_KNOWN: Final = ("SCHEMA", "RECORD", "STATE", "ACTIVATE_VERSION")


class SingerSource(WholeRead):
    """One stream of a tap. A row's number is the line of its message; a later one of the same key takes its place.

    The tap is asked for what came since the state that was kept with the rows before. All that it says in a run is one
    read: where it ends with an error, hangs, or says what is no message, nothing of it holds.

    Rows vanish where the tap gives the stream a version that it had not before, and calls it active: what the new
    version lacks is gone. A version that goes on adds to what is known.
    """

    def __init__(self, spec: SingerSpec, folder: Path, wanted: Mapping[str, str], after: Cursor | None) -> None:
        super().__init__(spec.alias, wanted)
        self._spec, self._folder, self._after = spec, folder, after
        self._tap: Tap | None = None
        self._messages: Iterator[tuple[int, dict[str, Any]]] | None = None
        self._columns: list[Column] | None = None
        self._key: tuple[str, ...] = ()
        self._others_of: set[str] = set()
        self._state: Any = None
        self._version: Any = None
        self._active: Any = None
        self._before: Any = None
        self._since, self._full, self._records = 0, False, 0

    @property
    def full(self) -> bool:
        """Whether the tap called a new version of the whole stream active."""
        return self._full

    @property
    def since(self) -> int:
        """The turn with which that version began."""
        return self._since

    @property
    def key(self) -> tuple[str, ...]:
        """The `key_properties` of the stream."""
        return self._key

    @property
    def cursor(self) -> Cursor | None:
        """The last state, with the version of the stream: what another program says may hold anything."""
        if self._spec.path or (self._state is None and self._version is None):
            return self._after
        kept = {"stream": self._spec.stream, "state": self._state, "version": self._version}
        return Cursor(json.dumps(kept), True)

    def columns(self) -> list[Column]:
        """Those of the stream's schema. Raises DataError HUB-C399 without one, C201 to C203, and what a tap raises."""
        if self._columns is None:
            self._begin(self._after)
            self._read_schema()
        assert self._columns is not None
        return self._columns

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """All rows that the tap tells of, from the state kept in `after` on."""
        if self._messages is None or after != self._after:
            self._begin(after)
            self._read_schema()
        assert self._messages is not None
        names = tuple(column.name for column in self._columns or ())
        turns = Turns(self.alias, names)
        sound = True
        for number, message in self._messages:
            if message["type"] != "RECORD":
                self._heard(number, message)
                continue
            if message.get("stream") != self._spec.stream:
                continue
            if message.get("version") != self._version:
                yield from turns.take()
                self._version, self._since = message.get("version"), turns.next
            self._records += 1
            record = message.get("record")
            if isinstance(record, dict):
                cells = flat(record)
                turns.row(self._named(cells), Row(number, tuple(map(cells.get, names))))
            else:
                sound = False
                turns.broken(Broken(number, (json.dumps(message, ensure_ascii=False),), Coded("HUB-C131", "")))
            if turns.many:
                yield from turns.take()
        yield from turns.take()
        self._finish(sound)

    def close(self) -> None:
        """End the tap."""
        self._messages = None
        if self._tap is not None:
            self._tap.close()
            self._tap = None

    def _begin(self, after: Cursor | None) -> None:
        """Start the tap, or open the file."""
        self.close()
        kept: dict[str, Any] = json.loads(str(after.value)) if after is not None and after.closed else {}
        if kept.get("stream") != self._spec.stream:  # it was another's: this one begins anew
            kept = {}
        self._after, self._state, self._before = after, kept.get("state"), kept.get("version")
        self._version, self._columns, self._active = self._before, None, None
        if self._spec.path:
            self._messages = self._parsed(self._read_file())
        else:
            self._tap = Tap(self._spec, self._folder, self._state)
            self._messages = self._parsed(self._tap.lines())

    def _read_file(self) -> Iterator[bytes]:
        if self._spec.path == STDIN:
            yield from sys.stdin.buffer
            return
        with find(self.alias, self._folder, self._spec.path).open("rb") as file:
            yield from file

    def _parsed(self, lines: Iterator[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Line number and message. Raises DataError HUB-C394 for a line that is none, whole or cut."""
        with closing(lines):  # type: ignore[type-var]  # a generator
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    message = json.loads(line)
                except (ValueError, RecursionError):
                    message = None
                if not isinstance(message, dict) or message.get("type") not in _KNOWN:
                    raise DataError("HUB-C394", alias=self.alias, row=number)
                yield number, message

    def _read_schema(self) -> None:
        """Up to the schema of the stream. Raises DataError HUB-C399 where the tap ends without, C395 for a record."""
        assert self._messages is not None
        for number, message in self._messages:
            mine = message.get("stream") == self._spec.stream
            if mine and message["type"] == "RECORD":
                raise DataError("HUB-C395", alias=self.alias, row=number)
            self._heard(number, message)
            if self._columns is not None:
                return
        there = ", ".join(sorted(self._others_of)) or "-"
        raise DataError("HUB-C399", alias=self.alias, name=self._spec.stream, there=there)

    def _heard(self, number: int, message: Mapping[str, Any]) -> None:
        """A message that is no row."""
        if message["type"] == "STATE":
            if "value" not in message:
                raise DataError("HUB-C394", alias=self.alias, row=number)
            self._state = message["value"]
        elif message.get("stream") != self._spec.stream:
            self._others_of.add(str(message.get("stream"))[:100])
        elif message["type"] == "ACTIVATE_VERSION":
            self._active = message.get("version")
        else:
            self._take_schema(number, message)

    def _take_schema(self, number: int, message: Mapping[str, Any]) -> None:
        """The first schema gives the columns; a later one must still have them, and the same key."""
        key, schema = message.get("key_properties") or [], message.get("schema")
        if not isinstance(schema, dict) or not isinstance(key, list) or not all(isinstance(one, str) for one in key):
            raise DataError("HUB-C394", alias=self.alias, row=number)
        if self._columns is not None and tuple(key) != self._key:
            raise DataError("HUB-C396", alias=self.alias, key=", ".join(key), mapped=", ".join(self._key))
        found = list(_columns(schema))
        check_columns(self.alias, found, self._wanted)
        self._key = tuple(key)
        self._columns = self._columns or found

    def _named(self, cells: Mapping[str, Any]) -> object:
        """What tells a row from others of a turn; None where its key is not all there, which the reader will refuse."""
        key = tuple(cells.get(name) for name in self._key)
        return None if None in key or not key else json.dumps(key, default=str)

    def _finish(self, sound: bool) -> None:
        fresh = self._active is not None and self._active != self._before
        self._full = fresh and sound and (self._version == self._active or not self._records)
        if self._active is not None and not self._records:
            self._version = self._active
        self._description = {"other_streams": str(len(self._others_of))} if self._others_of else {}
        self._ended = True


def schema_columns(schema: Mapping[str, Any]) -> list[Column]:
    """The columns of a stream by its JSON schema."""
    return list(_columns(schema))


def key_properties(stream: Mapping[str, Any]) -> tuple[str, ...]:
    """The key of a stream of a catalogue: its own, or that of the metadata of the whole stream."""
    own = stream.get("key_properties")
    told = [
        one.get("metadata") or {}
        for one in stream.get("metadata") or ()
        if isinstance(one, dict) and not one.get("breadcrumb")
    ]
    key = own or next((one["table-key-properties"] for one in told if one.get("table-key-properties")), ())
    return tuple(map(str, key)) if isinstance(key, list | tuple) else ()


def _columns(schema: Mapping[str, Any], before: str = "") -> Iterator[Column]:
    """The properties of a JSON schema; those of objects are named with dots."""
    properties = schema.get("properties")
    for name, one in properties.items() if isinstance(properties, dict) else ():
        if isinstance(one, dict) and isinstance(one.get("properties"), dict) and one["properties"]:
            yield from _columns(one, f"{before}{name}.")
        else:
            yield Column(before + name, _family(one))


def _family(one: Any) -> str:
    """The type of a property: one that may also be null; `any` for all else."""
    told = one.get("type") if isinstance(one, dict) else None
    kinds = {kind for kind in (told if isinstance(told, list) else [told]) if kind != "null"}
    families = {_TYPES.get(str(kind), "any") for kind in kinds}
    return families.pop() if len(families) == 1 else "any"
