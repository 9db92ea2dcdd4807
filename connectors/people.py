"""Who a row is about: canonical numbers, tokens and identity, worked out once for each different person."""

import json
import marshal
from collections.abc import Mapping as Map
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from connectors.cells import Memo, Reader, Target
from connectors.mapping import TOKENS, Cell, Document, Person
from connectors.tokens import Tokens
from hub.core.errors import Coded

_IDENTITY_LIMIT: Final = 2_000


class Somebody(NamedTuple):
    """One person of an event: tokens and identity as a frame carries them, and a hash of all of it for fingerprints.

    The hash has no key: it never leaves the process but inside the keyed fingerprint of an event.
    """

    tokens: tuple[tuple[int, bytes], ...]
    identity: bytes
    hash: bytes


class PersonReader:
    """Reads one role's person from the rows of a chunk."""

    def __init__(self, person: Person, tables: Map[str, Map[str, str]], tokens: Tokens, today: int) -> None:
        self._person, self._tokens = person, tokens
        self._readers = [Reader(cell, _text(name), tables, today) for name, cell in person.tokens]
        self._kinds = [TOKENS[name][0] for name, _ in person.tokens]
        self._names = [name for name, _ in person.identity]
        self._identity = [Reader(cell, _text(name), tables, today) for name, cell in person.identity]
        self._known = Memo(self._somebody)
        document = person.document
        self._document = _DocumentReader(document, tables, today) if document else None
        self.columns = {reader.column for reader in (*self._readers, *self._identity)}
        self.columns |= set(document[:2]) if document else set()
        self._column = document.column if document else person.tokens[0][1].column

    def read(self, columns: Map[str, Sequence[object]], rows: int) -> list["Somebody | Coded | None"]:
        """The person of each row; None where an optional person has no number; Coded where a cell is wrong."""
        cells: list[list[Any]] = [
            reader.read(columns[reader.column] if reader.column else [None] * rows)
            for reader in (*self._readers, *self._identity)
        ]
        if self._document is not None:
            cells.append(self._document.read(columns))
        known = self._known
        return [known[values] for values in zip(*cells, strict=True)]

    def _somebody(self, values: tuple[Any, ...]) -> "Somebody | Coded | None":
        for value in values:
            if isinstance(value, Coded):
                return value
        count = len(self._kinds)
        numbers = [(kind, value) for kind, value in zip(self._kinds, values, strict=False) if value is not None]
        if self._document is not None and values[-1] is not None:
            numbers.append(values[-1])
        numbers = sorted(set(numbers))
        if not numbers:
            return Coded("HUB-C145", self._column) if self._person.required else None
        told = {
            name: value
            for name, value in zip(self._names, values[count : count + len(self._names)], strict=True)
            if value is not None
        }
        identity = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() if told else b""
        if len(identity) > _IDENTITY_LIMIT:
            return Coded("HUB-C142", self._column, limit=_IDENTITY_LIMIT)
        tokens = tuple((kind, self._tokens.many(kind, [value])[0]) for kind, value in numbers)
        whole = marshal.dumps((self._person.role, tuple(numbers), identity), 2)
        return Somebody(tokens, identity, blake2b(whole, digest_size=16).digest())


class _DocumentReader:
    """A number whose kind another column tells."""

    def __init__(self, document: Document, tables: Map[str, Map[str, str]], today: int) -> None:
        self.document = document
        kind = Cell(column=document.type_column, codes=document.codes)
        self._kind = Reader(kind, _text("type"), tables, today)
        self._by_kind = {
            name: Reader(Cell(column=document.column, kind=form), _text(name), tables, today)
            for name, (_, form) in TOKENS.items()
        }

    def read(self, columns: Map[str, Sequence[object]]) -> list[Any]:
        """(kind, canonical number) of each row, None where there is no number, Coded where it is wrong."""
        types = self._kind.read(columns[self.document.type_column])
        return [self._one(number, type) for number, type in zip(columns[self.document.column], types, strict=True)]

    def _one(self, number: object, type: Any) -> Any:
        if isinstance(type, Coded):
            return type
        if type is None:
            empty = self._by_kind["passport"].read([number])[0] is None
            return None if empty else Coded("HUB-C141", self.document.type_column)
        found = self._by_kind[type].read([number])[0]
        return found if found is None or isinstance(found, Coded) else (TOKENS[type][0], found)


def _text(name: str) -> Target:
    return Target(name, "string", True, kind="text")
