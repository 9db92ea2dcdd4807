"""A gateway over an installation of intake, and an agency's end of it: real HTTP, real frames, no demo."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from hub.adapters.http.log import HttpLog
from hub.adapters.sql.intake import SqliteIntakeStore
from hub.api.ingress import SECRET, Ingress, key_of
from hub.api.server import Gateway
from hub.core.frame import unpack_frame
from hub.core.packet import FRAMES, Packet
from hub.core.record import Record
from tests.intake.build import AGENCY, Installation

INGRESS, OUTCOMES = f"ingress.{AGENCY}", f"outcomes.{AGENCY}"


@contextmanager
def serving(
    opened: Callable[[], Ingress], most_bytes: int, certificate: Path | None = None, port: int = 0
) -> Iterator[int]:
    """A gateway in a thread; its port."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    served = Gateway(opened, most_bytes)
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=served.serve, args=("127.0.0.1", port, context, stop, ready.set))
    thread.start()
    try:
        assert ready.wait(20)
        yield served.port
    finally:
        stop.set()
        thread.join(20)


@contextmanager
def gateway(
    home: Installation, log: Any = None, most_bytes: int = 1_000_000, waiting: int = 2_000, oldest: int = 1,
    certificate: Path | None = None,
) -> Iterator[int]:  # fmt: skip
    """The gateway of an installation, over its log or another one."""
    home.hub_keys.make("secret", SECRET)

    def opened() -> Ingress:
        store = SqliteIntakeStore(home.folder / "hub/intake.db")
        return Ingress(log or home.log, store, home.hub_keys, oldest, waiting)

    with serving(opened, most_bytes, certificate) as port:
        yield port


def key(home: Installation, agency: str = AGENCY, epoch: int = 1) -> str:
    """An agency's key."""
    home.hub_keys.make("secret", SECRET)
    return key_of(home.hub_keys, agency, epoch)


def client(home: Installation, port: int, query: str = "", scheme: str = "http") -> HttpLog:
    """The agency's end."""
    return HttpLog(f"{scheme}://127.0.0.1:{port}{query}", AGENCY, key(home), seconds=20)


def record_of(raw: bytes) -> Record:
    """A frame as the record that an edge sends."""
    return Record(unpack_frame(raw).header.connector.encode(), b"", raw)


def packed(*frames: bytes) -> tuple[Packet, list[Record]]:
    """Frames of one spool as a packet."""
    first, last = (unpack_frame(raw).header for raw in (frames[0], frames[-1]))
    packet = Packet(FRAMES, first.agency, first.connector, first.generation, first.number, last.number, "")
    return packet, [record_of(raw) for raw in frames]


def standing(home: Installation) -> list[bytes]:
    """The frames in the agency's ingress, in their order."""
    return [record.value for record in home.parts()[INGRESS, 0]]


def digest(raw: bytes) -> bytes:
    """What a frame is known by."""
    return sha256(raw).digest()
