"""The machine's clock and chance, a fixed pair for tests and the demo, and the lock that keeps a second process out."""

import hashlib
import hmac
import os
import sys
import time
from pathlib import Path
from typing import Self

from hub.core.errors import AlreadyRunning, NotPermitted

DAY_MS = 86_400_000
_SHANGHAI_MS = 8 * 3_600_000  # no daylight saving since 1991, and a clock never reads before that


class MachineSystem:
    """The `System` port over this machine: what production runs on."""

    def today(self) -> int:
        """The civil day in Asia/Shanghai."""
        return (self.now_ms() + _SHANGHAI_MS) // DAY_MS

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z."""
        return time.time_ns() // 1_000_000

    def new_id(self, kind: str, hint: str) -> bytes:
        """16 random bytes; kind and hint are for `FixedSystem` only."""
        return os.urandom(16)

    def random(self, size: int) -> bytes:
        """Bytes of the operating system."""
        return os.urandom(size)


class FixedSystem:
    """The `System` port with a clock that stands still and ids that follow from their hints (law 11).

    Two runs that give the same hints get the same ids under the same `key`; `random` stays truly random, because keys
    and nonces must never repeat, in a test or a demo either.
    """

    def __init__(self, day: int, now_ms: int | None = None, key: bytes = b"fixed") -> None:
        """`day` since 1970-01-01; `now_ms` is noon in Shanghai of that day unless given."""
        self.day = day
        self.ms = day * DAY_MS + 12 * 3_600_000 - _SHANGHAI_MS if now_ms is None else now_ms
        self._key = key

    def on(self, day: int) -> "FixedSystem":
        """The same ids on another day."""
        return FixedSystem(day, None, self._key)

    def today(self) -> int:
        """The day it was made with."""
        return self.day

    def now_ms(self) -> int:
        """The moment it was made with."""
        return self.ms

    def new_id(self, kind: str, hint: str) -> bytes:
        """First 16 bytes of HMAC-SHA-256 over the length-prefixed kind and the hint."""
        data = len(kind.encode()).to_bytes(2, "big") + kind.encode() + hint.encode()
        return hmac.digest(self._key, data, hashlib.sha256)[:16]

    def random(self, size: int) -> bytes:
        """Bytes of the operating system."""
        return os.urandom(size)


class FolderLock:
    """Holds `<folder>/<name>.lock` for one process. A killed process lets go of it by itself; the file stays.

    >>> with FolderLock(home, "serve"): ...
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.lock"
        self._name = name
        self._file: int | None = None

    def acquire(self) -> Self:
        """Take the lock. Raises AlreadyRunning HUB-G701 when someone has it, NotPermitted HUB-G621 without access."""
        if self._file is not None:
            raise AlreadyRunning("HUB-G701", lock=self._name)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError:
            raise NotPermitted("HUB-G621", lock=self._name) from None
        try:
            _take(file)
        except OSError:
            os.close(file)
            raise AlreadyRunning("HUB-G701", lock=self._name) from None
        self._file = file
        return self

    def release(self) -> None:
        """Let go; doing so twice is harmless."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _take(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def keep_names(folder: Path) -> None:
        """Windows has no such call, and needs none."""

else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def keep_names(folder: Path) -> None:
        """A new name is on disk only when its folder is, too."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
