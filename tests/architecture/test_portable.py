"""An edge runs where there is no POSIX: calls that only one kind of system has stand in one room."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import house

MODULES = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "posix", "msvcrt", "winreg", "_winapi"}
CALLS = {
    "os": {
        *("fork", "forkpty", "getuid", "geteuid", "getgid", "getegid", "setuid", "setgid", "chown", "lchown", "mkfifo"),
        *(
            "killpg",
            "setsid",
            "getpgid",
            "wait",
            "waitpid",
            "wait3",
            "wait4",
            "sync",
            "statvfs",
            "uname",
            "nice",
            "umask",
        ),
        *("getloadavg", "O_DIRECTORY", "O_NONBLOCK", "O_NOFOLLOW", "sched_getaffinity", "posix_fadvise", "sendfile"),
    },
    "signal": {"SIGKILL", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM", "alarm", "pause", "sigwait"},
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
    "asyncio": {"add_signal_handler"},
}
HOME = "hub/adapters/system.py"
"""The one module that knows systems apart, each in its branch."""


def law_portable(tree: Path) -> None:
    """Modules and calls that only one kind of system has stand in `hub/adapters/system.py`."""
    found = []
    for path in house.modules(tree):
        short = path.relative_to(tree).as_posix()
        if short == HOME:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found += [f"{short}:{getattr(node, 'lineno', 0)}: {name}" for name in _named(node)]
    assert not found, f"only on one kind of system: {found}"


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names if one.name.split(".")[0] in MODULES]
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return [
            f"{module}.{one.name}"
            for one in node.names
            if module.split(".")[0] in MODULES or one.name in CALLS.get(module, ())
        ]
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.attr in CALLS.get(node.value.id, ())
    ):
        return [f"{node.value.id}.{node.attr}"]
    return ["add_signal_handler"] if isinstance(node, ast.Attribute) and node.attr == "add_signal_handler" else []


def test_what_only_one_system_has_stands_in_one_module() -> None:
    """Nothing of POSIX or Windows alone is imported or called elsewhere."""
    law_portable(house.ROOT)


@pytest.mark.parametrize(
    "line",
    [
        *("import fcntl", "from resource import getrusage", "from os import fork", "import os\nos.getuid()"),
        *(
            "import signal\nsignal.SIGKILL",
            "import msvcrt",
            "import asyncio\nasyncio.get_running_loop().add_signal_handler",
        ),
    ],
)
def test_a_call_of_one_system_is_found(line: str, tmp_path: Path) -> None:
    """Each way of naming one is caught, and is fine in the one module."""
    for place in (HOME, "connectors/a.py"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(f'"""A."""\n{line}\n', encoding="utf-8")
        if place == HOME:
            law_portable(tmp_path)
    with pytest.raises(AssertionError, match="only on one kind"):
        law_portable(tmp_path)


def law_encoded(tree: Path) -> None:
    """No text is read or written by the machine's encoding, which is GBK on one and UTF-8 on another."""
    found = []
    for path in house.modules(tree):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and _opens_text(node)
                and "encoding" not in {one.arg for one in node.keywords}
            ):
                found.append(f"{path.relative_to(tree).as_posix()}:{node.lineno}")
    assert not found, f"says no encoding: {found}"


def _opens_text(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("read_text", "write_text", "TextIOWrapper"):
        return True
    mode = call.args[1:2] if isinstance(call.func, ast.Name) and name == "open" else call.args[:1]
    said = mode[0].value if mode and isinstance(mode[0], ast.Constant) else None
    if name == "open" and isinstance(call.func, ast.Name):
        return "b" not in str(said or "r")
    if name == "open" and isinstance(said, str) and re.fullmatch("[rwax]t?[+]?", said):
        return True
    return name in ("run", "Popen", "check_output") and any(
        one.arg in ("text", "universal_newlines") for one in call.keywords
    )


def test_no_text_is_read_by_the_machines_encoding() -> None:
    """Each text says how it is encoded."""
    law_encoded(house.ROOT)


@pytest.mark.parametrize(
    "line", ["open('a')", "path.read_text()", "path.write_text('a')", "path.open('w')", "run(['a'], text=True)"]
)
def test_a_text_without_an_encoding_is_found(line: str, tmp_path: Path) -> None:
    """Each way of opening a text without saying how is caught, and is fine with it."""
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "a.py").write_text(
        line.replace(")", ", encoding='utf-8')").replace("(, ", "(") + "\n", encoding="utf-8"
    )
    law_encoded(tmp_path)
    (tmp_path / "hub" / "a.py").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="no encoding"):
        law_encoded(tmp_path)


WINDOWS = """
import importlib, os, pathlib, pkgutil, signal, sys, types
LIBRARIES = (
    "asyncio click cryptography.hazmat.primitives.asymmetric.ed25519 ctypes fastavro http.server logging.handlers "
    "msoffcrypto olefile openpyxl platform prometheus_client python_calamine shutil sqlalchemy sqlite3 ssl "
    "sqlalchemy.dialects.sqlite structlog subprocess tempfile urllib.request uuid"
)
for library in LIBRARIES.split():
    try:
        importlib.import_module(library)  # made for this system; only what is ours is asked about
    except ImportError:
        continue
GONE = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog"}
for name in GONE:
    sys.modules[name] = None  # to import it raises ImportError
locks = types.ModuleType("msvcrt")
locks.LK_NBLCK, locks.LK_UNLCK, locks.locking = 2, 0, lambda file, how, size: None
sys.modules["msvcrt"] = locks
sys.platform = "win32"
for name in ("fork", "getuid", "geteuid", "getgid", "chown", "mkfifo", "sync", "killpg", "setsid", "statvfs", "uname"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM"):
    if hasattr(signal, name):
        delattr(signal, name)
import connectors
names = [one.name for one in pkgutil.walk_packages(connectors.__path__, "connectors.")]
names += ["hub.adapters.system", "hub.adapters.files.keys", "hub.adapters.files.packets", "hub.adapters.machine",
          "hub.adapters.processes", "hub.adapters.sql.log", "hub.adapters.http.log", "hub.wiring", "hub.cli.main",
          "hub.cli.refused", "hub.cli.doctor", "hub.cli.backup", "hub.cli.service"]
from hub.cli.connector import PLACES
names += [place.partition(":")[0] for place in PLACES.values()]
for name in names:
    importlib.import_module(name)
assert len(names) > 90, len(names)
assert not [name for name in GONE if sys.modules.get(name)]
import hub.adapters.system as system
with system.FolderLock(pathlib.Path(sys.argv[1]), "connector"):
    print("ok", len(names))
"""


def test_what_an_edge_imports_is_there_on_windows(tmp_path: Path) -> None:
    """With every POSIX module and call taken away, all of an edge is imported and its lock is taken by Windows' own."""
    script = WINDOWS.replace("with system", "system.network_share = lambda folder: ''\nwith system")
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=house.ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-1500:]
    assert done.stdout.startswith("ok")
    broken = script.replace("names = [", "import fcntl\nnames = [", 1)
    again = subprocess.run(
        [sys.executable, "-c", broken, str(tmp_path)],
        cwd=house.ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert again.returncode == 1
