"""What a backup holds and does not hold, that it is proved, and that it is never put over anything."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub import backup
from hub.adapters import backups
from hub.adapters.files import passphrase
from hub.cli.backup import VARIABLE
from hub.cli.main import run
from hub.cli.options import quoted
from hub.config import load
from hub.core.errors import DataError, HubError, IntegrityError, NotPermitted
from hub.core.manifest import Entry, unpack_manifest
from hub.core.record import Record
from hub.wiring import open_log

WORDS = "five words that nobody guesses"
SIDES = (("hub", ""), ("vault", ""), ("connector", "ward"))


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests seal often; the cost of a try is what production pays for."""
    monkeypatch.setattr(passphrase, "_COST", (10, 8, 1))
    monkeypatch.setenv(VARIABLE, WORDS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation with a connector that has refused rows behind it."""
    home = tmp_path / "安 装"
    assert run(["init", "--home", str(home)]) == 0
    source = tmp_path / "ward.csv"
    source.write_text("编号,证件号码,日期\n1,16010119900101001X,昨天\n", encoding="utf-8")
    new = ["connector", "new", "--from", str(source), "--name", "ward", "--agency", "ward", "--area", "160101"]
    assert run([*new, "--publisher", "health", "--home", str(home)]) == 0
    run(["connector", "run", "ward", "--home", str(home)])
    return home


def made(home: Path, folder: Path, side: str, name: str = "") -> Path:
    """A backup of one side."""
    backup.create(load(home, {}), side, name, folder, WORDS)
    return folder


def everything(folder: Path) -> bytes:
    """Every byte that lies open in a backup."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def keys_of(home: Path) -> dict[str, bytes]:
    """Every key of an installation, by path."""
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*.key")}


@pytest.mark.parametrize(("side", "name"), SIDES)
def test_a_folder_named_from_elsewhere_is_backed_up_and_put_back_like_any_other(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side: str, name: str
) -> None:
    """`--home ../x` is the same installation: nothing of it is left out of a backup, and into it nothing is refused."""
    straight = backup.create(load(home, {}), side, name, tmp_path / "straight", WORDS)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    there = backup.create(load(Path("..") / home.name, {}), side, name, tmp_path / "there", WORDS)
    assert there.secret == straight.secret != ()
    held = [[entry.path for entry in one.manifest.databases] for one in (straight, there)]
    assert held[0] == held[1] != []
    assert len(straight.manifest.not_covered) == len(there.manifest.not_covered)
    back = backup.restore(tmp_path / "straight", Path("..") / "new", WORDS)
    assert all((tmp_path / "new" / entry.path).is_file() for entry in back.manifest.databases)


@pytest.mark.parametrize(("side", "name"), SIDES)
def test_what_was_backed_up_is_put_back(home: Path, tmp_path: Path, side: str, name: str) -> None:
    """Keys, configuration, mappings and code tables come back byte for byte, and every database as it was."""
    folder = made(home, tmp_path / "backup", side, name)
    assert backup.verify(folder, WORDS).manifest == backup.verify(folder, None).manifest
    new = tmp_path / "new"
    back = backup.restore(folder, new, WORDS)
    assert [entry.path for entry in back.manifest.databases] == {
        "hub": ["hub/views.db", "hub/intake.db", "hub/log.db"],
        "vault": ["vault/vault.db"],
        "connector": ["edges/ward/spool.db"],
    }[side]
    for path in (*(entry.path for entry in back.manifest.plain), *back.secret):
        assert (new / path).read_bytes() == (home / path).read_bytes()
    assert not list(new.glob(".restoring"))
    for path in new.rglob("*.key"):
        assert (path.stat().st_mode & 0o077, path.parent.stat().st_mode & 0o077) == (0, 0)


def test_all_three_sides_make_the_whole_installation_again(home: Path, tmp_path: Path) -> None:
    """Nothing that an installation cannot do without is in no backup, whatever the order in which they are put back."""
    new = tmp_path / "new"
    for side, name in reversed(SIDES):
        backup.restore(made(home, tmp_path / f"backup-{side}", side, name), new, WORDS)
    lost = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    lost -= {path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()}
    assert {path for path in lost if not path.endswith((".lock", "-wal", "-shm"))} <= {
        path for path in keys_of(home) if "/rows-" in path
    }
    assert run(["init", "--home", str(new)]) == 0
    assert keys_of(new).items() <= keys_of(home).items()


@pytest.mark.parametrize(("side", "name"), SIDES)
def test_no_backup_holds_keys_of_another_side_or_a_key_in_clear(
    home: Path, tmp_path: Path, side: str, name: str
) -> None:
    """A backup of an edge never holds the hub's keys and the other way round; its own lie under the passphrase."""
    folder = made(home, tmp_path / "backup", side, name)
    own = {"hub": "hub/keys/", "vault": "vault/keys/", "connector": "edges/"}[side]
    assert all(path.startswith(own) for path in backup.verify(folder, WORDS).secret)
    lying_open = everything(folder)
    for key in keys_of(home).values():
        assert key.split()[1] not in lying_open
        assert bytes.fromhex(key.split()[1].decode()) not in lying_open


def test_a_source_that_lies_with_its_mapping_stays_behind(home: Path, tmp_path: Path) -> None:
    """A file of rows in the connector's folder is the agency's: no byte of it is in a backup, which lies open."""
    edge = home / "edges" / "ward"
    (edge / "ward.csv").write_bytes((tmp_path / "ward.csv").read_bytes())
    mapping = edge / "mapping.toml"
    lines = mapping.read_text(encoding="utf-8").splitlines()
    mapping.write_text("\n".join('path = "ward.csv"' if one.startswith("path") else one for one in lines), "utf-8")
    folder = made(home, tmp_path / "backup", "connector", "ward")
    assert b"16010119900101001X" not in everything(folder)
    assert not list(folder.rglob("ward.csv"))


def test_a_connectors_backup_holds_no_refused_row(home: Path, tmp_path: Path) -> None:
    """Refused rows are readable until their daily key is destroyed: neither key nor rows are in a backup."""
    from connectors.spool import Spool

    with Spool(home / "edges/ward/spool.db", "ward", write=False) as spool:
        assert [bool(row.sealed) for row in spool.refused()] == [True]
    folder = made(home, tmp_path / "backup", "connector", "ward")
    assert not [path for path in backup.verify(folder, WORDS).secret if "rows-" in path]
    with Spool(folder / "files/edges/ward/spool.db", "ward", write=False) as spool:
        assert [bool(row.sealed) for row in spool.refused()] == [False]


def test_a_restored_connector_reads_its_refused_rows_again(home: Path, tmp_path: Path) -> None:
    """A full read after a restore seals anew what the backup left out; no row is lost and none is refused twice."""
    from connectors.spool import Spool

    new = tmp_path / "new"
    for side, name in SIDES:
        backup.restore(made(home, tmp_path / f"backup-{side}", side, name), new, WORDS)
    assert run(["connector", "run", "ward", "--full", "--home", str(new)]) == 0
    with Spool(new / "edges/ward/spool.db", "ward", write=False) as spool:
        assert [(row.id, bool(row.sealed), row.state) for row in spool.refused()] == [(1, True, "open")]


def spoilt(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each file of a backup in turn with its last byte changed, then away; then one that does not belong there."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes((whole[-1] ^ 1,)))
        yield path, "changed"
        path.unlink()
        yield path, "away"
        path.write_bytes(whole)
    (folder / "files/more").write_bytes(b"")
    yield folder, "more"
    (folder / "files/more").unlink()


@pytest.mark.parametrize(("side", "name"), SIDES)
def test_verify_finds_every_byte_that_is_not_as_it_was(home: Path, tmp_path: Path, side: str, name: str) -> None:
    """Whatever of a backup is changed, missing or added, it is no longer taken for one, and nothing is put back."""
    folder = made(home, tmp_path / "backup", side, name)
    for path, how in spoilt(folder):
        if path.name == "manifest.json" and how == "changed":
            continue  # its last byte is the end of a line
        with pytest.raises(HubError) as found:
            backup.verify(folder, None)
        assert found.value.exit_code == (3 if path.name == "manifest.json" else 4), (path, how)
        with pytest.raises(HubError):
            backup.restore(folder, tmp_path / "new", WORDS)
        assert not (tmp_path / "new").exists()
    backup.verify(folder, WORDS)


def test_the_passphrase_proves_the_manifest(home: Path, tmp_path: Path) -> None:
    """Whoever changes a file and its hash in the manifest is found out by whoever has the passphrase."""
    folder = made(home, tmp_path / "backup", "hub")
    (folder / "files/hub.toml").write_text("format = 1\n", encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (plain,) = manifest["plain"]
    plain |= backups.entry_of(folder / "files/hub.toml", "hub.toml")._asdict()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    backup.verify(folder, None)
    with pytest.raises(IntegrityError) as found:
        backup.verify(folder, WORDS)
    assert found.value.code == "HUB-B402"


def test_a_wrong_passphrase_opens_nothing(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told from damage, and never written down; one that could be tried out is refused before anything is."""
    folder = made(home, tmp_path / "backup", "vault")
    with pytest.raises(NotPermitted) as found:
        backup.restore(folder, tmp_path / "new", "five words that somebody guesses")
    assert (found.value.code, found.value.exit_code) == ("HUB-B601", 6)
    assert WORDS.encode() not in everything(folder)
    monkeypatch.setenv(VARIABLE, "short")
    assert run(["backup", "create", "hub", "--to", str(tmp_path / "other"), "--home", str(home)]) == 3
    monkeypatch.delenv(VARIABLE)
    assert run(["backup", "create", "hub", "--to", str(tmp_path / "other"), "--home", str(home)]) == 3
    assert not (tmp_path / "other").exists()
    monkeypatch.setenv(VARIABLE, "short")
    for words in (["verify", str(folder)], ["restore", str(folder), "--home", str(tmp_path / "new")]):
        assert run(["backup", *words]) == 6, "of a backup that is there, a short one is wrong like any other"
    monkeypatch.delenv(VARIABLE)
    file = tmp_path / "words.txt"
    file.write_text(f"{WORDS}\r\n", encoding="utf-8")
    assert run(["backup", "verify", str(folder), "--passphrase-file", str(file)]) == 0


def test_nothing_is_ever_put_over_anything(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A backup of that name, or a file of that side in the folder, is refused, and everything stays as it was."""
    folder = made(home, tmp_path / "backup", "vault")
    kept = everything(folder), everything(home)
    assert run(["backup", "create", "vault", "--to", str(folder), "--home", str(home)]) == 3
    assert "HUB-B301" in capsys.readouterr().err
    assert run(["backup", "restore", str(folder), "--home", str(home)]) == 3
    assert "HUB-B303" in capsys.readouterr().err
    new = tmp_path / "new"
    (new / "vault").mkdir(parents=True)
    (new / "vault" / "note.txt").write_text("mine", encoding="utf-8")
    assert run(["backup", "restore", str(folder), "--home", str(new)]) == 3
    assert (everything(folder), everything(home)) == kept
    assert everything(new) == b"mine"


def test_another_countys_key_is_never_mixed_in(home: Path, tmp_path: Path) -> None:
    """A connector is not put where the county's key is another one: nobody could be linked any more."""
    folder = made(home, tmp_path / "backup", "connector", "ward")
    new = tmp_path / "new"
    (new / "edges/keys").mkdir(parents=True)
    (new / "edges/keys/K_edge.key").write_text(f"secret {'00' * 32}\n", encoding="ascii")
    with pytest.raises(IntegrityError) as found:
        backup.restore(folder, new, WORDS)
    assert found.value.code == "HUB-B404"
    assert not (new / "edges/ward").exists()


def test_a_backup_with_the_wrong_keys_is_not_made(home: Path, tmp_path: Path) -> None:
    """Keys that data was not made with, or that are incomplete, are found when there is still time."""
    with closing(open_log(load(home, {}).database("log"))):
        pass
    (home / "hub/keys/K_purpose-case.key").write_text("secret\n", encoding="ascii")
    with pytest.raises(DataError) as found:
        made(home, tmp_path / "backup", "hub")
    assert found.value.code == "HUB-G122"
    (home / "vault/keys/K_identity.key").unlink()
    with pytest.raises(DataError):
        made(home, tmp_path / "backup", "vault")
    assert not list(tmp_path.glob("backup*"))


def test_a_damaged_database_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    """A backup is the way out, so that damage is found before older backups are thrown away: exit 4."""
    path = home / "hub/log.db"
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(IntegrityError) as found:
        made(home, tmp_path / "backup", "hub")
    assert found.value.code == "HUB-B403"
    assert not list(tmp_path.glob("backup*"))


def test_a_backup_that_was_cut_short_is_none(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name appears last: a full disk or a kill leaves no folder that could be taken for a backup."""

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "seal", full)
    assert run(["backup", "create", "hub", "--to", str(tmp_path / "backup"), "--home", str(home)]) == 5
    assert not list(tmp_path.glob("backup*"))


def test_a_log_is_copied_while_it_is_written_to(home: Path, tmp_path: Path) -> None:
    """The copy is the log as it was at one moment: whole appends, from the first on, though others go on."""
    settings, stop, written = load(home, {}), threading.Event(), [0]

    def writer() -> None:
        with closing(open_log(settings.database("log"))) as log:
            while not stop.is_set():
                written[0] = log.append("persons", 0, [Record(b"k", b"", b"%d" % n) for n in range(10)]) + 10

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        for number in range(3):
            before = written[0]
            folder = made(home, tmp_path / f"backup-{number}", "hub")
            with closing(open_log(f"sqlite:///{folder}/files/hub/log.db")) as log:
                end = log.bounds("persons", 0).end
                assert before <= end <= written[0] + 10
                assert [record.value for record in log.read("persons", 0, 0, end)] == [
                    b"%d" % (n % 10) for n in range(end)
                ]
    finally:
        stop.set()
        thread.join()
    assert written[0] > 0


def test_what_a_backup_does_not_cover_is_named(home: Path, tmp_path: Path) -> None:
    """A log on Kafka, a database in PostgreSQL or a file outside of the folder is told by name, without a password."""
    shutil.copy(home / "hub/intake.db", tmp_path / "elsewhere.db")
    settings = load(
        home,
        {"HUB_STORE_PASSWORD": "secret-of-the-store"},
        {"log.url": "kafka://127.0.0.1:1/x", "intake.url": f"sqlite:///{tmp_path}/elsewhere.db"},
    )
    found = backup.create(settings, "hub", "", tmp_path / "backup", WORDS).manifest
    assert set(found.not_covered) == {"kafka://127.0.0.1:1/x", f"{tmp_path}/elsewhere.db"}
    assert [entry.path for entry in found.databases] == ["hub/views.db"]


def test_what_a_backup_lacks_is_said_or_known(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that leaves something out is made, and ends with 3 until that is named; a log on Kafka needs no name."""
    away, key = f"{tmp_path}/else where.db", f"{tmp_path}/gateway.pem"
    shutil.copy(home / "hub/intake.db", away)
    place = ["--home", str(home)]
    sets = ["--set", "log.url=kafka://127.0.0.1:1/x", "--set", f"intake.url=sqlite:///{away}"]
    sets += ["--set", f"gateway.cert={key}"]
    for number, known, missing in (
        (1, [], {away, key}), (2, [away], {key}), (3, [key], {away}), (4, [away, key], set[str]()),
    ):  # fmt: skip
        folder, named = tmp_path / f"backup-{number}", [word for one in known for word in ("--elsewhere", one)]
        capsys.readouterr()
        code = run(["backup", "create", "hub", "--to", str(folder), *place, *sets, *named, "--lang", "en"])
        out, err = capsys.readouterr()
        assert code == (3 if missing else 0)
        assert folder.is_dir(), "a part is better than nothing"
        assert ("HUB-B308" in err, "is whole" in out) == (bool(missing), not missing)
        for one in (away, key):
            assert (f"--elsewhere {quoted(Path(one))}" in err) == (one in missing)
            assert one in out


def test_a_side_whose_databases_all_lie_elsewhere_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    """A folder with settings and keys alone is no backup of the vault, and is not said to be whole."""
    shutil.copy(home / "vault/vault.db", tmp_path / "elsewhere.db")
    settings = load(home, {}, {"vault.url": f"sqlite:///{tmp_path}/elsewhere.db"})
    with pytest.raises(DataError) as found:
        backup.create(settings, "vault", "", tmp_path / "backup", WORDS)
    assert found.value.code == "HUB-C486"
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize("path", ["../hub.toml", "/etc/passwd", "a/../../b", "c:/x", "a\\b", "", "a//b"])
def test_a_path_that_leaves_the_folder_is_refused(home: Path, tmp_path: Path, path: str) -> None:
    """A manifest that somebody else wrote cannot have files put anywhere else."""
    folder = made(home, tmp_path / "backup", "hub")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["plain"].append(Entry(path, 0, "")._asdict())
    with pytest.raises(DataError) as found:
        unpack_manifest(json.dumps(manifest))
    assert found.value.code == "HUB-B302"


def test_certificates_and_passwords_lie_under_the_passphrase(home: Path, tmp_path: Path) -> None:
    """One PEM may hold certificate and private key, so that it never lies open; a file that is away is named."""
    (home / "gateway.pem").write_text("PRIVATE KEY of the gateway", encoding="utf-8")
    (home / "log.password").write_text("password of the log", encoding="utf-8")
    settings = load(
        home,
        {},
        {"gateway.cert": "gateway.pem", "log.password_file": "log.password", "gateway.key": "away.pem"},
    )
    found = backup.create(settings, "hub", "", tmp_path / "backup", WORDS)
    assert {"gateway.pem", "log.password"} <= set(found.secret)
    assert found.manifest.not_covered == ("away.pem",)
    lying_open = everything(tmp_path / "backup")
    assert b"PRIVATE KEY" not in lying_open
    assert b"password of the log" not in lying_open


@pytest.mark.parametrize("name", ["log", "views", "intake"])
def test_a_side_without_one_of_its_databases_is_not_backed_up(home: Path, tmp_path: Path, name: str) -> None:
    """What lacks is told, never left out silently and never made anew by asking for a backup."""
    (home / f"hub/{name}.db").unlink()
    with pytest.raises(DataError) as found:
        made(home, tmp_path / "backup", "hub")
    assert found.value.code == "HUB-B305"
    assert not (home / f"hub/{name}.db").exists()
