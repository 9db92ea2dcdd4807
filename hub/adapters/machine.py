"""What this machine is like, for `hub doctor`: libraries, disk, fonts, time zone. It changes nothing."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from hub.adapters.sql.copies import SQLITE
from hub.adapters.system import network_share as network_share
from hub.adapters.system import open_to_others as open_to_others
from hub.adapters.system import refuse_share as refuse_share

EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "edge": ("python_calamine",),
    "hub": ("prometheus_client",),
    "gateway": ("aiohttp",),
    "postgres": ("psycopg", "alembic"),
    "kafka": ("faust", "kafka"),
}
"""The modules of each extra of the package."""


def programs() -> dict[str, str | int]:
    """Versions of what runs us."""
    bits = 64 if sys.maxsize > 2**32 else 32
    return {
        "python": platform.python_version(),
        "bits": bits,
        "system": platform.platform(terse=True),
        "sqlite": SQLITE,
    }


def lacks(extra: str) -> bool:
    """Whether a module of an extra is not installed. One that is in use is not looked for: some hide their spec."""
    return any(one not in sys.modules and importlib.util.find_spec(one) is None for one in EXTRAS[extra])


def free_mb(folder: Path) -> int:
    """Room on the disk of a folder, in millions of bytes."""
    return shutil.disk_usage(folder).free // 1_000_000


def writable(folder: Path) -> bool:
    """Whether this account may make files in a folder."""
    return os.access(folder, os.W_OK | os.X_OK)


def offset_minutes() -> int:
    """How far this machine's time zone is from UTC now."""
    offset = datetime.now().astimezone().utcoffset()
    return int(offset.total_seconds()) // 60 if offset is not None else 0


def encodings() -> tuple[str, str]:
    """Of file names, and of what is printed."""
    return sys.getfilesystemencoding(), getattr(sys.stdout, "encoding", None) or "ascii"


def chinese_font() -> bool:
    """Whether fontconfig knows a font with Chinese characters; Windows and macOS come with one."""
    if sys.platform in ("win32", "darwin"):
        return True
    asked = shutil.which("fc-list")
    if asked is None:
        return False
    done = subprocess.run([asked, ":lang=zh-cn", "family"], capture_output=True, timeout=20, check=False)
    return done.returncode == 0 and bool(done.stdout.strip())
