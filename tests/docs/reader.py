"""A reader of our pages who types every command, in a folder with a demo in it, as the page says."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docs.blocks import Command
from tests.kafka.broker import free_port

HUB = [sys.executable, "-P", "-m", "hub.cli.main"]
DAY = "2026-03-31"
PEOPLE = 200
"""The pages say that their outputs are those of a demo of this size; only the screen is that of the whole one."""
GAP = re.compile(r"\b(KEY|CHECK|CASE|NEED|SITE|DIGITS)\b")
_READ_OUT = re.compile(r"\d{5}(?:-\d{5}){4}")


class Reader:
    """Types the commands of a page in `folder`, which has a `demo`. What a page writes in capitals is filled in."""

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder
        self._port = str(free_port())
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "COLUMNS"))
        }
        self._environment |= {"HUB_LANG": language, "HUB_HUB_CLOCK_DAY": DAY, "HUB_SERVE_PORT": self._port}
        self._environment |= {"PYTHONIOENCODING": "utf-8", "HUB_BACKUP_PASSPHRASE": "five words that nobody guesses"}
        self._served: subprocess.Popen[bytes] | None = None
        self._connector = self.digits = ""

    def type(self, command: Command) -> tuple[int, str]:
        """Exit code and output of one command; `hub serve` goes on until `close`."""
        typed = GAP.sub(lambda found: self._fill(found.group()), command.typed)
        words = typed.split()
        if words[0] == "curl":
            with urllib.request.urlopen(words[-1].replace(":8470", f":{self._port}"), timeout=10) as answer:
                return 0, str(answer.read().decode())
        if words[0] in ("cp", "mkdir", "cd"):
            raise AssertionError(f"a page may only use ./run and curl: {command.typed}")
        assert words[0] == "./run", command.typed
        words = words[1 + (words[1] == "hub") :]
        if words[0] == "serve":
            self._serve(words)
            return 0, ""
        if words[:2] == ["connector", "new"]:
            self._connector = words[words.index("--name") + 1]
        done = self._hub(words)
        self.digits = next(iter(_READ_OUT.findall(done.stdout)), self.digits)
        return done.returncode, done.stdout + done.stderr

    def close(self) -> None:
        """Ask a hub that serves to stop; it must end with 0."""
        if self._served is not None:
            self._served.send_signal(signal.SIGTERM)
            code = self._served.wait(timeout=60)
            self._served = None
            assert code == 0, "hub serve did not end with 0"

    def _hub(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*HUB, *words], cwd=self.folder, env=self._environment, capture_output=True, encoding="utf-8", check=False
        )

    def _json(self, *words: str) -> object:
        done = self._hub([*words, "--json"])
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _fill(self, gap: str) -> str:
        found = FILLED[gap](self)
        assert found, f"nothing for {gap}"
        return found

    def _serve(self, words: list[str]) -> None:
        self._served = subprocess.Popen(
            [*HUB, *words], cwd=self.folder, env=self._environment, stderr=subprocess.DEVNULL
        )
        for _ in range(600):
            assert self._served.poll() is None, "hub serve ended by itself"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/health/ready", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("hub serve did not become ready")

    def key(self, name: str) -> str:
        """What `hub connector status` says of the newest connector."""
        rows = self._json("connector", "status")
        assert isinstance(rows, list)
        return str(next(row[name] for row in rows if row["connector"] == self._connector))

    def example_case(self) -> str:
        """The case that the demo's screen names."""
        found = self._json("demo")
        assert isinstance(found, dict)
        return str(found["example_case"])

    def example_need(self) -> str:
        """The first need of which a site was proposed."""
        rows = self._json("referral", "list")
        assert isinstance(rows, list)
        return str(next(row["need_ref"] for row in rows if row["offers"]))

    def example_site(self) -> str:
        """The first site that waits for nothing but its own answer."""
        found = self._json("projection", "show", "v_offer_v1", "--limit", "1000")
        assert isinstance(found, dict)
        return str(next(row["site"] for row in found["rows"] if row["state"] == "offered"))


FILLED: dict[str, Callable[[Reader], str]] = {
    "KEY": lambda reader: reader.key("public_key"),
    "CHECK": lambda reader: reader.key("key_check"),
    "CASE": Reader.example_case,
    "NEED": Reader.example_need,
    "SITE": Reader.example_site,
    "DIGITS": lambda reader: reader.digits,
}


def demo(folder: Path, people: int) -> Path:
    """A demo installation in `folder`/demo, played on the fixed day."""
    done = Reader(folder, "en")._hub(["demo", "--people", str(people), "--quiet"])
    assert done.returncode == 0, done.stderr
    return folder


@contextmanager
def reading(demo_in: Path, folder: Path, language: str) -> Iterator[Reader]:
    """A reader with a demo of his own, copied from one that was played."""
    shutil.copytree(demo_in, folder, dirs_exist_ok=True)
    reader = Reader(folder, language)
    try:
        yield reader
    finally:
        reader.close()
