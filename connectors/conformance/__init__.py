"""The laws of a source, for whoever writes one: `check(world)`. Needs nothing but this package."""

from connectors.conformance.laws import LAWS, check
from connectors.conformance.world import World

__all__ = ["LAWS", "World", "check"]
