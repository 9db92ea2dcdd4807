"""Who a row is about: canonical numbers, tokens and identity, worked out once for each different person."""

import json
import marshal
from collections.abc import Mapping as Map
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from connectors.mapping.language import ROLES, TOKENS, Cell, Document, Person
from connectors.rows.cells import Memo, Reader, Target
from connectors.rows.tokens import Tokens
from hub.core.errors import Coded

_IDENTITY_LIMIT: Final = 2_000


class Somebody:
    """One person of an event in a role: tokens and identity as a frame carries them, and a hash for fingerprints.

    The hash is of role, tokens and identity and has no key: it never leaves the process but inside the keyed
    fingerprint of an event. A reader gives one object a person, so that objects are compared, not what they hold.
    """

    __slots__ = ("hash", "identity", "role", "tokens")

    def __init__(self, role: int, tokens: tuple[tuple[int, bytes], ...], identity: bytes, hash: bytes) -> None:
        self.role, self.tokens, self.identity, self.hash = role, tokens, identity, hash


People = tuple[Somebody, ...]


class Whom(NamedTuple):
    """Whose an event is, so that it can be retracted where it was said: its area, legal basis, site and persons.

    `site` is set for what is said of a site, and empty for what is said of a person.
    """

    area: str
    basis: str
    site: str
    people: People


class PersonReader:
    """Reads one role's person from the rows of a chunk."""

    def __init__(self, person: Person, tables: Map[str, Map[str, str]], tokens: Tokens, today: int) -> None:
        self._person, self._tokens = person, tokens
        self._role = ROLES[person.role]
        self._kinds = [TOKENS[name][0] for name, _ in person.tokens]
        self._names = [name for name, _ in person.identity]
        cells = (*person.tokens, *person.identity)
        self._readers = [Reader(cell, _text(name), tables, today) for name, cell in cells]
        document = person.document
        self._document = _DocumentReader(document, tables, today) if document else None
        names = [reader.column for reader in self._readers if reader.column]
        self._columns = (*names, *(document[:2] if document else ()))
        self.columns = set(self._columns)
        self._column = document.column if document else person.tokens[0][1].column
        self._texts = Memo(self._somebody)
        self._others = Memo(lambda key: self._somebody(key[1]))

    def read(self, columns: Map[str, Sequence[object]], rows: int) -> list["Somebody | Coded | None"]:
        """The person of each row; None where an optional person has no number; Coded where a cell is wrong."""
        if not self._columns:
            return [self._one(())] * rows
        raws = [columns[name] for name in self._columns]
        if all(set(map(type, column)) <= {str} for column in raws):
            return list(map(self._texts.__getitem__, zip(*raws, strict=True)))
        return [self._one(row) for row in zip(*raws, strict=True)]

    def _one(self, row: tuple[Any, ...]) -> Any:
        types = tuple(map(type, row))  # 1, 1.0 and True are equal keys but not equal cells
        if set(types) <= {str}:
            return self._texts[row]
        try:
            return self._others[types, row]
        except TypeError:  # a list has no hash
            return self._somebody(row)

    def _somebody(self, row: tuple[Any, ...]) -> "Somebody | Coded | None":
        raws = iter(row)
        values = [reader.one(next(raws) if reader.column else None) for reader in self._readers]
        if self._document is not None:
            values.append(self._document.one(*raws))
        for value in values:
            if value.__class__ is Coded:
                return value
        count = len(self._kinds)
        numbers = [(kind, value) for kind, value in zip(self._kinds, values, strict=False) if value is not None]
        if self._document is not None and values[-1] is not None:
            numbers.append(values[-1])
        numbers = sorted(set(numbers))
        if not numbers:
            return Coded("HUB-C145", self._column) if self._person.required else None
        named = zip(self._names, values[count : count + len(self._names)], strict=True)
        told = {name: value for name, value in named if value is not None}
        identity = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() if told else b""
        if len(identity) > _IDENTITY_LIMIT:
            return Coded("HUB-C142", self._column, limit=_IDENTITY_LIMIT)
        tokens = tuple([(kind, token) for kind, value in numbers for token in self._tokens.of(kind, value)])
        whole = marshal.dumps((self._person.role, tuple(numbers), identity), 2)
        return Somebody(self._role, tokens, identity, blake2b(whole, digest_size=16).digest())


class _DocumentReader:
    """A number whose kind another column tells."""

    def __init__(self, document: Document, tables: Map[str, Map[str, str]], today: int) -> None:
        self._type_column = document.type_column
        kind = Cell(column=document.type_column, codes=document.codes)
        self._kind = Reader(kind, _text("type"), tables, today)
        self._by_kind = {
            name: Reader(Cell(column=document.column, kind=form), _text(name), tables, today)
            for name, (_, form) in TOKENS.items()
        }

    def one(self, number: object, kind: object) -> Any:
        """(kind, canonical number), None where there is no number, Coded where it is wrong."""
        type = self._kind.one(kind)
        if isinstance(type, Coded):
            return type
        if type is None:
            empty = self._by_kind["passport"].one(number) is None
            return None if empty else Coded("HUB-C141", self._type_column)
        found = self._by_kind[type].one(number)
        return found if found is None or isinstance(found, Coded) else (TOKENS[type][0], found)


def _text(name: str) -> Target:
    return Target(name, "string", True, kind="text")
