"""The studio as it runs: the real command, in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 60


class Served:
    """`hub connector studio` as it runs: its address, and what it printed."""

    def __init__(self, home: Path, number: int, words: tuple[str, ...], **environment: str) -> None:
        command = [sys.executable, "-m", "hub.cli.main", "connector", "studio", *words, "--home", str(home)]
        self._out = home.parent / f"studio.{number}.out"
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, cwd=home.parent,
                env=os.environ | {"HUB_HUB_CLOCK_DAY": "2026-05-27"} | environment,
            )  # fmt: skip
        until = time.monotonic() + SECONDS
        while not (found := re.search(rb"http://127\.0\.0\.1:(\d+)/([\w-]+)/\n.*\n", self.said)):
            told = self.said.decode(errors="replace")
            assert self.process.poll() is None, told
            assert time.monotonic() < until, told
            time.sleep(0.05)
        self.port, self.token = int(found[1]), found[2].decode()
        self.address = f"http://127.0.0.1:{self.port}/{self.token}/"

    @property
    def said(self) -> bytes:
        """What it printed until now."""
        return self._out.read_bytes()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


Serve = Callable[..., Served]
