"""Time, ids and randomness: the only way to any of them (law 11)."""

from typing import Protocol


class System(Protocol):
    """Clock and chance. Production reads the machine; tests and the demo fix the clock, and hints decide the ids."""

    def today(self) -> int:
        """The civil day in Asia/Shanghai, as days since 1970-01-01."""
        ...

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z."""
        ...

    def new_id(self, kind: str, hint: str) -> bytes:
        """16 bytes: random in production, a keyed hash of kind and hint in tests. A hint is an address, no value."""
        ...

    def random(self, size: int) -> bytes:
        """Bytes for keys and nonces: always from the operating system, in tests too."""
        ...
