"""A Singer tap as a process: started without a shell, told its settings in files, heard by lines, ended for sure."""

import atexit
import json
import os
import queue
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from connectors import ending
from connectors.sources.database import key_of
from connectors.sources.spec import SingerSpec
from hub.core.errors import DataError, Unreachable

_BLOCK: Final = 1 << 16
_LONGEST: Final = 16 << 20
"""Bytes of a line: a longer one would be kept in memory whole."""
_PATIENCE_S: Final = 5
"""How long a tap that is told to end may take before it is killed."""
_STALE_S: Final = 3_600
_ROOM: Final = ".tap-"
_GIVEN: Final = (
    *("PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE"),
)
"""All that a tap is given of our environment, unless the mapping names more: the rest may be others' secrets."""


class Tap:
    """One run of a tap. Its words on the error channel may hold rows: their bytes are counted, and that is all."""

    def __init__(self, spec: SingerSpec, folder: Path, state: Any) -> None:
        """Start it for a connector whose folder this is; `state` is what it said last, None for nothing.

        Raises DataError HUB-C390 where it cannot be started or a file of its settings lacks, C391 for settings that
        others can read, C224 for a secret that is not there.
        """
        self._spec = spec
        self._folder = folder.absolute()
        self._place = self._folder / spec.folder
        self._room: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._heard: queue.Queue[bytes] = queue.Queue(64)
        self._closed = False
        self._stderr = 0
        self._threads: list[threading.Thread] = []
        atexit.register(self.close)  # whoever is still reading it then would leave it behind
        try:
            self._start(state)
        except BaseException:
            self.close()
            raise

    def _start(self, state: Any) -> None:
        spec, place = self._spec, self._place
        if not place.is_dir():
            raise DataError("HUB-C390", alias=spec.alias, setting="folder")
        given = _environment(spec)
        command = [_program(spec, place, given), *spec.command[1:]]
        config = _config(spec, place, key_of(spec, self._folder))
        if config is not None:
            command += ["--config", self._file("config.json", config)]
        elif spec.config:
            command += ["--config", str(place / spec.config)]
        if state is not None:
            command += ["--state", self._file("state.json", state)]
        if spec.catalog:
            command += ["--catalog", str(_there(spec, place, "catalog", spec.catalog))]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=place,
                env=given,
                start_new_session=True,
            )
        except (OSError, ValueError):
            raise DataError("HUB-C390", alias=spec.alias, setting="command") from None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        for pipe, hear in ((self._process.stdout, self._listen), (self._process.stderr, self._count)):
            thread = threading.Thread(target=hear, args=(pipe,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def lines(self) -> Iterator[bytes]:
        """What it prints, line by line; the last one perhaps without its end.

        Raises Unreachable HUB-C393 where it says nothing for too long, DataError C392 where it ends with an error,
        C394 for a line without an end.
        """
        rest, row = b"", 0
        while block := self._block(row):
            self._forget()  # it has read its files: it speaks
            *whole, rest = (rest + block).split(b"\n") if b"\n" in block else [rest + block]
            if len(rest) > _LONGEST:
                raise DataError("HUB-C394", alias=self._spec.alias, row=row + len(whole) + 1)
            row += len(whole)
            yield from (line + b"\n" for line in whole)
        status = self._status(row)
        if status:
            raise DataError("HUB-C392", alias=self._spec.alias, row=row, status=status, size=self._stderr)
        if rest:
            yield rest

    def close(self) -> None:
        """End it, and whatever it started; take its files away."""
        self._closed = True
        atexit.unregister(self.close)
        process = self._process
        if process is not None:
            ending.end(process, _PATIENCE_S)
            for thread in self._threads:
                thread.join(_PATIENCE_S)
            self._process = None
        self._forget()

    def _block(self, row: int) -> bytes:
        """The next bytes, empty at the end."""
        try:
            return self._heard.get(timeout=self._spec.timeout_seconds)
        except queue.Empty:
            raise self._silent(row) from None

    def _status(self, row: int) -> int:
        assert self._process is not None
        try:
            return self._process.wait(self._spec.timeout_seconds)
        except subprocess.TimeoutExpired:
            raise self._silent(row) from None

    def _silent(self, row: int) -> Unreachable:
        return Unreachable("HUB-C393", alias=self._spec.alias, row=row, seconds=self._spec.timeout_seconds)

    def _listen(self, pipe: IO[bytes]) -> None:
        block = b"-"
        with pipe:  # who reads closes: nobody else knows when the last read is over
            while block and not self._closed:
                block = os.read(pipe.fileno(), _BLOCK)
                while not self._closed:
                    with suppress(queue.Full):
                        self._heard.put(block, timeout=0.2)
                        break

    def _count(self, pipe: IO[bytes]) -> None:
        with pipe:
            while (block := os.read(pipe.fileno(), _BLOCK)) and not self._closed:
                self._stderr += len(block)

    def _file(self, name: str, document: Any) -> str:
        """A file for the tap alone to read."""
        if self._room is None:
            self._room = Path(tempfile.mkdtemp(prefix=_ROOM, dir=self._folder))  # mode 0700
            _sweep(self._folder, self._room.stat().st_mtime)
        path = self._room / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)
        return str(path)

    def _forget(self) -> None:
        if self._room is not None:
            shutil.rmtree(self._room, ignore_errors=True)
            self._room = None


def _sweep(folder: Path, now: float) -> None:
    """Take away what a killed run left: a tap reads its files at once, so that none is needed for an hour."""
    for old in folder.glob(f"{_ROOM}*"):
        with suppress(OSError):
            if now - old.stat().st_mtime > _STALE_S:
                shutil.rmtree(old)


def _environment(spec: SingerSpec) -> dict[str, str]:
    for name in spec.environment:
        if name not in os.environ:
            raise DataError("HUB-C224", alias=spec.alias, setting=name)
    return {name: os.environ[name] for name in (*_GIVEN, *spec.environment) if name in os.environ}


def _program(spec: SingerSpec, place: Path, given: dict[str, str]) -> str:
    """The program: with a slash from the folder on in which it is started, else the one of that name on the path."""
    first = spec.command[0]
    named = str(place / first) if "/" in first or os.sep in first else first
    found = shutil.which(named, path=given.get("PATH", ""))
    if found is None:
        raise DataError("HUB-C390", alias=spec.alias, setting="command")
    return os.path.abspath(found)


def _there(spec: SingerSpec, place: Path, setting: str, path: str) -> Path:
    if not (place / path).is_file():
        raise DataError("HUB-C390", alias=spec.alias, setting=setting)
    return place / path


def _config(spec: SingerSpec, place: Path, secret: str) -> Any:
    """The tap's settings with the secret put in; None where the owner's own file will do, or there is none."""
    document: Any = {}
    if spec.config:
        path = _there(spec, place, "config", spec.config)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise DataError("HUB-C391", alias=spec.alias, setting="config")
        if not secret:
            return None
        try:
            document = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            document = None
    if not isinstance(document, dict):
        raise DataError("HUB-C390", alias=spec.alias, setting="config")
    if not secret:
        return None
    return document | {spec.password_member: secret}
