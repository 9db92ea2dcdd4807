"""docs/mapping.md is true: its example is run as it stands."""

import re
from pathlib import Path

from connectors.run import run
from hub.adapters.memory.log import MemoryLog
from hub.cli import cases
from hub.cli.runs import told
from tests.connectors.rig import Rig

PAGE = Path(__file__).parents[2] / "docs" / "mapping.md"


def written(tmp_path: Path) -> tuple[Rig, dict[str, str]]:
    """An edge with everything that the page shows, and the blocks of the page."""
    blocks = dict(re.findall(r"```\w+ example=(\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    rig = Rig(tmp_path, log=MemoryLog())
    for name in ("assessments.csv", "codes/conclusion.csv", "mapping.toml", "cases.csv"):
        (rig.folder / name).write_text(blocks[name], encoding="utf-8")
    return rig, blocks


def test_the_cases_of_the_page_end_as_it_says(tmp_path: Path) -> None:
    """The cases of the page, judged by its mapping, give exactly the lines that the page shows."""
    rig, blocks = written(tmp_path)
    assert "\n".join(cases.told(cases.judged(rig.edge(), rig.system), "en")) + "\n" == blocks["test"]


def test_the_example_of_the_page_runs_and_ends_as_it_says(tmp_path: Path) -> None:
    """The source, code table and mapping of the page give exactly the lines that the page shows."""
    rig, blocks = written(tmp_path)
    report = run(rig.edge(), rig.log, rig.system)
    lines = told(report._replace(connector="health-assessments"), "en")
    assert "\n".join(lines) + "\n" == blocks["run"]
