"""What all file sources are: read whole each time, without a cursor."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from connectors.sources.source import Cursor
from hub.core.errors import DataError


class WholeRead:
    """Base of sources that are always read in full. A subclass sets `_ended` and, if something lacked, `_reason`."""

    def __init__(self, alias: str, wanted: Mapping[str, str]) -> None:
        self.alias = alias
        self._wanted = wanted
        self._ended = False
        self._reason: DataError | None = None
        self._not_data = 0
        self._description: dict[str, str] = {}
        self._others: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the read has ended and saw everything."""
        return self._ended and self._reason is None

    @property
    def reason(self) -> DataError | None:
        """Why it is not complete."""
        return self._reason

    @property
    def full(self) -> bool:
        """Always: a file has no cursor."""
        return True

    @property
    def since(self) -> int:
        """A file tells of each row once."""
        return 0

    @property
    def key(self) -> tuple[str, ...]:
        """The mapping alone says what tells rows apart."""
        return ()

    @property
    def cursor(self) -> Cursor | None:
        """None: a file has no cursor."""
        return None

    @property
    def not_data(self) -> int:
        """Rows passed over: titles excepted, since they stand before the table."""
        return self._not_data

    @property
    def others(self) -> tuple[str, ...]:
        """Columns that it has and leaves alone."""
        return self._others

    @property
    def description(self) -> Mapping[str, str]:
        """What was found out."""
        return self._description

    def settle(self) -> None:
        """Nothing: a source is left as it was found."""

    def close(self) -> None:
        """Nothing stays open between chunks but what the iterator itself holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
