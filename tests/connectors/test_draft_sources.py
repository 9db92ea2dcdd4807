"""A draft knows how a source is read on: further pages, a tap's stream, the files of a folder (issue 5, part 2)."""

import json
import sqlite3
import sys
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.mapping.file import load_mapping
from tests.connectors.test_sources_http import PERSON, Answer, serving
from tests.connectors.test_sources_singer import visits
from tests.typed import Hub

COLUMNS = {"编号": "001", "身份证号": PERSON, "登记日期": "2026-05-01"}


def drafted(typed: Hub, home: Path, address: str, *table: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the mapping and what was told, of a draft of that source."""
    typed("init", "--home", str(home))
    words = ["connector", "new", "--from", address, *table, "--name", "src", "--area", "220102", "--home", str(home)]
    code, out, err = typed(*words)
    path = home / "edges/src/mapping.toml"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert PERSON not in text + out + err, "a value was drafted"
    if code == 0:
        load_mapping(home / "edges/src")
    return code, tomllib.loads(text), out + err


def page(make: Callable[[int, Any], Any]) -> Callable[[dict[str, str]], Answer]:
    """Three pages of two rows each, as `make` wraps them; after them an empty one."""

    def answer(query: dict[str, str]) -> Answer:
        number = int(query.get("page", query.get("n", "1")))
        rows = [COLUMNS | {"编号": f"{number}-{n}"} for n in range(2)] if number < 4 else []
        return 200, json.dumps(make(number, rows)).encode()

    return answer


PAGES: list[tuple[str, Callable[[int, Any], Any], str, dict[str, Any]]] = [
    (
        "an address of the next page",
        lambda n, rows: {"data": {"items": rows, "total": 6, "next": f"/visits?n={n + 1}" if n < 3 else None}},
        "/visits",
        {"rows": "data.items", "next": "data.next", "total": "data.total"},
    ),
    (
        "links as objects",
        lambda n, rows: {"records": rows, "links": {"next": {"href": f"/visits?n={n + 1}" if n < 3 else ""}}},
        "/visits",
        {"rows": "records", "next": "links.next.href"},
    ),
    (
        "a numbered page in the address",
        lambda n, rows: {"rows": rows, "totalCount": 6, "pages": 3},
        "/visits?page=1",
        {"rows": "rows", "page_parameter": "page", "total": "totalCount"},
    ),
]


@pytest.mark.parametrize(("make", "path", "found"), [each[1:] for each in PAGES], ids=[each[0] for each in PAGES])
def test_a_paged_interface_is_drafted_with_its_pages(
    typed: Hub, tmp_path: Path, make: Callable[[int, Any], Any], path: str, found: dict[str, Any]
) -> None:
    """Rows, further pages and the total are drafted by the names of members, and a run then reads all pages whole."""
    with serving(page(make)) as interface:
        address = f"http://127.0.0.1:{interface.port}{path}"
        code, mapping, told = drafted(typed, tmp_path, address)
        assert code == 0, told
        assert {name: mapping["source"][name] for name in mapping["source"].keys() - {"kind", "alias", "url"}} == found
        assert "HUB-C497" not in told
        code, out, err = typed("connector", "preview", "src", "--rows", "200", "--json", "--home", str(tmp_path))
        assert len(json.loads(out)) == 6, err


def test_pages_that_nobody_can_follow_are_told(typed: Hub, tmp_path: Path) -> None:
    """A mark without the parameter that takes it is named: the draft would read one page and look whole."""
    with serving(page(lambda n, rows: {"items": rows, "nextCursor": "x" * n})) as interface:
        code, mapping, told = drafted(typed, tmp_path, f"http://127.0.0.1:{interface.port}/visits")
    assert code == 0
    assert "HUB-C497" in told
    assert "nextCursor" in told
    assert "next" not in mapping["source"]


def test_a_tap_is_drafted_from_its_command_or_its_catalogue(typed: Hub, tmp_path: Path) -> None:
    """The stream's columns and key are drafted; with a catalogue nothing is started; without a stream it tells which
    there are, and a catalogue alone asks for the command."""
    visits(tmp_path, COLUMNS, key=["编号"], bookmark="登记日期", rows=str(tmp_path / "rows.json"))
    tap = f"singer:{sys.executable} {tmp_path / 'tap.py'} --config {tmp_path / 'config.json'}"
    code, mapping, told = drafted(typed, tmp_path / "a", tap, "visits")
    assert code == 0, told
    assert mapping["key"] == ["编号"]
    assert mapping["source"]["command"] == [sys.executable, str(tmp_path / "tap.py")]
    assert mapping["person"]["patient"]["tokens"] == {"resident_id": "身份证号"}
    assert typed("connector", "preview", "src", "--home", str(tmp_path / "a"))[0] == 0
    catalog = tmp_path / "catalog.json"
    properties = {name: {"type": ["null", "string"]} for name in COLUMNS}
    stream = {"tap_stream_id": "visits", "stream": "visits", "schema": {"properties": properties}, "metadata": []}
    other = stream | {"tap_stream_id": "beds", "stream": "beds"}
    stream["metadata"] = [{"breadcrumb": [], "metadata": {"table-key-properties": ["编号", "登记日期"]}}]
    catalog.write_text(json.dumps({"streams": [stream, other]}, ensure_ascii=False), encoding="utf-8")
    never = f"singer:no-such-tap --catalog {catalog}"
    code, mapping, told = drafted(typed, tmp_path / "b", never, "visits")
    assert code == 0, told
    assert mapping["key"] == ["编号", "登记日期"]
    code, _, told = drafted(typed, tmp_path / "c", never)
    assert (code, "HUB-C495" in told, "visits, beds" in told) == (3, True, True)
    code, _, told = drafted(typed, tmp_path / "c", str(catalog), "visits")
    assert (code, "HUB-C496" in told) == (3, True)


@pytest.mark.parametrize("more", ["", " --catalog=catalog.json"])
def test_a_tap_is_started_where_it_was_drafted(
    typed: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    """Relative paths of a tap's words, and of its own settings, mean the folder in which `new` was typed, then and in
    each later command, wherever that is typed."""
    there = tmp_path / "tap's own"
    there.mkdir()
    visits(there, COLUMNS, key=["编号"], bookmark="登记日期")
    stream = {"stream": "visits", "schema": {"properties": {name: {"type": "string"} for name in COLUMNS}}}
    (there / "catalog.json").write_text(json.dumps({"streams": [stream]}, ensure_ascii=False), encoding="utf-8")
    monkeypatch.chdir(there)
    code, mapping, told = drafted(
        typed, tmp_path / "home", f"singer:{sys.executable} tap.py --config config.json{more}", "visits"
    )
    assert code == 0, told
    assert mapping["source"]["folder"] == str(there)
    monkeypatch.chdir(tmp_path)
    typed_elsewhere = ("connector", "preview", "src", "--json", "--home", "home")
    code, out, told = typed(*typed_elsewhere)
    assert (code, len(json.loads(out or "[]"))) == (0, 1), told
    edge = tmp_path / "home/edges/src"
    there.rename(edge / "tap")  # a mapping may say that it is in the connector's folder, too
    text = (edge / "mapping.toml").read_text(encoding="utf-8")
    (edge / "mapping.toml").write_text(text.replace(f'"{there}"', '"tap"'), encoding="utf-8")
    code, out, told = typed(*typed_elsewhere)
    assert (code, len(json.loads(out or "[]"))) == (0, 1), told


def test_a_database_in_a_file_is_named_as_a_file_is(typed: Hub, tmp_path: Path) -> None:
    """A SQLite file needs no URL; its tables are told, and one that is named is drafted."""
    path = tmp_path / "残联 库.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE T_CZR (XH INTEGER, SFZH TEXT, FZRQ TEXT, SSQX TEXT)")
    code, _, told = drafted(typed, tmp_path / "home", str(path))
    assert (code, "HUB-C482" in told, "T_CZR" in told) == (3, True, True)
    code, mapping, told = drafted(typed, tmp_path / "home", str(path), "T_CZR")
    assert (code, mapping["common"]["area"]) == (0, "SSQX"), told
    assert typed("connector", "check", "src", "--home", str(tmp_path / "home"))[0] == 0


def test_a_drop_folder_is_drafted_from_one_of_its_files(typed: Hub, tmp_path: Path) -> None:
    """Files of one ending make the pattern; of several, a pattern as TABLE says which; an empty folder is told."""
    folder = tmp_path / "收 件"
    folder.mkdir()
    code, _, told = drafted(typed, tmp_path / "home", str(folder))
    assert (code, "HUB-C487" in told) == (3, True)
    for name in ("5月.csv", "6月.csv"):
        (folder / name).write_text(",".join(COLUMNS) + "\n" + ",".join(COLUMNS.values()) + "\n", encoding="utf-8")
    code, mapping, told = drafted(typed, tmp_path / "home", str(folder))
    assert code == 0, told
    source = mapping["source"]
    assert (source["kind"], source["files"], source["pattern"]) == ("folder", "csv", "*.csv")
    assert sorted(path.name for path in folder.iterdir()) == ["5月.csv", "6月.csv"], "a draft takes no file"
    (folder / "注.jsonl").write_text("{}\n", encoding="utf-8")
    code, _, told = drafted(typed, tmp_path / "other", str(folder))
    assert (code, "*.csv (2), *.jsonl (1)" in told) == (3, True)
    code, mapping, told = drafted(typed, tmp_path / "other", str(folder), "*月.csv")
    assert (code, mapping["source"]["pattern"]) == (0, "*月.csv")
