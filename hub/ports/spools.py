"""How far the spools of a connector came in the ingress, as somebody knows who may read it."""

from typing import NamedTuple, Protocol, runtime_checkable


class Reached(NamedTuple):
    """The spool used last, and its last frame that intake took or will take."""

    incarnation: str
    generation: int
    frame: int


@runtime_checkable
class Spools(Protocol):
    """What a log offers whose ingress an edge cannot read itself."""

    def reached(self, connector: str) -> Reached | None:
        """How far this connector came; None before its first frame."""
        ...
