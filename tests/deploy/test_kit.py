"""The kit: what is in the zip is enough to install from, no network at hand, and what is damaged is not installed."""

import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from connectors.rows.tokens import key_check
from hub import kit, wiring
from hub.cli.main import run
from hub.core.errors import DataError, Unreachable
from hub.core.invitation import digits, unpack_invitation

HERE = f"linux-{platform.machine()}"
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
NOWHERE = {"PIP_NO_INDEX": "1", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "HUB_LANG": "en"}
NOWHERE |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
ELSEWHERE = [one for one in kit.PLATFORMS if one != HERE]

here = pytest.mark.skipif(HERE not in kit.PLATFORMS or PYTHON not in kit.PYTHONS, reason="no kit is for this machine")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kit for this machine, from the package index."""
    path = tmp_path_factory.mktemp("kit") / "kit.zip"
    kit.build("agency", HERE, PYTHON, path)
    return path


@pytest.fixture
def carried(built: Path, tmp_path: Path) -> Iterator[Path]:
    """The kit as it lies on the agency's machine, in a folder with a blank and Chinese letters."""
    folder = tmp_path / "安装 包"
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder)
    yield folder
    shutil.rmtree(folder)


def install(folder: Path, to: Path) -> "subprocess.CompletedProcess[str]":
    """What the quick start says, where no index can be reached."""
    environment = {**os.environ, **NOWHERE}
    command = ["sh", str(folder / "install.sh"), str(to)]
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=200, check=False)


def ready(monkeypatch: pytest.MonkeyPatch, carried: Path) -> None:
    """Take the program's wheel out of a kit instead of making it once more."""
    own = next((carried / "wheels").glob("rehab*"))
    monkeypatch.setattr(kit, "_own_wheel", lambda folder: Path(shutil.copy(own, folder)))


def joined(program: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Join from the installed program, by an invitation that a hub of ours writes."""
    hub, keeper = folder / "hub", wiring.keys_in(folder / "keeper")
    keeper.make("secret", "K_edge")
    assert run(["init", "--home", str(hub)]) == 0
    asked = ["clinic", "--publisher", "health", "--area", "220102", "--key-check", key_check(keeper)]
    assert run(["agency", "invite", *asked, "--to", str(folder / "a"), "--home", str(hub)]) == 0
    heard = digits(unpack_invitation((folder / "a").read_text("utf-8"), "a"))
    words = ["connector", "join", str(folder / "a"), "--check", heard, "--answer", str(folder / "b")]
    words += ["--county-key", str(folder / "keeper" / "K_edge.key"), "--home", str(folder / "edge")]
    environment = {**os.environ, **NOWHERE, "PYTHONPATH": ""}
    return subprocess.run([program, *words], env=environment, capture_output=True, encoding="utf-8", check=False)


@here
@pytest.mark.slow
def test_an_agency_installs_and_joins_from_the_kit_alone(carried: Path, tmp_path: Path) -> None:
    """A fresh environment without an index: the program is installed from the zip, and enrols its connector."""
    done = install(carried, tmp_path / "程序")
    assert done.returncode == 0, done.stdout + done.stderr
    there = joined(tmp_path / "程序" / "bin" / "hub", tmp_path)
    assert there.returncode == 0, there.stdout + there.stderr
    assert (tmp_path / "edge" / "edges" / "clinic-1" / "edge.toml").exists()


@here
@pytest.mark.slow
def test_a_damaged_kit_installs_nothing(carried: Path, tmp_path: Path) -> None:
    """One byte of a wheel, a file that lacks, or the kit of another machine: told before anything is made."""
    wheel = next((carried / "wheels").glob("click*"))
    whole = wheel.read_bytes()
    wheel.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert install(carried, tmp_path / "p").returncode == 3
    wheel.write_bytes(whole)
    page = carried / "docs" / "mapping.md"
    page.rename(carried / "elsewhere.md")
    assert install(carried, tmp_path / "p").returncode == 3
    about = json.loads((carried / "kit.json").read_text("utf-8"))
    (carried / "kit.json").write_text(json.dumps(about | {"platform": "win-amd64"}), encoding="utf-8")
    assert install(carried, tmp_path / "p").returncode == 5
    assert not (tmp_path / "p").exists()


@here
@pytest.mark.slow
def test_a_kit_is_made_without_a_network_from_a_folder_of_wheels(
    built: Path, carried: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its own wheels comes the same zip, byte by byte; a wheel that is not the lock's is refused, a lack named."""
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    kit.build("agency", HERE, PYTHON, tmp_path / "again.zip", carried / "wheels")
    assert (tmp_path / "again.zip").read_bytes() == built.read_bytes()
    ready(monkeypatch, carried)
    wheel = next((carried / "wheels").glob("olefile*"))
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("more.txt", "more")
    with pytest.raises(DataError) as stop:
        kit.build("agency", HERE, PYTHON, None, carried / "wheels")
    assert stop.value.code == "HUB-G161"
    wheel.unlink()
    with pytest.raises(Unreachable) as lack:
        kit.build("agency", HERE, PYTHON, tmp_path / "no.zip", carried / "wheels")
    assert (lack.value.code, "olefile" in str(lack.value.place["wheel"])) == ("HUB-G549", True)
    assert not (tmp_path / "no.zip").exists()


@here
@pytest.mark.slow
def test_a_kit_names_every_file_of_its_own(built: Path) -> None:
    """SHA256SUMS has every file but itself; program, scripts, quick start, pages and examples are there."""
    with zipfile.ZipFile(built) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sums = dict(reversed(line.split("  ", 1)) for line in files.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: sha256(content).hexdigest() for name, content in files.items()}
    wanted = {"install.sh", "install.cmd", "install.py", "快速开始.txt", "docs/mapping.md", "kit.json"}
    assert wanted < set(files)
    assert [name for name in files if name.startswith("templates/") and name.endswith(".toml")]
    assert not [name for name, content in files.items() if name in wanted and b"@PYTHON@" in content]


@here
@pytest.mark.slow
@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_the_wheels_of_other_machines_can_be_had(
    elsewhere: str, carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every library of the lock has a wheel for that machine, and what is needed only there comes with it."""
    ready(monkeypatch, carried)
    built = kit.build("agency", elsewhere, "3.11", None)
    tags = {tag for name in built.wheels for tag in name.removesuffix(".whl").split("-")[-1].split(".")}
    assert tags - {"any"} <= {*kit.PLATFORMS[elsewhere], *(tag for tag in tags if elsewhere[6:] in tag)}
    assert any("colorama" in name for name in built.wheels) == (elsewhere == "win-amd64")


def test_a_kit_is_made_or_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither nothing nor both; a file that is there is not written over; outside of the sources it is told where."""
    there = tmp_path / "kit.zip"
    there.write_bytes(b"kept")
    asked = ["kit", "build", "--platform", "win-amd64"]
    assert run(asked) == run([*asked, "--to", str(tmp_path / "a.zip"), "--dry-run"]) == 2
    assert "HUB-G219" in capsys.readouterr().err
    assert run([*asked, "--to", str(there)]) == 3
    assert "HUB-C356" in capsys.readouterr().err
    assert there.read_bytes() == b"kept"


def test_a_kit_is_made_where_the_lock_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An installed program has no lock to go by, and says so instead of taking what is newest."""
    monkeypatch.setattr(kit, "ROOT", tmp_path)
    assert run(["kit", "build", "--platform", "win-amd64", "--dry-run"]) == 3
    assert "HUB-G160" in capsys.readouterr().err
