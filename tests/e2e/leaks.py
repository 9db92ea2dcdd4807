"""The leak scan: every byte written under an installation is searched for planted identifiers, in many spellings.

A file is searched twice: as it lies on the disk (with what SQLite has not yet overwritten), and, when it is a database,
cell by cell, because a value may be split between two pages. Cells that zlib packed are unpacked.

Twenty thousand spellings are looked for at once: whatever occurs at some offset begins with its first eight bytes, so
the eight bytes at every offset of the data are looked up in one set, and only what is found there is searched for.
"""

import base64
import hashlib
import json
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

HASHES = ("md5", "sha1", "sha256", "sha512", "sm3")
SHORTEST = 5
"""Bytes below which a spelling occurs by chance in sealed bytes: a name of two characters in UTF-16 or GB18030 has
four. A writer that spells names so is seen by the names that are longer."""

Planted = Iterable[tuple[str, str]]


class Leak(NamedTuple):
    """Where something was found: the file, what kind of identifier it was, and how it was spelled. Never the value."""

    file: str
    kind: str
    spelling: str


def spellings(value: str) -> dict[str, bytes]:
    """The ways in which a value may have been written, by name."""
    raw = value.encode()
    found = {
        "raw": raw,
        "utf-16-le": value.encode("utf-16-le"),
        "utf-16-be": value.encode("utf-16-be"),
        "gb18030": value.encode("gb18030"),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "url": quote(value).encode(),
        "url, all of it": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "url, small": "".join(f"%{byte:02x}" for byte in raw).encode(),
        "json": json.dumps(value)[1:-1].encode(),
        "json, all of it": "".join(f"\\u{ord(letter):04x}" for letter in value).encode(),
        "json, capital": "".join(f"\\u{ord(letter):04X}" for letter in value).encode(),
        **_base64(raw),
        **_integers(value),
    }
    for name in HASHES:
        digest = hashlib.new(name, raw)
        found[name] = digest.digest()
        found[f"{name} hex"] = digest.hexdigest().encode()
        found[f"{name} HEX"] = digest.hexdigest().upper().encode()
        found |= {f"{name} {way}": text for way, text in _base64(digest.digest()).items()}
    return {name: spelled for name, spelled in found.items() if len(spelled) >= SHORTEST}


def _base64(raw: bytes) -> dict[str, bytes]:
    """What is sure of the base64 of a longer text with `raw` in it, at each of three places."""
    found = {}
    for shift in range(3):
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            found[f"{name}+{shift}"] = encode(bytes(shift) + raw)[first:last]
    return found


def _integers(value: str) -> dict[str, bytes]:
    """A number as eight bytes, and as the varint of Avro and protobuf."""
    if not value.isascii() or not value.isdigit() or value[0] == "0" or int(value) >= 1 << 63:
        return {}
    number = int(value)
    return {
        "integer BE": number.to_bytes(8, "big"),
        "integer LE": number.to_bytes(8, "little"),
        "varint": _varint(number),
        "zigzag": _varint(number << 1),
    }


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


class Scanner:
    """Everything that was planted, ready to be looked for."""

    def __init__(self, planted: Planted) -> None:
        self._long: dict[int, dict[bytes, set[tuple[str, str]]]] = {}
        self._short: dict[int, dict[bytes, set[tuple[str, str]]]] = {}
        for kind, value in planted:
            for name, spelled in spellings(value).items():
                size, index = (8, self._long) if len(spelled) >= 8 else (4, self._short)
                begins = index.setdefault(int.from_bytes(spelled[:size], sys.byteorder), {})
                begins.setdefault(spelled, set()).add((kind, name))

    def scan(self, data: bytes, file: str) -> set[Leak]:
        """What is found in these bytes."""
        found: set[Leak] = set()
        for size, form, index in ((8, "Q", self._long), (4, "I", self._short)):
            for begins in _windows(data, size, form) & index.keys():
                for spelled, told in index[begins].items():
                    if spelled in data:
                        found |= {Leak(file, kind, name) for kind, name in told}
        return found

    def scan_file(self, path: Path, shown: str) -> set[Leak]:
        """What is found in a file, and in the cells of one that is a database."""
        data = path.read_bytes()
        found = self.scan(data, shown)
        if data.startswith(b"SQLite format 3\0"):
            found |= self.scan(b"\0".join(_cells(path)), shown)
        return found

    def scan_folder(self, folder: Path, given: Iterable[str] = ()) -> set[Leak]:
        """What is found in every file below a folder, and in the names of files; folders of `given` are left out."""
        found: set[Leak] = set()
        for path in sorted(folder.rglob("*")):
            shown = path.relative_to(folder).as_posix()
            if shown.split("/")[0] in given or not path.is_file():
                continue
            found |= self.scan(shown.encode(), shown) | self.scan_file(path, shown)
        return found


def _windows(data: bytes, size: int, form: str) -> set[int]:
    """The numbers that stand at every offset, read as `size` bytes."""
    found: set[int] = set()
    view = memoryview(data)
    for shift in range(size):
        end = shift + max(0, len(data) - shift) // size * size
        found.update(view[shift:end].cast("B").cast(form))  # type: ignore[call-overload]
    return found


def _cells(path: Path) -> Iterator[bytes]:
    """Every cell of a database, as bytes; what zlib packed, unpacked as well."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.text_factory = bytes
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f'SELECT * FROM "{table.decode()}"'):
                for cell in row:
                    yield from _as_bytes(cell)


def _as_bytes(cell: object) -> Iterator[bytes]:
    if isinstance(cell, bytes):
        yield cell
        if cell[:1] == b"\x78":
            with suppress(zlib.error):
                yield zlib.decompress(cell)
    elif isinstance(cell, int):
        yield cell.to_bytes(8, "big", signed=True)
        yield str(cell).encode()
