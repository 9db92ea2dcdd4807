"""The vault, as intake and a warrant see it; and the tables that it keeps, as the vault sees them (architecture §6).

Everything a table holds is a keyed index, a random id, or bytes that only the vault can unlock, with the
number of the key that does it (`wrapped_by`).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol


class Sealed(NamedTuple):
    """The persons of one frame, sealed for the vault.

    `address` is "agency/connector/generation/number", `hash` the frame's SHA-256, `wrapped` the key of `persons`,
    `associated` the frame's header bytes. Only the persons whose index is `wanted` are resolved. Where `named` is
    given, persons whom no event names are linked: who is known by one token will be known by all of them (decision
    028); nobody new is made of them, and none of them is answered.
    """

    address: str
    hash: bytes
    persons: bytes
    wrapped: bytes
    associated: bytes
    wanted: frozenset[int]
    named: frozenset[int] | None = None


class Resolved(NamedTuple):
    """A person of a frame as the hub knows it: 16 random bytes, and whether this very frame brought it in."""

    subject: bytes
    is_new: bool


class Warrant(NamedTuple):
    """Why an identity may be seen or removed: who asks, for what reason, on what basis. Never a person's data."""

    by: str
    reason: str
    basis: str


class Vault(Protocol):
    """Turns tokens into subjects. Nobody else can; nothing else does."""

    def resolve(self, agency: str, upto: int, frames: Sequence[Sealed]) -> list[list[Resolved | None] | None]:
        """The subjects of each frame's persons, in their order; None for a frame whose seal cannot be opened.

        A person who is not wanted, or has no token, is nobody: None.

        `upto` is the offset after the last of the frames in `ingress.<agency>`. What was answered to a frame is
        answered to it again, `is_new` included, whatever happened since.
        """
        ...

    def resolved(self, agency: str) -> int:
        """The greatest `upto` there ever was for an agency: a vault older than intake shows by it (law 12)."""
        ...

    def reveal(self, subject: bytes, warrant: Warrant) -> list[bytes]:
        """The identities known of a subject, oldest first; that it was asked is on disk before the answer.

        Raises NotPermitted HUB-V601 for an incomplete warrant, DataError HUB-V301 for an unknown subject.
        """
        ...

    def erase(self, subject: bytes, warrant: Warrant) -> None:
        """Remove a subject's links and identities for good; the same person comes back as another subject.

        Raises as `reveal` does.
        """
        ...

    def close(self) -> None:
        """Close its database."""
        ...


class Link(NamedTuple):
    """A token's way to a subject; `locked` holds the subject, the frame that made it and a check."""

    at: int
    wrapped_by: int
    locked: bytes


class Person(NamedTuple):
    """A subject; `locked` holds where its links are."""

    subject: bytes
    wrapped_by: int
    locked: bytes


class Identity(NamedTuple):
    """What an agency declared of a subject; `mark` is keyed, so that the same identity is kept once."""

    subject: bytes
    mark: bytes
    n: int
    wrapped_by: int
    locked: bytes


class Conflict(NamedTuple):
    """Two subjects that one person's tokens named at once, for a later merge; `kept` is the stronger token's."""

    kept: bytes
    other: bytes
    frame: bytes


class Disclosure(NamedTuple):
    """One time that somebody saw or removed an identity. Never changed, never removed."""

    n: int
    subject: bytes
    act: str
    by: str
    reason: str
    basis: str
    at_ms: int


class VaultTables(Protocol):
    """The vault's own database. Writes wait in one transaction until `commit`; `abandon` gives them up."""

    def begin(self) -> bool:
        """Open the transaction, against every other writer; says whether somebody else wrote since the last one."""
        ...

    def same_key(self, check: bytes) -> bool:
        """Whether this key check is the one that was kept first; kept now when there was none."""
        ...

    def check(self) -> bytes:
        """The key check that is kept."""
        ...

    def everything(self) -> tuple[Iterator[Link], Iterator[Person], Iterator[Identity]]:
        """All that is under keys, in an order of its own; inside the transaction."""
        ...

    def write_anew(
        self, check: bytes, links: Iterable[Link], persons: Iterable[Person], identities: Iterable[Identity]
    ) -> None:
        """Put these in the place of all links, persons and identities, and this key check; inside the transaction."""
        ...

    def links(self, at: Sequence[int]) -> dict[int, Link]:
        """Those of the links that exist, by index."""
        ...

    def person(self, subject: bytes) -> Person | None:
        """A subject, if it exists."""
        ...

    def identities(self, subject: bytes) -> list[Identity]:
        """What is known of a subject, oldest first."""
        ...

    def add(
        self,
        links: Iterable[Link],
        persons: Iterable[Person],
        identities: Iterable[Identity],
        conflicts: Iterable[Conflict],
    ) -> None:
        """Insert links, insert or replace persons, and insert what is not there yet of the others."""
        ...

    def remove(self, subject: bytes, links: Sequence[int]) -> None:
        """Delete a subject, its identities and these links."""
        ...

    def disclosed(self, disclosure: Disclosure) -> None:
        """Append to the record of disclosures; its `n` is given by the table."""
        ...

    def disclosures(self) -> list[Disclosure]:
        """Every disclosure, oldest first."""
        ...

    def high(self, agency: str) -> int:
        """The greatest `upto` resolved for an agency, 0 at first."""
        ...

    def raise_high(self, agency: str, upto: int) -> None:
        """Put it forward; never back."""
        ...

    def counts(self) -> dict[str, int]:
        """How many links, persons, identities, conflicts and disclosures there are."""
        ...

    def commit(self) -> None:
        """All of it, or nothing."""
        ...

    def abandon(self) -> None:
        """Give up what was not committed; harmless when there is nothing."""
        ...

    def close(self) -> None:
        """Give back the file."""
        ...
