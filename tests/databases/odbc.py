"""psqlODBC from Debian's packages and pyodbc from its wheel, fetched once: nothing is installed for them."""

import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.databases.bases import Postgres
from tests.kafka.broker import CACHE

_DEBIAN: Final = ("odbc-postgresql", "libodbc2", "libodbcinst2", "libltdl7", "libpq5")
_WHEEL: Final = "pyodbc==5.5.0"
_LOADED: Final = ("libltdl.so.7", "libodbc.so.2", "libodbcinst.so.2", "libpq.so.5")


def driver() -> Path:
    """The driver's file, with what it needs loaded. Skips the test where it cannot be fetched."""
    folder = CACHE / "odbc"
    if not (folder / "complete").exists():
        if not shutil.which("apt-get") or not shutil.which("dpkg"):
            pytest.skip("psqlODBC comes from Debian's packages")
        folder.mkdir(parents=True, exist_ok=True)
        get = ["apt-get", "download", *_DEBIAN]
        if subprocess.run(get, cwd=folder, capture_output=True, timeout=300).returncode:
            pytest.skip("psqlODBC could not be fetched")
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True, timeout=60)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder / "site"), _WHEEL]
        if subprocess.run(pip, capture_output=True, timeout=300).returncode:
            pytest.skip("pyodbc could not be fetched")
        (folder / "complete").touch()
    found: Path = next(folder.rglob("psqlodbcw.so"))
    for name in _LOADED:
        ctypes.CDLL(str(next(folder.rglob(name))), ctypes.RTLD_GLOBAL)
    if str(folder / "site") not in sys.path:
        sys.path.append(str(folder / "site"))
    return found


class Odbc(Postgres):
    """PostgreSQL as Kingbase is reached: our dialect, pyodbc, an ODBC driver of that family."""

    name, product = "odbc", "kingbase"
    driver = Path()

    def section(self, **settings: object) -> dict[str, object]:
        url = f"kingbase+pyodbc://{self.reader}@127.0.0.1:{self.server.port}/{self.database}"
        told = f"{url}?driver={self.driver}&UseDeclareFetch=1&Fetch=1000"
        return {**super().section(**settings), "url": told}

    def told(self) -> set[str]:
        """What the server heard, but for what this driver says of itself and for its cursors."""
        heard = {re.sub("^declare \\S+ cursor with hold for ", "", one) for one in super().told()}
        return {one for one in heard if not re.match(_OWN, one, re.IGNORECASE)}


_OWN: Final = (
    "SET DateStyle|select oid, typbasetype|select n.nspname|show |begin|commit|rollback|fetch|close|savepoint|release"
)
