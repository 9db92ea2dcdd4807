"""`hub service`: what keeps hub, workers and connectors running, for systemd and for Windows' task scheduler.

Nothing is installed: the text is printed, or written where one says, for who has the rights to read and to install. No
password is in it; the programs read theirs where `hub.toml` says.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

import click

from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.config import Settings
from hub.core.errors import NotPermitted, Unreachable, UsageError
from hub.texts import language, ui

PREFIX: Final = "rehab-exchange-hub"
NOT_AGAIN: Final = "2 3 4 6 7"
"""Exit codes that a new start does not mend: a person must look first."""

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_USER: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


class Service(NamedTuple):
    """Something to be kept running: `words` of the hub command; with `at`, once a day at that time instead.

    `low_port` needs the right to a port below 1024.
    """

    name: str
    words: tuple[str, ...]
    at: str = ""
    low_port: bool = False


@click.group("service")
def group() -> None:
    """Units of systemd and tasks of Windows for what should run without anybody."""


@group.command("print")
@home_option
@click.option("--systemd", "kind", flag_value="systemd", help="Units of systemd.")
@click.option("--schtasks", "kind", flag_value="schtasks", help="Tasks of Windows' task scheduler, XML.")
@click.option("--only", "only", multiple=True, metavar="NAME", help="serve, worker, gateway, or a connector.")
@click.option("--at", default="02:00", show_default=True, metavar="HH:MM", help="When connectors run, once a day.")
@click.option("--user", default="hub", show_default=True, help="Account of systemd units.")
@click.option("--to", "to", type=click.Path(path_type=Path, file_okay=False), help="Write files into this folder.")
@click.option("--python", default=sys.executable, metavar="PATH", help="The Python of the machine that it is for.")
@json_option
def print_(
    home: Path,
    kind: str | None,
    only: tuple[str, ...],
    at: str,
    user: str,
    to: Path | None,
    python: str,
    as_json: bool,
) -> None:
    """Print what keeps the hub and its connectors running. Connectors that follow a hub of their own run once a day."""
    if kind is None:
        raise UsageError("HUB-G208")
    if not _TIME.fullmatch(at):
        raise UsageError("HUB-G209", option="--at", wanted="HH:MM")
    if not _USER.fullmatch(user):
        raise UsageError("HUB-G209", option="--user", wanted="[a-z_][a-z0-9_-]*")
    settings = settings_of(home)
    folder = str(home.absolute())
    files: dict[str, str] = {}
    for service in _wanted(settings, only, at):
        command = [python, "-P", "-m", "hub.cli.main", *service.words, "--home", folder]
        files |= task(service, command, folder) if kind == "schtasks" else systemd(service, command, folder, user)
    if to:
        for name, text in files.items():
            _write(to / name, text)
    if as_json:
        lines = installing(files, folder, to or Path(".")) if kind == "schtasks" else []
        print_json({"files": files, "install": lines})
        return
    for name, text in files.items():
        if to:
            click.echo(to / name)
        else:
            click.echo(f"<!-- {name} -->\n{text}" if kind == "schtasks" else f"# /etc/systemd/system/{name}\n{text}")
    if kind == "schtasks":
        for line in installing(files, folder, to or Path(".")):
            click.echo(line)
    click.echo(("rem " if kind == "schtasks" else "# ") + ui(f"service.{kind}", language(), prefix=PREFIX))


def _wanted(settings: Settings, only: tuple[str, ...], at: str) -> list[Service]:
    """The services that were named, or all that this installation has; a gateway is there when it has a certificate."""
    connectors = wiring.edge_names(settings)
    hub = "worker" if wiring.on_kafka(settings.database("log")) else "serve"
    gateway = ("gateway",) if settings.gateway_cert else ()
    known = ("serve", "worker", "gateway", *connectors)
    wanted = only or (hub, *gateway, *connectors)
    if set(wanted) - set(known):
        raise UsageError("HUB-G209", option="--only", wanted=", ".join(known))
    words = {"serve": ("serve", "--no-connectors"), "worker": ("worker",)}
    low = settings.gateway_port < 1024
    return [
        Service(name, words[name]) if name in words
        else Service(name, (name,), low_port=low) if name == "gateway"
        else Service(f"connector-{name}", ("connector", "run", name), at)
        for name in wanted
    ]  # fmt: skip


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except PermissionError:
        raise NotPermitted("HUB-G623", folder=path.parent.name) from None
    except OSError:
        raise Unreachable("HUB-G548", folder=path.parent.name) from None


def systemd(service: Service, command: Sequence[str], folder: str, user: str) -> dict[str, str]:
    """The units of a service by file name: one that stays up, or one that runs once a day, with its timer."""
    name = f"{PREFIX}-{service.name}"
    unit = [
        "[Unit]",
        f"Description={PREFIX} {service.name}",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        f"Type={'oneshot' if service.at else 'exec'}",
        f"User={user}",
        f"ExecStart={' '.join((quoted(command[0]), *map(argument, command[1:])))}",
        # Takes no quotation marks; the stroke keeps a blank or a backslash at the end of the name.
        f"WorkingDirectory={folder.replace('%', '%%').rstrip('/')}/",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "PrivateTmp=yes",
        "ProtectSystem=strict",
        f"ReadWritePaths={quoted(folder)}",
        "TimeoutStopSec=60",
    ]
    if service.low_port:
        unit.append("AmbientCapabilities=CAP_NET_BIND_SERVICE")
    if service.at:
        timer = [
            *("[Unit]", f"Description={PREFIX} {service.name}, once a day", "", "[Timer]"),
            *(f"OnCalendar=*-*-* {service.at}:00", "Persistent=yes", "RandomizedDelaySec=300"),
            *("", "[Install]", "WantedBy=timers.target", ""),
        ]
        return {f"{name}.service": "\n".join([*unit, ""]), f"{name}.timer": "\n".join(timer)}
    unit += [
        *("Restart=on-failure", "RestartSec=5", f"RestartPreventExitStatus={NOT_AGAIN}"),
        *("", "[Install]", "WantedBy=multi-user.target", ""),
    ]
    return {f"{name}.service": "\n".join(unit)}


def quoted(word: str) -> str:
    """A word of a unit (systemd.syntax(7)): quoted where it must be, and no specifier in it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if re.search(r"[\s\"'\\;]", word) or not word else escaped


