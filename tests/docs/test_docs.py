"""What the pages say is what the program does: every command is typed, every setting is read, the screen is played."""

import re
from pathlib import Path

import pytest

from connectors.mapping.file import load_mapping
from hub.config import load
from tests.docs.blocks import CUT, ROOT, Block, Command, blocks, commands, lead, shortened, words
from tests.docs.pages import PAGES, known, page_name, said
from tests.docs.reader import GAP, PEOPLE, Reader, demo, reading

LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One small demo, which every page copies."""
    return demo(tmp_path_factory.mktemp("played"), PEOPLE)


def compare(command: Command, code: int, output: str, language: str) -> None:
    """The law of a command on a page: it ends with 0 and prints, as far as words go, what the page shows."""
    assert code == 0, f"{command.typed}: exit {code}\n{output}"
    lost = said(command.shown) - words(output) - known(language)
    assert not lost, f"{command.typed}: not printed any more: {sorted(lost)}"
    if not GAP.search(command.typed):  # another case or need may have less to tell
        assert len(output.splitlines()) >= len([line for line in command.shown if line != CUT]), (
            f"{command.typed}: fewer lines"
        )


def type_all(reader: Reader, block: Block, language: str) -> None:
    """Type the commands of one block, in order."""
    for command in commands(block.text):
        compare(command, *reader.type(command), language)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_command_of_a_page_works_and_prints_what_the_page_shows(page: Path, played: Path, tmp_path: Path) -> None:
    """A reader who types every command of a page, in order, after `./run demo`, sees what the page says."""
    with reading(played, tmp_path, PAGES[page]) as reader:
        for block in blocks(page):
            if block.language == "sh":
                type_all(reader, block, PAGES[page])


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if "screen" in page.read_text(encoding="utf-8")], ids=page_name
)
def test_the_screen_of_a_page_is_the_screen_of_the_demo(page: Path, played: Path, tmp_path: Path) -> None:
    """The screen that a page shows has the lines and the words of the one that `./run demo` prints."""
    language = PAGES[page]
    (block,) = [block for block in blocks(page) if block.note == "screen"]
    with reading(played, tmp_path, language) as reader:
        code, output = reader.type(Command("./run demo --quiet", []))
    compare(Command("./run demo", block.text.splitlines()), code, output, language)
    fixed = [
        [lead(line) for line in text.splitlines() if not line.startswith("      ")] for text in (block.text, output)
    ]
    assert fixed[0][:-1] == fixed[1][:-1]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_setting_of_a_page_is_read_by_the_program(page: Path, tmp_path: Path) -> None:
    """A `toml` block is a hub.toml or a mapping that the program takes as it stands."""
    for number, block in enumerate(block for block in blocks(page) if block.language == "toml"):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / block.note).write_text(block.text, encoding="utf-8")
        assert block.note in ("hub.toml", "mapping.toml"), f"line {block.line}: name the file after the language"
        load(folder, {}) if block.note == "hub.toml" else load_mapping(folder)


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    """A page links only to files that there are."""
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_can_be_reached_from_the_first() -> None:
    """Whoever begins at README.md finds every page by links; no page is known to its author alone."""
    found, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        found.add(page)
        links = {(page.parent / target).resolve() for target in LINK.findall(page.read_text(encoding="utf-8"))}
        waiting += [link for link in links if link.suffix == ".md" and link.is_file() and link not in found]
    pages = {*(ROOT / "docs").glob("*.md"), *(ROOT / "docs/zh").glob("*.md"), *(ROOT / "docs/deploy").glob("*.md")}
    assert pages - found == set()


@pytest.mark.parametrize(
    ("code", "output"),
    [(1, "orders  3 sprockets\n"), (0, "orders  3 cogs\n"), (0, "")],
)
def test_a_page_that_says_something_else_is_found(code: int, output: str) -> None:
    """A command that fails, that says another word, or says less than its page, breaks the law of a command."""
    command = Command("./run hub x", ["orders  7 sprockets", CUT])
    compare(command, 0, "orders  3 sprockets\nmore\n", "en")
    with pytest.raises(AssertionError):
        compare(command, code, output, "en")


def test_blocks_and_commands_are_told_apart(tmp_path: Path) -> None:
    """A block has its line, language, note and text; commands have the lines after them; long outputs are cut."""
    page = tmp_path / "page.md"
    page.write_text("one\n\n```sh\n$ a b\nx\n...\n$ c\n```\n\n```toml hub.toml\nk = 1\n```\n", encoding="utf-8")
    first, second = blocks(page)
    assert (first.line, first.language, second.note, second.text) == (3, "sh", "hub.toml", "k = 1\n")
    assert commands(first.text) == [Command("a b", ["x", CUT]), Command("c", [])]
    assert shortened(["ab " * 60, "second", "third"], 2) == ["ab " * 39 + CUT, "second", CUT]
    assert ROOT.joinpath("README.md").exists()
