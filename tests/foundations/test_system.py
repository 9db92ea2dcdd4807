import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.adapters.system import DAY_MS, FixedSystem, FolderLock, MachineSystem
from hub.core.errors import AlreadyRunning
from hub.ports.system import System


def ids_follow_hints(system: System) -> None:
    """The law: the same kind and hint give the same id, anything else another."""
    one = system.new_id("subject", "ingress.wj:0:1")
    assert len(one) == 16
    assert one == system.new_id("subject", "ingress.wj:0:1")
    assert one != system.new_id("subject", "ingress.wj:0:2")
    assert one != system.new_id("case", "ingress.wj:0:1")
    assert system.new_id("ab", "c") != system.new_id("a", "bc")


def keys_are_chance(system: System) -> None:
    """The law: bytes for keys never follow from anything."""
    assert len(system.random(32)) == 32
    assert system.random(32) != system.random(32)


def test_a_fixed_system_gives_the_same_ids_for_the_same_hints() -> None:
    """Ids of a fixed system follow from kind and hint, on whatever day."""
    ids_follow_hints(FixedSystem(20_500))
    assert FixedSystem(1, key=b"a").new_id("x", "y") == FixedSystem(1, key=b"a").on(2).new_id("x", "y")
    assert FixedSystem(1, key=b"a").new_id("x", "y") != FixedSystem(1, key=b"b").new_id("x", "y")


def test_the_law_of_ids_kills_an_id_without_its_kind() -> None:
    """A mutant that forgets where the kind ends gives one id to two things and is caught."""

    class Mutant(FixedSystem):
        def new_id(self, kind: str, hint: str) -> bytes:
            return super().new_id("", kind + hint)

    with pytest.raises(AssertionError):
        ids_follow_hints(Mutant(20_500))


@pytest.mark.parametrize("system", [FixedSystem(20_500), MachineSystem()])
def test_key_material_is_random_in_every_system(system: System) -> None:
    """Bytes for keys and nonces come from the operating system in tests, too."""
    keys_are_chance(system)


def test_the_law_of_chance_kills_a_seeded_source() -> None:
    """A mutant that derives key bytes from its own key repeats them and is caught."""

    class Mutant(FixedSystem):
        def random(self, size: int) -> bytes:
            return self.new_id("random", str(size)) * 2

    with pytest.raises(AssertionError):
        keys_are_chance(Mutant(20_500))


def test_today_is_the_civil_day_in_shanghai() -> None:
    """The day turns at 16:00 UTC, whatever zone the machine is set to."""

    class At(MachineSystem):
        def __init__(self, ms: int) -> None:
            self.ms = ms

        def now_ms(self) -> int:
            return self.ms

    assert At(16 * 3_600_000 - 1).today() == 0
    assert At(16 * 3_600_000).today() == 1
    fixed = FixedSystem(20_500)
    assert At(fixed.now_ms()).today() == fixed.today() == 20_500


def test_machine_ids_are_never_the_same() -> None:
    """Production ids are random, whatever the hint."""
    assert MachineSystem().new_id("a", "b") != MachineSystem().new_id("a", "b")
    assert MachineSystem().now_ms() > 20_000 * DAY_MS


def test_a_second_holder_is_turned_away(tmp_path: Path) -> None:
    """One process holds a folder; a second one is told so with exit code 7, and may come when the first has gone."""
    lock = FolderLock(tmp_path, "serve").acquire()
    with pytest.raises(AlreadyRunning) as caught:
        FolderLock(tmp_path, "serve").acquire()
    assert (caught.value.code, caught.value.exit_code) == ("HUB-G701", 7)
    with FolderLock(tmp_path, "edge"):
        lock.release()
    with FolderLock(tmp_path, "serve"):
        assert (tmp_path / "serve.lock").stat().st_mode & 0o777 == 0o600


def test_a_killed_holder_leaves_no_lock_behind(tmp_path: Path) -> None:
    """`kill -9` of the holder frees the lock; nobody has to remove a file by hand."""
    script = (
        "import sys, pathlib; from hub.adapters.system import FolderLock\n"
        "lock = FolderLock(pathlib.Path(sys.argv[1]), 'serve').acquire(); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning):
            FolderLock(tmp_path, "serve").acquire()
        child.kill()
        child.wait()
    with FolderLock(tmp_path, "serve"):
        assert (tmp_path / "serve.lock").exists()
