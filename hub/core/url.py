"""Database URLs and the passwords in them: found, masked, put in."""

import re
from typing import Final

MASK: Final = "******"
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
# SQLAlchemy takes all up to the "@" for the password, slashes too; after http:// an "@" may stand in the path.
_USER = re.compile(
    r"(?P<before>(?:https?://[^/@\s:]*:(?=[^/@\s]+@)|(?<!http)(?<!https)://[^/@\s:]*:))"
    r"(?P<secret>[^@\s]+(?:@[^@/\s]+)*)(?=@)"
)
_FILE = re.compile(r"(?<=[?&])(ca|cert|key)=(?![/\\]|[A-Za-z]:)([^&]+)")
# Drivers have names of their own for it (sslpassword, Pwd, PASSPHRASE), also inside of an encoded odbc_connect.
_QUERY = re.compile(
    r"(?P<before>(?:^|[?&;]|%3b)(?:\s|%20|[+])*[a-z_-]*(?:password|passwd|pwd|passphrase|secret)(?:\s|%20|[+])*(?:=|%3d)\s*)"
    r"(?P<secret>(?:(?!%3b)[^&;\s])+)",
    re.IGNORECASE,
)


def has_password(text: str) -> bool:
    """Whether a URL, or a text with a URL in it, carries a password."""
    return bool(_USER.search(text) or _QUERY.search(text))


def mask(text: str) -> str:
    """The same text with every password of a URL as six stars, whatever its length."""
    for pattern in (_USER, _QUERY):
        text = pattern.sub(lambda found: found["before"] + MASK, text)
    return text


def with_password(url: str, password: str) -> str:
    """`scheme://user@place` with a password put in, quoted.

    Without a password, without a user, or with a password already, it stays as it is.
    """
    scheme, _, rest = url.partition("://")
    user, at, place = rest.partition("@")
    if not at or ":" in user or not password:
        return url
    return f"{scheme}://{user}:{_quoted(password)}@{place}"


def placed_under(url: str, folder: str) -> str:
    """Relative files of a URL made ones under `folder`: of SQLite, and certificates of Kafka. All else stays."""
    if url.startswith(("kafka+tls://", "https://")):
        return _FILE.sub(lambda found: f"{found[1]}={folder}/{found[2]}", url)
    path = url.removeprefix("sqlite:///")
    if path == url or path.startswith(("/", ":memory:")) or not path:
        return url
    return f"sqlite:///{folder}/{path}"


def _quoted(text: str) -> str:
    """Percent-encoded as RFC 3986 has it; `urllib` would bring the network into the core."""
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in text.encode())
