"""Installs the program from a kit, without a network: compares every file with SHA256SUMS, then makes an environment.

Uses the standard library only. Exit 3: a file is damaged; 5: this is another machine than the kit is for.
"""

import hashlib
import io
import json
import platform
import subprocess
import sys
import venv
from pathlib import Path

KIT = Path(__file__).resolve().parent
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def say(chinese: str, english: str) -> None:
    """Both languages: nobody was asked yet which one it is."""
    sys.stdout.write(f"{chinese}\n{english}\n")


def damaged() -> list[str]:
    """Files that lack or are not what SHA256SUMS says."""
    found = []
    for line in (KIT / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        file = KIT / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            found.append(name)
    return found


def fits(wanted: str) -> bool:
    """Whether this machine is what the kit was built for, such as linux-x86_64."""
    system, _, machine = wanted.partition("-")
    here = {"linux": "linux", "win32": "win"}.get(sys.platform, sys.platform)
    return here == system and MACHINES.get(platform.machine().lower()) == MACHINES[machine]


def main(words: list[str]) -> int:
    """Install into the folder that is named, else `program` in the current one."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    about = json.loads((KIT / "kit.json").read_text(encoding="utf-8"))
    if not fits(about["platform"]):
        say(f"这个安装包是给 {about['platform']} 的", f"This kit is for {about['platform']}")
        return 5
    if names := damaged():
        say(
            f"文件损坏或缺少,请重新复制安装包: {', '.join(names)}",
            "These files are damaged or lack; copy the kit again",
        )
        return 3
    folder = Path(words[0] if words else "program").absolute()
    venv.create(folder, with_pip=True)
    inside = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(inside / ("python.exe" if sys.platform == "win32" else "python"))
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    offline = ["--no-index", "--find-links", str(KIT / "wheels")]
    done = subprocess.run([*pip, *offline, f"{about['package']}[{about['extra']}]=={about['version']}"], check=False)
    if done.returncode:
        return 5
    say(f"已装好: {inside / 'hub'}", "Installed. Next: 快速开始.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
