"""The files behind the page: the mapping that a connector has, or the draft of one that has none yet."""

import difflib
import tomllib
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from connectors.books.mapping_sheet import Files
from connectors.drafting.draft import columns_of, draft_cases
from connectors.drafting.first import First, first, put
from connectors.edge import MAPPING, NOWHERE, Edge, EdgeSpec
from connectors.forms.exposed import names_person
from connectors.mapping.code_table import saved_text
from connectors.mapping.file import load_mapping, parse_mapping
from connectors.mapping.language import Mapping
from connectors.mapping.text import mapping_text
from connectors.sources import Column, open_source
from connectors.sources.tables import in_schema, tables_of
from connectors.studio.plan import Document, plan_of, tables_in, whole
from hub.core.errors import DataError
from hub.ports.system import System

TYPE: Final = "agency.IdentityDeclared"
"""What a draft begins with, as that of `hub connector new`."""


class Home(NamedTuple):
    """Where a connector lives. `make` gives its folder with keys, made where it lacks; `told` says what comes next."""

    spec: EdgeSpec
    make: Callable[[], Edge]
    told: Callable[[Edge], list[str]]


class Version(NamedTuple):
    """A mapping as it would be written: its text, and those of the code tables that it names."""

    mapping: Mapping
    text: str
    tables: Map[str, str]


