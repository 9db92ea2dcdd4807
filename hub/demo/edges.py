"""The demo's connectors: who runs them, and which mapping they carry. One county edge key joins them all."""

import shutil
from pathlib import Path
from typing import NamedTuple

import connectors


class DemoEdge(NamedTuple):
    """One connector of the demo; `mapping` is a file of `connectors/<folder>/`, `area` the agency's county."""

    connector: str
    agency: str
    publisher: str
    folder: str
    mapping: str
    area: str


def _edge(agency: str, publisher: str, folder: str, mapping: str, area: str) -> DemoEdge:
    return DemoEdge(f"{agency}-{mapping.replace('_', '-')}", agency, publisher, folder, mapping, area)


EDGES: tuple[DemoEdge, ...] = (
    _edge("health", "health", "health_demo", "patients", "220102"),
    _edge("health", "health", "health_demo", "assessments", "220102"),
    _edge("health", "health", "health_demo", "follow_ups", "220102"),
    _edge("health", "health", "health_demo", "stays", "220102"),
    _edge("federation", "federation", "federation_demo", "certificates", "371002"),
    _edge("federation", "federation", "federation_demo", "jobs", "371002"),
    _edge("civil-affairs", "civil_affairs", "civil_affairs_demo", "sites", "500103"),
    _edge("civil-affairs", "civil_affairs", "civil_affairs_demo", "steps", "500103"),
    _edge("civil-affairs", "civil_affairs", "civil_affairs_demo", "benefits", "500103"),
    _edge("stations", "stations", "stations_demo", "ledger", "320682"),
    _edge("stations", "stations", "stations_demo", "answers", "320682"),
    _edge("stations", "stations", "stations_demo", "records", "320682"),
    _edge("stations", "stations", "stations_demo", "monthly_changchun", "320682"),
    _edge("stations", "stations", "stations_demo", "monthly_weihai", "320682"),
)
"""In the order in which they run: an agency's register of people or sites before what refers to it."""

AGENCIES: tuple[str, ...] = tuple(dict.fromkeys(edge.agency for edge in EDGES))


def install_mapping(edge: DemoEdge, folder: Path) -> None:
    """Copy an edge's mapping and code tables into its folder, as an engineer would; an older copy is replaced.

    The mapping reads `../../sources/`, so `folder` lies two levels below the demo's home.
    """
    source = Path(connectors.__file__).parent / edge.folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source / f"{edge.mapping}.toml", folder / "mapping.toml")
    shutil.copytree(source / "codes", folder / "codes", dirs_exist_ok=True)
