"""What is larger than a machine: told in flat memory, and never opened."""

import subprocess
import sys

import pytest

from tests.damage.books import huge
from tests.damage.rows import NAME
from tests.damage.world import World

MEMORY_KB = 400_000
PROGRAM = """
import atexit, hub.cli.main
atexit.register(lambda: print(*(line for line in open("/proc/self/status") if "VmHWM" in line)))
hub.cli.main.main()
"""


def peak(world: World, *words: str) -> tuple[int, str, int]:
    """Exit code, what was told, and the most memory that a program of its own had, in KB.

    It says so itself: what the system counts of a child begins with the memory of the process that it was split from.
    """
    command = [sys.executable, "-c", PROGRAM, *words, "--home", str(world.home)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    told, _, used = done.stdout.rpartition("VmHWM:")
    return done.returncode, told, int(used.split()[0])


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
