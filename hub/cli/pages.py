"""What the hub's HTTP port answers besides health and metrics: the registry of schemas."""

import json

from hub.deliver.registry import CONTENT_TYPE, Registry
from hub.telemetry.health import Pages


def schemas() -> Pages:
    """The registry's pages. Raises DataError HUB-S120 when the register of schemas is damaged."""
    registry = Registry()

    def answer(method: str, path: str) -> tuple[int, str, bytes] | None:
        found = registry.answer(method, path)
        if found is None:
            return None
        return found.status, CONTENT_TYPE, json.dumps(found.document, ensure_ascii=False).encode()

    return answer
