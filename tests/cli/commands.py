"""Which commands a sentence names, and whether they are there with all their options."""

import re
from collections.abc import Iterator

import click

from hub.cli.main import hub

_NAMED = re.compile(r"(?<![./\w-])(?:\./run )?hub((?: (?:--)?[A-Za-z<_][\w.=<>-]*)+)")


def named_commands(text: str) -> list[str]:
    """Commands that a text names, such as `connector check NAME`; a word after hub that is none names nothing."""
    return [
        found
        for found in (one.strip() for one in _NAMED.findall(text))
        if found.split()[0] in hub.list_commands(_CONTEXT)
    ]


def faults(text: str) -> Iterator[str]:
    """What a text says of commands that is not so: words and options that there are not."""
    for named in named_commands(text):
        command: click.Command = hub
        for word in (each.rstrip(".") for each in named.split()):
            if word.startswith("--"):
                if word != "--help" and not any(word.partition("=")[0] in option.opts for option in command.params):
                    yield f"hub {named}: no {word}"
            elif isinstance(command, click.Group):
                below = command.get_command(_CONTEXT, word)
                if below is None:
                    yield f"hub {named}: no {word}"
                    break
                command = below


_PLACES = re.compile(r"(?<![./\w-])hub((?: (?:--[a-z-]+|[a-z][a-z-]*|\{\w+\}|[A-Z]{2,}\b))+)")
_PLACE = re.compile(r"\{\w+\}|[A-Z]{2,}")


def extra_words(text: str) -> Iterator[str]:
    """Commands of a text that have more places, such as NAME or {connector}, than they take."""
    for named in _PLACES.findall(text):
        command: click.Command = hub
        words = iter(named.split())
        places = 0.0
        for word in words:
            if isinstance(command, click.Group):
                below = command.get_command(_CONTEXT, word)
                if below is None:
                    break
                command = below
                places = sum(_most(one) for one in command.params if isinstance(one, click.Argument))
            elif option := next((one for one in command.params if word in one.opts), None):
                if not getattr(option, "is_flag", False):
                    next(words, "")
            elif not _PLACE.fullmatch(word):
                break  # a word of the sentence
            elif places < 1:
                yield f"hub{named}"
                break
            else:
                places -= 1


def _most(argument: click.Argument) -> float:
    return argument.nargs if argument.nargs > 0 else float("inf")


_CONTEXT = click.Context(hub)
