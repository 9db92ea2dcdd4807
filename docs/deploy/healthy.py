"""Ends with 0 when an address answers 200 within three seconds, else with 1: the health check of a container."""

import sys
import urllib.error
import urllib.request


def healthy(address: str) -> bool:
    """Whether the address answers 200; no proxy is asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=3) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


if __name__ == "__main__":
    sys.exit(not healthy(sys.argv[1]))
