"""What the program tells its operator while it runs: counts, levels and log lines, never a value (law 9)."""

from typing import Protocol


class Telemetry(Protocol):
    """Metrics and log lines. Labels: `publisher` (agency), `type`, `code` only; a fact is a number or a short word."""

    def count(self, metric: str, amount: int = 1, **labels: str) -> None:
        """Add to a counter: `rows`, `events`, `refused`. Raises KeyError for one that is not declared."""
        ...

    def level(self, metric: str, value: float, **labels: str) -> None:
        """Set a level, such as `lag` in records; `type` names the group."""
        ...

    def took(self, metric: str, seconds: float, **labels: str) -> None:
        """One more duration, such as of a `fetch`."""
        ...

    def log(self, event: str, **facts: str | int) -> None:
        """A log line. Facts whose names are not declared are left out."""
        ...

    def failed(self, event: str, error: BaseException, **facts: str | int) -> None:
        """A log line on an error: its type and, of one of ours, its code; never its message."""
        ...
