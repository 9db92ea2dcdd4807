import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = {".sql", ".toml", ".csv", ".json", ".avsc", ".txt", ".typed", ".html", ".css", ".js"}


@pytest.mark.slow
def test_the_distribution_has_every_module_and_data_file(tmp_path: Path) -> None:
    """An agency installs a wheel, not a clone: texts, code lists and forms are in it, tests are not."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for room in ("hub", "connectors", "projections", "schemas"):
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", str(tmp_path)]
    subprocess.run([*wheel, str(source)], check=True, capture_output=True)
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        licence = [name for name in archive.namelist() if name.endswith("LICENSE")]
    wanted = {
        path.relative_to(source).as_posix()
        for room in ("hub", "connectors", "projections", "schemas")
        for path in (source / room).rglob("*")
        if path.suffix in DATA | {".py"}
    }
    assert packed == wanted
    assert licence
