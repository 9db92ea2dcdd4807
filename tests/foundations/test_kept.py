"""What an installation keeps is named in one place, from which backup, upgrade, move and doctor take it."""

from pathlib import Path

import pytest

from hub import kept
from hub.adapters.sql import formats
from hub.cli.main import run
from hub.config import DATABASES, FILE, load
from hub.founding import HUB_KEYS, VAULT_KEYS

PASSING = (".lock", "-wal", "-shm")
"""How the names of files end that mean nothing once no program runs."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation whose one connector has code tables, a refused row, and a log of its own that was packed."""
    home, source = tmp_path / "home", tmp_path / "ward.csv"
    assert run(["init", "--home", str(home)]) == 0
    source.write_text("编号,证件号码,日期\n1,16010119900101001X,昨天\n", encoding="utf-8")
    new = ["connector", "new", "--from", str(source), "--name", "ward", "--agency", "ward", "--area", "160101"]
    assert run([*new, "--publisher", "health", "--home", str(home)]) == 0
    edge = home / "edges/ward"
    lines = (edge / "edge.toml").read_text(encoding="utf-8").splitlines()
    told = ['log = "offline:"' if line.startswith("log =") else line for line in lines]
    (edge / "edge.toml").write_text("\n".join(told), encoding="utf-8")
    (edge / "codes").mkdir(exist_ok=True)
    (edge / "codes/grade.csv").write_text("from,to\n", encoding="utf-8")
    run(["connector", "run", "ward", "--home", str(home)])
    run(["connector", "pack", "ward", "--to", str(tmp_path), "--home", str(home)])
    assert {"spool.db", "offline.db", "offline.json"} <= {path.name for path in edge.iterdir()}
    return home


def unnamed(home: Path) -> list[str]:
    """Files of an installation that no list names, by path."""
    settings = load(home, {})
    named = {home / FILE, *(Path(settings.database(one.name).removeprefix("sqlite:///")) for one in kept.DATABASES)}
    for folder, keys in ((settings.keys_hub, HUB_KEYS), (settings.keys_vault, VAULT_KEYS)):
        named |= {home / folder / f"{name}.key" for _, name in keys}
    named |= {home / kept.COUNTY}
    patterns = (*kept.EDGE_DATABASES, *kept.EDGE_FILES, kept.EDGE_KEYS)
    named |= {path for pattern in patterns for path in home.glob(f"edges/*/{pattern}")}
    there = {path for path in home.rglob("*") if path.is_file() and not path.name.endswith(PASSING)}
    return sorted(path.relative_to(home).as_posix() for path in there - named)


def test_nothing_lies_in_an_installation_that_no_list_names(home: Path) -> None:
    """A file that outlives the program which wrote it is named with what becomes of it; a list without it is caught."""
    assert unnamed(home) == []


@pytest.mark.parametrize(
    ("name", "less", "caught"),
    [
        ("DATABASES", kept.DATABASES[:-1], ["vault/vault.db"]),
        ("EDGE_DATABASES", {"spool.db": ()}, ["edges/ward/offline.db"]),
        ("EDGE_FILES", ("*.toml", "*.csv"), ["edges/ward/codes/grade.csv"]),
    ],
)
def test_a_list_that_forgets_one_is_caught(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, less: object, caught: list[str]
) -> None:
    """Mutant: a list that leaves something out is accused by name."""
    monkeypatch.setattr(kept, name, less)
    assert set(caught) <= set(unnamed(home))


def test_every_database_of_the_settings_is_kept_once_and_has_the_newest_format(home: Path) -> None:
    """What `hub.toml` names is in the list, and what is made anew is what an upgrade would make of an older one."""
    assert sorted(one.name for one in kept.DATABASES) == sorted(DATABASES)
    settings = load(home, {})
    for name in DATABASES:
        file = Path(settings.database(name).removeprefix("sqlite:///"))
        assert (name, formats.found_in(file)) == (name, formats.newest(name))


@pytest.mark.parametrize(
    ("file", "number", "words"),
    [
        ("edge.toml", "format = 1\n", ("run", "ward")),
        ("offline.json", '"format": 1, ', ("pack", "ward", "--to", "stick")),
    ],
)
def test_a_connectors_file_of_a_newer_program_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    file: str, number: str, words: tuple[str, ...],
) -> None:  # fmt: skip
    """A file of state has a format number: a newer one is told as such, whatever else is in it, and left as it is; one
    without a number is of the first programs, and is taken."""
    monkeypatch.chdir(home.parent)
    path = home / "edges/ward" / file
    written = path.read_text(encoding="utf-8")
    later = number.replace("1", "2") + number.replace("format", "later")
    for text, code, said in ((written.replace(number, later), 3, "HUB-G130"), (written.replace(number, ""), 0, "")):
        assert text != written
        path.write_text(text, encoding="utf-8")
        capsys.readouterr()
        assert run(["connector", *words, "--home", str(home), "--lang", "en"]) == code
        told = "".join(capsys.readouterr())
        assert said in told
        assert not said or file in told
        assert code == 0 or path.read_text(encoding="utf-8") == text
