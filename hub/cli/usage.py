"""What was mistyped, in our own words: click's are English and repeat it, and it may be somebody's number."""

import re
from typing import Final

import click

from hub.core.errors import UsageError

_DIGITS: Final = re.compile(r"\d{6,}[0-9Xx]?")
_MORE: Final = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
_COMMAND: Final = re.compile(r"No such command '(.*)'\.", re.DOTALL)


def hide(message: str) -> str:
    """A number long enough to be somebody's is not repeated (law 9)."""
    return _DIGITS.sub("******", message)


def usage(error: click.UsageError) -> UsageError:
    """Click's as ours: HUB-G214 option, G215 missing, G216 value, G217 word, G218 too many, G220 path; else G201."""
    command = error.ctx.command_path if error.ctx else "hub"
    if isinstance(error, click.NoSuchOption):
        nearest = ", ".join(error.possibilities or ()) or "-"
        return UsageError("HUB-G214", option=hide(error.option_name), nearest=nearest, command=command)
    name = _named(error.param) if isinstance(error, click.BadParameter) else ""
    if name and isinstance(error, click.MissingParameter):
        return UsageError("HUB-G215", name=name, command=command)
    if isinstance(error, click.BadParameter) and name and error.param:
        allowed = _allowed(error.param.type)
        if allowed:
            return UsageError("HUB-G216", name=name, allowed=allowed, command=command)
        if isinstance(error.param.type, click.Path):  # the path itself may have somebody's name in it
            return UsageError("HUB-G220", name=name, command=command)
    if found := _COMMAND.match(error.format_message()):
        return UsageError("HUB-G217", word=hide(found[1]), command=command)
    if more := _MORE.match(error.format_message()):
        return UsageError("HUB-G218", word=hide(more[1]), command=command)
    return UsageError("HUB-G201", problem=hide(error.format_message()), command=command)


def _named(parameter: click.Parameter | None) -> str:
    """An option as it is typed, an argument by its name: what help shows of one with choices is only their list."""
    if parameter is None:
        return ""
    return parameter.opts[0] if isinstance(parameter, click.Option) else str(parameter.name).upper()


def _allowed(type: click.ParamType) -> str:
    """The values that a parameter takes; empty where its type does not say."""
    if isinstance(type, click.Choice):
        return ", ".join(str(choice) for choice in type.choices)
    if isinstance(type, click.IntRange):
        low, high = ("" if end is None else str(end) for end in (type.min, type.max))
        return f"{low}..{high}"
    return "0, 1, 2 ..." if isinstance(type, click.types.IntParamType) else ""
