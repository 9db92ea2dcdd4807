"""An installation with one connector, to be damaged, and the `hub` command over it as a user types it."""

import io
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import click

from hub.cli.main import hub, run
from tests.damage.rows import CODES, MAPPING, NAME, rows
from tests.damage.sources import FILES, STEM, WRITE, section
from tests.e2e.leaks import Leak, Scanner

NOBODY = 65534
_GIVEN = ("sources", "given")
_OWN = ("mapping.toml", "codes", "cases.csv")
"""What their owner wrote, and what was damaged on purpose: it holds what it holds."""


class Said(NamedTuple):
    """What a command ended with."""

    exit: int
    out: str
    err: str

    def document(self) -> Any:
        """Its answer for programs."""
        return json.loads(self.out)

    def error(self) -> dict[str, Any]:
        """Its first error for programs."""
        found = next(line for line in self.err.splitlines() if line.startswith('{"error"'))
        error = json.loads(found)["error"]
        assert isinstance(error, dict)
        return error


class World:
    """A home in `folder`; everything that commands print is kept, to be searched."""

    def __init__(self, folder: Path, template: Path | None = None) -> None:
        self.home, self._template = folder, template
        self.edge = folder / "edges" / NAME
        self.sources = folder / "sources"
        self.given = folder / "given"
        self.said: list[str] = []
        self.digits = ""
        self.held: Callable[[], object] = lambda: None
        self._kept: dict[Path, bytes] = {}

    def hub(self, *words: str, home: Path | None = None) -> Said:
        """Type a command; what it prints is decoded strictly."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in "oe")
        given = "--home" in words or not takes(words, "--home")
        whole = [*words] if given else [*words, "--home", str(home or self.home)]
        with redirect_stdout(out), redirect_stderr(err):
            code = run(whole)
        told = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
        self.said += told
        return Said(code, *told)

    def as_nobody(self) -> None:
        """Whoever runs the tests is not allowed everything from now on."""
        if os.geteuid() == 0:
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
            os.seteuid(NOBODY)

    def as_ourselves(self) -> None:
        """Whoever runs the tests is who he was."""
        os.seteuid(os.getuid())

    def source(self, kind: str) -> Path:
        """The file of a source."""
        return self.sources / f"{STEM}.{FILES[kind]}"

    def sound(self, kind: str, more: str = "") -> None:
        """Mapping and source as they should be."""
        for old in self.sources.iterdir():
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
        self.mapping(section(kind, more))
        (self.edge / "codes").mkdir(exist_ok=True)
        (self.edge / "codes" / "conclusion.csv").write_text(CODES, encoding="utf-8")
        WRITE[kind](self.source(kind), rows())
        self._kept = {path: path.read_bytes() for path in self.home.rglob("*") if path.is_file()}

    def mapping(self, source: str) -> None:
        """The mapping over a section."""
        (self.edge / "mapping.toml").write_text(MAPPING.format(source=source), encoding="utf-8")

    def edit(self, old: str, new: str, file: str = "mapping.toml") -> None:
        """Change a text in a file of the connector."""
        path = self.edge / file
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new), encoding="utf-8")

    def mend(self) -> None:
        """Put back every file as it was when all was sound; what commands have written since is left alone."""
        for path, data in self._kept.items():
            if path.is_symlink() or (path.exists() and not path.is_file()):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            path.parent.mkdir(parents=True, exist_ok=True)
            if _owned(path.relative_to(self.home)) and (not path.exists() or path.read_bytes() != data):
                path.write_bytes(data)

    def put_back(self, *names: str) -> None:
        """Put files of the installation back, such as a spool, as they were when all was sound."""
        for path, data in self._kept.items():
            if path.relative_to(self.home).as_posix().startswith(names):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)

    def keep(self) -> None:
        """From now on, this is how it was when all was sound."""
        self._kept = {path: path.read_bytes() for path in self.home.rglob("*") if path.is_file()}

    def leaks(self, scanner: Scanner) -> set[Leak]:
        """What of the planted is found in outputs and in every file that a command wrote."""
        found = scanner.scan("\n".join(self.said).encode(), "outputs")
        for path in sorted(self.home.rglob("*")):
            short = path.relative_to(self.home)
            if path.is_symlink() or not path.is_file() or _given(short):
                continue
            found |= scanner.scan(short.as_posix().encode(), "names of files")
            if self._template and _same(path, self._template / short):  # nothing was planted when it was written
                continue
            try:
                found |= scanner.scan_file(path, short.as_posix())
            except sqlite3.DatabaseError:  # damaged, and left as it is
                found |= scanner.scan(path.read_bytes(), short.as_posix())
        return found

    def spool(self, query: str) -> Any:
        """Ask the connector's memory; None where there is none to be read."""
        try:
            with closing(sqlite3.connect(f"file:{self.edge / 'spool.db'}?mode=ro", uri=True)) as database:
                return database.execute(query).fetchone()[0] or None
        except sqlite3.DatabaseError:
            return None


def takes(words: Sequence[str], option: str) -> bool:
    """Whether the command that these words lead to has an option."""
    command: click.Command | None = hub
    context = click.Context(hub)
    for word in words:
        if not isinstance(command, click.Group):
            break
        command = command.get_command(context, word)
    assert command is not None
    return any(option in one.opts for one in command.params)


def _same(path: Path, other: Path) -> bool:
    return other.is_file() and path.read_bytes() == other.read_bytes()


def _given(short: Path) -> bool:
    return short.parts[0] in _GIVEN or any(part in _OWN for part in short.parts) or short.suffix == ".lock"


def _owned(short: Path) -> bool:
    """What belongs to people, not to the program: it may be put back at any time."""
    return (
        short.parts[0] in ("sources", "given", "hub.toml")
        or any(part in _OWN for part in short.parts)
        or (short.parts[0] == "edges" and (short.name == "edge.toml" or "keys" in short.parts))
    )


def make(folder: Path) -> World:
    """A new installation whose hub knows the connector."""
    world = World(folder)
    world.sources.mkdir(parents=True)
    world.given.mkdir()
    day = ("--set", "hub.clock_day=2026-05-27", "--go-live", "2026-04-27")
    assert world.hub("init", *day).exit == 0
    WRITE["csv"](world.source("csv"), rows())
    who = ("--agency", "hospital", "--publisher", "health", "--area", "220102")
    made = world.hub("connector", "new", "--from", str(world.source("csv")), "--name", NAME, *who)
    assert made.exit == 0, made.err
    line = next(line for line in made.out.splitlines() if line.strip().startswith("hub agency add")).split()
    assert world.hub(*line[1:]).exit == 0
    (world.edge / "cases.csv").unlink()
    world.said.clear()
    return world


def copied(template: World, folder: Path) -> World:
    """A world of one's own."""
    shutil.copytree(template.home, folder)
    for path in folder.rglob("*.key"):
        os.chmod(path, 0o600)
    return World(folder, template.home)
