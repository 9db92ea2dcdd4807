"""JSON lines: one object a line; members of members are named with dots."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from connectors.sources.files import changed, examine, find, read
from connectors.sources.objects import Doubled, flat, parse
from connectors.sources.source import CHUNK, Broken, Chunk, Column, Cursor, Row
from connectors.sources.spec import JsonlSpec
from connectors.sources.structure import check_columns, family_of_all
from connectors.sources.whole import WholeRead
from hub.core.errors import Coded, DataError

_LOOK: Final = 1_000
"""Lines whose members are the columns."""


class _Bad(NamedTuple):
    """A line that is no object, and why."""

    line: str
    code: str = "HUB-C131"


class JsonlSource(WholeRead):
    """A file of JSON objects, one a line.

    A member that a row lacks is None. Members that only rows after the first thousand have are no columns unless they
    are wanted; a wanted one that no row has stops the run unless it is `optional`. A last line that is no JSON and has
    no line end is a cut.
    """

    def __init__(self, spec: JsonlSpec, folder: Path, wanted: Mapping[str, str]) -> None:
        super().__init__(spec.alias, wanted)
        self._path = find(spec.alias, folder, spec.path)
        self._text = examine(spec.alias, self._path, spec.encoding)
        self._description = {"encoding": self._text.codec.removesuffix("-sig")}
        self._optional = [name for name in spec.optional if name in wanted]
        self._columns: list[Column] | None = None

    def columns(self) -> list[Column]:
        """Members in the order they first appear in, with the type that all have. Raises DataError C201 to C204."""
        if self._columns is None:
            seen = self._members()
            if self._wanted and seen and not set(self._wanted) & set(seen):
                raise DataError("HUB-C204", alias=self.alias)
            found = [Column(name, family_of_all(values)) for name, values in seen.items()]
            found += [Column(name, "any") for name in self._optional if name not in seen]
            if seen:  # an empty file has no rows and no columns to miss
                check_columns(self.alias, found, self._wanted)
            else:
                found = [Column(name, "any") for name in self._wanted]
            self._columns = found
        return self._columns

    def _members(self) -> dict[str, list[object]]:
        """Members and their values in the first thousand lines, and on to where each wanted one has been seen."""
        seen: dict[str, list[object]] = {}
        missing = set(self._wanted) - set(self._optional)
        for place, (_, found) in enumerate(self._objects()):
            if place >= _LOOK and not missing:
                break
            for name, value in found.items() if isinstance(found, dict) else ():
                if place < _LOOK or name in missing:
                    seen.setdefault(name, []).append(value)
                    missing.discard(name)
        return seen

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """All rows of the file; a line that is no object is a broken row."""
        names = tuple(column.name for column in self.columns())
        chunk = Chunk(self.alias, names, [], [])
        broken_at = last = 0
        for number, found in self._objects():
            if isinstance(found, dict):
                chunk.rows.append(Row(number, tuple(map(found.get, names))))
            else:
                broken_at = number
                chunk.broken.append(Broken(number, (found.line,), Coded(found.code, "")))
            last = number
            if len(chunk.rows) + len(chunk.broken) >= CHUNK:
                yield chunk
                chunk = Chunk(self.alias, names, [], [])
        if chunk.rows or chunk.broken:
            yield chunk
        if self._text.cut or (broken_at and broken_at == last and not self._text.closed):
            self._reason = DataError("HUB-C210", alias=self.alias, row=broken_at)
        if changed(self._path, self._text):
            self._reason = DataError("HUB-C214", alias=self.alias)
        self._ended = True

    def _objects(self) -> Iterator[tuple[int, dict[str, object] | _Bad]]:
        """Line number and flat object, or the line itself where it is none. Blank lines are counted in `not_data`."""
        self._not_data = 0
        with read(self._path, self._text) as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    self._not_data += 1
                    continue
                yield number, _judged(line)


def _judged(line: str) -> "dict[str, object] | _Bad":
    try:
        found = parse(line)
    except Doubled:
        return _Bad(line, "HUB-C440")
    except ValueError:
        return _Bad(line)
    return flat(found) if isinstance(found, dict) else _Bad(line)
