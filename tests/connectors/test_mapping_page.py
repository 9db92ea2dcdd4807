"""docs/mapping.md is true: its example is run as it stands."""

import re
from pathlib import Path

from connectors.mapping.file import load_mapping
from connectors.run.run import run
from connectors.trial.compare import compare
from hub.adapters.memory.log import MemoryLog
from hub.cli.connector import cases
from hub.cli.connector import diff as difference
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


def test_the_difference_of_the_page_is_as_it_says(tmp_path: Path) -> None:
    """The change that the page names, compared on its source, gives exactly the lines that the page shows."""
    rig, blocks = written(tmp_path)
    other = tmp_path / "other"
    (other / "codes").mkdir(parents=True)
    (other / "mapping.toml").write_text(blocks["mapping.toml"].replace("select =", "# select ="), encoding="utf-8")
    table = blocks["codes/conclusion.csv"].replace("暂不适合,false", "暂不适合,true")
    (other / "codes" / "conclusion.csv").write_text(table, encoding="utf-8")
    effect = compare(rig.edge(), rig.system, load_mapping(rig.folder), load_mapping(other))
    assert "\n".join(difference.told("health-assessments", effect, "en")) + "\n" == blocks["diff"]


def test_the_example_of_the_page_runs_and_ends_as_it_says(tmp_path: Path) -> None:
    """The source, code table and mapping of the page give exactly the lines that the page shows."""
    rig, blocks = written(tmp_path)
    report = run(rig.edge(), rig.log, rig.system)
    lines = told(report._replace(connector="health-assessments"), "en")
    assert "\n".join(lines) + "\n" == blocks["run"]
