"""The pages whose commands are typed by a test, and what a page may say that one run does not print."""

import csv
import tomllib
from pathlib import Path

from tests.docs.blocks import CUT, ROOT, words

_ENGLISH = ("README.md", "docs/operations.md", "docs/privacy.md", "docs/reading.md", "docs/sites.md")
PAGES = dict.fromkeys((ROOT / name for name in _ENGLISH), "en") | dict.fromkeys(
    sorted((ROOT / "docs/zh").glob("*.md")), "zh"
)


def known(language: str) -> set[str]:
    """Words of data that need not occur in every demo: codes, kinds of steps and states, agencies.

    Subjects are random, so that the case and the need that a page asks about are others each time: what is said of
    them depends on which they are.
    """
    found: set[str] = set()
    for path in (ROOT / "hub/data/codes").glob("*.csv"):
        for row in csv.reader(path.open(encoding="utf-8", newline="")):
            found |= words(" ".join(row))
    texts: dict[str, object] = {}
    for path in (ROOT / "hub/texts" / language).glob("*.toml"):
        texts |= tomllib.loads(path.read_text(encoding="utf-8"))
    for table in ("demo_step", "demo_agency", "demo_screen", "case", "trail", "referral"):
        found |= words(str(texts.get(table, "")))
    for path in (ROOT / "schemas/avro").glob("*/*.avsc"):
        found |= {path.stem, path.parent.name} | words(path.parent.name.replace("_", " "))
    return found


def said(lines: list[str]) -> set[str]:
    """The words that a page says a command prints; a word before a cut in a line may be half a word."""
    return words("\n".join(line.removesuffix(CUT) for line in lines))


def page_name(page: Path) -> str:
    """A page's path from the root of the project."""
    return page.relative_to(ROOT).as_posix()
