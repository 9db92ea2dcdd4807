"""Asking over HTTP: whom we trust, and that nobody sends us elsewhere."""

import ssl
import urllib.request
from pathlib import Path
from typing import Any

from hub.core.errors import DataError


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


def opener_of(alias: str, folder: Path, ca_file: str, local: bool) -> urllib.request.OpenerDirector:
    """Who asks: trusting the system and `ca_file`, through the environment's proxies unless it is this machine.

    Raises DataError HUB-C280 for a `ca_file` that is none.
    """
    try:
        context = ssl.create_default_context()
        if ca_file:
            context.load_verify_locations(folder / ca_file)
    except (OSError, ValueError):
        raise DataError("HUB-C280", alias=alias) from None
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context), _Stay()]
    if local:
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)
