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


_CONTEXT = click.Context(hub)
