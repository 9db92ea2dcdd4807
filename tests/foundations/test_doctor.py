"""What `hub doctor` finds: whatever is spoilt in an installation has a finding, a fix and an exit code."""

import gc
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub import wiring
from hub.adapters import machine
from hub.adapters.system import share_of
from hub.cli.main import run
from hub.config import load
from hub.doctor.finding import FAIL, OK, WARN
from hub.texts import errors, phrases
from tests.foundations.test_init import tree
from tests.kafka.secured import Authority

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
SOURCE = "编号,证件号码,日期\n1,16010119900101001X,2026-05-01\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installation in good health and one connector that has run."""
    folder = tmp_path_factory.mktemp("made")
    home = folder / "home"
    assert run(["init", "--home", str(home), "--set", "hub.clock_day=2026-05-04"]) == 0
    (folder / "ward.csv").write_text(SOURCE, encoding="utf-8")
    new = ["connector", "new", "--from", str(folder / "ward.csv"), "--name", "ward", "--agency", "ward"]
    assert run([*new, "--area", "160101", "--publisher", "health", "--home", str(home)]) == 0
    keys = wiring.FileKeys(home / "edges/ward/keys")
    key, check = keys.public("agency").hex(), keys.mac("K_edge", "key check")(b"")[:16].hex()
    add = ["agency", "add", "ward", "--agency", "ward", "--publisher", "health", "--area", "16"]
    assert run([*add, "--key", key, "--key-check", check, "--home", str(home)]) == 0
    assert run(["connector", "run", "ward", "--home", str(home)]) == 0
    settings = load(home, {})
    with closing(wiring.open_log(settings.database("log"))) as log:
        wiring.open_intake(settings, log)  # as `hub serve` does first: from now on its key is known
    gc.collect()  # intake's store is nobody's to close: its files must be at rest before they are copied
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that installation, on a machine in good health."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    mapping = tmp_path / "home/edges/ward/mapping.toml"
    mapping.write_text(mapping.read_text("utf-8").replace(str(made), str(tmp_path)), encoding="utf-8")
    for name, value in {"offset_minutes": 480, "chinese_font": True, "free_mb": 90_000}.items():
        monkeypatch.setattr(machine, name, lambda *_, value=value: value)
    monkeypatch.setattr(machine, "encodings", lambda: ("utf-8", "gbk"))
    Authority("authority").issue("gateway", tmp_path / "home/gateway.pem", 90)
    (tmp_path / "home/gateway.pem").chmod(0o600)
    with (tmp_path / "home/hub.toml").open("a", encoding="utf-8") as file:
        file.write('\n[gateway]\ncert = "gateway.pem"\n\n[contact]\nhub = "office 0434-1234567"\n')
    return tmp_path / "home"


def content(home: Path) -> dict[str, object]:
    """What every file of an installation says; of a database, its statements."""
    found: dict[str, object] = {}
    for name, data in tree(home).items():
        if name.endswith(".db"):
            with closing(sqlite3.connect(home / name)) as database:
                found[name] = list(database.iterdump())
        elif not name.endswith(("-wal", "-shm")):
            found[name] = data
    return found


