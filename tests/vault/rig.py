"""A vault over real files and real keys, and frames' persons sealed for it."""

import hashlib
from pathlib import Path

from hub.adapters.files.keys import FileKeys
from hub.adapters.sql.vault import SqliteVaultTables
from hub.adapters.system import FixedSystem
from hub.core.frame import PERSONS_LABEL, pack_persons
from hub.ports.vault import Resolved, Sealed
from hub.vault.vault import LinkingVault

People = list[tuple[tuple[tuple[int, bytes], ...], bytes]]


def token(name: str) -> bytes:
    """A token that is easy to make: 32 bytes."""
    return hashlib.sha256(name.encode()).digest()


def person(*tokens: str, identity: bytes = b"") -> tuple[tuple[tuple[int, bytes], ...], bytes]:
    """A person whose first token is of kind 1, the strongest, the second of kind 2 ...; "" has none of that kind."""
    return tuple((kind, token(name)) for kind, name in enumerate(tokens, 1) if name), identity


class VaultRig:
    """A folder with a vault in it; `open` again stands for a restart."""

    def __init__(self, folder: Path, remembered: int = 1000, keys: type[FileKeys] = FileKeys) -> None:
        self.folder, self.remembered = folder, remembered
        self.keys = keys(folder / "keys")
        for kind, name in (("wrap", "vault"), ("secret", "K_vault"), ("secret", "K_identity")):
            self.keys.make(kind, name)
        self.system = FixedSystem(20_000)
        self.sent = 0
        self.open()

    def open(self) -> None:
        """A process starts: nothing but files is left of the one before."""
        self.tables = SqliteVaultTables(self.folder / "vault.db")
        self.vault = LinkingVault(self.tables, self.keys, self.system, self.remembered)

    def seal(self, people: People) -> Sealed:
        """The persons of the next frame."""
        self.sent += 1
        key, header = self.keys.fresh(), b"header %d" % self.sent
        wrapped = self.keys.wrap(self.keys.public("vault"), key, PERSONS_LABEL)
        sealed = self.keys.seal(key, pack_persons(people), header)
        address, wanted = f"a/c/1/{self.sent}", frozenset(range(len(people)))
        return Sealed(address, hashlib.sha256(header).digest(), sealed, wrapped, header, wanted)

    def answer(self, *frames: Sealed) -> list[list[Resolved | None] | None]:
        """What the vault says to these frames, together."""
        return self.vault.resolve("a", self.sent, frames)

    def ask(self, *people: tuple[tuple[tuple[int, bytes], ...], bytes]) -> list[Resolved]:
        """What the vault says to one new frame of these people, each of whom has a token."""
        (found,) = self.answer(self.seal(list(people)))
        return [who for who in found or [] if who is not None]

    def bytes(self) -> bytes:
        """Everything the vault has written, its keys apart."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("vault.db*")))