def argument(word: str) -> str:
    """A word after the program in ExecStart=, the only place where systemd looks for variables (systemd.service(5))."""
    return quoted(word).replace("$", "$$")


_TASK: Final = """<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>{name}</Description></RegistrationInfo>
  <Triggers>{trigger}</Triggers>
  <Principals>
    <Principal id="Author"><UserId>S-1-5-19</UserId><RunLevel>LeastPrivilege</RunLevel></Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>{again}
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
      <WorkingDirectory>{folder}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
_DAILY: Final = (
    "<CalendarTrigger><StartBoundary>2026-01-01T{at}:00</StartBoundary>"
    "<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay></CalendarTrigger>"
)
_AGAIN: Final = "\n    <RestartOnFailure><Interval>PT1M</Interval><Count>255</Count></RestartOnFailure>"


def task(service: Service, command: Sequence[str], folder: str) -> dict[str, str]:
    """The task of a service by file name. A command on schtasks' own line may have 261 characters; XML has no limit.

    Letters beyond ASCII are written as their numbers, so that no encoding of the file can spoil them. The account is
    LOCAL SERVICE. Raises UsageError HUB-G212 for what the scheduler would take for a variable.
    """
    if any("%" in word or "$(" in word for word in (*command, folder)):
        raise UsageError("HUB-G212")
    text = _TASK.format(
        name=f"{PREFIX} {service.name}",
        trigger=_DAILY.format(at=service.at) if service.at else "<BootTrigger></BootTrigger>",
        again="" if service.at else _AGAIN,
        command=escape(command[0]),
        arguments=escape(subprocess.list2cmdline(command[1:])),
        folder=escape(folder),
    )
    return {f"{PREFIX}-{service.name}.xml": text.encode("ascii", "xmlcharrefreplace").decode()}


def installing(files: Sequence[str] | dict[str, str], folder: str, where: Path) -> list[str]:
    """The lines that give the account its rights to the folder, and make the tasks."""
    lines = [f'icacls {_for_cmd(folder)} /grant "*S-1-5-19:(OI)(CI)M" /T']
    for name in files:
        known = name.removeprefix(f"{PREFIX}-").removesuffix(".xml")
        lines.append(f'schtasks /Create /F /TN "{PREFIX}\\{known}" /XML {_for_cmd(str(where / name))}')
    return lines


def _for_cmd(path: str) -> str:
    """A path as a word of cmd.exe; each backslash before the last mark would be taken for an escape."""
    at_the_end = path[len(path.rstrip("\\")) :]
    return f'"{path}{at_the_end}"'
