import json
from pathlib import Path

import pytest

from hub import founding, wiring
from hub.adapters.system import FixedSystem, MachineSystem
from hub.cli.main import run
from hub.config import load
from hub.core.errors import AlreadyRunning


def tree(home: Path) -> dict[str, bytes]:
    """Every file of an installation."""
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}


def changes_nothing(again: object, home: Path) -> None:
    """The law: making an installation again leaves every byte as it was."""
    before = tree(home)
    assert callable(again)
    again()
    assert tree(home) == before


def test_init_makes_an_installation_that_its_owner_alone_can_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One command makes configuration, folders and keys; keys and vault are closed to everybody else."""
    home = tmp_path / "new"
    assert run(["init", "--home", str(home), "--go-live", "2026-03-01", "--set", "partitions.persons=2", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)["made"]
    assert made[0] == "hub.toml"
    assert {"hub/keys/hub.key", "vault/keys/K_vault.key", "edges/"} <= set(made)
    settings = load(home, {})
    assert (settings.persons, settings.shown()["hub.go_live"], settings.profile) == (2, "2026-03-01", "national")
    assert settings.installed_on == MachineSystem().today()
    for name in ("vault", "vault/keys", "hub/keys", "vault/keys/K_vault.key", "hub/keys/hub.key"):
        assert (home / name).stat().st_mode & 0o077 == 0


def test_init_again_makes_only_what_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run again it changes no byte; a key that is there is never made anew; what was lost half-way is made."""
    home = tmp_path / "new"
    words = ["init", "--home", str(home)]
    run(words)
    changes_nothing(lambda: run(words), home)
    whole = tree(home)
    (home / "hub/keys/K_gateway.key").unlink()
    capsys.readouterr()
    assert run([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["made"] == ["hub/keys/K_gateway.key"]
    assert {name: whole[name] for name in whole if "K_gateway" not in name}.items() <= tree(home).items()


def test_the_law_of_init_kills_a_step_that_makes_keys_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant that forgets which keys are there is caught."""
    home = tmp_path / "new"
    words = ["init", "--home", str(home)]
    run(words)
    key = home / "vault/keys/K_vault.key"

    def mutant(settings: object) -> list[str]:
        key.unlink()
        return founding.make_keys(load(home, {}))

    monkeypatch.setattr(founding, "STEPS", (mutant,))
    with pytest.raises(AssertionError):
        changes_nothing(lambda: run(words), home)


def test_options_of_an_installation_that_is_there_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that could have no effect is refused, and a mistyped one leaves nothing behind."""
    assert run(["init", "--home", str(tmp_path / "bad"), "--go-live", "yesterday"]) == 2
    assert run(["init", "--home", str(tmp_path / "bad"), "--set", "partitions.person=2"]) == 2
    assert not list(tmp_path.rglob("*.toml"))
    home = tmp_path / "new"
    run(["init", "--home", str(home)])
    assert run(["init", "--home", str(home), "--go-live", "2026-03-01"]) == 2
    assert "HUB-G207" in capsys.readouterr().err


def test_a_clock_of_the_settings_stands_still(tmp_path: Path) -> None:
    """`hub.clock_day` puts demonstrations and tests on a day of their own; without it the machine's clock runs."""
    assert isinstance(wiring.system_of(load(tmp_path, {})), MachineSystem)
    fixed = wiring.system_of(load(tmp_path, {}, {"hub.clock_day": "2026-03-01"}))
    assert isinstance(fixed, FixedSystem)
    assert fixed.today() == 20_513


def test_a_second_process_of_a_name_is_kept_out(tmp_path: Path) -> None:
    """The installation's lock is by name: two serves exclude each other."""
    settings = load(tmp_path, {})
    with wiring.lock(settings, "serve"), wiring.lock(settings, "connector"), pytest.raises(AlreadyRunning):
        wiring.lock(settings, "serve").acquire()
