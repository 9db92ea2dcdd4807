"""`hub service`: what keeps hub, workers and connectors running, for systemd and for Windows' task scheduler.

Nothing is installed: the text is printed, for who has the rights to read and to install. No password is in it; the
programs read theirs where `hub.toml` says.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click

from hub import wiring
from hub.cli.options import home_option, settings_of
from hub.core.errors import UsageError
from hub.texts import language, ui

PREFIX: Final = "rehab-exchange-hub"
NOT_AGAIN: Final = "2 3 4 6 7"
"""Exit codes that a new start does not mend: a person must look first."""

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_USER: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


class Service(NamedTuple):
    """Something to be kept running: `words` of the hub command; with `at`, once a day at that time instead."""

    name: str
    words: tuple[str, ...]
    at: str = ""


@click.group("service")
def group() -> None:
    """Units of systemd and tasks of Windows for what should run without anybody."""


@group.command("print")
@home_option
@click.option("--systemd", "kind", flag_value="systemd", help="Units of systemd.")
@click.option("--schtasks", "kind", flag_value="schtasks", help="Commands for Windows' task scheduler.")
@click.option("--only", "only", multiple=True, metavar="NAME", help="serve, worker, or a connector; else all there is.")
@click.option("--at", default="02:00", show_default=True, metavar="HH:MM", help="When connectors run, once a day.")
@click.option("--user", default="hub", show_default=True, help="Account of systemd units.")
@click.option("--python", default=sys.executable, metavar="PATH", help="The Python of the machine that it is for.")
def print_(home: Path, kind: str | None, only: tuple[str, ...], at: str, user: str, python: str) -> None:
    """Print what keeps the hub and its connectors running. Connectors that follow a hub of their own run once a day."""
    if kind is None:
        raise UsageError("HUB-G208")
    if not _TIME.fullmatch(at):
        raise UsageError("HUB-G209", option="--at", wanted="HH:MM")
    if not _USER.fullmatch(user):
        raise UsageError("HUB-G209", option="--user", wanted="[a-z_][a-z0-9_-]*")
    settings = settings_of(home)
    connectors = wiring.edge_names(settings)
    hub = "worker" if wiring.on_kafka(settings.database("log")) else "serve"
    wanted = only or (hub, *connectors)
    unknown = [name for name in wanted if name not in ("serve", "worker", *connectors)]
    if unknown:
        raise UsageError("HUB-G209", option="--only", wanted=", ".join(("serve", "worker", *connectors)))
    folder = str(home.absolute())
    services = [_service(name, at) for name in wanted]
    lang = language()
    for service in services:
        command = [python, "-P", "-m", "hub.cli.main", *service.words, "--home", folder]
        if kind == "schtasks":
            click.echo(schtasks(service, command))
        else:
            for name, text in systemd(service, command, folder, user).items():
                click.echo(f"# /etc/systemd/system/{name}\n{text}")
    click.echo(("rem " if kind == "schtasks" else "# ") + ui(f"service.{kind}", lang, prefix=PREFIX))


def _service(name: str, at: str) -> Service:
    if name == "serve":
        return Service(name, ("serve", "--no-connectors"))
    if name == "worker":
        return Service(name, ("worker",))
    return Service(f"connector-{name}", ("connector", "run", name), at)


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
        f"ExecStart={' '.join(map(quoted, command))}",
        f"WorkingDirectory={folder.replace('%', '%%')}",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "PrivateTmp=yes",
        "ProtectSystem=strict",
        f"ReadWritePaths={quoted(folder)}",
        "TimeoutStopSec=60",
    ]
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
    """A word of ExecStart= (systemd.service(5)): quoted where it must be, no specifier and no variable in it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if re.search(r"[\s\"'\\;]", word) or not word else escaped


def schtasks(service: Service, command: Sequence[str]) -> str:
    """The command that makes a task; its own command is one argument, quotes and all."""
    when = ["/SC", "DAILY", "/ST", service.at] if service.at else ["/SC", "ONSTART"]
    run = subprocess.list2cmdline(command)
    return subprocess.list2cmdline(
        ["schtasks", "/Create", "/F", "/TN", f"{PREFIX}\\{service.name}", *when, "/RL", "LIMITED", "/TR", run]
    )
