"""Packets as files of a folder: written whole under their name or not at all, read in the order of their names."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from hub.adapters.system import keep_names
from hub.core.errors import DataError, NotPermitted, Unreachable
from hub.core.packet import Packet, pack_packet, unpack_packet
from hub.core.record import Record


def write_packet(folder: Path, packet: Packet, records: Iterable[Record]) -> Path:
    """Write a packet under a name of its own, on disk before it gets its final one. Raises HUB-G623, HUB-G548."""
    path = folder / packet.name
    draft = path.with_name(f"{path.name}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(pack_packet(packet, records))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        keep_names(folder)
    except PermissionError:
        raise NotPermitted("HUB-G623", folder=folder.name) from None
    except OSError:
        raise Unreachable("HUB-G548", folder=folder.name) from None
    return path


def packet_files(paths: Iterable[Path], kind: str) -> list[Path]:
    """The packets of a kind among files and folders, sorted by name; parts of an unfinished one are left alone."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise DataError("HUB-I361", file=path.name)
        found += path.glob(f"*.{kind}") if path.is_dir() else [path]
    return sorted(found, key=lambda path: path.name)


def read_packet(path: Path) -> tuple[Packet, list[Record]]:
    """What is in a file. Raises DataError HUB-I360 for one that is damaged, HUB-I361 for one that cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError:
        raise DataError("HUB-I361", file=path.name) from None
    packet, records = unpack_packet(raw, path.name)
    return packet, list(records)


def read_packets(files: Iterable[Path]) -> Iterator[tuple[Path, Packet, list[Record]]]:
    """Each file with what is in it. Raises as `read_packet` does, at the first that cannot be taken."""
    for path in files:
        yield path, *read_packet(path)
