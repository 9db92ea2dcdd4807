"""Requests to the studio as anybody on the machine could make them."""

import json
from http.client import HTTPConnection
from typing import Any

from tests.studio.served import Served

JSON = {"Content-Type": "application/json"}


def request(
    served: Served, method: str, path: str, body: bytes = b"", address: str = "127.0.0.1", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body. `Host` is the page's own if none is given; `_` in a name of a header stands for `-`."""
    given = {"Host": f"127.0.0.1:{served.port}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection = HTTPConnection(address, served.port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True)
        for name, value in {**given, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def ask(served: Served, work: str, **asked: Any) -> tuple[int, dict[str, Any]]:
    """What the page would be told."""
    path = f"/{served.token}/api/{work}"
    status, _, body = request(served, "POST", path, json.dumps(asked).encode(), Content_Type="application/json")
    return status, json.loads(body)


def done(served: Served, work: str, **asked: Any) -> dict[str, Any]:
    """The same, where nothing may be refused."""
    status, told = ask(served, work, **asked)
    assert status == 200, told
    return told


def saved(served: Served, plan: dict[str, Any]) -> dict[str, Any]:
    """Look at the changes and save them."""
    return done(served, "save", plan=plan, seen=done(served, "changes", plan=plan)["seen"])
