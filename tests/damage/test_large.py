"""What is larger than a machine: told in flat memory, and never opened."""

import os
import subprocess
import sys

import pytest

from tests.damage.books import huge
from tests.damage.rows import NAME
from tests.damage.world import World

MEMORY_KB = 400_000


def peak(world: World, *words: str) -> tuple[int, str, int]:
    """Exit code, what was told, and the most memory that a program of its own had, in KB."""
    command = [sys.executable, "-m", "hub.cli.main", *words, "--home", str(world.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        assert child.stdout is not None
        told = child.stdout.read().decode()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, told, used.ru_maxrss


@pytest.mark.slow
def test_a_sheet_of_a_gibibyte_is_refused_in_flat_memory(world: World) -> None:
    """A real workbook whose sheet is more than 1 GiB of XML is told with its limit, in memory that it does not fill."""
    world.sound("excel")
    assert huge(world.source("excel")) < 100_000_000
    for words in (("connector", "run", NAME), ("connector", "check", NAME), ("connector", "preview", NAME)):
        code, told, used = peak(world, *words)
        assert (code, "HUB-C292" in told, "1024 MB" in told) == (3, True, True), told
        assert used < MEMORY_KB
    world.mend()
    assert peak(world, "connector", "run", NAME)[0] == 0
