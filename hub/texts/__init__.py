"""Every sentence a person reads, in Chinese and English: `{zh,en}/<room>.toml`.

A table named by an error code has `reason` and `fix`; any other table holds phrases of the screen, addressed as
`table.key`. Templates name the places they show in braces; a place that was not given shows as `-`, because
telling about an error must never raise another one. `help.toml` is what `--help` says in Chinese.
"""

import locale
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

LANGUAGES: Final = ("zh", "en")
OF_CONNECTOR: Final = re.compile(r"hub connector (\w+) NAME")
"""A command in a remedy, where NAME stands for the connector that the error is about."""


class Text(NamedTuple):
    """What an error means and what mends it."""

    reason: str
    fix: str


class _Places(dict[str, str | int]):
    def __missing__(self, name: str) -> str:
        return "-"


def text(code: str, lang: str, /, **place: str | int) -> Text:
    """The text of an error code. A code without one, which no release has, shows as itself.

    A place that is a code itself, as where one thing failed because of another, is shown with its own reason.
    """
    template = errors(lang).get(code)
    if template is None:
        return Text(code, "-")
    shown = {name: _with_words(value, lang, place) for name, value in place.items()}
    return Text(*(part.format_map(_Places(shown)) for part in template))


def of_connector(fix: str, named: str) -> str:
    """A remedy for the connector of that name, in the place of NAME; what else is to be typed may follow the name."""
    return OF_CONNECTOR.sub(lambda found: f"hub connector {found[1]} {named}", fix)


def _with_words(value: str | int, lang: str, place: Mapping[str, str | int]) -> str | int:
    found = errors(lang).get(value) if isinstance(value, str) else None
    return value if found is None else f"{value}: {found.reason.format_map(_Places(place)).rstrip('.。')}"


def ui(key: str, lang: str, /, **place: str | int) -> str:
    """A phrase of the screen by `table.key`. Raises KeyError for one that is in no file."""
    return phrases(lang)[key].format_map(_Places(place))


@cache
def errors(lang: str) -> Mapping[str, Text]:
    """All error texts of a language, as templates, by code."""
    return {
        name: Text(table["reason"], table["fix"]) for name, table in _tables(lang).items() if name.startswith("HUB-")
    }


@cache
def phrases(lang: str) -> Mapping[str, str]:
    """All phrases of a language, as templates, by `table.key`."""
    return {
        f"{name}.{key}": phrase
        for name, table in _tables(lang).items()
        if not name.startswith("HUB-")
        for key, phrase in table.items()
    }


@cache
def helps() -> Mapping[str, Mapping[str, str]]:
    """What `--help` says in Chinese, by command and option."""
    return tomllib.loads(resources.files("hub.texts").joinpath("help.toml").read_text(encoding="utf-8"))


def language(chosen: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """`zh` or `en`: the flag, else HUB_LANG, else the locale of the terminal (zh* is Chinese, all others English)."""
    wish = chosen or environment.get("HUB_LANG") or _locale(environment)
    return "zh" if wish.lower().startswith(("zh", "chinese")) else "en"


def _locale(environment: Mapping[str, str]) -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name]
    return locale.getlocale()[0] or ""  # Windows sets no LANG


def files(lang: str) -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """Every file of a language by name, with its tables."""
    for file in sorted(resources.files("hub.texts").joinpath(lang).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            yield file.name, tomllib.loads(file.read_text(encoding="utf-8"))


def _tables(lang: str) -> dict[str, dict[str, str]]:
    merged: dict[str, dict[str, str]] = {}
    for _, tables in files(lang):
        for name, table in tables.items():
            merged[name] = merged.get(name, {}) | table
    return merged


def width(text: str) -> int:
    """Columns on a terminal: Chinese characters and marks take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
