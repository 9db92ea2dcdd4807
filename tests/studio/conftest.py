"""One browser a session; a page of the studio for each test, served by the real command in a process of its own."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.studio.chromium import browser
from tests.studio.page import Page
from tests.studio.served import Serve, Served
from tests.typed import typed

__all__ = ["typed"]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts the command with these words in the installation of `typed`."""
    running: list[Served] = []

    def start(*words: str, **environment: str) -> Served:
        running.append(Served(tmp_path / "home", len(running), words, **environment))
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
