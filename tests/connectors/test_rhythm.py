"""A connector that declares a rhythm says that it ran, once a day, though nothing is new."""

from pathlib import Path

import pytest

from connectors.mapping.file import load_mapping
from hub.adapters.system import FixedSystem
from hub.core.errors import DataError
from tests.connectors.rig import CODEC, DAY, MAPPING, Rig, row

FINISHED = "agency.RunFinished"


def paced(folder: Path, rhythm: str = '"daily"') -> Rig:
    """An edge that declares a rhythm, over two rows."""
    rig = Rig(folder)
    rig.mapping(f"rhythm = {rhythm}\n" + MAPPING.format(on_change="event", on_vanish="nothing"))
    rig.rows(row(1), row(2))
    return rig


def days(rig: Rig) -> list[int]:
    """The day of each end of a run that was said."""
    said = [CODEC.decode(entry.value) for _, entries, _ in rig.frames() for entry in entries]
    return [fields.occurred_on for kind, fields in said if kind.type == FINISHED]


def test_a_run_without_news_is_told_once_a_day(tmp_path: Path) -> None:
    """However often it runs, each day has one sign of life, and no row is published again."""
    rig = paced(tmp_path)
    for day in (DAY, DAY, DAY + 1, DAY + 1, DAY + 1):
        rig.system = FixedSystem(day)
        rig.run()
    assert days(rig) == [DAY, DAY + 1]
    assert sum(rig.facts().values()) == 2


def test_a_run_that_did_not_read_to_its_end_is_no_sign_of_life(tmp_path: Path) -> None:
    """A source that lost more rows than the guard allows stops the run: its silence is what the hub must notice."""
    rig = paced(tmp_path)
    rig.rows(*[row(n) for n in range(20)])
    rig.run()
    rig.system = FixedSystem(DAY + 1)
    rig.rows(row(1))
    with pytest.raises(DataError):
        rig.run()
    assert days(rig) == [DAY]


def test_neither_a_dry_run_nor_a_retry_is_a_sign_of_life(tmp_path: Path) -> None:
    """What publishes nothing, or reads nothing, says nothing; the next whole run of that day still does."""
    rig = paced(tmp_path)
    rig.run()
    rig.system = FixedSystem(DAY + 1)
    rig.run(dry_run=True)
    rig.run(read=False)
    assert days(rig) == [DAY]
    rig.run()
    assert days(rig) == [DAY, DAY + 1]


def test_without_a_rhythm_a_run_without_news_says_nothing(tmp_path: Path) -> None:
    """Who declares nothing sends nothing for nothing."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    rig.system = FixedSystem(DAY + 1)
    rig.run()
    assert days(rig) == [DAY]


@pytest.mark.parametrize("written", ['"dayly"', "0", "true", '"0 days"'])
def test_a_rhythm_that_nobody_knows_is_refused(tmp_path: Path, written: str) -> None:
    """A mapping with a mistyped rhythm does not run as if it had none."""
    with pytest.raises(DataError, match=r"HUB-C242 setting=rhythm"):
        load_mapping(paced(tmp_path, written).folder)
