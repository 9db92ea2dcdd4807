"""The `hub` command: finds the word's module, runs it, and turns every error into five lines and an exit code.

Exit codes are an interface: 0 done, 1 bug, 2 usage, 3 data or configuration, 4 integrity, 5 something does not answer,
6 not permitted, 7 already running; 130 stopped from the keyboard, 141 the reader of our output went away.
"""

import errno
import gc
import io
import json
import os
import re
import sys
import traceback
from types import TracebackType

import click
from click.utils import PacifyFlushWrapper

from hub.cli.later import Later
from hub.cli.options import call, forget, to_type
from hub.cli.spoken import speak
from hub.cli.usage import hide, usage
from hub.core.errors import DataError, HubError, Unreachable, UsageError
from hub.core.url import has_password
from hub.texts import language, text, ui

WORDS = (
    *(
        "demo",
        "init",
        "config",
        "connector",
        "refused",
        "serve",
        "status",
        "worker",
        "gateway",
        "event",
        "case",
        "referral",
        "site",
        "audit",
    ),
    *("projection", "log", "topics", "schema", "agency", "ingress", "service", "doctor", "backup", "keys"),
    *("upgrade", "move", "kit"),
)
_OURS = ("hub", "connectors", "projections")
_PASSWORD_FLAG = re.compile(r"--?[a-z-]*(password|passwd|pwd|secret)(=.*)?$", re.IGNORECASE)


class Words(Later):
    """What stands behind `hub`; of a word's module this is its `group`."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line a word, in the language of the reader, without importing any of them."""
        lines = [(word, ui(f"word.{word}", language())) for word in self.list_commands(ctx)]
        if lines:
            with formatter.section(ui("main.words", language())):
                formatter.write_dl(lines)


@click.command(
    cls=Words,
    places={word: f"hub.cli.{word}:group" for word in WORDS},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="rehab-exchange-hub", prog_name="hub", message="%(prog)s %(version)s")
@click.option("--lang", help="zh or en; may stand anywhere. Else HUB_LANG, else the locale.")
def hub(lang: str | None) -> None:
    """精康融合数据交换中枢 / exchange hub for community rehabilitation."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    _forgive_the_console()
    collect_seldom()
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def collect_seldom() -> None:
    """Look for cycles seldom: a fetch makes a hundred thousand tuples and no cycle, and looking costs a tenth.

    Half a million are more than the largest fetch holds at once; at a fifth of that, looking still costs 3 %.
    """
    gc.set_threshold(500_000, 20, 50)


def run(arguments: list[str]) -> int:
    """Run the command line and return the exit code; an error is told on standard error."""
    as_json = "--json" in arguments
    try:
        _refuse_passwords(arguments)
        words = _take_language(arguments)
        speak(hub, (), language())
        result = hub.main(words, prog_name="hub", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except HubError as error:
        return tell(error, as_json)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except click.UsageError as error:
        return tell(usage(error), as_json)
    except click.ClickException as error:
        return tell(DataError("HUB-G101", problem=hide(error.format_message())), as_json)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except SystemExit as stop:
        if isinstance(sys.stdout, PacifyFlushWrapper):  # click's way of saying that the reader went away
            return 141
        return stop.code if isinstance(stop.code, int) else 1
    except OSError as error:  # a disk that is full or read-only is no bug; the message has a path, which may say more
        reason = errno.errorcode.get(error.errno or 0, "OSError")
        return tell(Unreachable("HUB-G520", reason=reason, at=where(error.__traceback__)), as_json)
    except Exception as bug:  # noqa: BLE001 - the last door: whatever it is, no message of it may be shown (law 9)
        return tell(HubError("HUB-G001", type=type(bug).__name__, at=where(bug.__traceback__)), as_json)
    finally:
        forget()


def tell(error: HubError, as_json: bool = False, connector: str = "") -> int:
    """Print code, what, where, why and the fix on standard error; returns the exit code of the error's class."""
    if as_json:
        click.echo(json.dumps({"error": explain(error, connector)}, ensure_ascii=False), err=True)
        return error.exit_code
    lang = language()
    reason, fix = text(error.code, lang, **error.place)
    place = "  ".join(f"{name}={value}" for name, value in error.place.items() if str(value) not in reason)
    lines = [f"{error.code}  {ui(f'error.{error.exit_code}', lang)}"]
    for name, line in (("where", place), ("why", reason), ("fix", to_type(fix, connector)), ("call", call(error))):
        lines += [f"  {ui(f'error.{name}', lang)}  {line}"] if line else []
    click.echo("\n".join(lines), err=True)
    return error.exit_code


def explain(error: HubError, connector: str = "") -> dict[str, object]:
    """An error as JSON, in the language of the reader: code, exit, what, where, why, fix."""
    lang = language()
    reason, fix = text(error.code, lang, **error.place)
    what = ui(f"error.{error.exit_code}", lang)
    told = {"code": error.code, "exit": error.exit_code, "what": what, "where": error.place}
    office = call(error)
    return told | {"why": reason, "fix": to_type(fix, connector)} | ({"call": office} if office else {})


def where(trace: TracebackType | None) -> str:
    """`module:line` of the innermost frame that is ours: enough to find a bug, and nothing that was in a variable."""
    place = "-"
    for frame, line in traceback.walk_tb(trace):
        module = str(frame.f_globals.get("__name__", ""))
        if module.split(".")[0] in _OURS:
            place = f"{module}:{line}"
    return place


def _take_language(arguments: list[str]) -> list[str]:
    """Take `--lang` out, wherever it stands; children inherit the choice by HUB_LANG."""
    rest, wish = [], None
    words = iter(arguments)
    for word in words:
        if word == "--lang":
            wish = next(words, "")
        elif word.startswith("--lang="):
            wish = word.removeprefix("--lang=")
        else:
            rest.append(word)
    if wish is not None:
        if wish not in ("zh", "en"):
            raise UsageError("HUB-G202")
        os.environ["HUB_LANG"] = wish
    return rest


def _refuse_passwords(arguments: list[str]) -> None:
    """A command line can be read by every user of the machine, and is kept in the shell's history."""
    for number, word in enumerate(arguments, 1):
        if has_password(word) or any(map(_PASSWORD_FLAG.fullmatch, word.split())):  # a tap's command is one word
            raise UsageError("HUB-G203", argument=number)


def _forgive_the_console() -> None:
    """A GBK console must never end a run because a name has a character it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
