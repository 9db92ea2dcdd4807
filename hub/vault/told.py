"""What a frame says of a person, as the vault reads it."""

from hashlib import blake2b
from typing import Final, NamedTuple

Tokens = tuple[tuple[int, bytes], ...]


class Told(NamedTuple):
    """What a frame says of a person: a hash of all of it, tokens with their kinds, strongest first, and identity."""

    mark: bytes
    names: list[bytes]
    identity: bytes
    only_link: bool = False


NOBODY: Final = Told(b"", [], b"")


def linked_of(tokens: Tokens, _: bytes) -> Told:
    """A person whom no event names: nothing of it is kept but that its tokens belong together."""
    return told_of(tokens, b"")._replace(only_link=True)


def told_of(tokens: Tokens, identity: bytes) -> Told:
    """Tokens with their kinds, the strongest first, and identity; nobody where there is no token."""
    names = [bytes((kind,)) + token for kind, token in sorted(tokens)]
    said = b"".join((len(names).to_bytes(1, "big"), *names, identity))
    return Told(blake2b(said, digest_size=16).digest(), names, identity) if names else NOBODY
