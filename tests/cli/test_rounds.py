"""`hub connector run`: several connectors hold each other up in nothing, and what a person said counts once."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub import wiring
from tests.connectors.rig import number
from tests.typed import Hub


@pytest.fixture
def typed(typed: Hub, tmp_path: Path) -> Hub:
    """Types a command in an installation with the connectors a, b and c."""
    for name in "abc":
        source = written(tmp_path, name, range(8))
        assert typed("connector", "new", "--from", str(source), "--name", name, "--area", "220102")[0] == 0
    return typed


def written(folder: Path, name: str, people: range) -> Path:
    """A source of so many people."""
    lines = [
        "患者编号,姓名,证件号码,居住区划,建档日期",
        *(f"P{n},张三丰,{number(n)},220102,2026-01-05" for n in people),
    ]
    path = folder / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Rounds:
    """Stands for the wish to stop: between two rounds something happens, and after the last one it is set."""

    def __init__(self, *between: Callable[[], object]) -> None:
        self._left = list(between)
        self.rounds = 1

    def is_set(self) -> bool:
        return self.rounds > len(self._left) + 1

    def wait(self, seconds: float) -> None:
        if self.rounds <= len(self._left):
            self._left[self.rounds - 1]()
        self.rounds += 1


def following(monkeypatch: pytest.MonkeyPatch, *between: Callable[[], object]) -> Rounds:
    stop = Rounds(*between)

    @contextmanager
    def signal() -> Iterator[Rounds]:
        yield stop

    monkeypatch.setattr(wiring, "stop_signal", signal)
    return stop


def test_what_stops_one_connector_is_told_and_stops_no_other(typed: Hub, tmp_path: Path) -> None:
    """The others run, each that failed is named with its code, and the exit code is that of the worst."""
    (tmp_path / "a.csv").unlink()
    (tmp_path / "home" / "edges" / "b" / "mapping.toml").write_text("no toml [", encoding="utf-8")
    code, out, error = typed("connector", "run")
    assert code == 3
    assert "read 8 = published 8" in out
    assert [line for line in error.splitlines() if line in ("a", "b", "c")] == ["a", "b"]
    assert "HUB-C206" in error
    assert "HUB-C240" in error


def test_a_folder_that_cannot_be_read_stops_no_other_connector(typed: Hub, tmp_path: Path) -> None:
    """Settings of one connector that are no TOML: run and status name it, and go on with the others."""
    (tmp_path / "home" / "edges" / "b" / "edge.toml").write_text("no toml [", encoding="utf-8")
    code, out, error = typed("connector", "run")
    assert (code, out.count("read 8 = published 8")) == (3, 2)
    assert "HUB-C320" in error
    code, out, _ = typed("connector", "status", "--json")
    assert [(one["connector"], (one["error"] or {}).get("code")) for one in json.loads(out)] == [
        ("a", None), ("b", "HUB-C320"), ("c", None),
    ]  # fmt: skip


def test_settings_are_read_again_every_round(typed: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who changes edge.toml under a hub that serves need not start it again: here, to a log that is not there."""
    path = tmp_path / "home" / "edges" / "a" / "edge.toml"
    text = path.read_text(encoding="utf-8")

    def away() -> None:
        path.write_text(text.replace('log = ""', 'log = "sqlite:///none.db"'), encoding="utf-8")

    following(monkeypatch, away)
    code, _, error = typed("connector", "run", "a", "--follow")
    assert (code, "HUB-L105" in error) == (3, True)


def test_an_unknown_name_is_noticed_before_anything_runs(typed: Hub) -> None:
    """A mistyped name among others: exit 3, nothing was read."""
    code, out, error = typed("connector", "run", "a", "d")
    assert (code, out) == (3, "")
    assert "HUB-C324" in error


def test_several_runs_are_one_json_document(typed: Hub) -> None:
    """A program parses the answer once: a list without names, an object for one name."""
    _, out, _ = typed("connector", "run", "--json")
    assert [one["connector"] for one in json.loads(out)] == ["a", "b", "c"]
    _, out, _ = typed("connector", "run", "a", "--json")
    assert json.loads(out)["rows"]["unchanged"] == 8


