"""Certificates of this installation, and how long they are still good: told 30 and 7 days before, and when they end."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from hub import wiring
from hub.config import Settings
from hub.contacts import HUB
from hub.core.calendar import DAY_MS
from hub.core.errors import DataError, HubError
from hub.core.url import placed_under

SOON, VERY_SOON, ENDED = "HUB-H310", "HUB-H311", "HUB-H312"
_DAYS: Final = ((0, ENDED), (7, VERY_SOON), (30, SOON))


class Certificate(NamedTuple):
    """What it is of, who has to renew it, and its file; of a broker, which shows it, the moment of its end instead."""

    what: str
    owner: str
    file: Path
    ends_ms: int | None = None


class Standing(NamedTuple):
    """A certificate with the days that it is still good, below 0 when it ended, and what is to be said of it."""

    certificate: Certificate
    days: int
    error: HubError | None


def known(settings: Settings) -> list[Certificate]:
    """The gateway's, the hub's own for its brokers, those with which connectors here go out, and the brokers' own."""
    found = []
    if settings.gateway_cert:
        found.append(Certificate("gateway", HUB, settings.folder(settings.gateway_cert)))
    found += _of_url(settings.log_url, "log", HUB, settings.home)
    logs = {settings.database("log")}
    for name in wiring.edge_names(settings):
        try:
            edge = wiring.open_edge(settings, name)
        except HubError:  # its settings cannot be read, which whoever runs it is told
            continue
        found += _of_url(edge.spec.log, name, edge.spec.agency, edge.folder)
        logs.add(placed_under(edge.spec.log, str(edge.folder.absolute())))
    return found + _of_brokers(logs)


def standing(settings: Settings) -> Iterator[Standing]:
    """How long each of them is still good; an unreadable one is said so."""
    for one in known(settings):
        yield judged(settings, one)


def judged(settings: Settings, one: Certificate) -> Standing:
    """How long a certificate is still good."""
    try:
        end = wiring.certificate_ends_ms(one.file, one.what) if one.ends_ms is None else one.ends_ms
    except HubError as error:
        return Standing(one, -1, error)
    left = (end - wiring.system_of(settings).now_ms()) // DAY_MS
    date = datetime.fromtimestamp(end / 1000, UTC).date().isoformat()
    code = next((code for days, code in _DAYS if left < days), "")
    place: dict[str, str | int] = {"what": one.what, "owner": one.owner, "date": date, "days": left}
    return Standing(one, left, DataError(code, **place) if code else None)


def require_good(settings: Settings, what: str) -> None:
    """Raises DataError HUB-H312 for a certificate that ended: nobody would be let in, or let out."""
    for one in known(settings):
        if one.what == what and (error := judged(settings, one).error) and error.code == ENDED:
            raise error


def notices(settings: Settings) -> tuple[HubError, ...]:
    """What somebody has to know of the certificates here."""
    return tuple(one.error for one in standing(settings) if one.error)


def _of_brokers(logs: Iterable[str]) -> list[Certificate]:
    """Those that brokers show; who does not answer now, or cannot be asked, is told of by whoever opens the log."""
    ends: dict[str, int] = {}
    for url in sorted(logs):
        with suppress(HubError):
            ends |= wiring.certificates_of(url)
    return [Certificate(server, HUB, Path(), end) for server, end in sorted(ends.items())]


def _of_url(url: str, what: str, owner: str, folder: Path) -> list[Certificate]:
    files = dict(parse_qsl(urlsplit(url).query))
    return [
        Certificate(what, HUB if name == "ca" else owner, folder / files[name])
        for name in ("cert", "ca")
        if name in files
    ]
