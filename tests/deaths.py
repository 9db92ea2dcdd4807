"""A program that dies before any one of the things that it does to the files of a folder."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_CHANGES = {"os.rename", "os.remove", "os.truncate", "os.link", "os.mkdir"}
_watch: list["Death"] = []


class Killed(BaseException):
    """The program died here."""


class Death:
    """Counts what is done to the key files and settings under `folder`, and kills at `at`, from 1; 0 never does."""

    def __init__(self, folder: Path, at: int) -> None:
        self.folder, self.at, self.seen = str(folder), at, 0

    def happens(self, event: str, args: tuple[Any, ...]) -> None:
        """As `step`, for what is done to such a file."""
        path = str(args[0])
        if path.startswith(self.folder) and Path(path).suffix in (".key", ".new", ".toml", ".part"):
            self.step()

    def step(self) -> None:
        """One thing more is done. Raises Killed when its time has come."""
        self.seen += 1
        if self.seen == self.at:
            raise Killed


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _watch and (event in _CHANGES or event == "open"):
        _watch[-1].happens(event, args)


sys.addaudithook(_hook)


@contextmanager
def killed_at(folder: Path, at: int) -> Iterator[Death]:
    """Within, the program dies when it opens, renames or removes such a file for the n-th time."""
    death = Death(folder, at)
    _watch.append(death)
    try:
        yield death
    finally:
        _watch.pop()
