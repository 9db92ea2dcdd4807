"""Keys in files of one folder, readable by their owner only. Nothing here ever prints or returns a private key."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from hub.adapters.files.mac import labelled
from hub.core.errors import DataError, IntegrityError, NotPermitted
from hub.ports.keys import UNTIL, Mac

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
_ONCE = b"\0" * 12  # a frame's key seals exactly one thing
_KINDS = {"secret", "sign", "wrap"}
_SHORTEST = 16  # bytes of a secret; fewer could be tried out


class FileKeys:
    """The `Keys` port over `folder`, one file `<name>.key` a key: the kind, a blank, 64 hex digits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._secrets: dict[str, bytes] = {}
        self._ciphers: dict[str, AESGCM] = {}
        self._before: dict[str, list[str]] = {}

    def make(self, kind: str, name: str) -> None:
        """Make and keep a key if there is none."""
        if kind not in _KINDS:
            raise DataError("HUB-G121", kind=kind)
        if not self._path(name).exists():
            self._keep(kind, name, os.urandom(32))

    def put(self, kind: str, name: str, secret: bytes) -> None:
        """Keep a key that was carried here by hand, such as the counties' shared `K_edge`."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(self._path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{kind} {secret.hex()}\n")

    def rotate(self, name: str, until: str, carried: Path | None = None) -> None:
        """Put a new key in the place of one, which goes on opening what was made for it: a fresh one, or the one that
        was `carried` here. What was cut off is gone on with.

        Its name is from now on `<name>-until-<until>`. Raises DataError HUB-K301 when that is there already.
        """
        kind, secret = self._read(name)
        before = f"{name}{UNTIL}{until}"
        if not self.is_cut_off(name):
            if self._path(before).exists():
                raise DataError("HUB-K301", key=name)
            self._keep(kind, before, secret)  # first: whenever this is cut off, no key is lost
        self._keep(kind, name, FileKeys(carried.parent)._secret(carried.stem) if carried else os.urandom(32))
        self._forget(name)

    def promote(self, name: str, next: str, until: str) -> None:
        """Put one key in the place of another. Whenever this is cut off, `name` is the one or the other, whole."""
        if until:
            if not self.is_cut_off(name):
                self._keep(self._read(name)[0], f"{name}{UNTIL}{until}", self._read(name)[1])
            os.replace(self._path(next), self._path(name))
        else:
            self._overwrite(self._path(name), self._path(next).read_bytes())
            self._path(next).unlink()
        self._forget(name)
        self._ciphers.pop(name, None)

    def forget(self) -> None:
        """Read every key again when it is next used."""
        for each in (self._secrets, self._ciphers, self._before):
            each.clear()

    def is_cut_off(self, name: str) -> bool:
        """Whether a key was kept as an older one, and the new one did not come into its place any more."""
        return any(self._read(each)[1] == self._read(name)[1] for each in self.before(name))

    def before(self, name: str) -> list[str]:
        """The names of the keys whose place this one took and that were not destroyed, newest first."""
        found = sorted(self._folder.glob(f"{name}{UNTIL}*.key"), reverse=True)
        return [path.stem for path in found if not self._is_overwritten(path)]

    def names(self) -> list[str]:
        """The names of all keys in the folder, sorted."""
        return sorted(path.stem for path in self._folder.glob("*.key"))

    def kind(self, name: str) -> str:
        """What a key is for: secret, sign or wrap."""
        return self._read(name)[0]

    def public(self, name: str) -> bytes:
        """The public half of a `sign` or `wrap` key."""
        kind, secret = self._read(name)
        if kind == "sign":
            return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
        return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()

    def mac(self, name: str, label: str) -> Mac:
        """HMAC-SHA-256 over the label and what it is asked."""
        return labelled(self._secret(name), label)

    def sign(self, name: str, data: bytes) -> bytes:
        """An Ed25519 signature."""
        return Ed25519PrivateKey.from_private_bytes(self._secret(name)).sign(data)

    def check(self, public: bytes, data: bytes, signature: bytes) -> bool:
        """Whether the signature is good."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def wrap(self, public: bytes, key: bytes, label: bytes) -> bytes:
        """HPKE to `public`."""
        return _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public), label)

    def unwrap(self, name: str, wrapped: bytes, label: bytes) -> bytes:
        """HPKE with our private key, or with one before it."""
        return self._unwrapped(name, wrapped, label)[1]

    def opened_by(self, name: str, wrapped: bytes, label: bytes) -> str:
        """The name of the key, this one or one before it, that opens what was wrapped. Raises as `unwrap`."""
        return self._unwrapped(name, wrapped, label)[0]

    def _unwrapped(self, name: str, wrapped: bytes, label: bytes) -> tuple[str, bytes]:
        for known in (True, False):  # another process may have rotated it since we read it
            if not known:
                self._forget(name)
            for each in (name, *self._before.setdefault(name, self.before(name))):
                try:
                    return each, _SUITE.decrypt(wrapped, X25519PrivateKey.from_private_bytes(self._secret(each)), label)
                except (InvalidTag, ValueError):
                    continue
                except DataError:
                    if each == name:
                        raise
                    continue  # destroyed since we listed it
        raise IntegrityError("HUB-G410", key=name)

    def fresh(self) -> bytes:
        """A new key for one frame."""
        return os.urandom(16)

    def seal(self, key: bytes, data: bytes, associated: bytes) -> bytes:
        """AES-128-GCM, once a key."""
        return AESGCM(key).encrypt(_ONCE, data, associated)

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes:
        """The inverse of `seal`."""
        try:
            return AESGCM(key).decrypt(_ONCE, sealed, associated)
        except InvalidTag:
            raise IntegrityError("HUB-G410", key="frame") from None

    def lock(self, name: str, data: bytes, associated: bytes) -> bytes:
        """AES-256-GCM with a random nonce in front."""
        nonce = os.urandom(12)
        return nonce + self._cipher(name).encrypt(nonce, data, associated)

    def unlock(self, name: str, locked: bytes, associated: bytes) -> bytes:
        """The inverse of `lock`."""
        try:
            return self._cipher(name).decrypt(locked[:12], locked[12:], associated)
        except (InvalidTag, ValueError):
            raise IntegrityError("HUB-G410", key=name) from None

    def lock_alike(self, name: str, data: bytes, associated: bytes) -> bytes:
        """AES-256-SIV under a key that is derived from the secret for this alone."""
        return self._alike(name).encrypt(data, [associated])

    def unlock_alike(self, name: str, locked: bytes, associated: bytes) -> bytes:
        """The inverse of `lock_alike`."""
        try:
            return self._alike(name).decrypt(locked, [associated])
        except (InvalidTag, ValueError):
            raise IntegrityError("HUB-G410", key=name) from None

    def destroy(self, name: str) -> None:
        """Overwrite, then remove; so is whatever was overwritten only, because that was cut off."""
        path = self._path(name)
        if not self._is_overwritten(path):
            self._read(name)
            self._overwrite(path, b"0" * path.stat().st_size)
        for each in self._folder.glob("*.key"):
            if self._is_overwritten(each):
                each.unlink()
        self._secrets.pop(name, None)
        self._ciphers.pop(name, None)

    def _is_overwritten(self, path: Path) -> bool:
        """Whether a key was destroyed, and its file did not go any more."""
        try:
            data = path.read_bytes()
        except (FileNotFoundError, PermissionError):  # who reads it says so
            return False
        return bool(data) and not data.strip(b"0")

    def _overwrite(self, path: Path, data: bytes) -> None:
        """What was there is gone, in one write: no program ever finds a part of it."""
        with path.open("r+b") as file:
            file.write(data)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())

    def _keep(self, kind: str, name: str, secret: bytes) -> None:
        """Write a key, on disk before it has its name."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._path(name).with_suffix(f".{os.getpid()}.new")
        draft.unlink(missing_ok=True)  # of a program with that number that was killed
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{kind} {secret.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self._path(name))

    def _forget(self, name: str) -> None:
        """Read a key and those before it again."""
        for each in (name, *self._before.pop(name, ())):
            self._secrets.pop(each, None)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.key"

    def _secret(self, name: str) -> bytes:
        if name not in self._secrets:
            self._secrets[name] = self._read(name)[1]
        return self._secrets[name]

    def _cipher(self, name: str) -> AESGCM:
        found = self._ciphers.get(name)
        if found is None:
            found = self._ciphers[name] = AESGCM(self._secret(name))
        return found

    def _alike(self, name: str) -> AESSIV:
        derive = self.mac(name, "alike")
        return AESSIV(derive(b"1") + derive(b"2"))

    def _read(self, name: str) -> tuple[str, bytes]:
        try:
            kind, _, digits = self._path(name).read_text(encoding="ascii").strip().partition(" ")
            secret = bytes.fromhex(digits)
            if kind not in _KINDS or len(secret) < _SHORTEST:  # an emptied file would be a key that everybody knows
                raise ValueError
            return kind, secret
        except FileNotFoundError:
            raise DataError("HUB-G120", key=name) from None
        except PermissionError:
            raise NotPermitted("HUB-G620", key=name) from None
        except ValueError:
            raise DataError("HUB-G122", key=name) from None
