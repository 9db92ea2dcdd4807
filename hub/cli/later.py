"""Groups whose commands are imported when they are used: a start is mostly imports, and neighbours need other ones."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from hub.cli.spoken import speak
from hub.texts import language


class Later(click.Group):
    """A group reached by the words `path`; `places` says of each command, in the order of its help, its
    `module:attribute`."""

    def __init__(self, *args: Any, path: tuple[str, ...] = (), places: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.path, self.places = path, places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Words in the order in which a newcomer needs them."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, which then explains itself in the language of the reader."""
        if cmd_name not in self.places:
            return None
        module, attribute = self.places[cmd_name].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        speak(command, (*self.path, cmd_name), language())
        return command
