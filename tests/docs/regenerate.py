"""`python -m tests.docs.regenerate`: types every command of the pages in a small demo, and writes what it prints.

The screen is that of the whole demo. How many lines a page shows of each command stays as it is; the text around the
blocks is yours.
"""

import sys
import tempfile
from pathlib import Path

from tests.docs.blocks import CUT, Block, Command, blocks, commands, shortened
from tests.docs.pages import PAGES, page_name
from tests.docs.reader import PEOPLE, Reader, demo, reading


def renewed(block: Block, reader: Reader) -> str:
    """The text of a block with the outputs of today."""
    if block.note == "screen":
        return SCREENS[PAGES[block.page]]
    lines: list[str] = []
    for command in commands(block.text):
        code, output = reader.type(command)
        if code:
            sys.exit(f"{page_name(block.page)}: {command.typed}: exit {code}\n{output}")
        count = len([line for line in command.shown if line != CUT])
        lines += ["$ " + command.typed, *(shortened(output.splitlines(), count) if command.shown else [])]
    return "\n".join(lines) + "\n"


SCREENS: dict[str, str] = {}


def play(folder: Path, language: str) -> str:
    """The screen of the whole demo in one language."""
    folder.mkdir()
    code, output = Reader(folder, language).type(Command("./run demo --quiet", []))
    if code:
        sys.exit(output)
    return output


def main() -> None:
    """Renew every page in place."""
    with tempfile.TemporaryDirectory() as scratch:
        for language in sorted(set(PAGES.values())):
            SCREENS[language] = play(Path(scratch) / language, language)
        small = Path(scratch) / "small"
        small.mkdir()
        demo(small, PEOPLE)
        for number, (page, language) in enumerate(PAGES.items()):
            text = page.read_text(encoding="utf-8")
            with reading(small, Path(scratch) / str(number), language) as reader:
                for block in blocks(page):
                    if block.language == "sh" or block.note == "screen":
                        fence = f"```{block.language} {block.note}".rstrip() + "\n"
                        text = text.replace(fence + block.text + "```", fence + renewed(block, reader) + "```", 1)
            page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
