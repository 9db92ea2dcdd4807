"""One browser a session; a page of the studio for each test, served by the real command in a process of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.browser.chromium import browser
from tests.browser.page import Page
from tests.typed import typed

__all__ = ["typed"]

Serve = Callable[..., "Served"]


class Served:
    """`hub connector studio` as it runs: its address, and what it printed."""

    def __init__(self, home: Path, words: tuple[str, ...], **environment: str) -> None:
        command = [sys.executable, "-m", "hub.cli.main", "connector", "studio", *words, "--home", str(home)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=home.parent,
            env=os.environ | {"HUB_HUB_CLOCK_DAY": "2026-05-27", "PYTHONUNBUFFERED": "1"} | environment,
        )  # fmt: skip
        self.said = b""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if found := re.search(rb"http://127\.0\.0\.1:(\d+)/([\w-]+)/", line):
                self.address = found[0].decode()
                self.port, self.token = int(found[1]), found[2].decode()
                return
        raise AssertionError(f"it did not start: {self.said.decode(errors='replace')}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code. What it said until then is kept."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        self.said += rest
        return self.process.returncode


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts the command with these words in the installation of `typed`."""
    running: list[Served] = []

    def start(*words: str, **environment: str) -> Served:
        running.append(Served(tmp_path / "home", words, **environment))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    """The browser."""
    with browser() as opened:
        yield opened


@pytest.fixture
def page(chromium: webdriver.Chrome) -> Iterator[Page]:
    """The page, empty; what was sent to it is collected from here on."""
    yield Page(chromium)
    chromium.get("about:blank")
    chromium.get_log("browser")
