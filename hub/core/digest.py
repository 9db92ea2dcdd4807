"""One hash over rows: a tree of SHA-256 (RFC 9162 section 2.1.1), leaf and node told apart by a first byte.

A row is encoded so that no two rows share an encoding: each field is a type letter, for text and bytes also a length.
A table's root is hashed with its name and number of rows, and the digest is the root over tables in order of name.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
EMPTY: Final = sha256(b"").digest()


def encode_row(row: Iterable[Any]) -> bytes:
    """The canonical bytes of a row of None, int, str and bytes. Raises TypeError for another type, bool among them."""
    parts: list[bytes] = []
    for field in row:
        kind = type(field)
        if kind is int:
            parts.append(b"i%d;" % field)
        elif kind is str:
            raw = field.encode()
            parts += (b"s%d:" % len(raw), raw)
        elif field is None:
            parts.append(b"n")
        elif kind is bytes:
            parts += (b"b%d:" % len(field), field)
        else:
            raise TypeError(f"a row has no {kind.__name__}")
    return b"".join(parts)


def tree_root(leaves: Iterable[bytes]) -> tuple[bytes, int]:
    """Root over the leaves in the order given, and their number; of 2^n leaves no more than n hashes are held."""
    stack: list[bytes] = []  # roots of the full trees so far, largest first: one for each bit of count
    count = 0
    for leaf in leaves:
        node = sha256(_LEAF + leaf).digest()
        bits = count
        while bits & 1:
            node = sha256(_NODE + stack.pop() + node).digest()
            bits >>= 1
        stack.append(node)
        count += 1
    if not stack:
        return EMPTY, 0
    root = stack.pop()
    while stack:
        root = sha256(_NODE + stack.pop() + root).digest()
    return root, count


def rows_digest(tables: Mapping[str, Iterable[tuple[Any, ...]]]) -> bytes:
    """32 bytes over every row of every table; rows count in the order given, tables in order of their names."""
    roots = []
    for name in sorted(tables):
        root, count = tree_root(map(encode_row, tables[name]))
        roots.append(encode_row((name, count, root)))
    return tree_root(roots)[0]
