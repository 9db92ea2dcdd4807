"""Who may ask the studio, and what every answer says to a browser."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from hub.cli.main import run
from tests.kafka.broker import free_port
from tests.studio.client import ask, done, request
from tests.studio.rows import WORDS, written
from tests.studio.served import Serve
from tests.typed import Hub

pytestmark = pytest.mark.slow
OUTSIDE = [
    ("/{token}x/", {}),
    ("/x{token}/", {}),
    ("/", {}),
    ("//", {}),
    ("/page.js", {}),
    ("/{short}/", {}),
    ("/{token}/", {"Host": "localhost:{port}"}),
    ("/{token}/", {"Host": "127.0.0.1"}),
    ("/{token}/", {"Host": "elsewhere.test:{port}"}),
    ("/{token}/", {"Host": ""}),
    ("/{token}/", {"Origin": "http://elsewhere.test"}),
    ("/{token}/", {"Origin": "http://127.0.0.1"}),
    ("/{token}/", {"Origin": "https://127.0.0.1:{port}"}),
    ("/{token}/", {"Origin": "null"}),
    ("/{token}/", {"Sec_Fetch_Site": "cross-site"}),
    ("/{token}/", {"Sec_Fetch_Site": "same-site"}),
]
KEPT = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_else_is_answered(serve: Serve, typed: Hub, tmp_path: Path, method: str) -> None:
    """A wrong token, a foreign name of this machine and a foreign page are refused with one code; the page is not."""
    served = serve("ward", "--from", written(tmp_path), *WORDS)
    path = {"GET": "/{token}/", "POST": "/{token}/api/state"}[method]
    words = {"token": served.token, "short": served.token[:-1], "port": str(served.port)}
    own = {"Content_Type": "application/json"}
    for origin in ({}, {"Origin": f"http://127.0.0.1:{served.port}", "Sec_Fetch_Site": "same-origin"}):
        assert request(served, method, path.format(**words), b"{}", **own, **origin)[0] == 200
    for foreign, headers in OUTSIDE:
        given = {name: value.format(**words) for name, value in headers.items()}
        there = foreign if foreign != "/{token}/" else path
        status, _, body = request(served, method, there.format(**words), b"{}", **own, **given)
        assert (status, json.loads(body)["error"]["code"]) == (403, "HUB-C381"), (foreign, headers)


def test_every_answer_says_what_a_browser_may_do_with_it(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """Pages, answers, refusals and what is no request: nothing is kept, framed, sniffed or loaded from elsewhere."""
    served = serve("ward", "--from", written(tmp_path), *WORDS)
    top = f"/{served.token}/"
    json_ = {"Content_Type": "application/json"}
    asked = [("GET", top), ("GET", top + "page.js"), ("GET", top + "page.css"), ("GET", top + "../x"), ("GET", "/x/")]
    asked += [("POST", top + "api/state"), ("POST", top + "api/other"), ("POST", top + "api/open"), ("HEAD", top)]
    asked += [("PUT", top), ("DELETE", top), ("OPTIONS", top)]
    found = set()
    for method, path in asked:
        status, headers, _ = request(served, method, path, b"{}", **json_)
        found.add(status)
        assert headers.items() >= KEPT.items(), (method, path)
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
        assert "Python" not in headers["Server"]
        assert "Access-Control-Allow-Origin" not in headers
    assert found == {200, 400, 403, 404, 422, 501}


def test_only_json_of_the_page_is_taken(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """What a form of a foreign page could send, what is no JSON object, and what is too much is refused by code."""
    served = serve("ward", "--from", written(tmp_path), *WORDS)
    path = f"/{served.token}/api/state"
    for kind, body in (
        ("text/plain", b"{}"), ("application/x-www-form-urlencoded", b"{}"), ("application/json", b"[]"),
        ("application/json", b"{"), ("application/json", b"\xff"), ("application/json", b" " * (1 << 20) + b"{}"),
    ):  # fmt: skip
        status, _, told = request(served, "POST", path, body, Content_Type=kind)
        assert (status, json.loads(told)["error"]["code"]) == (400, "HUB-C382"), (kind, body[:9])
    for plan in (1, [], {}, {"key": "", "common": {}, "person": {}, "event": [], "tables": {}}):
        status, told_ = ask(served, "judge", plan=plan)
        assert (status, told_["error"]["code"]) == (422, "HUB-C382"), plan


def test_no_other_address_of_the_machine_answers(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """It is bound to 127.0.0.1 alone, and there is no option to bind it elsewhere."""
    served = serve("ward", "--from", written(tmp_path), *WORDS)
    assert request(served, "GET", f"/{served.token}/")[0] == 200
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2", served.port))
    assert typed("connector", "studio", "ward", "--host", "0.0.0.0")[0] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_its_address_once_and_ends_when_asked(
    serve: Serve, typed: Hub, tmp_path: Path, number: signal.Signals
) -> None:
    """Ctrl-C and SIGTERM end it with 0; requests leave no line, the token stands in what it printed once, and the next
    start has another one."""
    served = serve("ward", "--from", written(tmp_path), *WORDS)
    ask(served, "state")
    request(served, "GET", f"/{served.token}/nothing")
    request(served, "GET", "/wrong/")
    assert served.stop(number) == 0
    assert served.said.count(served.token.encode()) == 1
    assert len(served.said.splitlines()) == 3
    again = serve("ward", "--from", written(tmp_path), *WORDS)
    assert again.token != served.token
    assert len(again.token) >= 32
    assert not (tmp_path / "home" / "edges" / "ward").exists()  # nothing is made before something is saved


def test_one_that_is_killed_leaves_nothing(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """A studio that is killed before something was saved has made tokens of the first rows, and left no key on a disk,
    nor anything else."""
    home, temporary, source = tmp_path / "home", tmp_path / "temporary", written(tmp_path)
    temporary.mkdir()
    before = sorted(home.rglob("*"))
    served = serve("ward", "--from", source, *WORDS, TMPDIR=str(temporary), TEMP=str(temporary), TMP=str(temporary))
    plan = done(served, "draft", type="health.DischargeAssessed")["plan"]
    plan["common"]["occurred_on"], plan["key"] = {"column": "哪天"}, ["编号"]
    plan["event"][0]["fields"]["risk"] = {"column": "等级", "codes": "codes/risk.csv"}
    plan["tables"] = {"codes/risk.csv": [["2级", "2"], ["1级", "1"]], "codes/suitable.csv": [["暂不适合", "false"]]}
    (event, *_) = done(served, "judge", plan=plan)["rows"][0]["events"]
    assert ["person 1", "1 token(s)"] in event[1]
    served.stop(signal.SIGKILL)
    assert list(temporary.iterdir()) == []
    assert sorted(home.rglob("*")) == before


def test_a_port_that_is_taken_is_told(typed: Hub, tmp_path: Path) -> None:
    """A port that somebody holds ends the command by code, and a free one may be chosen."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = str(held.getsockname()[1])
        code, _, told = typed("connector", "studio", "ward", "--from", written(tmp_path), *WORDS, "--port", port)
    assert (code, "HUB-C385" in told, port in told) == (3, True, True)


