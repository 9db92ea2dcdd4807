"""A scan of all bytes written, given sources aside, finds no planted identifier, and every spelling of a control."""

import io
import json
import shutil
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from hub import backup
from hub.cli.main import run
from hub.demo.edges import EDGES
from hub.demo.figures import figures
from hub.demo.planted import planted
from hub.demo.play import Play
from hub.demo.screen import screen
from projections.dictionary import VIEWS
from tests.e2e.leaks import SHORTEST, Leak, Scanner, spellings
from tests.e2e.rig import TODAY, Home, Model

pytestmark = pytest.mark.slow
GIVEN = ("sources",)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A hundred and twenty persons, played to the end, with what the commands print kept under `outputs`."""
    folder = tmp_path_factory.mktemp("leaks") / "home"
    said: list[str] = []
    play = Play(folder, 120, TODAY, said.append, "zh")
    steps = play.steps()
    for step in steps:
        play.play(step)
    model = Model.__new__(Model)
    model.steps = steps
    (folder / "outputs").mkdir()
    said.append(screen(figures(play, TODAY, 1, None), "zh"))
    (folder / "outputs" / "play").write_text("\n".join(said), encoding="utf-8")
    return Home(folder, model, len(steps))


@pytest.fixture(scope="module")
def scanner(played: Home) -> Scanner:
    """Every identifier that the generator planted, in every spelling."""
    return Scanner(planted(played.folder / "sources"))


def keep(home: Home, *words: str) -> None:
    """Run a command and keep what it prints among the outputs; any exit but a bug's is fine."""
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
        for name, value in home.environment.items():
            patch.setenv(name, value)
        code = run([*words, "--home", str(home.folder)])
    printed = said.buffer.getvalue()  # type: ignore[attr-defined]
    assert code != 1, f"{words}: {printed.decode()}"
    assert printed, f"{words} printed nothing"
    (home.folder / "outputs" / "_".join(words)).write_bytes(printed)


def test_nothing_that_was_written_has_a_planted_identifier(played: Home, scanner: Scanner) -> None:
    """Logs, stores, spools, vault, refused rows, backups, what is printed, metrics: not one in any spelling."""
    for words in (
        *(("connector", "preview", edge.connector, "--rows", "40") for edge in EDGES[::4]),
        *(("connector", "preview", edge.connector, "--rows", "40", "--json") for edge in EDGES[1::4]),
        ("connector", "run", "--full"),
        ("connector", "run", "--dry-run", "--full", "--json"),
        ("connector", "status", "--json"),
        ("refused", "list"),
        ("refused", "show", "health-patients", "1", "--json"),
        ("refused", "retry", "health-patients"),
        *(("projection", "export", view.name, "--to", "csv") for view in VIEWS),
        ("projection", "show", "v_trail_v1"),
        ("event", "list", "--json"),
        ("audit", "trail", "--agency", "health"),
        ("referral", "list"),
        ("log", "show", "persons", "--limit", "1000", "--json"),
        ("log", "show", "ingress.health", "--json"),
        ("doctor",),
        ("doctor", "--json"),
        ("keys", "list"),
    ):
        keep(played, *words)
    for side, name in (("hub", ""), ("vault", ""), ("connector", "health-patients"), ("connector", "stations-records")):
        backup.create(played.settings, side, name, played.folder / f"backup-{side}{name}", "five words nobody guesses")
    serve(played)
    assert scanner.scan_folder(played.folder, GIVEN) == set()


def serve(home: Home) -> None:
    """Run `hub serve` with connectors until it is ready, ask for its metrics, and end it."""
    outputs = home.folder / "outputs"
    with (outputs / "serve").open("wb") as out:
        command = [*home.command("serve"), "--set", "serve.port=0", "--set", "serve.pause_ms=50"]
        service = subprocess.Popen(command, env=home.environment, stdout=out, stderr=out)
        try:
            port = _port(outputs / "serve", service)
            for path in ("health/ready", "metrics"):
                time.sleep(3)
                (outputs / path.replace("/", "-")).write_bytes(_asked(f"http://127.0.0.1:{port}/{path}"))
        finally:
            service.terminate()
            service.wait(60)
    assert service.returncode == 0
    assert b"hub_" in (outputs / "metrics").read_bytes()


