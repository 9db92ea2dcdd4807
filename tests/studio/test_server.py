"""The page's server, with works of the test's own."""

import json
import socket
import threading
from http.client import HTTPConnection

import pytest

from connectors.studio.server import Studio, Work
from hub.cli.connector.studio import bug
from hub.cli.main import explain
from hub.core.errors import DataError


def served(**works: Work) -> Studio:
    """A server with these works."""
    return Studio(0, works, explain, bug)


def asked(page: Studio, work: str) -> tuple[int, bytes]:
    """What the page would be told."""
    connection = HTTPConnection("127.0.0.1", page.port, timeout=30)
    try:
        connection.request("POST", f"/{page.token}/api/{work}", b"{}", {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_what_was_never_meant_to_happen_shows_no_message() -> None:
    """A bug is told by its type and place; what its message holds, a cell perhaps, is not."""

    def broken(_: object) -> dict[str, object]:
        raise ValueError("160101197001010015")

    with served(broken=broken) as page:
        status, body = asked(page, "broken")
    assert (status, json.loads(body)["error"]["code"], b"1601" in body) == (500, "HUB-G001", False)


def test_a_refusal_is_told_whole() -> None:
    """Code, place, reason and remedy of an error come to the page."""

    def refused(_: object) -> dict[str, object]:
        raise DataError("HUB-C386", number=3)

    with served(refused=refused) as page:
        status, body = asked(page, "refused")
    error = json.loads(body)["error"]
    assert (status, error["code"], error["where"]) == (422, "HUB-C386", {"number": 3})
    assert error["why"]
    assert error["fix"]


def test_a_save_that_has_begun_ends_first() -> None:
    """Who asks the command to end while it writes does not find half a mapping."""
    began, may_end, done = threading.Event(), threading.Event(), []

    def save(_: object) -> dict[str, object]:
        began.set()
        assert may_end.wait(60)
        done.append("written")
        return {}

    with served(save=save) as page:
        asking = threading.Thread(target=asked, args=(page, "save"))
        asking.start()
        assert began.wait(60)
        threading.Timer(0.5, may_end.set).start()
    assert done == ["written"]
    asking.join(60)


def test_no_look_at_a_silent_source_is_waited_for() -> None:
    """Who asks the command to end is not kept by a source that says nothing; a save that waits behind it has not begun
    and never does."""
    began, may_end, saved = threading.Event(), threading.Event(), []

    def judge(_: object) -> dict[str, object]:
        began.set()
        assert may_end.wait(60)
        return {}

    def save(_: object) -> dict[str, object]:
        saved.append("written")
        return {}

    page = served(judge=judge, save=save)
    asking = [threading.Thread(target=asked, args=(page, name), daemon=True) for name in ("judge", "save")]

    def used() -> None:
        with page:
            asking[0].start()
            assert began.wait(60)
            asking[1].start()

    use = threading.Thread(target=used, daemon=True)
    use.start()
    use.join(30)
    ended = not use.is_alive()
    may_end.set()
    assert ended
    use.join(60)
    assert not saved


def test_one_work_at_a_time() -> None:
    """Two pages, or an impatient one, never change the plan at once."""
    inside, most = [], []

    def work(_: object) -> dict[str, object]:
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.02)
        inside.pop()
        return {}

    with served(work=work) as page:
        threads = [threading.Thread(target=asked, args=(page, "work")) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert most == [1] * 8


def test_nobody_is_asked_for_the_name_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network such a question may take long: the server binds without it."""

    def asked(*_: object) -> str:
        raise AssertionError("a name service was asked")

    for name in ("getfqdn", "gethostbyaddr", "gethostbyname"):
        monkeypatch.setattr(socket, name, asked)
    with served() as page:
        assert page.address.startswith("http://127.0.0.1:")
