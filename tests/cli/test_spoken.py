"""`--help` is bilingual: every command and every option says in Chinese what it says in English."""

import re
from collections.abc import Iterator, Mapping

import click
import pytest

from hub.cli import main as door
from hub.cli.spoken import ITSELF, SHARED, declared, folded, named
from hub.texts import helps, width

Texts = Mapping[str, Mapping[str, str]]
CLICKS = re.compile(r"Usage|Options|Commands|OPTIONS|ARGS|Show this|required|default:")


def commands(command: click.Command = door.hub, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command, with the words that lead to it."""
    yield " ".join(words), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, (*words, name))


def spoken() -> dict[str, set[str]]:
    """What needs words: by command, itself and every option that help shows."""
    found: dict[str, set[str]] = {}
    for name, command in commands():
        options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
        found[name] = {ITSELF, *map(named, options)}
    return found


def law_bilingual(texts: Texts) -> None:
    """Every command and option has a Chinese text, and no text is left over."""
    wanted = spoken()
    shared = set(texts[SHARED])
    for name, parts in wanted.items():
        lacks = parts - set(texts.get(name, {})) - shared
        assert not lacks, f"no Chinese: {name} {sorted(lacks)}"
        assert set(texts[name]) <= parts, f"left over: {name} {sorted(set(texts[name]) - parts)}"
    assert not set(texts) - set(wanted) - {SHARED}, "left over: a command that there is not"
    assert shared <= set().union(*wanted.values()), "left over: an option that there is not"


def page(capsys: pytest.CaptureFixture[str], lang: str, *words: str) -> str:
    """A page of help."""
    assert door.run(["--lang", lang, *words, "--help"]) == 0
    return capsys.readouterr().out


def test_every_command_and_option_speaks_chinese() -> None:
    """Nobody who reads Chinese meets an English sentence, and no sentence stands for nothing."""
    law_bilingual(helps())


def test_every_command_and_option_speaks_english() -> None:
    """The sentence stands where command or option is declared."""
    for name, command in commands():
        help, options = declared(command)
        assert help, name
        for option, told in zip(command.params, options, strict=True):
            assert told or not isinstance(option, click.Option), f"{name} {option.name}"


def test_the_law_of_help_kills_broken_texts() -> None:
    """A lacking option, a lacking command, and each kind of text left over are caught."""
    texts = helps()
    run = dict(texts["connector run"])
    broken: list[tuple[str, Texts]] = [
        ("no Chinese: connector run", {**texts, "connector run": {ITSELF: run[ITSELF]}}),
        ("no Chinese: demo", {name: table for name, table in texts.items() if name != "demo"}),
        ("left over: connector run", {**texts, "connector run": {**run, "other": "-"}}),
        ("a command that there is not", {**texts, "other": {}}),
        ("an option that there is not", {**texts, SHARED: {**texts[SHARED], "other": "-"}}),
    ]
    for message, some in broken:
        with pytest.raises(AssertionError, match=message):
            law_bilingual(some)


def test_a_gbk_console_can_show_every_page() -> None:
    """No text has a character that GBK lacks."""
    for table in helps().values():
        for told in table.values():
            told.encode("gbk")


def test_a_page_is_wholly_in_the_language_of_its_reader(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Click's own words are Chinese, too, lines fit the terminal, and English afterwards is English again."""
    monkeypatch.setenv("HUB_LANG", "en")
    monkeypatch.setenv("COLUMNS", "80")
    before = page(capsys, "en", "connector", "run")
    for name in spoken():
        told = page(capsys, "zh", *name.split())
        assert not CLICKS.search(told), told
        assert all(width(line) <= 80 or line.startswith("用法") for line in told.splitlines()), told
    assert page(capsys, "en", "connector", "run") == before
    assert before.startswith("Usage: hub connector run [OPTIONS] [NAMES]...")


def test_lines_break_between_characters_and_never_in_a_word() -> None:
    """A line is as wide as it may be, begins with no comma, and a command in it stays whole."""
    assert folded("甲乙丙丁,戊", 8) == ["甲乙丙", "丁,戊"]
    assert folded("用 --set-aside 重做", 14) == ["用 --set-aside", "重做"]
    assert folded("", 8) == [""]
