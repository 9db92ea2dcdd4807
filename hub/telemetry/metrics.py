"""Prometheus metrics, and the one object that counts and logs for a running hub."""

from collections import Counter as TallyOf
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TextIO

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from hub.core.errors import HubError
from hub.telemetry.logs import logger

COUNTERS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "rows": ("Rows read at the sources, by how each ended.", ("publisher", "type")),
    "events": ("Events appended to the canonical logs.", ("publisher",)),
    "refused": ("Events and frames that intake refused, by code.", ("publisher", "code")),
}
LEVELS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "lag": ("Records not yet read, by group.", ("type",)),
}
DURATIONS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "fetch": ("Seconds from the read of a fetch to its commit, by group.", ("type",)),
}
LATE: Final = "HUB-I380"
UNTAKEN: Final = "HUB-L560"
CERTIFICATES: Final = ("HUB-H310", "HUB-H311", "HUB-H312")
_BUCKETS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Observer:
    """The `Telemetry` port over prometheus-client and structlog, with a registry of its own."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.logger: Any = logger(stream)
        self._registry = CollectorRegistry()
        self._counters = {
            name: Counter(f"hub_{name}", doc, labels, registry=self._registry)
            for name, (doc, labels) in COUNTERS.items()
        }
        self._levels = {
            name: Gauge(f"hub_{name}_records", doc, labels, registry=self._registry)
            for name, (doc, labels) in LEVELS.items()
        }
        self._durations = {
            name: Histogram(f"hub_{name}_seconds", doc, labels, registry=self._registry, buckets=_BUCKETS)
            for name, (doc, labels) in DURATIONS.items()
        }

        self._reasons = Gauge(
            "hub_reasons", "What keeps the hub from its work, by code.", ("code",), registry=self._registry
        )

        self._late = Gauge(
            "hub_late_working_days",
            "Working days since a connector was due, of those that are late.",
            ("publisher", "type"),
            registry=self._registry,
        )

        self._certificates = Gauge(
            "hub_certificate_days",
            "Days that a certificate is still good, of those that end within 30 days or ended.",
            ("publisher", "type"),
            registry=self._registry,
        )

        self._untaken = Gauge(
            "hub_untaken_since_seconds",
            "Since when, in seconds since 1970, nothing is taken of a partition where records wait.",
            ("type",),
            registry=self._registry,
        )

    def count(self, metric: str, amount: int = 1, **labels: str) -> None:
        """Add to a declared counter."""
        self._counters[metric].labels(**labels).inc(amount)

    def level(self, metric: str, value: float, **labels: str) -> None:
        """Set a declared level."""
        self._levels[metric].labels(**labels).set(value)

    def took(self, metric: str, seconds: float, **labels: str) -> None:
        """One more of a declared duration."""
        self._durations[metric].labels(**labels).observe(seconds)

    def log(self, event: str, **facts: str | int) -> None:
        """A log line at level info."""
        self.logger.info(event, **facts)

    def failed(self, event: str, error: BaseException, **facts: str | int) -> None:
        """A log line at level error, with the error's type and code."""
        self.logger.error(event, exc=error, **facts)

    def reasons(self, errors: Sequence[HubError]) -> None:
        """How many things keep the hub from its work now, by code; what is over is no longer told."""
        self._reasons.clear()
        for code, number in TallyOf(error.code for error in errors).items():
            self._reasons.labels(code=code).set(number)

    def late(self, notices: Sequence[HubError]) -> None:
        """By how many working days connectors are late; who is in time again is no longer told."""
        self._late.clear()
        for place in (error.place for error in notices if error.code == LATE):
            self._late.labels(publisher=place["agency"], type=place["connector"]).set(int(place["days"]))

    def certificates(self, notices: Sequence[HubError]) -> None:
        """How many days certificates are still good, by owner and what they are of; renewed ones are told no more."""
        self._certificates.clear()
        for place in (error.place for error in notices if error.code in CERTIFICATES):
            self._certificates.labels(publisher=place["owner"], type=place["what"]).set(int(place["days"]))

    def untaken(self, notices: Sequence[HubError]) -> None:
        """Since when nobody takes what waits in partitions; one that is taken again is no longer told."""
        self._untaken.clear()
        for place in (error.place for error in notices if error.code == UNTAKEN):
            since = datetime.fromisoformat(str(place["since"])).timestamp()
            self._untaken.labels(type=place["partition"]).set(since)

    def exposition(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self._registry)


def exposing(
    observer: Observer, reasons: Callable[[], Sequence[HubError]], notices: Callable[[], Sequence[HubError]] = tuple
) -> Callable[[], bytes]:
    """What `/metrics` answers: all metrics, with the reasons and notices of this moment among them."""

    def answer() -> bytes:
        observer.reasons(reasons())
        told = notices()
        observer.late(told)
        observer.certificates(told)
        observer.untaken(told)
        return observer.exposition()

    return answer
