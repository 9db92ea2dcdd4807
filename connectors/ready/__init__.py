"""Mappings that are ready: for workbooks whose columns are known, of agencies that have no system of their own."""

from importlib import resources
from pathlib import Path
from typing import Final

from connectors.edge import NOWHERE
from hub.core.errors import DataError
from hub.core.reply import ANSWER_TYPES

READY: Final = ("answers", "consents")
"""Answers of sites to offers, in the workbook of `hub site inbox`; consents that were signed on paper."""

SAYS: Final = {"answers": ANSWER_TYPES, "consents": frozenset(("agency.ConsentGranted",))}
"""The event types that each of them says, beside those of every run."""

ANSWERED: Final = "answered"
"""The rule of the ready answers by which a row without an answer is not selected."""


def install(kind: str, folder: Path, area: str) -> list[str]:
    """Put a ready mapping into a connector's folder, with its code tables and the folder it reads from.

    `area` is the agency's county, where no column says one. Returns the names of the files. Raises DataError HUB-C325
    where a mapping is there already.
    """
    if (folder / "mapping.toml").exists():
        raise DataError("HUB-C325", connector=folder.name)
    source = resources.files("connectors").joinpath("ready", kind)
    made = []
    with resources.as_file(source) as there:
        for path in sorted(there.rglob("*")):
            if path.suffix in (".toml", ".csv"):
                target = folder / path.relative_to(there)
                target.parent.mkdir(parents=True, exist_ok=True)
                text = path.read_text(encoding="utf-8")
                mark = "utf-8-sig" if path.suffix == ".csv" else "utf-8"  # as spreadsheets know it
                target.write_text(text.replace(f'"{NOWHERE}"', f'"{area or NOWHERE}"'), encoding=mark)
                made.append(path.relative_to(there).as_posix())
    (folder / "inbox").mkdir(exist_ok=True, mode=0o700)
    return made
