"""How a program that a source started is ended. What one system can do beyond that, `hub.adapters.system` knows."""

import subprocess
from collections.abc import Callable

Ender = Callable[["subprocess.Popen[bytes]", float], None]


def end_alone(process: "subprocess.Popen[bytes]", patience_s: float) -> None:
    """Ask it to end, wait so many seconds, and end it. What it started in its turn is left alone."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


_enders: list[Ender] = [end_alone]


def end(process: "subprocess.Popen[bytes]", patience_s: float) -> None:
    """End it, and whatever it started where the system can."""
    _enders[-1](process, patience_s)


def end_by(ender: Ender) -> None:
    """Whoever puts the program together knows a way that also ends what a program started."""
    _enders[:] = [ender]
