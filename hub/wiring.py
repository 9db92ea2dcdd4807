"""Puts an installation together from its settings: the only module that names adapters."""

import hashlib

from hub.adapters.system import FixedSystem, MachineSystem
from hub.config import Settings
from hub.ports.system import System


def system_of(settings: Settings) -> System:
    """The machine's clock and chance; with `hub.clock_day`, a clock that stands at that day and ids that repeat."""
    if settings.clock_day is None:
        return MachineSystem()
    return FixedSystem(settings.clock_day, key=hashlib.sha256(b"demo").digest())
