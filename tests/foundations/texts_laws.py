"""The laws of texts, over any set of texts and sources, so that broken ones can be tried."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).parents[2]
CODE = re.compile(r'"(HUB-[A-Z]\d+)"')
ADDED_LATER = {"source", "alias", "row", "column"}  # a runner adds where a row came from to an error it caught


def sources(*rooms: str) -> dict[str, str]:
    """The text of every module of ours, by path."""
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for room in rooms or ("hub", "connectors", "projections")
        for path in sorted((ROOT / room).rglob("*.py"))
    }


def raised(modules: Mapping[str, str]) -> set[str]:
    """Codes written in the sources."""
    return {code for module in modules.values() for code in CODE.findall(module)}


def places(template: str) -> set[str]:
    """Names in braces; anything but a bare name (a format, an attribute) is an error."""
    found = set()
    for _, name, spec, conversion in Formatter().parse(template):
        if name is not None:
            assert re.fullmatch(r"[a-z_]+", name), f"{template!r} may hold bare names only"
            assert (spec, conversion) == ("", None), f"{template!r} may hold bare names only"
            found.add(name)
    return found


def law_complete(codes: set[str], zh: Mapping[str, object], en: Mapping[str, object]) -> None:
    """Every code that is raised has a text in both languages."""
    assert not codes - set(zh), f"no Chinese text: {sorted(codes - set(zh))}"
    assert not codes - set(en), f"no English text: {sorted(codes - set(en))}"


def law_used(codes: set[str], texts: Mapping[str, object]) -> None:
    """No text is left over."""
    assert not set(texts) - codes, f"never raised: {sorted(set(texts) - codes)}"


def law_same_places(zh: Mapping[str, str], en: Mapping[str, str]) -> None:
    """Both languages show the same places."""
    assert set(zh) == set(en), f"in one language only: {sorted(set(zh) ^ set(en))}"
    for key in zh:
        assert places(zh[key]) == places(en[key]), f"{key}: places differ"


def law_gbk(texts: Mapping[str, str]) -> None:
    """A GBK console can show every text."""
    for key, template in texts.items():
        assert template.strip(), f"{key}: empty"
        lost = [letter for letter in template if not _in_gbk(letter)]
        assert not lost, f"{key}: GBK lacks {lost}"


def law_once(files: Iterable[tuple[str, Mapping[str, Mapping[str, str]]]]) -> None:
    """No two files give one code or phrase two texts."""
    seen: dict[str, str] = {}
    for file, tables in files:
        for address in (f"{table}.{key}" for table, found in tables.items() for key in found):
            assert address not in seen, f"{address} is in {seen.get(address)} and in {file}"
            seen[address] = file


def law_phrases_used(keys: set[str], modules: Mapping[str, str]) -> None:
    """Every phrase is written in a source, whole or as an f-string that begins with its table."""
    everything = "\n".join(modules.values())
    for key in keys:
        table = key.split(".")[0]
        assert f'"{key}"' in everything or f'f"{table}.{{' in everything or f"f'{table}.{{" in everything, (
            f"{key}: unused"
        )


def law_places_given(modules: Mapping[str, str], texts: Mapping[str, str]) -> None:
    """What a text shows, whoever raises its code gives."""
    for name, module in modules.items():
        for code, given, line in calls(module):
            lacking = places(texts.get(code, "")) - given - ADDED_LATER
            assert not lacking, f"{name}:{line}: {code} shows {sorted(lacking)}"


def calls(module: str) -> Iterator[tuple[str, set[str], int]]:
    """(code, names of keywords, line) of each call with a code first; calls that pass ** are not judged."""
    for node in ast.walk(ast.parse(module)):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        first = node.args[0]
        if (
            not isinstance(first, ast.Constant)
            or not isinstance(first.value, str)
            or not first.value.startswith("HUB-")
        ):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        keywords = [keyword.arg for keyword in node.keywords]
        if name[0].isupper() and None not in keywords:
            yield first.value, {keyword for keyword in keywords if keyword}, node.lineno


def _in_gbk(letter: str) -> bool:
    try:
        letter.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True
