"""Where the brokers are, how they are reached, and what a log's topics begin with.

    kafka://host:port[,host:port ...][/prefix]                     in clear, without a name
    kafka+tls://[user@]host:port[,...][/prefix][?ca=FILE&cert=FILE&key=FILE]

With TLS, `ca` is the certificate authority (else the system's); a user has a password and SCRAM-SHA-512; `cert` and
`key` are a client certificate (mTLS). A prefix lets several logs share one cluster: the topic `persons` of
`kafka://host:9092/north` is `north.persons` there.
"""

import re
import ssl
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from hub.adapters.files.certificates import common_name
from hub.core.errors import DataError

SCHEME: Final = "kafka://"
TLS: Final = "kafka+tls://"
PORT: Final = 9092
SCRAM: Final = "SCRAM-SHA-512"
FILES: Final = ("ca", "cert", "key")
_SERVER = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?")
_PREFIX = re.compile(r"[A-Za-z0-9_-]{0,100}")
_USER = re.compile(r"[A-Za-z0-9._-]{1,100}")


class Address(NamedTuple):
    """Brokers to begin with, and the prefix of topics with its dot, or nothing; with `tls`, who we are, and files."""

    servers: list[str]
    prefix: str
    tls: bool = False
    user: str = ""
    password: str = ""
    files: tuple[tuple[str, str], ...] = ()

    def native(self, topic: str) -> str:
        """The broker's name of a topic."""
        return self.prefix + topic

    def context(self) -> ssl.SSLContext | None:
        """What TLS goes by; None without it. DataError HUB-L112 for a file that is not there or no such thing."""
        if not self.tls:
            return None
        files = dict(self.files)
        name = "ca"
        try:
            context = ssl.create_default_context(cafile=files.get("ca"))
            name = "cert"
            if "cert" in files:
                context.load_cert_chain(files["cert"], files.get("key"))
        except (OSError, ValueError):  # ssl.SSLError is one, and its text may say more than it should
            raise DataError("HUB-L112", file=name) from None
        return context

    def principal(self) -> str:
        """Who we are to the brokers: the user, or the common name of our certificate; nobody in clear, or with none."""
        if self.user or "cert" not in dict(self.files):
            return f"User:{self.user}" if self.user else ""
        name = common_name(Path(dict(self.files)["cert"]), "cert")
        return f"User:{name}" if name else ""

    def security(self) -> dict[str, Any]:
        """What the library is given to connect with."""
        if not self.tls:
            return {}
        found = {"security_protocol": "SSL", "ssl_context": self.context()}
        if self.user:
            found |= {"security_protocol": "SASL_SSL", "sasl_mechanism": SCRAM}
            found |= {"sasl_plain_username": self.user, "sasl_plain_password": self.password}
        return found


def parse(url: str) -> Address:
    """Take a URL apart. Raises DataError HUB-L106 for anything else; a user in a clear one is refused, not ignored."""
    tls = url.startswith(TLS)
    place = url.removeprefix(TLS if tls else SCHEME)
    if place == url:
        raise DataError("HUB-L106")
    place, _, query = place.partition("?")
    who, at, place = place.rpartition("@") if tls else ("", "", place)
    user, _, password = who.partition(":")
    servers, _, prefix = place.partition("/")
    found = [_SERVER.fullmatch(each) for each in servers.split(",")]
    files = parse_qsl(query, keep_blank_values=True)
    sound = _PREFIX.fullmatch(prefix) and all(found) and (not at or _USER.fullmatch(user))
    if not sound or (query and not tls) or any(name not in FILES or not file for name, file in files):
        raise DataError("HUB-L106")
    names = [f"{each['host']}:{each['port'] or PORT}" for each in found if each]
    return Address(names, f"{prefix}." if prefix else "", tls, user, unquote(password), tuple(files))
