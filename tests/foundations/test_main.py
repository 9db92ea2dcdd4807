import json
import sys
from types import SimpleNamespace

import click
import pytest

from hub.cli import main as door
from hub.core.errors import AlreadyRunning, DataError, HubError, IntegrityError, NotPermitted, Unreachable

SECRET = "190102199001011234"


def with_word(monkeypatch: pytest.MonkeyPatch, failure: BaseException | None, printed: str = "done") -> None:
    """Put in the place of `hub config` a word that prints, then fails."""

    @click.command("config")
    @click.option("--json", "as_json", is_flag=True)
    @click.option("--number", type=int)
    def group(as_json: bool, number: int | None) -> None:
        click.echo(printed)
        if failure:
            raise failure

    monkeypatch.setitem(sys.modules, "hub.cli.config", SimpleNamespace(group=group))


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LANG", "en")


@pytest.mark.parametrize(
    ("kind", "code"),
    [(HubError, 1), (DataError, 3), (IntegrityError, 4), (Unreachable, 5), (NotPermitted, 6), (AlreadyRunning, 7)],
)
def test_each_class_of_error_has_its_exit_code(
    kind: type[HubError], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error ends the command with its class's code and five facts on standard error, nothing on standard output."""
    with_word(monkeypatch, kind("HUB-G120", key="K_edge", row=57))
    assert door.run(["config"]) == code
    told = capsys.readouterr()
    assert told.out == "done\n"
    assert told.err.splitlines()[0].startswith("HUB-G120  ")
    assert "row=57" in told.err
    assert "There is no key named K_edge." in told.err
    assert "hub init" in told.err


def test_an_error_is_json_when_the_command_was_asked_for_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program that reads our answers can read our errors."""
    with_word(monkeypatch, DataError("HUB-G120", key="K_edge"))
    assert door.run(["config", "--json"]) == 3
    error = json.loads(capsys.readouterr().err)["error"]
    assert (error["code"], error["exit"], error["where"]) == ("HUB-G120", 3, {"key": "K_edge"})
    assert set(error) == {"code", "exit", "what", "where", "why", "fix"}


def nothing_of_the_message(told: str) -> None:
    """The law: a bug shows its type and place, and no part of what it said."""
    assert "ValueError" in told
    assert SECRET not in told
    assert "invalid literal" not in told


def test_a_bug_shows_type_and_place_but_never_its_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python's own messages quote values, so none of them is shown (law 9)."""
    with_word(monkeypatch, ValueError(f"invalid literal for int(): '{SECRET}'"))
    assert door.run(["config"]) == 1
    told = capsys.readouterr().err
    nothing_of_the_message(told)
    assert "hub.cli.main:" in told


def test_the_law_of_bugs_kills_a_door_that_prints_the_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mutant that shows str(e) is caught."""
    with_word(monkeypatch, ValueError(f"invalid literal for int(): '{SECRET}'"))
    honest = door.tell

    def mutant(error: HubError, as_json: bool = False) -> int:
        return honest(HubError(error.code, type=str(sys.exc_info()[1]), at="-"), as_json)

    monkeypatch.setattr(door, "tell", mutant)
    assert door.run(["config"]) == 1
    with pytest.raises(AssertionError):
        nothing_of_the_message(capsys.readouterr().err)


@pytest.mark.parametrize("arguments", [["nonsense"], ["config", "--nonsense"], ["config", "--number", SECRET + "Z"]])
def test_a_wrongly_typed_command_is_exit_2_and_hides_long_numbers(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was typed is told back without any number long enough to be somebody's."""
    with_word(monkeypatch, None)
    assert door.run(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("HUB-G2")
    assert "--help" in told
    assert SECRET not in told


@pytest.mark.parametrize(
    "argument",
    [
        "postgresql://hub:hunter2@db/log",
        "--log=mysql+pymysql://hub:hunter2@db/log",
        "postgresql://hub@db/log?password=hunter2",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3DX;PWD%3Dhunter2",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BUID%3Dhub%3BPWD%3Dhunter2%3B",
        "mssql+pyodbc:///?odbc_connect=DRIVER=X; Pwd = hunter2",
        "store.url=postgresql://hub:hunter2/and/more@db/log",
        "postgresql://hub@db/log?sslpassword=hunter2",
        "--password",
        "--log-password=hunter2",
        "singer:tap-postgres --password hunter2",
    ],
)
def test_a_password_on_the_command_line_is_refused(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Passwords come from the environment, a file or a prompt; the refusal does not repeat them."""
    assert door.run(["config", argument]) == 2
    told = capsys.readouterr().err
    assert told.startswith("HUB-G203  ")
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "argument",
    [
        "sqlite:////data/a.db",
        "postgresql://hub@db/log",
        "--password-file",
        "a:b@c",
        "https://localhost:8443/api?from=a@b",
        "--password-env=SOURCE_PWD",
    ],
)
def test_a_url_without_a_password_is_taken(
    argument: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The guard against passwords refuses nothing else."""
    with_word(monkeypatch, None)
    door.run(["config", argument])
    assert "HUB-G203" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--lang", "zh", "config"], ["config", "--lang=zh"]])
def test_lang_may_stand_anywhere(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--lang` is taken before or after the word."""
    with_word(monkeypatch, DataError("HUB-G120", key="K_edge"))
    assert door.run(arguments) == 3
    assert "没有名为 K_edge 的密钥" in capsys.readouterr().err
    assert door.run(["--lang", "fr", "config"]) == 2


def test_a_word_may_end_with_a_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a word ends with, by click's way or by Python's, is the exit code of the command."""
    for failure in (SystemExit(4), click.exceptions.Exit(4)):
        with_word(monkeypatch, failure)
        assert door.run(["config"]) == 4


def test_help_lists_the_words_that_exist_without_importing_them(capsys: pytest.CaptureFixture[str]) -> None:
    """Help is quick: it lists every word and imports no word's module."""
    before = set(sys.modules)
    assert door.run(["--help"]) == 0
    shown = capsys.readouterr().out
    listed = door.hub.list_commands(click.Context(door.hub))
    assert all(word in shown for word in listed)
    assert not {f"hub.cli.{word}" for word in door.WORDS} & (set(sys.modules) - before)


def test_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    """`hub --version` tells the installed version."""
    assert door.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("hub 0.")


def test_stopping_from_the_keyboard_is_not_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends with 130 and no text."""
    with_word(monkeypatch, KeyboardInterrupt())
    assert door.run(["config"]) == 130
    assert capsys.readouterr().err.strip() == ""