def test_rows_accepted_as_vanished_are_accepted_once(
    typed: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--follow --accept-vanished: the first run takes it; a later loss stops the connector as ever."""
    assert typed("connector", "run", "a")[0] == 0
    written(tmp_path, "a", range(4))
    following(monkeypatch, lambda: written(tmp_path, "a", range(0)))
    code, out, error = typed("connector", "run", "a", "--follow", "--accept-vanished", "8")
    assert "read 4 = " in out
    assert code == 3
    assert "HUB-C301" in error


def test_a_file_that_is_away_for_a_moment_is_waited_for(
    typed: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child of the hub whose file is being replaced tells it, and reads it when it is there again."""
    (tmp_path / "a.csv").unlink()
    stop = following(monkeypatch, lambda: written(tmp_path, "a", range(8)))
    code, out, error = typed("connector", "run", "a", "--follow")
    assert (code, stop.rounds) == (0, 3)
    assert "HUB-C206" in error
    assert "read 8 = published 8" in out


def test_a_connector_that_needs_a_person_does_not_end_the_others(
    typed: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--follow goes on with those that run, and ends with the code of the one that did not."""
    (tmp_path / "home" / "edges" / "b" / "mapping.toml").write_text("no toml [", encoding="utf-8")
    following(monkeypatch, lambda: None)
    code, out, error = typed("connector", "run", "--follow")
    assert code == 3
    assert error.count("HUB-C240") == 1
    assert out.count("read 8 = published 8") == 2
    assert out.count("unchanged 8") == 2


def test_a_draft_that_fails_leaves_nothing(typed: Hub, tmp_path: Path) -> None:
    """An unknown event type or a name that cannot be one: no folder, and status still answers."""
    for wrong in (["--type", "health.Nothing"], ["--agency", "Ä"], ["--area", "22"], ["--publisher", "helth"]):
        code, _, _ = typed("connector", "new", "--from", str(tmp_path / "a.csv"), "--name", "d", *wrong)
        assert code in (2, 3)
        assert not (tmp_path / "home" / "edges" / "d").exists()
    assert typed("connector", "status")[0] == 0


def test_a_spool_that_cannot_be_read_has_no_sums(typed: Hub, tmp_path: Path) -> None:
    """Status tells the error with its remedy and no number, for people and for programs; the others as ever."""
    assert typed("connector", "run", "a", "b")[0] == 0
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"home/edges/b/spool.db{ending}").unlink(missing_ok=True)
    (tmp_path / "home/edges/b/spool.db").write_bytes(b"no database at all" * 1000)
    code, out, _ = typed("connector", "status", "--json")
    whole, broken = json.loads(out)[:2]
    assert (code, whole["frame"], whole["error"]) == (0, 1, None)
    assert broken["error"]["code"] == "HUB-C405"
    assert not [name for name, value in broken.items() if type(value) is int]
    lines = typed("connector", "status")[1].splitlines()
    at = lines.index("b")
    assert "HUB-C405" in lines[at + 1]
    assert broken["error"]["fix"] in lines[at + 2]


def test_the_line_that_registers_a_connector_can_be_typed(typed: Hub) -> None:
    """HUB-C332 ends with the whole command; typed, it registers, and nobody else with that key or another publisher."""
    _, _, error = typed("connector", "run", "a")
    line = next(line.strip() for line in error.splitlines() if "hub agency add" in line)
    words = line.split()[1:]
    assert typed(*words)[0] == 0
    assert "HUB-C332" not in typed("connector", "run", "a")[2]
    other = ["agency", "add", "z", *words[3:]]
    code, _, error = typed(*other)
    assert (code, "HUB-I372" in error) == (3, True)
    assert typed(*[word if word != "agency" or at < 2 else "helth" for at, word in enumerate(words)])[0] == 2


def test_a_folder_that_is_no_installation_is_named(typed: Hub, tmp_path: Path) -> None:
    """A mistyped --home: exit 3, and no file is made there."""
    there = tmp_path / "hmoe"
    there.mkdir()
    for words in (["agency", "list"], ["connector", "status"], ["projection", "list"], ["serve"]):
        code, _, error = typed(*words, "--home", str(there))
        assert (code, "HUB-G139" in error) == (3, True)
    assert not list(there.iterdir())


def test_a_demo_is_not_played_into_an_installation(typed: Hub, tmp_path: Path) -> None:
    """Synthetic people never enter a folder that no demo made, or a newer one; the number of people is fixed."""
    before = sorted(path for path in (tmp_path / "home").rglob("*"))
    code, _, error = typed("demo", "--home", str(tmp_path / "home"), "--quiet")
    assert (code, "HUB-G142" in error) == (3, True)
    assert sorted(path for path in (tmp_path / "home").rglob("*")) == before
    demo = tmp_path / "demo"
    demo.mkdir()
    (demo / "demo.json").write_text('{"people": 20, "rows": {}, "refused": {}}', encoding="utf-8")
    code, _, error = typed("demo", "--home", str(demo), "--people", "30")
    assert (code, "HUB-G143" in error) == (3, True)
    (demo / "demo.json").write_text('{"format": 2, "people": 20, "cities": {}}', encoding="utf-8")
    code, _, error = typed("demo", "--home", str(demo))
    assert (code, "HUB-G130" in error) == (3, True)


def test_a_connector_that_follows_makes_no_log(typed: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub moved while a connector waited for its next round: it says that the log is gone, and makes no other in
    its place, which would take its events and be read by nobody."""
    log = tmp_path / "home" / "hub" / "log.db"
    following(monkeypatch, lambda: log.rename(log.with_name("log.db.aside-1")))
    code, _, error = typed("connector", "run", "a", "--follow")
    assert code == 3
    assert "HUB-L105" in error
    assert not log.exists()
