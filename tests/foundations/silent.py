"""Telemetry for tests that do not look at it."""


class Silent:
    """A `Telemetry` for those who have no operator."""

    def count(self, metric: str, amount: int = 1, **labels: str) -> None:
        """Nobody counts."""

    def level(self, metric: str, value: float, **labels: str) -> None:
        """Nobody looks."""

    def took(self, metric: str, seconds: float, **labels: str) -> None:
        """Nobody waits."""

    def log(self, event: str, **facts: str | int) -> None:
        """Nobody reads."""

    def failed(self, event: str, error: BaseException, **facts: str | int) -> None:
        """Nobody asks."""
