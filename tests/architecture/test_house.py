import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from . import house

LAWS = {
    law.__name__: law
    for law in (
        *(house.law_length, house.law_names, house.law_words, house.law_no_clock, house.law_documented),
        *(house.law_nothing_unfinished, house.law_no_message),
    )
}
TRIED = '"""A."""\ntry:\n    a = 1\nexcept ValueError as error:\n    '
BROKEN = [
    ("law_no_message", "hub/flow/a.py", TRIED + "a = str(error)\n"),
    ("law_no_message", "hub/flow/a.py", TRIED + "a = f'failed: {error}'\n"),
    ("law_no_message", "hub/flow/a.py", TRIED + "a = error.args\n"),
    ("law_no_message", "hub/flow/a.py", TRIED + "raise DataError('HUB-C101')\n"),
    ("law_no_message", "hub/flow/a.py", TRIED + "raise DataError('HUB-C101') from error\n"),
    ("law_length", "hub/flow/long.py", '"""Long."""\n' + "a = 1\n" * house.LIMIT),
    ("law_names", "hub/flow/row_utils.py", '"""Rows."""\n'),
    ("law_names", "hub/helpers/rows.py", '"""Rows."""\n'),
    ("law_words", "hub/flow/a.py", '"""A."""\nsave_checkpoint = 1\n'),
    ("law_words", "hub/flow/a.py", '"""A."""\nclass DeadLetter:\n    """A."""\n'),
    ("law_no_clock", "hub/core/a.py", '"""A."""\nimport datetime\nday = datetime.date.today()\n'),
    ("law_no_clock", "projections/case/a.py", '"""A."""\nfrom datetime import datetime\nnow = datetime.now()\n'),
    ("law_documented", "hub/flow/a.py", "a = 1\n"),
    ("law_documented", "hub/flow/__init__.py", '""""""\n'),
    ("law_documented", "hub/flow/a.py", '"""A."""\ndef public() -> None: ...\n'),
    ("law_nothing_unfinished", "hub/flow/a.py", '"""A."""\n# TODO later\n'),
    ("law_nothing_unfinished", "hub/flow/a.py", '"""A."""\ntry:\n    a = 1\nexcept OSError:\n    pass\n'),
]


@pytest.mark.parametrize("law", LAWS)
def test_the_house_is_in_order(law: str) -> None:
    """Modules are short, named and documented; core has no clock; nothing is unfinished."""
    LAWS[law](house.ROOT)


@pytest.mark.parametrize(("law", "place", "text"), BROKEN)
def test_each_rule_of_the_house_can_fail(law: str, place: str, text: str, tmp_path: Path) -> None:
    """A rule that nothing could break would hold nothing."""
    check: Callable[[Path], None] = LAWS[law]
    check(tmp_path)
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError):
        check(tmp_path)


def test_nothing_new_stands_at_the_top_of_the_repository() -> None:
    """What is committed at the top is known; a new thing finds a room."""
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD"], cwd=house.ROOT, capture_output=True, text=True, check=True
    )
    house.law_top(set(listed.stdout.split()))
    with pytest.raises(AssertionError):
        house.law_top({"notes.txt"})


def test_a_reason_for_length_goes_when_the_length_goes(tmp_path: Path) -> None:
    """The list of long modules holds no module that is short again."""
    with pytest.raises(AssertionError, match="no longer needs"):
        house.law_length(tmp_path, {"hub/short.py": "it is generated from the standard"})


@pytest.mark.parametrize("indent", ["", "    "])
def test_a_map_of_a_room_shows_all_of_it(tmp_path: Path, indent: str) -> None:
    """Whoever goes by the map in a room's docstring misses no module, however it is set; one that came later is named
    by the law."""
    house.law_mapped(house.ROOT)
    room = tmp_path / "hub" / "flow"
    room.mkdir(parents=True)
    (room / "__init__.py").write_text(f'"""A loop.\n\n{indent}advance  one fetch\n"""\n', encoding="utf-8")
    (room / "advance.py").touch()
    house.law_mapped(tmp_path)
    (room / "relay.py").touch()
    with pytest.raises(AssertionError, match="hub/flow/relay"):
        house.law_mapped(tmp_path)


def test_every_test_says_its_law(tmp_path: Path) -> None:
    """Each test has a docstring: the law it holds, for whoever breaks it."""
    house.law_tests_say_their_law(house.ROOT / "tests")
    (tmp_path / "test_a.py").write_text("def test_a() -> None: ...\n")
    with pytest.raises(AssertionError, match="no law"):
        house.law_tests_say_their_law(tmp_path)
