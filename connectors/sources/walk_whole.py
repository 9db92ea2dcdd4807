"""A walk through files, one after another, or through what a web service gives: in the order in which they are read."""

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self

from connectors.sources.files import stamp_of
from connectors.sources.folder import FolderSource
from connectors.sources.source import Chunk, Column, Cursor, Source
from connectors.sources.spec import FileSpec, SourceSpec
from connectors.sources.walk import After, Piece


class WholeWalk:
    """A source that is read whole. Of a file the place is remembered; a web service is read from its start again.

    A drop folder is walked file by file: each is put away once its last piece is committed.
    """

    def __init__(self, spec: SourceSpec, folder: Path, open_one: Callable[[], Source]) -> None:
        self._spec, self._folder, self._open = spec, folder, open_one
        self._ended = False
        self._description: dict[str, str] = {}

    @property
    def others(self) -> tuple[str, ...]:
        """None: a file gives all that it has."""
        return ()

    @property
    def description(self) -> Mapping[str, str]:
        """What was found out of the file read last."""
        return self._description

    @property
    def stamp(self) -> str:
        """A file that changed is walked through anew; each file of a folder is looked at by itself."""
        if isinstance(self._spec, FileSpec):
            return repr((self._spec.path, *stamp_of(self._folder / self._spec.path)))
        return "folder" if self._spec.kind == "folder" else ""

    @property
    def ended(self) -> bool:
        """Whether everything was read."""
        return self._ended

    def columns(self) -> list[Column]:
        """Those of the file, or of the folder's next one."""
        with self._open() as source:
            return source.columns()

    def count(self) -> int:
        """By reading everything once: what is not whole is known before anything of it is said."""
        with self._open() as source:
            if isinstance(source, FolderSource):
                return sum(source.sizes())
            source.columns()
            rows = sum(_size(chunk) for chunk in source.rows())
            if source.reason is not None:
                raise source.reason
            return rows

    def mark(self) -> Cursor | None:
        """None: files have no cursor."""
        return None

    def pieces(self, after: After, at_once: int) -> Iterator[Piece]:
        """Chunk by chunk, as they are read."""
        more = True
        while more:
            with self._open() as source:
                file = source.file if isinstance(source, FolderSource) else None
                more = file is not None
                yield from self._file(source, "" if file is None else _name(file), after)
                source.settle()
        self._ended = True

    def _file(self, source: Source, name: str, after: After) -> Iterator[Piece]:
        """The rows of one file but for those that were taken before; a place in another file tells nothing of it."""
        columns = tuple(column.name for column in source.columns())
        passed = before = int(str(after[1])) if after and after[0] == name else 0
        for chunk in source.rows():
            before -= _size(chunk)
            if before >= 0:
                continue
            passed += _size(chunk)
            yield Piece(columns, chunk, (name, passed))
        if source.reason is not None:
            raise source.reason
        self._description = dict(source.description)
        yield Piece(columns, Chunk(source.alias, (), [], []), (name, passed), True, source.not_data)

    def close(self) -> None:
        """Nothing stays open but what the iterator itself holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _size(chunk: Chunk) -> int:
    return len(chunk.rows) + len(chunk.broken)


def _name(file: Path) -> str:
    """What tells a file of a folder from others; its own name may be a person's."""
    return blake2b(repr((file.name, *stamp_of(file))).encode(), digest_size=16).hexdigest()
