"""What is dear to look at and seldom another: looked at once in a while, however often it is asked."""

from collections.abc import Callable

from hub.core.errors import HubError


class Seldom:
    """What `look` found last, which is at most `every_ms` ago by `now_ms`; safe to ask from another thread."""

    def __init__(self, look: Callable[[], tuple[HubError, ...]], every_ms: int, now_ms: Callable[[], int]) -> None:
        self._look, self._every, self._now = look, every_ms, now_ms
        self._found: tuple[int, tuple[HubError, ...]] | None = None

    def notices(self) -> tuple[HubError, ...]:
        """What somebody has to know."""
        now = self._now()
        if self._found is None or now - self._found[0] >= self._every:
            self._found = now, self._look()
        return self._found[1]
