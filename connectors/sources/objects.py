"""JSON objects as rows: members of members are named with dots."""


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
