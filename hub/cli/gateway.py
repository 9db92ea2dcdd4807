"""`hub gateway`: the door for agencies whose only way out is HTTPS."""

import ssl
import sys
from pathlib import Path

import click

from hub import certificates, wiring
from hub.api.ingress import Ingress
from hub.api.server import Gateway
from hub.cli.options import home_option, set_option, settings_of
from hub.config import Settings
from hub.core.errors import DataError
from hub.telemetry.logs import LibraryLogs
from hub.telemetry.metrics import Observer

LOCAL = ("127.0.0.1", "::1", "localhost")


@click.command("gateway")
@home_option
@set_option
def group(home: Path, flags: tuple[str, ...]) -> None:
    """Take frames from agencies and give them their outcomes, until asked to stop."""
    settings = settings_of(home, flags)
    certificates.require_good(settings, "gateway")
    context = _context(settings)
    observer = Observer(sys.stderr)
    LibraryLogs(observer.logger).install()

    def opened() -> Ingress:
        log, store = wiring.open_log(settings.database("log")), wiring.open_intake_store(settings)
        return Ingress(log, store, wiring.hub_keys(settings), settings.gateway_oldest_key, settings.gateway_waiting)

    gateway = Gateway(opened, settings.gateway_most_mb * 1_000_000)
    with wiring.lock(settings, "gateway"), wiring.stop_signal() as stop:
        gateway.serve(
            settings.gateway_host, settings.gateway_port, context, stop,
            lambda: observer.log("listening", port=gateway.port),
        )  # fmt: skip


def _context(settings: Settings) -> ssl.SSLContext | None:
    """TLS by the certificate of the settings; in clear only for this machine, where a proxy has it.

    Raises DataError HUB-G210 in clear for others, HUB-G211 for a certificate that cannot be used.
    """
    if not settings.gateway_cert:
        if settings.gateway_host not in LOCAL:
            raise DataError("HUB-G210", host=settings.gateway_host)
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        key = settings.folder(settings.gateway_key) if settings.gateway_key else None
        context.load_cert_chain(settings.folder(settings.gateway_cert), key)
    except (OSError, ValueError):
        raise DataError("HUB-G211") from None
    return context
