"""A workbook that somebody filled in, taken into the drop folder of a connector and read by it, as any run reads.

The connector signs what it says, and the trail shows which it was. At the hub it is a desk, where somebody enters what
a site without any other way sent; at a station it is the station's own.
"""

import os
import shutil
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from connectors.edge import Edge
from connectors.mapping.file import load_mapping
from connectors.mapping.language import Mapping
from connectors.rows.replies import takes_answers
from connectors.run.receipt import Receipt
from connectors.run.report import RunReport
from connectors.run.run import run
from connectors.sources import open_source
from connectors.sources.folder import is_taken
from connectors.sources.spec import FolderSpec
from hub import wiring
from hub.config import Settings
from hub.core.errors import DataError
from hub.sites.inbox import open_codes


def desks(settings: Settings) -> list[str]:
    """The connectors here whose mapping takes answers by reply code; one whose mapping cannot be read takes none."""
    found = []
    for name in wiring.edge_names(settings):
        try:
            mapping = load_mapping(settings.folder("edges") / name)
        except DataError:
            continue
        found += [name] if takes_answers(mapping) else []
    return found


def take(settings: Settings, edge: Edge, file: Path, receipt: Receipt) -> list[RunReport]:
    """Read a workbook that was brought here; the reports of the runs that this took, one for most.

    Raises DataError HUB-C436 where the connector reads no folder of files, HUB-C460 where that takes no file of such a
    name, C461 where one of that name waits there already, C2xx for a file that cannot be read: then nothing was taken.
    HUB-C208 where it was locked when the run came to it. And what a run raises.
    """
    mapping = load_mapping(edge.folder)
    name = _check(mapping, edge, file)
    assert isinstance(mapping.source, FolderSpec)
    folder = edge.folder / mapping.source.path
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / f".{name}.part"
    shutil.copyfile(file, part)
    system = wiring.system_of(settings)
    os.utime(part, (system.now_ms() // 1000 - mapping.source.quiet_seconds - 1,) * 2)  # nobody writes to it any more
    part.replace(folder / name)
    waiting = sum(path.is_file() and path.name <= name for path in folder.iterdir())
    codes = _codes(settings, edge) if takes_answers(mapping) else None
    reports: list[RunReport] = []
    with closing(wiring.edge_log(settings, edge)) as log:
        while (folder / name).exists() and len(reports) < waiting:  # a run takes one, the first by name
            reports.append(run(edge, log, system, receipt=receipt, open_replies=codes))
    if (folder / name).exists():
        raise DataError("HUB-C208", alias=mapping.source.alias)
    return reports


def _check(mapping: Mapping, edge: Edge, file: Path) -> str:
    """Read the file once to its end, as the folder would, so that what is wrong with it is told of this file; the name
    that the folder takes it under: one made of its bytes where its pattern allows, else the file's own."""
    spec = mapping.source
    if not isinstance(spec, FolderSpec):
        raise DataError("HUB-C436", connector=edge.spec.connector)
    try:
        data = file.read_bytes()
    except OSError:
        raise DataError("HUB-C208", alias=spec.alias) from None
    names = f"{sha256(data).hexdigest()[:16]}{file.suffix.lower()}", file.name
    name = next((one for one in names if is_taken(one, spec.pattern)), None)
    if name is None:
        raise DataError("HUB-C460", connector=edge.spec.connector, pattern=spec.pattern)
    there = edge.folder / spec.path / name
    if there.exists() and there.read_bytes() != data:  # the same file may be taken again: its run may have failed
        raise DataError("HUB-C461", connector=edge.spec.connector)
    with open_source(replace(spec.files, path=str(file.absolute())), edge.folder, names=mapping.columns()) as source:
        source.columns()
        for _ in source.rows():
            continue
        if source.reason is not None:
            raise source.reason
    return name


def _codes(settings: Settings, edge: Edge) -> frozenset[bytes] | None:
    """What the sites of this connector are asked now; None away from the hub, where nobody knows."""
    if edge.spec.log or not wiring.is_made(settings, "store") or not wiring.is_made(settings, "intake"):
        return None
    mine = next((one for one in wiring.registry(settings) if one.id == edge.spec.connector), None)
    return None if mine is None else open_codes(settings, mine.sites.split())
