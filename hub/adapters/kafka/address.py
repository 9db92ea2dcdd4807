"""`kafka://host:port[,host:port ...][/prefix]`: where the brokers are, and what a log's topics begin with.

A prefix lets several logs share one cluster: the topic `persons` of `kafka://host:9092/north` is `north.persons` there.
"""

import re
from typing import Final, NamedTuple

from hub.core.errors import DataError

SCHEME: Final = "kafka://"
PORT: Final = 9092
_SERVER = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?")
_PREFIX = re.compile(r"[A-Za-z0-9_-]{0,100}")


class Address(NamedTuple):
    """Brokers to begin with, and the prefix of topics with its dot, or nothing."""

    servers: list[str]
    prefix: str

    def native(self, topic: str) -> str:
        """The broker's name of a topic."""
        return self.prefix + topic


def parse(url: str) -> Address:
    """Take a URL apart. Raises DataError HUB-L106 for anything else; a user in it is refused, too, and not ignored."""
    place = url.removeprefix(SCHEME)
    servers, _, prefix = place.partition("/")
    found = [_SERVER.fullmatch(each) for each in servers.split(",")]
    if place == url or not _PREFIX.fullmatch(prefix) or not all(found):
        raise DataError("HUB-L106")
    names = [f"{each['host']}:{each['port'] or PORT}" for each in found if each]
    return Address(names, f"{prefix}." if prefix else "")
