"""The error tree. Every error has a code, a place and an exit code; none ever carries a value.

    HubError                      exit 1   a bug, unless a branch below says otherwise
    ├── UsageError                exit 2   the command was typed wrongly
    ├── DataError                 exit 3   data or configuration must be mended by its owner
    │   └── Coded                          one row or field is refused; the run goes on
    ├── IntegrityError            exit 4   two histories disagree, or one is damaged; a person decides first
    ├── Unreachable               exit 5   something we depend on does not answer
    │   └── AppendUncertain             an append raised: it may have landed in part
    ├── NotPermitted              exit 6   the caller may not do this
    └── AlreadyRunning            exit 7   another process holds the lock

Texts live in `hub/texts/{zh,en}/*.toml` under the code, as templates over the names in `place`.
"""

from typing import ClassVar


class HubError(Exception):
    """Base of all our errors: `code` (HUB-<room letter><number>), and named places (never values) for its text."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, **place: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.place = place

    def __str__(self) -> str:
        """Code and places, for logs; people are shown the text instead."""
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.place.items())])


class UsageError(HubError):
    """The command line cannot be taken as it is."""

    exit_code = 2


class DataError(HubError):
    """Data or configuration is wrong and its owner can mend it."""

    exit_code = 3


class Coded(DataError):
    """One row is refused. Raise `from None` at row boundaries: a library's message may carry the value (law 9)."""

    def __init__(self, code: str, column: str = "", **place: str | int) -> None:
        super().__init__(code, column=column, **place)
        self.column = column


class IntegrityError(HubError):
    """Two histories disagree (a fork, another log, a store newer than its log), or what was kept is damaged."""

    exit_code = 4


class Unreachable(HubError):
    """A log, database or key store does not answer."""

    exit_code = 5


class AppendUncertain(Unreachable):
    """An append raised: its records may have landed, whole, in part, or later ones without earlier ones (law 2)."""


class NotPermitted(HubError):
    """The registry, a role or the operating system says no."""

    exit_code = 6


class AlreadyRunning(HubError):
    """Another process holds this folder or partition."""

    exit_code = 7
