"""What the program keeps, and what people carry for it: spool, keys, locks, log, packets, invitations, backups."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from hub.adapters.system import FolderLock
from tests.damage.catalogue import RUN, Damage, Do
from tests.damage.databases import torn
from tests.damage.rows import NAME
from tests.damage.world import World

SPOOL = f"edges/{NAME}/spool.db"
PASSPHRASE = "five words that nobody guesses"


def garbage(path: Path) -> None:
    """No byte of it is left."""
    path.write_bytes(b"\x5a" * 9_000)


def at(name: str, do: Callable[[Path], object]) -> Do:
    """Do it to a file of the installation."""
    return lambda world: do(world.home / name)


def back(*names: str) -> Do:
    """What an operator puts back from a backup of a moment ago."""

    def mend(world: World) -> None:
        for name in names:
            for end in ("-wal", "-shm"):
                (world.home / f"{name}{end}").unlink(missing_ok=True)
        world.put_back(*names)

    return mend


def newer(path: Path) -> None:
    """A later program has written it."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE fact SET value = '99' WHERE name = 'format'")
        file.commit()


def held(name: str) -> Do:
    """Another process has the lock."""

    def do(world: World) -> None:
        world.held = FolderLock(world.edge, name).acquire().release

    return do


def busy(name: str) -> Do:
    """Another program writes to a database for long."""

    def do(world: World) -> None:
        other = sqlite3.connect(world.home / name, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        world.held = other.close

    return do


def let_go(world: World) -> None:
    """The other one is done."""
    world.held()


def forbidden(name: str, mode: int = 0) -> Do:
    """The account may not open it; where the tests are run by root, as nobody."""

    def do(world: World) -> None:
        path = world.home / name
        path.chmod(mode)
        world.held = lambda: path.chmod(0o700)
        world.as_nobody()

    return do


def allowed(world: World) -> None:
    """The owner gives the right."""
    world.as_ourselves()
    world.held()


def _kept(name: str, code: str, do: Do, mend: Do, exit: int = 4, /, **where: str | int) -> Damage:
    return Damage(name, code, do, exit=exit, mend=mend, lived=True, where=where)


def _key(name: str) -> str:
    return f"edges/{NAME}/keys/{name}.key"


STATE = [
    _kept("spool: garbage", "HUB-C405", at(SPOOL, garbage), back(SPOOL), connector=NAME),
    _kept("spool: torn", "HUB-C405", at(SPOOL, torn), back(SPOOL)),
    _kept("spool: cut at the half", "HUB-C405", at(SPOOL, lambda path: os.truncate(path, 20_000)), back(SPOOL)),
    _kept("spool: of a newer program", "HUB-G130", at(SPOOL, newer), back(SPOOL), 3, found=99),
    _kept("spool: gone", "HUB-C407", at(SPOOL, Path.unlink), back(SPOOL), connector=NAME),
    _kept("spool: locked by another program", "HUB-C501", busy(SPOOL), let_go, 5, connector=NAME),
    _kept("spool: may not be opened", "HUB-C601", forbidden(SPOOL), allowed, 6, connector=NAME),
    _kept("lock: another run is at work", "HUB-G701", held("connector"), let_go, 7, lock="connector"),
    _kept("key: K_edge is gone", "HUB-G120", at(_key("K_edge"), Path.unlink), World.mend, 3, key="K_edge"),
    _kept(
        "key: K_edge is empty",
        "HUB-G122",
        at(_key("K_edge"), lambda path: path.write_bytes(b"")),
        World.mend,
        3,
        key="K_edge",
    ),
    _kept(
        "key: K_edge is another one",
        "HUB-C410",
        at(_key("K_edge"), lambda path: path.write_text("secret " + "07" * 32 + "\n", encoding="utf-8")),
        World.mend,
        4,
        connector=NAME,
    ),
    _kept(
        "key: K_source is cut",
        "HUB-G122",
        at(_key("K_source"), lambda path: os.truncate(path, 20)),
        World.mend,
        3,
        key="K_source",
    ),
    _kept("key: may not be read", "HUB-G620", forbidden(_key("K_edge")), allowed, 6, key="K_edge"),
    _kept("log: garbage", "HUB-L402", at("hub/log.db", garbage), back("hub/log.db")),
    _kept("log: torn", "HUB-L402", at("hub/log.db", torn), back("hub/log.db")),
    _kept("log: another log", "HUB-C406", lambda world: _other_log(world), back("hub/log.db"), connector=NAME),
    _kept("log: may not be opened", "HUB-L502", forbidden("hub/log.db"), allowed, 5),
    _kept(
        "source: may not be read",
        "HUB-C208",
        lambda world: forbidden(f"sources/{world.source('csv').name}")(world),
        allowed,
        3,
        alias="visits",
    ),
]


def _other_log(world: World) -> None:
    path = world.home / "hub/log.db"
    path.unlink()
    assert world.hub("init").exit == 0


def packed(world: World) -> Path:
    """A packet of what the connector published, as it is carried."""
    world.edit('log = ""', 'log = "offline:"', "edge.toml")
    assert world.hub(*RUN).exit == 0
    made = world.hub("connector", "pack", NAME, "--to", str(world.given / "stick"))
    assert made.exit == 0, made.err
    (packet,) = (world.given / "stick").glob("*.frames")
    world.keep()
    return packet


def _packet(name: str, code: str, do: Callable[[Path], object], exit: int = 3) -> Damage:
    return Damage(
        f"packet: {name}", code, lambda world: do(packed(world)), exit=exit,
        words=lambda world: ("ingress", "import", str(world.given / "stick")), where={},
    )  # fmt: skip


def turned(path: Path, share: float = 0.5) -> None:
    """A few bytes turned over."""
    data = bytearray(path.read_bytes())
    begin = int(len(data) * share)
    data[begin : begin + 4] = bytes(255 - one for one in data[begin : begin + 4])
    path.write_bytes(bytes(data))


def half(path: Path) -> None:
    """The first half of it."""
    os.truncate(path, path.stat().st_size // 2)


def backed_up(world: World) -> Path:
    (world.given / "word").write_text(PASSPHRASE + "\n", encoding="utf-8")
    words = ("backup", "create", "connector", NAME, "--to", str(world.given / "backup"))
    made = world.hub(*words, "--passphrase-file", str(world.given / "word"))
    assert made.exit == 0, made.err
    world.keep()
    return world.given / "backup"


def _backup(name: str, code: str, file: str, do: Callable[[Path], object], exit: int, /, **where: str | int) -> Damage:
    def words(world: World) -> tuple[str, ...]:
        return "backup", "verify", str(world.given / "backup"), "--passphrase-file", str(world.given / "word")

    return Damage(
        f"backup: {name}",
        code,
        lambda world: do(backed_up(world) / file),
        exit=exit,
        words=words,
        where=where,
        lived=True,
    )


def invited(world: World) -> Path:
    keep = world.given / "K_edge.key"
    shutil.copy(world.home / "edges/keys/K_edge.key", keep)
    path = world.given / "clinic.invitation"
    made = world.hub("agency", "invite", "clinic", "--publisher", "health", "--area", "220102", "--to", str(path))
    assert made.exit == 0, made.err
    world.digits = re.findall(r"\d{5}(?:-\d{5}){4}", made.out)[0]
    world.keep()
    return path


def joining(world: World) -> tuple[str, ...]:
    """What the agency's engineer types."""
    given = world.given
    asked = ("--check", world.digits, "--county-key", str(given / "K_edge.key"), "--answer", str(given / "a.answer"))
    return "connector", "join", str(given / "clinic.invitation"), *asked, "--home", str(given / "clinic")


def _invitation(name: str, code: str, file: str, do: Callable[[Path], object]) -> Damage:
    return Damage(f"invitation: {name}", code, lambda world: do(invited(world).parent / file), words=joining)


def _edited(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("220102", "220103"), encoding="utf-8")


CARRIED = [
    _packet("cut at the half", "HUB-I360", half),
    _packet("bytes turned over", "HUB-I360", turned),
    _packet("no byte in it", "HUB-I360", lambda path: path.write_bytes(b"")),
    _packet("another file under its name", "HUB-I360", lambda path: path.write_bytes(b"%PDF-1.7\n" * 90)),
    _backup("the spool is cut", "HUB-B401", f"files/{SPOOL}", half, 4),
    _backup("the mapping was changed", "HUB-B401", f"files/edges/{NAME}/mapping.toml", turned, 4),
    _backup("no manifest", "HUB-B302", "manifest.json", Path.unlink, 3),
    _backup("a manifest that is cut", "HUB-B302", "manifest.json", half, 3),
    _backup("keys that are cut", "HUB-B401", "keys.sealed", half, 4),
    _backup(
        "another passphrase",
        "HUB-B601",
        "../word",
        lambda path: path.write_text("another passphrase altogether\n", encoding="utf-8"),
        6,
    ),
    _backup("no passphrase", "HUB-B306", "../word", Path.unlink, 3),
    _invitation("cut at the half", "HUB-C350", "clinic.invitation", half),
    _invitation("no byte in it", "HUB-C350", "clinic.invitation", lambda path: path.write_bytes(b"")),
    _invitation("another county", "HUB-C351", "clinic.invitation", _edited),
    _invitation(
        "another county's key",
        "HUB-C353",
        "K_edge.key",
        lambda path: path.write_text("secret " + "07" * 32 + "\n", encoding="utf-8"),
    ),
    _invitation("no county's key", "HUB-G220", "K_edge.key", Path.unlink)._replace(
        exit=2, where={"name": "--county-key"}
    ),
]

KEPT: list[Damage] = [*STATE, *CARRIED]
