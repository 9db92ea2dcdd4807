"""A real browser for tests: Debian's Chromium, headless, with a new empty profile; installed if it lacks.

Where it cannot be installed its tests are skipped, and under HUB_REQUIRE, which CI sets, a skipped test has failed.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from tests.kafka.broker import CACHE

PROGRAMS: Final = ("chromium", "chromedriver")
PACKAGES: Final = ("chromium", "chromium-driver")
ELSEWHERE: Final = "elsewhere.test"
"""A name that was made to point to this machine."""

FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,2400"),
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
)
_APT: Final = {"DEBIAN_FRONTEND": "noninteractive"}


def programs() -> list[str]:
    """Browser and driver. Skips the test where they lack and cannot be installed."""
    if not all(map(shutil.which, PROGRAMS)):
        if not shutil.which("apt-get") or os.geteuid() != 0:
            pytest.skip("a real browser needs chromium and chromedriver (Debian: apt-get install chromium-driver)")
        CACHE.mkdir(exist_ok=True)
        with (CACHE / "browser.lock").open("w") as lock:  # two workers of pytest may come at once
            fcntl.flock(lock, fcntl.LOCK_EX)
            _install()
    return [str(shutil.which(program)) for program in PROGRAMS]


def _install() -> None:
    for words in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        if all(map(shutil.which, PROGRAMS)):
            return
        done = subprocess.run(
            ["apt-get", "-q", *words], env=os.environ | _APT, capture_output=True, text=True, timeout=900
        )
        if done.returncode:
            pytest.skip(f"apt-get could not install a browser: {done.stderr[-500:]}")


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    """A browser that keeps a log of what it was sent; it and its profile are gone afterwards."""
    program, driver = programs()
    profile = tempfile.mkdtemp(prefix="hub-browser-")
    options = Options()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield opened
    finally:
        opened.quit()
        shutil.rmtree(Path(profile), ignore_errors=True)
