"""A drop folder: files that somebody else puts there, each taken once it is whole, then put away."""

import fnmatch
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from connectors.sources.source import Chunk, Column, Cursor, Source
from connectors.sources.spec import FileSpec, FolderSpec
from connectors.sources.whole import WholeRead
from hub.core.errors import DataError
from hub.texts import LANGUAGES, of_connector, text

DONE: Final = "done"
REFUSED: Final = "refused"
_UNDER_WAY: Final = ("~$*", ".*", "*.tmp", "*.part", "*.partial", "*.crdownload")
"""Names that programs give to a file while they write it, or while they have it open."""

Open = Callable[[FileSpec], Source]


class FolderSource(WholeRead):
    """The next file of a folder: the first by name that matches `pattern` and was left alone for `quiet_seconds`.

    A run takes one, since two may tell of the same row, and the later one is right. It is read twice: first to know
    that it is whole and has its columns, so that nothing is published of one that is not. What it says adds to what is
    known: no row vanishes because a file lacks it. After the commit `settle` moves it to `done`, and those that could
    not be read to `refused`, each with its code beside it; a crash before that reads it again, which changes nothing.
    One that was written anew meanwhile is another file: it stays, and is taken next time.
    """

    def __init__(
        self, spec: FolderSpec, folder: Path, wanted: Mapping[str, str], open_file: Open,
        now_ms: Callable[[], int] | None,
    ) -> None:  # fmt: skip
        super().__init__(spec.alias, wanted)
        self._spec, self._open = spec, open_file
        self._connector = folder.name
        self._folder = (folder / spec.path).absolute()  # what is opened in it is not looked for below `folder` again
        self._quiet_until = None if now_ms is None else now_ms() / 1000 - spec.quiet_seconds
        self._refused: list[tuple[Path, DataError]] = []
        self._read: dict[Path, tuple[int, ...]] = {}
        there = self._there()
        self._file = next((path for path in there if self._is_sound(path)), None)
        waiting = len(there) - (there.index(self._file) + 1 if self._file else len(there))
        self._description = {"files_waiting": str(waiting), "files_refused": str(len(self._refused))}

    @property
    def full(self) -> bool:
        """Never: a folder holds what came since the last run."""
        return False

    @property
    def file(self) -> Path | None:
        """The file that this read takes; None where none may be taken."""
        return self._file

    def sizes(self) -> Iterator[int]:
        """The rows of each file that may be taken now, by reading them; of one that cannot be read, none."""
        for path in self._there():
            try:
                with self._opened(path) as source:
                    yield sum(len(chunk.rows) + len(chunk.broken) for chunk in source.rows())
            except DataError:
                yield 0  # reading it in its turn tells why

    def columns(self) -> list[Column]:
        """The columns of the file; the wanted ones, where no file is there."""
        if self._file is None:
            return [Column(name, kind) for name, kind in self._wanted.items()]
        with self._opened(self._file) as source:
            return source.columns()

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """The rows of the file."""
        if self._file is not None:
            self._read[self._file] = _written(self._file)
            with self._opened(self._file) as source:
                yield from source.rows()
                self._not_data, self._reason = source.not_data, source.reason  # it was whole a moment ago
                self._description = {**source.description, **self._description}
        self._ended = True

    def settle(self) -> None:
        """Put away what was read. Raises DataError C277 where a file cannot be moved: it is read again next time."""
        try:
            if self._file is not None and self._is_the_same(self._file):
                _put(self._file, self._folder / DONE)
            for path, error in self._refused:
                if not self._is_the_same(path):
                    continue
                moved = _put(path, self._folder / REFUSED)
                moved.with_name(moved.name + ".txt").write_text(_told(error, self._connector), encoding="utf-8-sig")
        except OSError:
            raise DataError("HUB-C277", alias=self.alias) from None

    def _is_the_same(self, path: Path) -> bool:
        """Whether a file is what was read: sending may have taken long, and an export uses its name again."""
        return _written(path) == self._read[path]

    def _opened(self, path: Path) -> Source:
        return self._open(replace(self._spec.files, path=str(path)))

    def _there(self) -> list[Path]:
        """The files that may be taken, in the order of their names. Raises DataError C276 without a folder."""
        try:
            with os.scandir(self._folder) as entries:
                return sorted(Path(entry.path) for entry in entries if self._is_mine(entry))
        except OSError:
            raise DataError("HUB-C276", alias=self.alias) from None

    def _is_mine(self, entry: "os.DirEntry[str]") -> bool:
        if not entry.is_file() or not is_taken(entry.name, self._spec.pattern):
            return False
        return self._quiet_until is None or entry.stat().st_mtime <= self._quiet_until

    def _is_sound(self, path: Path) -> bool:
        """Whether a file reads to its end and has what the mapping wants; else its error is remembered.

        One that is gone, locked or still being written is neither: it waits.
        """
        self._read[path] = _written(path)
        try:
            with self._opened(path) as source:
                for _ in source.rows():
                    continue
                error = source.reason
        except DataError as refused:
            error = refused
        if error is None:
            return True
        if error.code not in ("HUB-C206", "HUB-C208", "HUB-C214"):
            self._refused.append((path, error))
        return False


def is_taken(name: str, pattern: str) -> bool:
    """Whether a folder of that pattern takes a file by its name."""
    under_way = any(fnmatch.fnmatch(name.lower(), one) for one in _UNDER_WAY)
    return fnmatch.fnmatch(name, pattern) and not under_way


def _written(path: Path) -> tuple[int, ...]:
    """What another file under the same name, or the same file written on, does not share with it."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_size, found.st_mtime_ns  # no inode: on a share it may differ from call to call


def _told(error: DataError, connector: str) -> str:
    """Code and places, then what it means and what mends it, in every language: whoever looks here asked for none."""
    parts = [text(error.code, lang, **error.place) for lang in LANGUAGES]
    lines = [line for reason, fix in parts for line in ("", reason, of_connector(fix, connector))]
    return "\n".join([str(error), *lines, ""])


def _put(path: Path, folder: Path) -> Path:
    """Move a file, under a name of its own where there is one of that name already."""
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}.{number}{path.suffix}"
    return path.replace(target)
