"""A hundred kinds of damage and more: each ends in a code, a place and a fix, shows no value, and loses no row."""

import re
from collections.abc import Iterable
from typing import Any

import pytest

from hub.texts import errors, text, ui
from tests.cli.commands import named_commands
from tests.damage.books import BOOKS
from tests.damage.catalogue import RUN, Damage
from tests.damage.cells import CELLS
from tests.damage.databases import DATABASES
from tests.damage.kept import KEPT
from tests.damage.rows import COLUMNS, NAME, SOUND, planted, rows
from tests.damage.settings import SETTINGS
from tests.damage.sources import STEM
from tests.damage.texts import TEXTS
from tests.damage.world import Said, World, takes
from tests.e2e.leaks import Scanner

CATALOGUE: list[Damage] = [*CELLS, *TEXTS, *BOOKS, *DATABASES, *SETTINGS, *KEPT]
EXITS = {0, 2, 3, 4, 5, 6, 7}
HAN = re.compile("[\u4e00-\u9fff]")


def law_told(said: Said, exit: int) -> None:
    """It ended as documented, and with no trace of Python."""
    assert said.exit in EXITS, f"exit {said.exit}"
    assert said.exit == exit, (said.exit, said.err[-600:])
    assert not re.search(r"Traceback|File \"|Error:|Exception|panicked|\.py\b", said.out + said.err)


def law_words(code: str, zh: tuple[str, str], en: tuple[str, str], places: Iterable[str] = COLUMNS) -> None:
    """Reason and fix are there, in the language that was asked for."""
    assert code in errors("zh")
    for chinese, english in zip(zh, en, strict=True):
        assert HAN.search(chinese), f"{code}: no Chinese"
        assert len(english) > 10, f"{code}: no English"
        for place in sorted(places, key=len, reverse=True):
            english = english.replace(place, "")
        assert not HAN.search(english), f"{code}: Chinese in English"


def law_no_value(world: World, damage: Damage, more: set[tuple[str, str]] = frozenset()) -> None:  # type: ignore[assignment]
    """Nothing planted is in anything printed or written, in any spelling."""
    values = planted(rows()) | {("damaged", value) for value in damage.planted} | more
    values |= {("file name", STEM), ("file name", STEM[:18])}
    assert world.leaks(Scanner(values)) == set()


def law_published(world: World) -> None:
    """After the source was mended, every row is published, and nothing waits."""
    said = world.hub("connector", "run", NAME, "--json")
    law_told(said, 0)
    report = said.document()
    found = {name: report["rows"][name] for name in ("read", "refused")} | {"open": report["open"]}
    assert found == {"read": SOUND, "refused": {}, "open": 0}
    assert report["rows"]["published"] + report["rows"]["unchanged"] == SOUND


def law_sums(said: Said, read: int, refused: dict[str, int]) -> None:
    """Rows read = published + unchanged + not selected + refused, and those refused are the damaged ones."""
    rows = said.document()["rows"]
    assert rows["refused"] == refused
    ends = rows["published"] + rows["unchanged"] + sum(rows["not_selected"].values()) + sum(rows["refused"].values())
    assert (rows["read"], ends) == (read, read)


def refused_rows(world: World, damage: Damage) -> None:
    """A run that goes on: the damaged rows are listed with code and place, and may be tried again."""
    said = world.hub("connector", "run", NAME, "--json")
    law_told(said, 0)
    law_sums(said, damage.read, {damage.code: len(damage.rows)})
    listed = {}
    for lang in ("zh", "en"):
        for words in (("connector", "run", NAME), ("refused", "list")):
            said = world.hub(*words, "--lang", lang)
            law_told(said, 0)
            assert damage.code in said.out
        listed[lang] = world.hub("refused", "list", "--json", "--lang", lang).document()
        where = {(one["code"], one["alias"], one["row"], one["column"]) for one in listed[lang]}
        assert where == {(damage.code, "visits", number, column) for number, column in damage.rows}
    for zh, en in zip(listed["zh"], listed["en"], strict=True):
        law_words(damage.code, (zh["reason"], zh["fix"]), (en["reason"], en["fix"]))
        for words in (("refused", "show", NAME, str(en["id"])), ("refused", "retry", NAME, str(en["id"]))):
            law_told(world.hub(*words), 0)
    law_told(world.hub("connector", "preview", NAME), 0)
    assert len(world.hub("refused", "list", "--json").document()) == len(damage.rows)