class File:
    """The mapping of one connector. `section` is the source of a new one, whose relative paths begin at `folder`."""

    def __init__(self, home: Home, folder: Path, system: System, section: dict[str, Any] | None = None) -> None:
        """Raises DataError as a mapping and its source do, Unreachable."""
        self._home, self._system = home, system
        self.spec, self.folder = home.spec, folder
        self.tables: list[str] = []
        self.chosen: int | None = None
        self.columns: list[Column] = []
        self._document: Document = {}
        self._tables: dict[str, str] = {}
        self._draft, self._digest = "", b""
        self._section = section
        if section is None:
            self._keep(folder)
            return
        self._begin(section)

    @property
    def fresh(self) -> bool:
        """Whether nothing is written yet."""
        return self._section is not None

    @property
    def plan(self) -> Document:
        """What the page edits, as it stands in the files."""
        return plan_of(self._document, self._tables)

    def choose(self, number: int) -> None:
        """Take one of the tables of a new source, and draft anew. Raises DataError HUB-C382 for none of them."""
        if self._section is None or not 0 <= number < len(self.tables):
            raise DataError("HUB-C382", part="table")
        name = "sheet" if self._section["kind"] == "excel" else "table"
        section = {key: value for key, value in self._section.items() if key != "schema"}  # of the choice before
        section = in_schema({**section, name: self.tables[number]}, self.folder)
        columns = columns_of(section, self.folder).columns
        self._section = section
        self.chosen, self.columns = number, harmless(columns)
        self.draft(TYPE)

    def draft(self, type: str) -> None:
        """Begin anew with an event type. Raises DataError HUB-C382 for a mapping that is there."""
        if self._section is None:
            raise DataError("HUB-C382", part="type")
        files = first(self.spec.connector, self._section, self.columns, type, self._area)
        self._draft, self._tables = files.mapping, dict(files.codes)
        self._document = tomllib.loads(files.mapping)

    def whole(self, plan: Document) -> Document:
        """The mapping with a plan in it. Raises DataError HUB-C382."""
        return whole(self._document, plan)

    def events(self) -> int:
        """How many events the mapping has without those that a plan adds."""
        return len(self._document.get("event", []))

    def version(self, plan: Document) -> Version:
        """A plan as it would be written. Raises DataError as a mapping does, and HUB-C384 where a setting that the
        page does not show would not be what it is."""
        document, tables = whole(self._document, plan), tables_in(plan, self._tables)
        mapping = _parsed(document, tables)
        text = mapping_text(mapping)
        if _parsed(tomllib.loads(text), tables) != mapping:
            raise DataError("HUB-C384", setting="mapping.toml")
        if self._draft and _parsed(self._document, tables) == mapping:
            text = self._draft
        return Version(mapping, text, {path: tables[path] for path in mapping.tables})

    def changes(self, version: Version) -> list[str]:
        """What would be other in the files, without where the source lies."""
        if self.fresh:
            texts = {MAPPING: ("", version.text)} | {path: ("", table) for path, table in version.tables.items()}
        else:
            before = mapping_text(_parsed(self._document, self._tables))
            texts = {MAPPING: (before, version.text)}
            texts |= {path: (self._tables.get(path, ""), table) for path, table in version.tables.items()}
        lines: list[str] = []
        for name, (old, new) in texts.items():
            found = list(difflib.unified_diff(_shown(old), _shown(new), n=0, lineterm=""))[2:]
            lines += [name, *found] if found else []
        return lines

    def mark(self, version: Version) -> str:
        """What tells this version, over these files, from any other."""
        parts = (version.text, *(text for pair in sorted(version.tables.items()) for text in pair))
        digest = sha256(self._digest)
        for part in parts:
            digest.update(len(part.encode()).to_bytes(8, "big") + part.encode())
        return digest.hexdigest()

    def save(self, version: Version) -> tuple[list[str], list[str]]:
        """Write it; the files that changed, and what comes next. Raises DataError HUB-C325 where somebody else made a
        mapping meanwhile, C383 where somebody edited it, AlreadyRunning HUB-G701 during a run."""
        edge = self._home.make()
        with edge.lock:
            if self._section is None:
                from connectors.books.mapping_book import (
                    take,  # so that no other command waits for what writes workbooks
                )

                if _digest(edge.folder, self._tables) != self._digest:
                    raise DataError("HUB-C383", connector=self.spec.connector)
                files = take(edge.folder, Files(version.mapping, version.tables, None))
            else:
                if (edge.folder / MAPPING).exists():
                    raise DataError("HUB-C325", connector=self.spec.connector)
                cases = draft_cases(self.columns, self._area)
                put(edge.folder, First(version.text, version.tables, cases))
                files = [*version.tables, MAPPING]
        self._stand(edge.folder)
        return files, self._home.told(edge)

    @property
    def _area(self) -> str:
        return "" if self.spec.area == NOWHERE else self.spec.area

    def _begin(self, section: dict[str, Any]) -> None:
        self.tables = [] if section.get("table") or section.get("sheet") else tables_of(section, self.folder)
        if len(self.tables) > 1:
            return
        if self.tables:
            self.choose(0)
            return
        columns = columns_of(section, self.folder).columns
        self.columns = harmless(columns)
        self.draft(TYPE)

    def _keep(self, folder: Path) -> None:
        """Stand on the files that are there, and look at their source."""
        self.columns = harmless(self._columns(self._stand(folder)))

    def _stand(self, folder: Path) -> Mapping:
        """Stand on the files that are there. The source is not asked: what was saved is saved, whoever is away."""
        self.folder, self._section, self._draft = folder, None, ""
        self.tables, self.chosen = [], None
        mapping = load_mapping(folder)
        self._digest = _digest(folder, mapping.tables)
        self._document = tomllib.loads((folder / MAPPING).read_text(encoding="utf-8-sig"))
        self._tables = {path: saved_text((folder / path).read_bytes()) for path in mapping.tables}
        return mapping

    def _columns(self, mapping: Mapping) -> list[Column]:
        """The columns of the source; where the mapping names one that is not there, those that are."""
        system = self._system

        def found(names: tuple[str, ...]) -> list[Column]:
            with open_source(
                mapping.source, self.folder, names=names, today=system.today(), now_ms=system.now_ms
            ) as source:
                return [*source.columns(), *map(Column, source.others)]

        try:
            return found(mapping.columns())
        except DataError:  # the page is where that is mended
            return found(())


def harmless(columns: list[Column]) -> list[Column]:
    """The same columns. Raises DataError HUB-C386 where a name is a person's number: then that row is no header."""
    for number, column in enumerate(columns, 1):
        if names_person("", column.name):
            raise DataError("HUB-C386", number=number)
    return columns


def _parsed(document: Document, tables: Map[str, str]) -> Mapping:
    def table(path: str) -> bytes:
        if path not in tables:
            raise DataError("HUB-C252", file=path)
        return tables[path].encode()

    return parse_mapping(document, b"", table)._replace(hash="")


def _shown(text: str) -> list[str]:
    """Lines of a mapping without the settings of its source: a path and an address may say more than they should."""
    lines, inside = [], False
    for line in text.removeprefix("\ufeff").splitlines():
        if line.startswith("["):
            inside = line.startswith("[source")
        if not inside or line.startswith("["):
            lines.append(line)
    return lines


def _digest(folder: Path, tables: Iterable[str]) -> bytes:
    """What tells these files from what they were."""
    parts = [(folder / path).read_bytes() for path in (MAPPING, *sorted(tables))]
    return sha256(b"".join(sha256(part).digest() for part in parts)).digest()
