"""Where everything is required, nothing is skipped: CI sets HUB_REQUIRE, and a skipped test is then a failed one."""

import os
from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Turn a skip into a failure under HUB_REQUIRE; `xfail` is not a skip."""
    report = yield
    if report.skipped and os.environ.get("HUB_REQUIRE") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but HUB_REQUIRE is set"
    return report
