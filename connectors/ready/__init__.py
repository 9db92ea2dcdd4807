"""Mappings that are ready: for workbooks whose columns are known, of agencies that have no system of their own."""

import shutil
from importlib import resources
from pathlib import Path
from typing import Final

from hub.core.errors import DataError

READY: Final = ("answers", "consents")
"""Answers of sites to offers, in the workbook of `hub site inbox`; consents that were signed on paper."""


def install(kind: str, folder: Path) -> list[str]:
    """Put a ready mapping into a connector's folder, with its code tables, its cases and the folder it reads from.

    Returns the names of the files. Raises DataError HUB-C325 where a mapping is there already.
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
                shutil.copyfile(path, target)
                made.append(path.relative_to(there).as_posix())
    (folder / "inbox").mkdir(exist_ok=True, mode=0o700)
    return made
