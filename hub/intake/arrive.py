"""What arrives: is it a frame, who sent it, and is it what that connector has to send next (laws 3, 9)."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from operator import lt
from typing import Final, NamedTuple

from hub.core.county import is_known
from hub.core.errors import IntegrityError
from hub.core.frame import BODY_LABEL, Entry, Frame, FrameHeader, commitment, root_of, unpack_entries, unpack_frame
from hub.core.record import Record
from hub.core.signers import signers
from hub.flow.accept import NEXT, REPEAT, accept_frame
from hub.ports.intake import Chain, Connector
from hub.ports.keys import Keys

CANONICAL_FORMS: Final = frozenset({1})
HUB_KEY: Final = "hub"
MOST_EVENTS: Final = 65_535

REFUSE: Final = "refuse"
"""What is done with an arrival that is no frame of a registered connector; all others are judged by accept-next."""
_TEXTS = ("agency", "connector", "previous", "key_check", "mapping", "epochs")
_INTEGERS = (
    *(("generation", 1, 65_535), ("number", 1, 2**32 - 1), ("events", 0, MOST_EVENTS), ("sealed_at", 0, 2**53)),
    ("canonical_form", 0, 65_535),
)
_NOBODY = FrameHeader("", "", "00" * 16, 0, 0, "", 0, "", "", "", 0, "", 0)


class Arrival(NamedTuple):
    """A record of an ingress log: what it is, and what is to be done with it. `code` says why it is refused."""

    offset: int
    hash: bytes
    header: FrameHeader
    frame: Frame | None
    connector: Connector | None
    verdict: str
    code: str


class Opened(NamedTuple):
    """A frame that was taken: its events with their commitments, or the code that refuses every one of them."""

    arrival: Arrival
    entries: tuple[Entry, ...]
    marks: tuple[bytes, ...]
    code: str


Hashes = Callable[[str, int, int], bytes | None]


class Door:
    """Judges arrivals of one agency against the registry; nothing of it is sealed for anyone but the hub."""

    def __init__(self, agency: str, keys: Keys, connectors: Mapping[str, Connector]) -> None:
        self._agency, self._keys, self._connectors = agency, keys, connectors

    def judge(
        self,
        offset: int,
        record: Record,
        chains: Mapping[str, Chain],
        taken: Hashes,
        ruled_out: Callable[[bytes], bool],
    ) -> Arrival:
        """What a record is.

        Raises IntegrityError HUB-I420 to HUB-I422 for a fork of a registered connector that nobody ruled out yet.
        """
        digest = sha256(record.value).digest()
        try:
            frame = unpack_frame(record.value)
        except IntegrityError:
            return Arrival(offset, digest, _NOBODY, None, None, REFUSE, "HUB-I301")
        header = frame.header
        if not _is_sound(header):
            return Arrival(offset, digest, _NOBODY, None, None, REFUSE, "HUB-I301")
        connector = self._connectors.get(header.connector)
        if connector is None or header.agency != self._agency or record.key != header.connector.encode():
            return Arrival(offset, digest, header, None, None, REFUSE, "HUB-I302")
        good = signers(connector.public_key)
        if not any(self._keys.check(public, frame.signed, frame.signature) for public in good):
            return Arrival(offset, digest, header, None, None, REFUSE, "HUB-I303")
        try:
            verdict = next_of(chains.get(header.connector), header, digest, taken)
        except IntegrityError:
            if not ruled_out(digest):
                raise
            return Arrival(offset, digest, header, None, None, REFUSE, "HUB-I304")
        return Arrival(offset, digest, header, frame, connector, verdict, "")

    def open(self, arrival: Arrival, last_event: int) -> Opened:
        """Open a frame that is next. `last_event` is the connector's last event number in this generation."""
        frame, connector, header = arrival.frame, arrival.connector, arrival.header
        assert frame is not None
        assert connector is not None
        if header.canonical_form not in CANONICAL_FORMS:
            return Opened(arrival, (), (), "HUB-I305")
        if not is_known(header.key_check, connector.key_check):
            return Opened(arrival, (), (), "HUB-I306")
        try:
            key = self._keys.unwrap(HUB_KEY, frame.body_key, BODY_LABEL)
            entries = tuple(unpack_entries(self._keys.open(key, frame.body, frame.header_bytes), header.events))
        except IntegrityError:
            return Opened(arrival, (), (), "HUB-I307")
        marks = tuple([commitment(entry.value) for entry in entries])
        if root_of(marks).hex() != header.root:
            return Opened(arrival, (), (), "HUB-I308")
        numbers = [last_event, *[entry.number for entry in entries]]
        if not all(map(lt, numbers, numbers[1:])):
            return Opened(arrival, (), (), "HUB-I309")
        return Opened(arrival, entries, marks, "")


def next_of(chain: Chain | None, header: FrameHeader, digest: bytes, taken: Hashes) -> str:
    """Accept next for frames, and that they are of one history: what was taken is the same, what is next follows it.

    Raises IntegrityError: HUB-I420 when the next frame does not follow the last one, HUB-I421 when another frame with
    this number was taken, HUB-I422 when another spool took this generation.
    """
    place: dict[str, str | int] = {
        "connector": header.connector,
        "generation": header.generation,
        "number": header.number,
        "frame": digest.hex(),
    }
    goes_on = chain is not None and header.generation == chain.generation
    if chain and goes_on and header.incarnation != chain.incarnation:
        raise IntegrityError("HUB-I422", **place)
    verdict = accept_frame((chain.generation, chain.frame) if chain else (0, 0), header.generation, header.number)
    if verdict == REPEAT and taken(header.connector, header.generation, header.number) != digest:
        raise IntegrityError("HUB-I421", **place)
    if verdict == NEXT and chain and goes_on and header.previous != chain.hash.hex():
        raise IntegrityError("HUB-I420", **place)
    return verdict


def _is_sound(header: FrameHeader) -> bool:
    """Whether each field is of its type and size; JSON promises nothing."""
    if not all(isinstance(getattr(header, name), str) and len(getattr(header, name)) <= 100 for name in _TEXTS):
        return False
    for name, low, high in _INTEGERS:
        value = getattr(header, name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            return False
    sizes = ((header.incarnation, 32), (header.root, 64))
    return all(isinstance(text, str) and len(text) == size and _is_hex(text) for text, size in sizes)


def _is_hex(text: str) -> bool:
    return all(digit in "0123456789abcdef" for digit in text)
