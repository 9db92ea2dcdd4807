"""`--help` in the language of the reader: English stands where a command is declared, Chinese in `texts/help.toml`."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import click

from hub.texts import helps, ui, width

SHARED: Final = "*"
ITSELF: Final = "help"

_PIECES: Final = re.compile(r"(?:[!-~]+|[^!-~])[,;:.!?)。、]* *")  # no line begins with a comma


class Declared(NamedTuple):
    """What a command says of itself in English: its help, and that of each option."""

    help: str | None
    options: tuple[str | None, ...]


@cache
def declared(command: click.Command) -> Declared:
    """What stands in the source. Asked before anything is translated, and then kept."""
    return Declared(command.help, tuple(getattr(option, "help", None) for option in command.params))


def named(option: click.Parameter) -> str:
    """An option as it is typed, without its dashes."""
    return max(option.opts, key=len).lstrip("-")


def speak(command: click.Command, words: tuple[str, ...], lang: str) -> None:
    """Let a command, and all below it, explain itself in a language; `words` are those that lead to it."""
    own, zh = declared(command), lang == "zh"
    texts = helps().get(" ".join(words), {}) if zh else {}
    shared = helps().get(SHARED, {}) if zh else {}
    command.help = texts.get(ITSELF, own.help)
    command.short_help = _first(command.help) if zh and command.help else None
    command.context_class = _Chinese if zh else click.Context
    command.options_metavar = ui("help.metavar", lang)
    if isinstance(command, click.Group):
        command.subcommand_metavar = ui("help.below", lang)
        for name, one in command.commands.items():
            speak(one, (*words, name), lang)
    for option, help in zip(command.params, own.options, strict=True):
        if isinstance(option, click.Option):
            option.help = texts.get(named(option), shared.get(named(option), help))


def folded(text: str, columns: int) -> list[str]:
    """A text in lines of so many columns: broken between Chinese characters, and never within other words."""
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        if line and width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()]


def _first(help: str) -> str:
    """The first sentence."""
    return help.partition("\n\n")[0].partition("。")[0]


class _Page(click.HelpFormatter):
    """Click's pages with Chinese words, in lines as wide as the terminal."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How the command is typed."""
        super().write_usage(prog, args, prefix or ui("help.usage", "zh") + " ")

    def write_heading(self, heading: str) -> None:
        """What follows."""
        super().write_heading(_in_chinese(heading))

    def write_text(self, text: str) -> None:
        """Paragraphs, a blank line between two."""
        blank = " " * self.current_indent
        parts = [" ".join(part.split()) for part in text.split("\n\n")]
        told = ["\n".join(blank + line for line in folded(part, self.width - self.current_indent)) for part in parts]
        self.write("\n\n".join(told) + "\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms and what they mean, side by side."""
        indent = " " * self.current_indent
        wide = min(max(width(term) for term, _ in rows), col_max) + col_spacing
        for term, meaning in rows:
            text, bracket, rest = meaning.rpartition("  [")
            lines = folded(text + bracket + _in_chinese(rest), self.width - self.current_indent - wide)
            gap = " " * (wide - width(term)) if width(term) + col_spacing <= wide else f"\n{indent}{' ' * wide}"
            self.write(f"{indent}{term}{gap}" + f"\n{indent}{' ' * wide}".join(lines) + "\n")


class _Chinese(click.Context):
    """A command that explains itself in Chinese."""

    formatter_class = _Page


def _in_chinese(text: str) -> str:
    """Click's own words in Chinese."""
    for key in ("help.options", "help.commands", "help.exit", "help.required", "help.default"):
        text = text.replace(ui(key, "en"), ui(key, "zh"))
    return text
