"""The bench runs and its numbers add up. Nothing is asserted about time."""

from pathlib import Path

import pytest

from tests.bench import path


@pytest.mark.parametrize("order", ["person", "time"])
def test_bench_adds_up(order: str, tmp_path: Path) -> None:
    """Every row of the source is a canonical event in the end, with one registration a person, in either order."""
    round = path.one_round(1000, 100, order, str(tmp_path))
    about_sites, own = 1000 // 20, 2
    people = 100 if order == "time" else (1000 - about_sites) // 10
    assert round["canonical"] == 1000 + own + people
    assert round["end to end"] == pytest.approx(sum(round[stage] for stage in path.STAGES))
    assert round["ratio"] == pytest.approx(round["end to end"] / round["peer"])
    assert list(tmp_path.iterdir()) == []
