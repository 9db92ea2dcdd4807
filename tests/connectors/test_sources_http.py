"""An interface that gives JSON in pages, tried on a real server of this machine."""

import json
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.drafting.address import source_section
from connectors.drafting.draft import columns_of
from connectors.sources import Source, http, open_source, parse_source
from hub.core.errors import DataError, HubError, NotPermitted, Unreachable
from tests.carriers.test_proxy import proxied
from tests.kafka.secured import Authority

PERSON = "160101199003070010"
ROWS: list[Any] = [{"编号": f"{n:03d}", "人": {"身份证号": PERSON}, "年龄": n} for n in range(7)]
Answer = tuple[int, bytes]


class Interface:
    """A server whose answers a test decides; `asked` holds path and key of each request."""

    def __init__(self, answer: Callable[[dict[str, str]], Answer], context: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, str]] = []
        self.answer = answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:
                self.asked.append((handler.path, handler.headers.get("Authorization", "")))
                query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
                status, body = self.answer(query)
                handler.send_response(status)
                if status == 302:
                    handler.send_header("Location", "/elsewhere")
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def log_message(handler, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@contextmanager
def serving(answer: Callable[[dict[str, str]], Answer], context: ssl.SSLContext | None = None) -> Iterator[Interface]:
    """An interface while a test lasts."""
    one = Interface(answer, context)
    one.start()
    try:
        yield one
    finally:
        one.stop()


def opened(port: int, folder: Path, *names: str, now_ms: Any = None, **section: object) -> Source:
    url = section.pop("url", f"http://127.0.0.1:{port}/visits?size=3")
    spec = parse_source({"kind": "http", "alias": "api", "url": url, "rows": "data.items", **section})
    return open_source(spec, folder, names=names, now_ms=now_ms)


def told(document: object, status: int = 200) -> Answer:
    return status, json.dumps(document).encode()


def by_mark(query: dict[str, str]) -> Answer:
    """Three rows a page; a mark leads to the next."""
    begin = int(query.get("after", 0))
    following = begin + 3 if begin + 3 < len(ROWS) else None
    return told({"data": {"items": ROWS[begin : begin + 3], "next": following, "total": len(ROWS)}})


def by_number(query: dict[str, str]) -> Answer:
    begin = 3 * (int(query["page"]) - 1)
    return told({"data": {"items": ROWS[begin : begin + 3]}})


def by_url(query: dict[str, str]) -> Answer:
    begin = int(query.get("at", 0))
    following = f"/visits?at={begin + 3}" if begin + 3 < len(ROWS) else ""
    return told({"data": {"items": ROWS[begin : begin + 3], "next": following}})


WAYS: list[tuple[Callable[[dict[str, str]], Answer], dict[str, object], str]] = [
    (by_mark, {"next": "data.next", "next_parameter": "after", "total": "data.total"}, "3"),
    (by_number, {"page_parameter": "page"}, "4"),
    (by_url, {"next": "data.next"}, "3"),
]


@pytest.mark.parametrize(("answer", "section", "pages"), WAYS, ids=["mark", "number", "url"])
def test_each_way_of_paging_gives_each_row_once(
    tmp_path: Path, answer: Any, section: dict[str, object], pages: str
) -> None:
    """Whatever leads to the next page, all rows come once, in order, numbered through, and the read is complete."""
    (tmp_path / "key").write_text("s3cret\n", encoding="utf-8")
    with serving(answer) as interface:
        with opened(interface.port, tmp_path, "编号", "人.身份证号", password_file="key", **section) as source:
            assert {"编号", "人.身份证号", "年龄"} == {column.name for column in source.columns()}
            at = [column.name for column in source.columns()].index("编号")
            rows = [row for chunk in source.rows() for row in chunk.rows]
            assert [row.number for row in rows] == list(range(1, 8))
            assert [row.values[at] for row in rows] == [row["编号"] for row in ROWS]
            assert source.complete
            assert source.full
            assert source.description["pages"] == pages
        assert {key for _, key in interface.asked} == {"Bearer s3cret"}
        assert len(interface.asked) == int(pages)


def failing(at: int, status: int = 200, body: bytes = b"[]") -> Callable[[dict[str, str]], Answer]:
    """The second page is not what it should be."""
    return lambda query: (status, body) if query.get("page") == str(at) else by_number(query)


CASES: list[tuple[Callable[[dict[str, str]], Answer], dict[str, object], str, type[HubError]]] = [
    (failing(2, 503), {}, "HUB-C490 alias=api status=503 page=2", Unreachable),
    (failing(1, 401), {}, "HUB-C281 alias=api status=401", NotPermitted),
    (failing(2, 404), {}, "HUB-C282 alias=api status=404 page=2", DataError),
    (failing(2, 302), {}, "HUB-C282 alias=api status=302 page=2", DataError),
    (failing(2, 200, PERSON.encode() + b"{"), {}, "HUB-C491 alias=api page=2 size=19", DataError),
    (failing(2, 200, b'{"data": {"items": {"a": 1}}}'), {}, "HUB-C286 alias=api page=2", DataError),
    (failing(2, 200, b"[" * 100_000), {}, "HUB-C491 alias=api page=2 size=100000", DataError),
    (by_mark, {"next": "data.total", "next_parameter": "after", "page_parameter": ""}, "HUB-C284", DataError),
    (lambda query: by_number({"page": "1"}), {}, "HUB-C489 alias=api page=2 before=1", DataError),
    (
        lambda query: by_number({"page": {"3": "2"}.get(query["page"], query["page"])}),
        {},
        "HUB-C489 alias=api page=3 before=2",
        DataError,
    ),
]


@pytest.mark.parametrize(("answer", "section", "text", "kind"), CASES, ids=[case[2] for case in CASES])
def test_a_page_that_fails_voids_the_read(
    tmp_path: Path, answer: Any, section: dict[str, object], text: str, kind: type[HubError]
) -> None:
    """Each way in which a page fails has its code and place, and nothing of an answer, a key or an address in it."""
    (tmp_path / "key").write_text("s3cret", encoding="utf-8")
    settings = {"page_parameter": "page", "password_file": "key"} | section
    with (
        serving(answer) as interface,
        pytest.raises(kind) as stop,
        opened(interface.port, tmp_path, "编号", **settings) as source,
    ):
        list(source.rows())
    assert str(stop.value).startswith(text)
    printed = "".join(traceback.format_exception(stop.value))
    assert PERSON not in printed
    assert "s3cret" not in printed
    assert f":{interface.port}" not in str(stop.value)


def test_the_key_goes_nowhere_else(tmp_path: Path) -> None:
    """A next page at another host is refused before it is asked, and so is clear text to another machine."""
    (tmp_path / "key").write_text("s3cret", encoding="utf-8")
    with serving(by_mark) as other:
        elsewhere = lambda query: told({"data": {"items": ROWS, "next": f"http://127.0.0.1:{other.port}/"}})  # noqa: E731
        with serving(elsewhere) as interface, pytest.raises(DataError) as stop:
            list(opened(interface.port, tmp_path, "编号", next="data.next", password_file="key").rows())
        assert stop.value.code == "HUB-C283"
        assert other.asked == []
    for url in ("http://10.0.0.8/visits", "https://user@10.0.0.8/visits", "ftp://127.0.0.1/"):
        with pytest.raises(DataError) as stop:
            opened(0, tmp_path, "编号", url=url)
        assert stop.value.code == "HUB-C278"


def test_rows_that_are_missing_or_no_objects_are_told(tmp_path: Path) -> None:
    """A promised total that is not met makes a read incomplete; what is no object is a broken row; hours are kept."""
    answer = lambda _: told({"data": {"items": [*ROWS, 7], "total": 9}})  # noqa: E731
    with serving(answer) as interface, opened(interface.port, tmp_path, "编号", total="data.total") as source:
        (chunk,) = source.rows()
        assert (len(chunk.rows), chunk.broken[0].number, chunk.broken[0].error.code) == (7, 8, "HUB-C131")
        assert not source.complete
        assert source.reason is not None
        assert source.reason.code == "HUB-C285"
        with pytest.raises(Unreachable) as stop:
            opened(interface.port, tmp_path, "编号", hours="22:00-05:00", now_ms=lambda: 4 * 3_600_000).columns()
        assert stop.value.code == "HUB-C271"
        assert len(interface.asked) == 1
        with pytest.raises(DataError) as missing:
            opened(interface.port, tmp_path, "编好").columns()
        assert str(missing.value) == "HUB-C201 alias=api column=编好 nearest=编号"


def test_an_answer_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is larger than a page may be is refused instead of filling the memory."""
    monkeypatch.setattr(http, "LIMIT", 100)
    with serving(by_mark) as interface, pytest.raises(DataError) as stop:
        opened(interface.port, tmp_path, "编号").columns()
    assert stop.value.code == "HUB-C287"


def test_an_interface_behind_a_proxy_is_read_by_its_own_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over TLS the system and `ca_file` are trusted and nobody else, through the environment's proxy, which sees
    nothing of it."""
    authority = Authority("county")
    authority.write(tmp_path / "ca.pem")
    authority.issue("hub", tmp_path / "server.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    with serving(by_mark, context) as interface, proxied(monkeypatch) as proxy:
        url = f"https://127.0.0.1:{interface.port}/visits"
        with opened(0, tmp_path, "编号", url=url, ca_file="ca.pem") as source:
            assert source.columns()
        assert proxy.asked == [f"CONNECT 127.0.0.1:{interface.port}"]
        assert "编号".encode() not in bytes(proxy.passed)
        with pytest.raises(Unreachable) as stop:
            opened(0, tmp_path, "编号", url=url).columns()
        assert stop.value.code == "HUB-C279"
        with pytest.raises(DataError) as wrong:
            opened(0, tmp_path, "编号", url=url, ca_file="none.pem")
        assert wrong.value.code == "HUB-C280"


def test_a_mapping_is_drafted_from_an_interface(tmp_path: Path) -> None:
    """`hub connector new --from https://...` asks the interface for its members, with the list's place as the table."""
    with serving(by_mark) as interface:
        section = source_section(f"http://127.0.0.1:{interface.port}/visits", "data.items", "api", tmp_path)
        columns = columns_of(section, tmp_path).columns
    assert [column.name for column in columns] == ["编号", "人.身份证号", "年龄"]
