"""JSON log lines that cannot carry a value: only declared names pass, and only numbers and machine words in them."""

import contextlib
import logging
import re
import sys
import threading
import time
from collections.abc import Callable, MutableMapping
from typing import Any, Final, NamedTuple, TextIO

import structlog

from hub.core.errors import HubError

FACTS: Final = frozenset(
    (
        *("agency", "code", "connector", "count", "day", "error", "events", "exit", "generation", "group", "host"),
        *("lag", "level", "library", "log", "ms", "number", "offset", "partition", "pid", "port", "published"),
        *("publisher", "refused", "repeats", "rows", "selected", "sender", "state", "timestamp", "topic", "type"),
        *("unchanged", "where"),
    )
)
_WORD = re.compile(r"[A-Za-z0-9_.:/+\-]{0,80}")
_LONG_NUMBER = re.compile(r"(?<![0-9a-f])\d{11,}[Xx]?(?![0-9a-f])")  # no part of a hexadecimal id
_LARGEST = 10**14  # milliseconds since 1970 stay below, an identity number as an integer does not
HIDDEN: Final = "***"
QUIET_SECONDS: Final = 5.0

Line = MutableMapping[str, Any]


def declared_only(_: object, __: str, line: Line) -> Line:
    """Leave out facts whose names are not in `FACTS`, and say how many those were."""
    left_out = [name for name in line if name not in FACTS and name != "event"]
    for name in left_out:
        del line[name]
    if left_out:
        line["left_out"] = len(left_out)
    return line


def words_only(_: object, __: str, line: Line) -> Line:
    """Hide what is neither a number of ours nor a machine word: names, sentences, identity numbers."""
    return {name: value if _harmless(value) else HIDDEN for name, value in line.items()}


def type_and_code(_: object, __: str, line: Line) -> Line:
    """An exception becomes its type and, if it is ours, its code: a message or a traceback may quote a value."""
    error = line.pop("exc", None)
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        if isinstance(error, HubError):
            line["code"] = error.code
    return line


def logger(stream: TextIO | None = None) -> Any:
    """A structlog logger that writes JSON lines in UTC to `stream` (standard error unless given)."""
    return structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[
            type_and_code,
            structlog.processors.add_log_level,
            declared_only,
            words_only,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        cache_logger_on_first_use=True,
    )


class _Place(NamedTuple):
    """What makes two lines of libraries the same."""

    library: str
    where: str
    level: str
    error: type[BaseException] | None


class LibraryLogs(logging.Handler):
    """Passes on that a library logged, how gravely and which one; never what, for it may quote parameters.

    A library that cannot reach a broker says so many times a second. What is said again within `QUIET_SECONDS`, in the
    same place, as gravely and with the same error, is only counted: a later line, or the end, tells how often it was.
    """

    def __init__(self, to: Any, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._to, self._clock = to, clock
        self._said: dict[_Place, tuple[float, int]] = {}  # when it was written last, and how often it was not since

    def emit(self, record: logging.LogRecord) -> None:
        """One line for a library's line, unless there was the same just now."""
        error = record.exc_info[1] if record.exc_info else None
        level = "error" if record.levelno >= logging.ERROR else "warning"
        place = _Place(record.name, f"{record.module}:{record.lineno}", level, type(error) if error else None)
        now = self._clock()
        written, left_out = self._said.get(place, (now - QUIET_SECONDS, 0))
        if now < written + QUIET_SECONDS:
            self._said[place] = written, left_out + 1
        else:
            self._said[place] = now, 0
            self._write(place, error, left_out + 1)
        self._settle(now - QUIET_SECONDS)

    def flush(self) -> None:
        """Tell of everything that was only counted; the standard library asks for it at the end."""
        with self.lock or contextlib.nullcontext():
            self._settle(self._clock())

    def _settle(self, until: float) -> None:
        """Tell how often was said what was written last by then, and forget it."""
        for place, (written, left_out) in list(self._said.items()):
            if written <= until:
                del self._said[place]
                if left_out:
                    self._write(place, None, left_out)

    def _write(self, place: _Place, error: BaseException | None, count: int) -> None:
        facts: dict[str, Any] = {"library": place.library, "where": place.where}
        if place.error:
            facts["error"] = place.error.__name__
        if count > 1:
            facts["count"] = count
        getattr(self._to, place.level)("library", **facts, exc=error)

    def install(self) -> None:
        """Become the only handler of the standard library's root logger."""
        root = logging.getLogger()
        root.handlers[:] = [self]
        root.setLevel(logging.WARNING)
        threading.excepthook = self._in_thread

    def _in_thread(self, died: threading.ExceptHookArgs) -> None:
        """A library's thread died: Python would print the error with its text."""
        self._to.error("library", library="threading", exc=died.exc_value)


def _harmless(value: object) -> bool:
    if isinstance(value, bool | float) or value is None:
        return True
    if isinstance(value, int):
        return abs(value) < _LARGEST
    return isinstance(value, str) and bool(_WORD.fullmatch(value)) and not _LONG_NUMBER.search(value)
