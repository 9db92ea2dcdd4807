"""Any file, cut anywhere: a code or a sound answer, never a trace, and all is as before once it is whole again."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.damage.kept import SPOOL, backed_up, invited, joining, packed
from tests.damage.rows import NAME
from tests.damage.test_damage import EXITS
from tests.damage.world import World

RUN = ("connector", "run", NAME)
EDGE = f"edges/{NAME}/"
FILES: dict[str, Callable[[World], tuple[Path, tuple[str, ...]]]] = {
    **{kind: lambda world, kind=kind: (sound(world, kind), RUN) for kind in ("csv", "jsonl", "excel", "xls", "sql")},  # type: ignore[misc]
    **{
        name: lambda world, name=name: (sound(world, "csv") and world.home / name, RUN)  # type: ignore[misc]
        for name in (
            *("hub.toml", "hub/log.db", SPOOL, f"{EDGE}edge.toml", f"{EDGE}mapping.toml"),
            f"{EDGE}codes/conclusion.csv",
            *(f"{EDGE}keys/K_edge.key", f"{EDGE}keys/agency.key"),
        )
    },
    "views": lambda world: (sound(world, "csv") and world.home / "hub/views.db", ("projection", "list")),
    "intake": lambda world: (sound(world, "csv") and world.home / "hub/intake.db", ("agency", "list")),
    "packet": lambda world: (world.sound("csv") or packed(world), ("ingress", "import", str(world.given / "stick"))),
    "backup": lambda world: (
        sound(world, "csv") and backed_up(world) / "files" / SPOOL,
        ("backup", "verify", str(world.given / "backup"), "--without-keys"),
    ),
    "manifest": lambda world: (
        sound(world, "csv") and backed_up(world) / "manifest.json",
        ("backup", "verify", str(world.given / "backup"), "--without-keys"),
    ),
    "invitation": lambda world: (
        sound(world, "csv") and invited(world),
        joining(world),
    ),
}  # fmt: skip


def sound(world: World, kind: str) -> Path:
    """A connector that has run; its source."""
    world.sound(kind)
    assert world.hub(*RUN).exit == 0
    return world.source(kind)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_anywhere_ends_in_a_code_or_an_answer(name: str, world: World) -> None:
    """Whatever is left of a file: an exit that is documented, a code for each that is not 0, and no trace of Python."""
    path, words = FILES[name](world)
    before = {one: one.read_bytes() for one in world.home.rglob("*") if one.is_file()}

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(before[path]) - 1))
    def cut(size: int) -> None:
        path.write_bytes(before[path][:size])
        said = world.hub(*words)
        for one in world.home.rglob("*"):
            if one.is_file() and one not in before:
                one.unlink()
        for one, data in before.items():
            if not one.exists() or one.read_bytes() != data:
                one.write_bytes(data)
        assert said.exit in EXITS, f"cut to {size}: {said.err[-200:]}"
        assert not re.search(r"Traceback|panicked", said.out + said.err)
        assert (said.exit == 0) or re.search(r"HUB-[A-Z]\d+", said.out + said.err)

    cut()
    assert world.hub(*words).exit == 0
