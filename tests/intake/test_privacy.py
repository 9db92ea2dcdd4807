"""What intake may write, and who may open what."""

import base64
import sys
from pathlib import Path

import pytest

from hub.adapters.files.keys import FileKeys
from hub.core.errors import HubError
from tests.intake.build import Edge, Installation, Say, token_of

FILED = "health.PatientFiled"
NAMES = ("ann", "bo", "ann+cert", "cy")


def busy(home: Installation) -> None:
    """Frames with persons, identities, refusals and a restart between."""
    edge = Edge(home, "c")
    edge.send(*(Say(FILED, (name,)) for name in NAMES), Say(FILED))
    home.drain()
    home.close()
    home.open()
    edge.send(*(Say("health.DischargeAssessed", (name,)) for name in NAMES))
    home.drain()


def spellings(secret: bytes) -> set[bytes]:
    """The ways in which bytes may be written."""
    return {secret, secret.hex().encode(), base64.b64encode(secret)[:-4], secret[:16], secret[16:]} - {b""}


def law_nothing_in_clear(home: Installation) -> None:
    """No token and no identity is in the canonical logs, the outcomes, intake's files or the vault's."""
    logs = [
        part
        for (topic, _), records in home.parts().items()
        if not topic.startswith("ingress")
        for record in records
        for part in record
    ]
    files = [path.read_bytes() for path in home.folder.rglob("*.db*")]
    written = b"\n".join([*logs, *files])
    assert b"agency.RunFinished" not in written
    assert b"health.PatientFiled" in written
    for name in NAMES:
        for secret in (f"identity of {name}".encode(), *(token_of(part) for part in name.split("+"))):
            for spelling in spellings(secret):
                assert spelling not in written


def test_no_token_and_no_identity_is_written(tmp_path: Path) -> None:
    """What the seals hide stays hidden in every byte that the hub writes."""
    home = Installation(tmp_path)
    busy(home)
    law_nothing_in_clear(home)


def test_the_search_finds_what_is_planted(tmp_path: Path) -> None:
    """A token that somebody wrote into intake's files would be found."""
    home = Installation(tmp_path)
    busy(home)
    (tmp_path / "hub/intake.db-note").write_bytes(token_of("cert"))
    with pytest.raises(AssertionError):
        law_nothing_in_clear(home)


def test_an_error_tells_no_value(tmp_path: Path) -> None:
    """An event that does not fit its schema is refused by code; nothing of it is in any message or file."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("ann",), value=b"\0\0\0\0\x01" + b"161122199001011234" * 3))
    home.drain()
    assert home.codes() == ["HUB-I320"]
    assert b"1611221990" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.db*"))
    edge.send(Say(FILED, ("ann",)), previous="161122199001011234")
    with pytest.raises(HubError) as stop:
        home.drain()
    assert "1611221990" not in str(stop.value)


VAULT_ROOMS = ("hub.vault", "hub.adapters.sql.vault")
WATCHED: list[tuple[str, list[str]]] = []
WATCHING: list[Path] = []


def watch(event: str, given: tuple[object, ...]) -> None:
    """Note who opens a file under the folder that is watched: the modules of ours on the stack, innermost first."""
    if not WATCHING or event not in ("open", "sqlite3.connect") or not isinstance(given[0], str | bytes | Path):
        return
    path = Path(given[0].decode() if isinstance(given[0], bytes) else str(given[0]))
    if WATCHING[0] not in path.parents:
        return
    frame, modules = sys._getframe(1), []
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("hub."):
            modules.append(name)
        frame = frame.f_back  # type: ignore[assignment]
    WATCHED.append((path.relative_to(WATCHING[0]).as_posix(), modules))


sys.addaudithook(watch)


def opened_by_whom(home: Installation) -> list[tuple[str, list[str]]]:
    """Every file of the vault that was opened while intake was busy, with the modules that did it."""
    WATCHED.clear()
    home.vault_keys = FileKeys(home.folder / "vault/keys")  # with nothing in memory yet
    home.close()
    home.open()
    WATCHING[:] = [home.folder / "vault"]
    try:
        busy(home)
    finally:
        WATCHING.clear()
    return list(WATCHED)


def law_only_the_vault(opened: list[tuple[str, list[str]]]) -> None:
    """Whoever opens a file of the vault is a module of the vault, or its keys that the vault asked."""
    assert {"vault.db", "keys/vault.key"} <= {path for path, _ in opened}
    for path, modules in opened:
        own = [module for module in modules if module != "hub.adapters.files.keys"]
        assert own, path
        assert own[0].startswith(VAULT_ROOMS), (path, modules)


def test_only_the_vault_opens_what_is_the_vaults(tmp_path: Path) -> None:
    """During a whole run of intake nothing but the vault opens its database or one of its keys."""
    home = Installation(tmp_path)
    law_only_the_vault(own_openings(home))


def own_openings(home: Installation) -> list[tuple[str, list[str]]]:
    """What the hub's own code opened; the test's edge reads the vault's public key itself and is left out."""
    return [(path, modules) for path, modules in opened_by_whom(home) if set(modules) - {"hub.adapters.files.keys"}]


def test_a_curious_intake_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An intake that looks into the vault's files itself is found out."""
    home = Installation(tmp_path)
    recover = sys.modules["hub.intake.recover"]
    source = "def recover(log, state):\n    open(PEEK, 'rb').close()\n    return REAL(log, state)\n"
    scope = recover.__dict__ | {"PEEK": str(tmp_path / "vault/vault.db"), "REAL": recover.recover}
    exec(compile(source, "peek", "exec"), scope)
    monkeypatch.setattr("hub.intake.intake.recover", scope["recover"])
    with pytest.raises(AssertionError):
        law_only_the_vault(own_openings(home))
