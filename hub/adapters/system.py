"""The machine's clock and chance, a fixed pair for tests and the demo, and the lock that keeps a second process out."""

import hashlib
import hmac
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from hub.core.calendar import DAY_MS, SHANGHAI_MS, day_at
from hub.core.errors import AlreadyRunning, DataError, NotPermitted

SHARES = frozenset(
    (
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "fuse.sshfs",
        "fuse.glusterfs",
        "davfs",
    )
)


class MachineSystem:
    """The `System` port over this machine: what production runs on."""

    def today(self) -> int:
        """The civil day in Asia/Shanghai."""
        return day_at(self.now_ms())

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
        self.ms = day * DAY_MS + 12 * 3_600_000 - SHANGHAI_MS if now_ms is None else now_ms
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


def refuse_share(folder: Path) -> None:
    """Raises DataError HUB-G154 for a folder on a network share: neither SQLite nor our locks are safe there."""
    if kind := network_share(folder):
        raise DataError("HUB-G154", folder=folder.name or ".", kind=kind)


def share_of(path: str, mounts: str) -> str:
    """The file system of `path`, by Linux' list of mounts, if it is a network share's; else empty."""
    nearest, found = "", ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(nearest):  # of two mounts in one place the later one is seen
            nearest, found = point, after.split(" ")[0]
    return found if found in SHARES else ""


class FolderLock:
    """Holds `<folder>/<name>.lock` for one process. A killed process lets go of it by itself; the file stays.

    >>> with FolderLock(home, "serve"): ...
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.lock"
        self._name = name
        self._file: int | None = None

    def acquire(self) -> Self:
        """Take the lock. Raises AlreadyRunning HUB-G701 when someone has it, NotPermitted HUB-G621 without access,
        DataError HUB-G154 on a network share, where a lock keeps nobody out."""
        if self._file is not None:
            raise AlreadyRunning("HUB-G701", lock=self._name)
        refuse_share(self._path.parent)
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

    def open_to_others(path: Path) -> bool:
        """Who may read there stands in Windows' own lists, which `icacls` shows; not looked at."""
        return False

    def end_all(process: "subprocess.Popen[bytes]", patience_s: float) -> None:
        """A program; what it started in its turn ends when its pipes do."""
        process.terminate()
        process.wait()

    def network_share(folder: Path) -> str:
        """The kind of network share that a folder is on; empty on a drive of this machine."""
        import ctypes

        remote = 4
        return "SMB" if ctypes.windll.kernel32.GetDriveTypeW(folder.absolute().drive + "\\") == remote else ""

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

    def open_to_others(path: Path) -> bool:
        """Whether anybody but the owner may read, write or enter."""
        return bool(path.stat().st_mode & 0o077)

    def end_all(process: "subprocess.Popen[bytes]", patience_s: float) -> None:
        """A program that leads a session of its own, and all that it started; after `patience_s` without asking.

        One that ended by itself is left alone: its number may be somebody else's by now. So the last signal goes out
        before its end is taken note of, which is what sets its number free.
        """
        if process.poll() is not None:
            return
        os.killpg(process.pid, signal.SIGTERM)
        until = time.monotonic() + patience_s
        while time.monotonic() < until and not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            time.sleep(0.01)
        with suppress(PermissionError):  # of a group of nothing but the dead, some systems say so
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def network_share(folder: Path) -> str:
        """The kind of network share that a folder is on; empty on a disk of this machine, or where nobody can tell."""
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:  # not Linux
            return ""
        return share_of(folder.resolve().as_posix(), mounts)
