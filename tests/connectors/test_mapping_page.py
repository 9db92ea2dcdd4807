"""docs/mapping.md is true: its example is run as it stands."""

import re
from pathlib import Path

from connectors.run import run
from hub.adapters.memory.log import MemoryLog
from hub.cli.runs import told
from tests.connectors.rig import Rig

PAGE = Path(__file__).parents[2] / "docs" / "mapping.md"


def test_the_example_of_the_page_runs_and_ends_as_it_says(tmp_path: Path) -> None:
    """The source, code table and mapping of the page give exactly the lines that the page shows."""
    blocks = dict(re.findall(r"```\w+ example=(\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    rig = Rig(tmp_path, log=MemoryLog())
    for name in ("assessments.csv", "codes/conclusion.csv", "mapping.toml"):
        (rig.folder / name).write_text(blocks[name], encoding="utf-8")
    report = run(rig.edge(), rig.log, rig.system)
    lines = told(report._replace(connector="health-assessments"), "en")
    assert "\n".join(lines) + "\n" == blocks["run"]