def test_a_chosen_port_is_taken(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """`--port` says where it listens."""
    port = free_port()
    assert serve("ward", "--from", written(tmp_path), *WORDS, "--port", str(port)).port == port


def test_what_lacks_is_told_before_anything_is_served(typed: Hub, tmp_path: Path) -> None:
    """No source for a new connector, a source for one that has a mapping, and a password in an address end it."""
    code, _, told = typed("connector", "studio", "ward")
    assert (code, "HUB-C380" in told) == (2, True)
    source = written(tmp_path)
    code, _, told = typed("connector", "studio", "ward", "--from", "postgresql://hub:secret@127.0.0.1/his", *WORDS)
    assert (code, "HUB-G203" in told, "secret" in told) == (2, True, False)
    words = ["--from", "postgresql://hub@127.0.0.1:1/his", *WORDS, "--password-env", "NO_SUCH_VARIABLE"]
    code, _, told = typed("connector", "studio", "ward", *words)
    assert (code, "HUB-C224" in told) == (3, True)
    assert typed("connector", "new", "--from", source, "--name", "ward", *WORDS)[0] == 0
    code, _, told = typed("connector", "studio", "ward", "--from", source, *WORDS)
    assert (code, "HUB-C325" in told) == (3, True)


def test_a_row_that_was_taken_for_the_header_is_not_shown(typed: Hub, tmp_path: Path) -> None:
    """Where a column's name is a person's number, the command ends by code and repeats nothing of it."""
    source = tmp_path / "rows.jsonl"
    source.write_text('{"编号": "1", "160101197001010015": "x"}\n', encoding="utf-8")
    code, out, told = typed("connector", "studio", "ward", "--from", str(source), *WORDS)
    assert (code, "HUB-C386" in told, "1601011970" in out + told) == (3, True, False)


def test_it_serves_where_only_the_libraries_of_an_edge_are(serve: Serve, typed: Hub, tmp_path: Path) -> None:
    """Nothing of the web, of Kafka or of tests is needed: an agency installs the edge alone."""
    lacking = ("aiohttp", "faust", "kafka", "aiokafka", "psycopg", "alembic", "prometheus_client", "selenium", "pytest")
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    lines = ["import sys", *(f"sys.modules[{name!r}] = None" for name in lacking)]
    (blocked / "sitecustomize.py").write_text("\n".join(lines), encoding="utf-8")
    served = serve("ward", "--from", written(tmp_path), *WORDS, PYTHONPATH=f"{blocked}{os.pathsep}{os.getcwd()}")
    assert ask(served, "state")[0] == 200


def test_the_help_is_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    """Who has no mouse and no English is told in Chinese that there is a keyboard's way."""
    assert run(["--lang", "zh", "connector", "studio", "--help"]) == 0
    assert "键盘" in capsys.readouterr().out