def _asked(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.read()


def _port(path: Path, service: "subprocess.Popen[bytes]") -> int:
    for _ in range(600):
        assert service.poll() is None, path.read_text()
        for line in path.read_text().splitlines():
            if '"listening"' in line:
                return int(json.loads(line)["port"])
        time.sleep(0.1)
    raise AssertionError("hub serve never listened")


def broken(home: Home, folder: Path) -> Home:
    """A copy of an installation, to break."""
    shutil.copytree(home.folder, folder)
    return Home(folder, home.model, home.done)


@pytest.mark.parametrize(
    "change",
    [
        'ALTER TABLE "患者" RENAME COLUMN "证件号码" TO "证件号"',
        'UPDATE "患者" SET "证件号码" = "证件号码" || "姓名", "更新时间" = "姓名", "居住横坐标" = "证件号码"',
        'UPDATE "患者" SET "患者编号" = "证件号码"',
        'DELETE FROM "患者"',
    ],
    ids=["renamed", "nonsense", "other keys", "empty"],
)
def test_errors_about_a_broken_source_tell_no_value(
    played: Home, scanner: Scanner, tmp_path: Path, change: str
) -> None:
    """A column that is gone, identifiers that became nonsense, rows that vanished: told by place, never by content."""
    home = broken(played, tmp_path / "home")
    with closing(sqlite3.connect(home.folder / "sources/health/hospital.db")) as database:
        database.execute(change)
        database.commit()
    for words in (
        ("connector", "run", "health-patients", "--full"),
        ("connector", "run", "health-patients", "--full", "--accept-vanished", "1000", "--json"),
        ("connector", "check", "health-patients"),
        ("refused", "list", "--json"),
    ):
        keep(home, *words)
    assert scanner.scan_folder(home.folder, GIVEN) == set()


def law_found(scanner: Scanner, folder: Path, expected: set[Leak]) -> None:
    """The scan of a folder finds all that is expected."""
    missing = expected - scanner.scan_folder(folder, GIVEN)
    assert not missing, sorted(missing)


def test_every_spelling_of_a_control_is_found(played: Home, scanner: Scanner, tmp_path: Path) -> None:
    """One identifier of each kind, planted in each spelling, in the middle of other bytes: all are found."""
    chosen = {kind: value for kind, value in planted(played.folder / "sources") if "X" not in value and len(value) != 2}
    assert set(chosen) >= {"resident_id", "guardian_id", "certificate", "name", "guardian_name", "record_key"}
    expected = set()
    for kind, value in chosen.items():
        for way, spelled in spellings(value).items():
            (tmp_path / f"{kind} {way}").write_bytes(b"\x17 before " + spelled + b" after \xc3")
            expected.add(Leak(f"{kind} {way}", kind, way))
    assert {"integer BE", "integer LE", "zigzag", "sm3", "gb18030", "utf-16-le", "base64+2", "json", "url"} <= {
        leak.spelling for leak in expected
    }
    law_found(scanner, tmp_path, expected)
    assert all(len(spelled) >= SHORTEST for value in chosen.values() for spelled in spellings(value).values())


def test_a_value_between_two_pages_of_a_database_is_found(played: Home, scanner: Scanner, tmp_path: Path) -> None:
    """A cell is searched as a whole though SQLite splits it, and a number as a number though SQLite cuts its zeros."""
    kind, value = next(each for each in planted(played.folder / "sources") if each[1].isdigit() and len(each[1]) == 18)
    with closing(sqlite3.connect(tmp_path / "some.db")) as database:
        database.execute("CREATE TABLE t (a)")
        for filling in range(4040, 4110, 7):
            database.execute("INSERT INTO t VALUES (?)", (b"." * filling + value.encode() + b"." * 9000,))
        database.execute("INSERT INTO t VALUES (?)", (int(value),))
        database.commit()
    found = scanner.scan_folder(tmp_path)
    assert {Leak("some.db", kind, "raw"), Leak("some.db", kind, "integer BE")} <= found


def test_a_scan_that_does_not_look_inside_finds_less(
    played: Home, scanner: Scanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scanner that skips what is longer than eight bytes does not pass the control."""
    (tmp_path / "f").write_bytes(spellings("160000200402250004")["utf-16-le"])
    monkeypatch.setattr("tests.e2e.leaks._windows", lambda data, size, form: set())
    with pytest.raises(AssertionError):
        law_found(scanner, tmp_path, {Leak("f", "resident_id", "utf-16-le")})
