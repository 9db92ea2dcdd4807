"""The page's own files, as they stand: for old browsers, and with a text for everything that is said."""

import re
from importlib import resources

import pytest

from hub.cli.connector.studio import ENDINGS
from hub.texts import LANGUAGES, phrases

NEWER = re.compile(
    r"=>|`|\b(let|const|class|async|await|import|export|yield)\b|\bfetch\(|\?\.|\?\?|\.\.\.|for \([^)]* of "
)
"""What browsers of 2012 do not know."""

RISKY = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|localStorage|cookie")
CONSOLE = {"address", "stop"}
MADE = {"group_": ("key", "person", "common", "event"), "ending_": ENDINGS}


def file(name: str) -> str:
    """One of the page's files."""
    return resources.files("connectors.studio").joinpath("page", name).read_text(encoding="utf-8")


def code() -> str:
    """The script without its remarks and the texts in it."""
    without = re.sub(r"^\s*//.*$", "", file("page.js"), flags=re.MULTILINE)
    return re.sub(r'"[^"\n]*"', '""', without)


def law_old(script: str) -> None:
    """Nothing of the script is newer than the oldest browsers that an agency has."""
    found = sorted({match[0] for match in NEWER.finditer(script)})
    assert not found, f"too new: {found}"


def law_text_only(script: str) -> None:
    """No text is ever read as markup or as a program, and nothing is left in the browser."""
    found = sorted({match[0] for match in RISKY.finditer(script)})
    assert not found, f"markup or memory: {found}"


def spoken() -> set[str]:
    """Every text that the page asks for."""
    said = set(re.findall(r'word\("(\w+)"[,)]', file("page.js"))) | set(
        re.findall(r'data-word="(\w+)"', file("index.html"))
    )
    said |= {start + end for start, ends in MADE.items() for end in ends}
    return said - set(MADE)


def test_the_script_is_old_and_plain() -> None:
    """An old machine's browser runs it, and whatever a source brings stays text."""
    law_old(code())
    law_text_only(file("page.js"))


@pytest.mark.parametrize("line", ["let x = 1;", "f(function () {}, () => 1);", "a = `b`;", 'fetch("x");', "f(...a);"])
def test_the_law_of_old_browsers_kills_new_words(line: str) -> None:
    """Each kind of newer syntax is seen."""
    with pytest.raises(AssertionError, match="too new"):
        law_old(code() + line)


@pytest.mark.parametrize("line", ["box.innerHTML = x;", "document.write(x);", "eval(x);", "localStorage.x = 1;"])
def test_the_law_of_text_kills_markup(line: str) -> None:
    """Each way to make markup of a text is seen."""
    with pytest.raises(AssertionError, match="markup or memory"):
        law_text_only(file("page.js") + line)


def test_everything_that_the_page_says_has_a_text() -> None:
    """No name of a text is shown in its place, and no text is left over, in either language."""
    for lang in LANGUAGES:
        have = {key.removeprefix("studio.") for key in phrases(lang) if key.startswith("studio.")}
        meanings = {key for key in have if key.startswith("doc_")}
        assert have - CONSOLE - meanings == {name for name in spoken() if not name.startswith("ending_")}, lang


def test_nothing_is_loaded_from_elsewhere() -> None:
    """The page names no other address, and no style or script stands in the page itself, which its policy forbids."""
    for name in ("index.html", "page.css", "page.js"):
        assert not re.search(r"https?:|//[a-z]|@import|url\(", file(name)), name
    assert not re.search(r"<style|style=|<script>| on\w+=", file("index.html"))
