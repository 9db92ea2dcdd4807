"""The kit that an agency installs from without a network: one zip with wheels, quick start, examples and checksums.

Wheels are those of `requirements.lock`, for the platform that is asked for; each is compared with the lock's hashes.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from hub.core.errors import DataError, Unreachable

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = "requirements.lock"
PACKAGE: Final = "rehab-exchange-hub"
ROLES: Final = {"agency": "edge"}
"""What each role installs, as an extra of the package."""

PLATFORMS: Final = {
    **{f"linux-{one}": [f"manylinux_2_28_{one}", f"manylinux_2_17_{one}", f"manylinux2014_{one}"]
       for one in ("x86_64", "aarch64")},
    "win-amd64": ["win_amd64"],
}  # fmt: skip
ONLY_THERE: Final = {"win-amd64": ["colorama"]}
"""What libraries need on a platform only; pip judges that by the machine that it runs on."""

PYTHONS: Final = ("3.11", "3.12", "3.13")
_SOURCES: Final = ("hub", "connectors", "projections", "schemas", "pyproject.toml", "README.md", "LICENSE")
_PAGES: Final = ("mapping.md", "sources.md", "databases.md", "canonical-form.md", "carriers.md", "operations.md")
_SCRIPTS: Final = ("install.sh", "install.cmd", "install.py", "快速开始.txt")
_UNIX, _STAMP = 3, (2000, 1, 1, 0, 0, 0)


class Kit(NamedTuple):
    """What a kit is for, and its wheels."""

    platform: str
    python: str
    wheels: tuple[str, ...]


def build(role: str, platform: str, python: str, target: Path | None, given: Path | None = None) -> Kit:
    """Collect the wheels of a platform and write the kit; without a target, only that they can be had is found out.

    Wheels come from the package index, or from the folder `given` and from nowhere else. Raises DataError HUB-G160
    outside of the source folder, HUB-G161 for a wheel that is not the lock's, HUB-C356 for a file that is there;
    Unreachable HUB-G549 where a wheel cannot be had.
    """
    if not (ROOT / LOCK).is_file():
        raise DataError("HUB-G160", file=LOCK)
    if target is not None and target.exists():
        raise DataError("HUB-C356", file=target.name)
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder, "wheels")
        _collect(Path(folder), wheels, ROLES[role], platform, python, given)
        kit = Kit(platform, python, tuple(sorted(path.name for path in wheels.iterdir())))
        if target is not None:
            _write(target, dict(_files(kit, role, wheels)))
    return kit


def _collect(folder: Path, wheels: Path, extra: str, platform: str, python: str, given: Path | None) -> None:
    own = _own_wheel(folder)
    pinned = re.findall(r"^([A-Za-z0-9_.-]+==[^\s;\\]+)", (ROOT / LOCK).read_text(encoding="utf-8"), re.MULTILINE)
    (folder / "pins.txt").write_text("\n".join(pinned) + "\n", encoding="utf-8")
    tags = [word for tag in PLATFORMS[platform] for word in ("--platform", tag)]
    where = ["--no-index", "--find-links", str(given)] if given else []
    also = ONLY_THERE.get(platform, [])
    only = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", python, *tags]
    _pip("download", "--dest", str(wheels), "--constraint", str(folder / "pins.txt"), *only, *where,
         f"{own}[{extra}]", *also)  # fmt: skip
    hashes = set(re.findall("sha256:([0-9a-f]{64})", (ROOT / LOCK).read_text(encoding="utf-8")))
    for path in sorted(wheels.iterdir()):
        if path.name != own.name and sha256(path.read_bytes()).hexdigest() not in hashes:
            raise DataError("HUB-G161", file=path.name)
    if own.name not in {path.name for path in wheels.iterdir()}:
        shutil.copy(own, wheels)


def _own_wheel(folder: Path) -> Path:
    """The program as a wheel, made from a copy of the sources: building leaves files behind."""
    for name in _SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (folder / "source").mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / "source")
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder / "own"), str(folder / "source"))
    return next((folder / "own").glob("*.whl"))


def _pip(*words: str) -> None:
    """Run pip. Raises Unreachable HUB-G549 with the requirement that pip names last, else with what it was to do."""
    command = [sys.executable, "-m", "pip", words[0], "--disable-pip-version-check", "--no-input"]
    same = os.environ | {"SOURCE_DATE_EPOCH": "946684800"}  # of the same sources comes the same wheel
    done = subprocess.run(
        [*command, *words[1:]], env=same, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        named = re.findall(r"(?:\(constraint\)|No matching distribution found for) (\S+)", done.stdout + done.stderr)
        raise Unreachable("HUB-G549", wheel=named[-1] if named else words[0])


def _files(kit: Kit, role: str, wheels: Path) -> Iterator[tuple[str, bytes]]:
    """Everything in a kit by its path, but SHA256SUMS."""
    about = {"package": PACKAGE, "version": version(PACKAGE), "extra": ROLES[role]}
    yield "kit.json", json.dumps(about | {"platform": kit.platform, "python": kit.python}, indent=2).encode()
    filled = {"PYTHON": kit.python, "TUPLE": kit.python.replace(".", ", "), "PLATFORM": kit.platform}
    for name in _SCRIPTS:
        text = (ROOT / "hub/data/kit" / name).read_text(encoding="utf-8")
        for gap, value in filled.items():
            text = text.replace(f"@{gap}@", value)
        ends = "\r\n" if name.endswith((".cmd", ".txt")) else "\n"
        yield name, text.replace("\n", ends).encode("utf-8-sig" if name.endswith(".txt") else "utf-8")
    for name in _PAGES:
        yield f"docs/{name}", (ROOT / "docs" / name).read_bytes()
    for path in sorted(ROOT.glob("connectors/*_demo/**/*")):
        if path.suffix in (".toml", ".csv"):
            yield f"templates/{path.relative_to(ROOT / 'connectors').as_posix()}", path.read_bytes()
    for name in kit.wheels:
        yield f"wheels/{name}", (wheels / name).read_bytes()


def _write(target: Path, files: dict[str, bytes]) -> None:
    """A zip with the same bytes for the same files, whole or not at all."""
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    draft = target.with_name(f"{target.name}.part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.create_system, entry.compress_type = _UNIX, zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name.endswith(".sh") else 0o644) << 16
            archive.writestr(entry, content)
    os.replace(draft, target)