@pytest.mark.parametrize("damage", [one for one in CATALOGUE if one.rows], ids=str)
def test_damaged_rows_are_refused_and_nothing_else_is(damage: Damage, world: World) -> None:
    """A damaged row ends with its code, row and column; the others are published, and so is it once it is mended."""
    world.sound(damage.kind)
    damage.do(world)
    refused_rows(world, damage)
    damage.mend(world)
    law_published(world)
    law_no_value(world, damage)


@pytest.mark.parametrize("damage", [one for one in CATALOGUE if not one.rows], ids=str)
def test_what_cannot_be_taken_is_told_and_taken_once_it_is_mended(damage: Damage, world: World) -> None:
    """A command that must stop says why, where and what to do, changes nothing, and works once that was done."""
    world.sound(damage.kind)
    if damage.lived:
        law_published(world)
        world.keep()
    damage.do(world)
    before = state(world)
    words = damage.words(world) if callable(damage.words) else damage.words
    errors = {lang: law_error(world, words, damage, lang) for lang in ("zh", "en")}
    zh, en = errors["zh"], errors["en"]
    law_words(damage.code, (zh["why"], zh["fix"]), (en["why"], en["fix"]), [*en["where"], "年", "月"])
    if words == RUN and damage.exit == 3 and damage.code.startswith("HUB-C"):
        for fix in (en["fix"], zh["fix"]):
            assert named_commands(fix), f"{damage.code}: what is typed after that?"
    assert state(world) == before, "something was half done"
    damage.mend(world)
    if words == RUN:
        law_published(world)
    else:
        law_told(world.hub(*words), 0)
    law_no_value(world, damage)


def law_error(world: World, words: tuple[str, ...], damage: Damage, lang: str) -> dict[str, Any]:
    """The error as people and as programs are told it: the same code, reason and fix, and every place."""
    said = world.hub(*words, "--lang", lang)
    law_told(said, damage.exit)
    told = said.out + said.err
    assert damage.code in told
    for value in damage.where.values():
        assert str(value) in told, f"{value} is not told"
    lines = dict(re.findall(r"(?m)^  (\S+) +(.*)$", said.err))
    labels = {name: ui(f"error.{name}", lang).strip() for name in ("where", "why", "fix")}
    found = {name: lines.get(label, "") for name, label in labels.items()}
    if not takes(words, "--json"):
        return found | {"where": [str(value) for value in damage.where.values()]}
    said = world.hub(*words, "--json", "--lang", lang)
    law_told(said, damage.exit)
    error = said.error()
    assert (error["code"], error["why"], error["fix"]) == (damage.code, found["why"], found["fix"])
    assert error["where"], "no place"
    assert {name: str(error["where"].get(name)) for name in damage.where} == {
        name: str(value) for name, value in damage.where.items()
    }
    return found | {"where": [str(value) for value in error["where"].values()]}


def state(world: World) -> object:
    """What the connector knows and has sent."""
    return [world.spool(f"SELECT count(*) FROM {table}") for table in ("row", "frame", "refused")]


def test_the_catalogue_has_a_hundred_kinds() -> None:
    """At least a hundred kinds of damage, no name twice, each with a code that has words."""
    names = [damage.name for damage in CATALOGUE]
    assert len(set(names)) == len(names) >= 100
    for damage in CATALOGUE:
        assert text(damage.code, "zh").reason != damage.code, damage.name
