import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(__file__).with_name("lint.py")

# For each contract, a module that breaks it: where it would stand, and what it would import.
VIOLATIONS = {
    "layers": ("hub/flow/violates_layers.py", "import hub.intake"),
    "purity": ("hub/core/violates_purity.py", "import time"),
    "projections": ("projections/case/violates_projections.py", "import hub.ports.log"),
    "edge": ("connectors/violates_edge.py", "import hub.intake"),
    "edge-rooms": ("connectors/rows/violates_rooms.py", "import connectors.frames.seal"),
    "flow": ("hub/flow/violates_flow.py", "import hub.ports.keys"),
    "adapters-below": ("hub/adapters/violates_below.py", "import hub.texts"),
    "adapters": ("hub/cli/violates_adapters.py", "import hub.adapters.system"),
    "vault": ("hub/intake/violates_vault.py", "import hub.vault"),
    "cycles": ("hub/demo/violates_cycles.py", "import hub.cli.main"),
    "door-sql": ("hub/deliver/violates_sql.py", "import sqlalchemy"),
    "door-sqlite": ("hub/vault/violates_sqlite.py", "import sqlite3"),
    "door-cryptography": ("hub/vault/violates_cryptography.py", "import cryptography.hazmat"),
    "door-avro": ("hub/intake/violates_avro.py", "import fastavro"),
    "door-kafka": ("hub/flow/violates_kafka.py", "import kafka"),
    "door-faust": ("hub/share_violates.py", "import faust"),
    "door-aiokafka": ("hub/adapters/kafka/violates_aiokafka.py", "import aiokafka"),
    "door-http": ("hub/intake/violates_http.py", "import aiohttp"),
    "door-postgres": ("hub/intake/violates_postgres.py", "import psycopg"),
    "door-telemetry": ("hub/cli/violates_telemetry.py", "import structlog"),
    "door-click": ("hub/demo/violates_click.py", "import click"),
    "door-workbooks": ("hub/deliver/violates_workbooks.py", "import openpyxl"),
    "door-office": ("connectors/violates_office.py", "import msoffcrypto"),
    "door-excel": ("hub/demo/violates_excel.py", "import python_calamine"),
}
# A cycle needs a way back; this one is the other half of "cycles".
BACK = ("hub/cli/violates_back.py", "import hub.demo.violates_cycles")


def written() -> list[dict[str, Any]]:
    """The contracts in pyproject.toml."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    found: list[dict[str, Any]] = linter["contracts"]
    return found


def contracts() -> dict[str, str]:
    """Their ids and names."""
    return {contract["id"]: contract["name"] for contract in written()}


def layers(house: str) -> list[str]:
    """Rooms of the hub or of the edge, the top ones first; those of one layer with bars between them."""
    id = {"hub": "layers", "connectors": "edge-rooms"}[house]
    return next(list(contract["layers"]) for contract in written() if contract["id"] == id)


def without_layer(house: str, rooms: Path) -> set[str]:
    """Packages and modules at the top of the hub, or of the edge, that its layers do not name: they would hold nothing
    of them. Mappings of the demo are no modules."""
    named = {room.strip() for layer in layers(house) for room in layer.split("|")}
    there = {path.parent.name for path in rooms.glob("*/__init__.py") if not path.parent.name.endswith("_demo")}
    there |= {path.stem for path in rooms.glob("*.py") if path.name != "__init__.py"}
    return {room for room in there if f"{house}.{room}" not in named}


def copied(to: Path) -> Path:
    """A copy of the sources that may be spoilt."""
    for room in ("hub", "connectors", "projections"):
        shutil.copytree(ROOT / room, to / room, ignore=shutil.ignore_patterns("__pycache__", "*.csv", "*.toml"))
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


def lint(tree: Path) -> tuple[int, dict[str, str]]:
    """Exit code of import-linter and, by the name of each broken contract, what it says about it."""
    environment = os.environ | {"COLUMNS": "500", "PYTHONPATH": str(tree), "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, str(LINTER), "--no-cache"],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    _, _, told = done.stdout.partition("Broken contracts")
    sections = re.split(r"\n(.+)\n-{3,}\n", told)
    return done.returncode, dict(zip(sections[1::2], sections[2::2], strict=True))


def test_the_house_keeps_its_contracts(tmp_path: Path) -> None:
    """No room imports what it may not."""
    code, broken = lint(copied(tmp_path))
    assert (code, broken) == (0, {})


@pytest.mark.parametrize(("house", "known"), [("hub", "core"), ("connectors", "rows")])
def test_every_room_has_its_layer(tmp_path: Path, house: str, known: str) -> None:
    """A new room or module at the top of the hub or the edge has a layer, or it may import whatever it likes."""
    assert without_layer(house, ROOT / house) == set()
    for name in (known, "attic"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / "loose.py").touch()
    assert without_layer(house, tmp_path) == {"attic", "loose"}


def test_every_room_is_on_the_map() -> None:
    """Whoever looks for a module finds every room, in the order of the layers, in decision 037."""
    table = (ROOT / "docs" / "decisions" / "037-rooms.md").read_text(encoding="utf-8").splitlines()
    rows = [re.findall(r"`([a-z_]+)`", line.split("|")[1]) for line in table if line.startswith("| `")]
    both = [(house, layer) for house in ("hub", "connectors") for layer in layers(house)]
    assert rows == [[room.strip().removeprefix(f"{house}.") for room in layer.split("|")] for house, layer in both]


def test_each_contract_can_fail(tmp_path: Path) -> None:
    """A contract that nothing could break would hold nothing: each one names the module that breaks it."""
    assert set(VIOLATIONS) == set(contracts()), "each contract needs a module that breaks it"
    tree = copied(tmp_path)
    for place, line in (*VIOLATIONS.values(), BACK):
        (tree / place).write_text(f"{line}\n", encoding="utf-8")
    code, broken = lint(tree)
    assert code == 1
    for contract, name in contracts().items():
        place = VIOLATIONS[contract][0].removesuffix(".py").replace("/", ".")
        place = "No cycles are allowed in hub." if contract == "cycles" else place  # it names rooms, not modules
        assert place in broken.get(name, ""), f"{contract} did not see {place}"


@pytest.mark.parametrize(
    ("place", "line"), [("hub/deliver/fine.py", "import hub.flow"), ("hub/cli/fine.py", "import click")]
)
def test_what_is_allowed_stays_allowed(place: str, line: str, tmp_path: Path) -> None:
    """The contracts refuse nothing that the architecture allows."""
    tree = copied(tmp_path)
    (tree / place).write_text(f"{line}\n", encoding="utf-8")
    assert lint(tree) == (0, {})