def looked_at(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and document of `hub doctor --json`."""
    capsys.readouterr()
    code = run(["doctor", "--home", str(home), "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_a_healthy_installation_has_nothing_to_mend(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing fails and nothing warns, everything was looked at, and nothing kept is another afterwards."""
    before = content(home)
    code, found = looked_at(home, capsys)
    assert (code, found["exit"], found["warn"], found["fail"]) == (0, 0, 0, 0), found
    assert {(one["check"], one["level"]) for one in found["findings"]} == {
        (key.partition(".")[2], OK) for key in phrases("en") if key.startswith("found.")
    }
    assert content(home) == before
    for lang in ("zh", "en"):
        assert run(["doctor", "--home", str(home), "--lang", lang]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 * (len(found["findings"]) + 1)


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_what_an_installation_keeps_is_its_owners_only(home: Path) -> None:
    """Every file in the folders of hub, vault and connectors lies below a folder that nobody else may enter."""
    files = [path for name in ("hub", "vault", "edges") for path in (home / name).rglob("*") if path.is_file()]
    assert {path.relative_to(home).parts[0] for path in files} == {"hub", "vault", "edges"}
    for file in files:
        above = [folder for folder in file.parents if folder.is_relative_to(home) and folder != home]
        assert any(not folder.stat().st_mode & 0o077 for folder in above), file.relative_to(home)


def spoil(path: str, how: Callable[[Path], object]) -> Callable[[Path], object]:
    """Something done to one file of an installation."""
    return lambda home: how(home / path)


def no_key(path: Path) -> None:
    path.write_text("secret\n", encoding="ascii")


def other_key(path: Path) -> None:
    path.write_text(f"secret {'ab' * 32}\n", encoding="ascii")


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


SPOILT: dict[str, tuple[Callable[[Path], object], str, str, int]] = {
    "a key open to others": (spoil("hub/keys/hub.key", lambda path: path.chmod(0o644)), "keys_hub", "HUB-H602", 6),
    "an open folder of keys": (spoil("vault/keys", lambda path: path.chmod(0o755)), "keys_vault", "HUB-H602", 6),
    "an open vault": (spoil("vault", lambda path: path.chmod(0o755)), "permissions", "HUB-H602", 6),
    "open views": (spoil("hub", lambda path: path.chmod(0o755)), "permissions", "HUB-H602", 6),
    "a lost key": (spoil("vault/keys/K_identity.key", Path.unlink), "keys_vault", "HUB-G120", 3),
    "half a key": (spoil("hub/keys/K_purpose-case.key", no_key), "keys_hub", "HUB-G122", 3),
    "no log": (spoil("hub/log.db", Path.unlink), "log", "HUB-L105", 3),
    "a damaged log": (spoil("hub/log.db", garbage), "log", "HUB-L402", 4),
    "no views": (spoil("hub/views.db", Path.unlink), "database", "HUB-H105", 3),
    "a damaged vault": (spoil("vault/vault.db", garbage), "database", "HUB-V412", 4),
    "other partitions": (spoil("hub.toml", lambda path: path.open("a").write("[partitions]\npersons = 3\n")), "log",
                         "HUB-H104", 3),
    "no mapping": (spoil("edges/ward/mapping.toml", Path.unlink), "edge_source", "HUB-C240", 3),
    "no source": (spoil("../ward.csv", Path.unlink), "edge_source", "HUB-C206", 3),
    "another K_edge": (spoil("edges/ward/keys/K_edge.key", other_key), "edge_keys", "HUB-C410", 4),
    "another county": (spoil("edges/keys/K_edge.key", other_key), "edge_keys", "HUB-H402", 4),
    "a key nobody has": (spoil("hub/keys/hub.key", lambda path: path.write_text(f"wrap {'ab' * 32}")), "edge_keys",
                         "HUB-H404", 4),
    "a broken edge": (spoil("edges/ward/edge.toml", lambda path: path.write_text("x")), "edge_keys", "HUB-C320", 3),
    "a gateway that is away": (
        spoil("edges/ward/edge.toml", lambda path: path.write_text(
            path.read_text("utf-8").replace('log = ""', 'log = "http://127.0.0.1:9"'), "utf-8")),
        "edge_log", "HUB-L504", 5),
}  # fmt: skip


@posix
@pytest.mark.parametrize("case", list(SPOILT))
def test_whatever_is_spoilt_has_a_finding(home: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    """The finding has the code with its fix, the exit code is that of the worst, and the rest is looked at, too."""
    do, check, code, exit_code = SPOILT[case]
    do(home)
    _, found = looked_at(home, capsys)
    failed = {(one["check"], one["error"]["code"]): one for one in found["findings"] if one["level"] == FAIL}
    assert (check, code) in failed
    assert failed[check, code]["error"]["fix"]
    assert failed[check, code]["error"]["exit"] == exit_code
    assert found["exit"] in {one["error"]["exit"] for one in failed.values()}
    assert (exit_code == 4) <= (found["exit"] == 4)
    assert found["ok"] > 10


def test_a_hub_that_was_told_another_key_check_has_a_finding(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The hub refuses such a connector's frames; it is seen before it sends them."""
    key = wiring.FileKeys(home / "edges/ward/keys").public("agency").hex()
    add = ["agency", "add", "ward", "--agency", "ward", "--publisher", "health", "--area", "16", "--key", key]
    assert run([*add, "--key-check", "ab" * 16, "--home", str(home)]) == 0
    code, found = looked_at(home, capsys)
    assert (code, found["fail"]) == (4, 1)
    assert "HUB-H403" in {one["error"]["code"] for one in found["findings"] if one["level"] == FAIL}


def test_an_agency_that_a_fork_stops_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`hub doctor` and `hub agency list` name it with code and remedy, and no longer once the frame is ruled out."""
    spool = home / "edges/ward/spool.db"
    before = spool.read_bytes()
    for number in (2, 3):  # a spool is put back and sends another second frame
        spool.write_bytes(before)
        with (home.parent / "ward.csv").open("a", encoding="utf-8") as file:
            file.write(f"{number},16010119900101001X,2026-05-0{number}\n")
        assert run(["connector", "run", "ward", "--home", str(home)]) == 0
        gc.collect()
    settings = load(home, {})
    with closing(wiring.open_log(settings.database("log"))) as log:
        for topic, partitions in wiring.canonical_topics(settings).items():
            log.create(topic, partitions)
        with closing(wiring.open_intake(settings, log)) as intake:
            while intake.offset("ward") < 2:
                intake.advance("ward")
        frame = sha256(log.read("ingress.ward", 0, 2, 1)[0].value).hexdigest()
    remedy = f"hub agency rule-out {frame} --by"
    code, found = looked_at(home, capsys)
    (one,) = [one for one in found["findings"] if one["level"] != OK]
    assert (code, one["of"], one["error"]["code"]) == (4, "ward", "HUB-I421")
    assert remedy in one["error"]["fix"]
    for lang in ("zh", "en"):
        assert run(["agency", "list", "--home", str(home), "--lang", lang]) == 0
        told = capsys.readouterr().out
        assert "HUB-I421" in told
        assert remedy in told
    assert run(["agency", "list", "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["stopped"]["fix"] == one["error"]["fix"]
    assert run(["agency", "rule-out", frame, "--by", "li", "--home", str(home)]) == 0
    assert looked_at(home, capsys)[0] == 0
    assert run(["agency", "list", "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["stopped"] is None


@pytest.mark.parametrize(
    ("name", "value", "level", "code"),
    [
        ("offset_minutes", 0, WARN, "HUB-H304"),
        ("chinese_font", False, WARN, "HUB-H302"),
        ("encodings", ("utf-8", "ascii"), WARN, "HUB-H301"),
        ("free_mb", 1999, WARN, "HUB-H303"),
        ("free_mb", 199, FAIL, "HUB-H102"),
    ],
)
def test_whatever_the_machine_lacks_has_a_finding(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: Any, level: str,
    code: str,
) -> None:  # fmt: skip
    """A warning is told and ends with 0; what cannot work ends with the code of its error."""
    monkeypatch.setattr(machine, name, lambda *_: value)
    ended, found = looked_at(home, capsys)
    (one,) = [one for one in found["findings"] if one["level"] != OK]
    assert (one["level"], one["error"]["code"], ended) == (level, code, 3 if level == FAIL else 0)


@pytest.mark.parametrize(
    ("day", "code"), [("2026-11-25", "HUB-H305"), ("2031-01-04", "HUB-H103"), ("2026-05-03", "HUB-H401")]
)
def test_the_day_has_a_finding(home: Path, capsys: pytest.CaptureFixture[str], day: str, code: str) -> None:
    """A year whose working days are not known is told before it begins; a clock that went back is exit 4."""
    from hub.installation import Installation

    with Installation(load(home, {})) as hub:
        hub.tick()
    _, found = looked_at(home, capsys, "--set", f"hub.clock_day={day}")
    assert code in {one["error"]["code"] for one in found["findings"] if one["level"] != OK}
    assert found["exit"] == {"HUB-H305": 0, "HUB-H103": 3, "HUB-H401": 4}[code]


def test_clocks_that_differ_have_a_finding(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of a database's server and the machine's are compared; more than a minute is told."""
    toml = home / "hub.toml"
    toml.write_text(
        "\n".join(line for line in toml.read_text("utf-8").splitlines() if "clock_day" not in line), "utf-8"
    )
    now = wiring.system_of(load(home, {})).now_ms()
    for server, told in ((now + 3_600_000, True), (None, False)):
        monkeypatch.setattr(wiring.databases, "clock_ms", lambda url, schema, server=server: server)
        _, found = looked_at(home, capsys)
        assert ("HUB-H306" in {one.get("error", {}).get("code") for one in found["findings"]}) == told


def test_an_extra_that_the_settings_need_and_that_lacks_has_a_finding(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library is missed before the first run, and only where it is needed."""
    monkeypatch.setattr(machine, "lacks", lambda extra: extra == "gateway")
    assert looked_at(home, capsys, "--set", "gateway.cert=")[0] == 0
    code, found = looked_at(home, capsys)
    assert (code, found["exit"]) == (3, 3)


MOUNTS = """22 28 0:21 / /proc rw - proc proc rw
40 28 0:35 / /mnt/share rw shared:2 - cifs //server/share rw
41 28 0:36 / /mnt/with\\040blank rw - nfs4 server:/x rw
42 40 8:2 / /mnt/share/disk rw - xfs /dev/sdb1 rw
28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/hub", ""),
        ("/mnt/share", "cifs"),
        ("/mnt/share/county/hub", "cifs"),
        ("/mnt/shared", ""),
        ("/mnt/with blank/hub", "nfs4"),
        ("/mnt/share/disk/hub", ""),
    ],
)
def test_a_network_share_is_known_by_its_mount(path: str, kind: str) -> None:
    """The innermost mount decides; one that only begins alike does not."""
    assert share_of(path, MOUNTS) == kind


def test_state_on_a_network_share_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locks do not hold there: nothing is made, run or served on one, and the doctor says why."""
    monkeypatch.setattr("hub.adapters.system.network_share", lambda folder: "cifs")
    assert run(["init", "--home", str(tmp_path / "new")]) == 3
    assert not (tmp_path / "new").exists()
    assert run(["connector", "run", "ward", "--home", str(home)]) == 3
    assert run(["serve", "--home", str(home), "--no-connectors", "--set", "serve.port=0"]) == 3
    assert capsys.readouterr().err.count("HUB-G154") == 3
    assert looked_at(home, capsys)[0] == 3


def test_every_code_of_the_doctor_names_a_command_or_an_action() -> None:
    """A finding without a way out would be a complaint."""
    for lang in ("zh", "en"):
        for code, told in errors(lang).items():
            if code.startswith("HUB-H"):
                assert len(told.fix) > 10, code


def test_the_machine_is_really_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at is the machine's own: versions, room, permissions."""
    assert machine.programs()["python"] == ".".join(map(str, sys.version_info[:3]))
    assert machine.free_mb(tmp_path) == pytest.approx(shutil.disk_usage(tmp_path).free // 1_000_000, rel=0.2)
    assert machine.writable(tmp_path) or os.name == "nt"
    assert not machine.lacks("hub")
    monkeypatch.setitem(sys.modules, "faust", SimpleNamespace(__spec__=None))  # as the library leaves itself
    assert not machine.lacks("kafka")
    assert -720 <= machine.offset_minutes() <= 840
