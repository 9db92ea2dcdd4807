"""JSON objects as rows: members of members are named with dots."""

import json
from typing import Any, Final

DEEPEST: Final = 64
"""Lists and objects within each other. Nobody's rows are deeper, and Python cannot follow a thousand."""


class Doubled(ValueError):
    """An object has a member twice."""


def parse(text: str | bytes) -> Any:
    """A JSON document. Raises Doubled, and ValueError for what is no JSON or is nested too deep to be somebody's."""
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError from None
    level = [found]
    for _ in range(DEEPEST):
        level = [one for outer in level for one in _inner(outer) if isinstance(one, (list, dict))]
        if not level:
            return found
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Doubled
    return found


def _inner(found: Any) -> Any:
    return found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()


def flat(found: dict[str, object]) -> dict[str, object]:
    """Members of members as `outer.inner`, to any depth."""
    if not any(isinstance(value, dict) for value in found.values()):
        return found
    made: dict[str, object] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            made.update((f"{name}.{inner}", deeper) for inner, deeper in flat(value).items())
        else:
            made[name] = value
    return made


def member(document: object, path: str) -> object:
    """What lies at `outer.inner` of a document; the document itself for an empty path, None where there is nothing."""
    for name in path.split(".") if path else ():
        document = document.get(name) if isinstance(document, dict) else None
    return document
