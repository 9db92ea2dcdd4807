"""For every test: under HUB_REQUIRE, which CI sets, a skipped one has failed; each leaves no log handler behind, no
property is judged by the clock, where there is room folders are in memory, and what takes long comes first."""

import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Generator, Iterator
from typing import Any, Final

import pytest
from hypothesis import settings

settings.register_profile("ours", deadline=None)  # a busy machine breaks no law
settings.load_profile("ours")

MEMORY: Final = "/dev/shm"
ROOM: Final = 6 * 1024**3


def _has_room() -> bool:
    """Whether so much may be kept in memory on a machine that has more than twice as much."""
    if not os.access(MEMORY, os.W_OK):
        return False
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return shutil.disk_usage(MEMORY).free >= ROOM and memory >= 2 * ROOM


if "TMPDIR" not in os.environ and _has_room():
    # A process that is killed leaves what it wrote to the system, on a disk as in memory: no test can tell the two
    # apart, and half of the time of a run would be spent in waiting until bytes have reached a disk.
    os.environ["TMPDIR"] = tempfile.tempdir = MEMORY

LONG: Final = ("tests/worker/", "tests/kafka/", "tests/e2e/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes come first, then those with a slow test, then all others, else in the order of chance:
    at the end no core is idle while another one has a long file left."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (not item.nodeid.startswith(LONG), item.path not in slow))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Turn a skip into a failure under HUB_REQUIRE; `xfail` is not a skip."""
    report = yield
    if report.skipped and os.environ.get("HUB_REQUIRE") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but HUB_REQUIRE is set"
    return report


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """A command that ran within the test leaves nothing on the root logger: its standard error is gone by then."""
    hook = threading.excepthook
    yield
    threading.excepthook = hook
    for handler in list(logging.root.handlers):
        if type(handler).__module__.startswith("hub."):
            logging.root.removeHandler(handler)
