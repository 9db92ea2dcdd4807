"""What is sent to databases that nobody can start here, as their dialects spell it; and the page that says so."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.sources import explain_sql, parse_source
from connectors.sources.products import PRODUCTS, as_bytes, dialect_of, product_of
from hub.core.errors import DataError
from tests.databases.bases import TESTED
from tests.kafka.broker import CACHE

SECTION = {"kind": "sql", "alias": "his-main", "url": "oracle://reader@10.0.0.8/his", "table": "患者", "schema": "HIS"}
SETTINGS = SECTION | {"cursor": "更新时间", "key": ["编号", "次"], "lag_days": 3}
ROW_VALUE = re.compile(r"\([^()]*,[^()]*\)\s*[<>]=?")
FETCHED = {"dameng": ("dmsqlalchemy==2.0.17", "dmpython==2.6.1", "setuptools==65.5.0")}
PAGE = Path(__file__).parents[2] / "docs" / "databases.md"


@pytest.mark.parametrize("name", PRODUCTS)
def test_each_product_has_all_statements_in_its_own_words(name: str) -> None:
    """Every product gets every part, without row values, with at most one page of rows, and with no statement that
    could write; a script of rights gives SELECT only."""
    found = explain_sql(parse_source(SETTINGS), ["姓名"], name)
    parts = (found.columns, found.whole, found.later, found.following, found.walk)
    sent = [one for part in parts for one in part]
    assert found.product == name
    for statement in (*sent, *found.login):
        assert not ROW_VALUE.search(statement)
        assert re.match(r"SELECT|SET|PRAGMA|show", statement, re.IGNORECASE), statement
        assert "{" not in statement
        assert "POSTCOMPILE" not in statement
    walk = [one for one in found.walk if one.startswith("SELECT")]
    assert "count" in walk[0]
    assert "IS NULL" in walk[-1]
    for page in (found.later[-1], found.following[-1], *walk[1:-1]):
        assert "5000" in page
    where = found.following[-1].partition(" WHERE ")[2].partition(" ORDER BY ")[0]
    assert [where.count(f":last_{n}") for n in (1, 2, 3)] == [4, 2, 1]
    assert where.count(" OR ") >= 2
    assert {"INSERT", "UPDATE", "DELETE", "ALL"}.isdisjoint(" ".join(found.grants).upper().split())
    assert (name == "sqlite") == (not found.grants)
    assert len(found.indexes) == 1


def test_an_order_that_is_not_known_is_told() -> None:
    """Where nobody knows where a database sorts empty values, each statement says it: else a page could hide rows."""
    following = {name: explain_sql(parse_source(SETTINGS), ["姓名"], name).following[-1] for name in PRODUCTS}
    assert "NULLS FIRST" in following["dameng"]
    assert all(("IS NULL" in following[name]) == (PRODUCTS[name].nulls == "last") for name in PRODUCTS)
    assert product_of("firebird").nulls == "told"


def test_bytes_are_asked_for_in_each_products_words() -> None:
    """A column of bytes in another encoding is asked for as bytes, which a database does not convert."""
    found = {
        name: str(as_bytes(sa.column("a"), product.backends[0]).compile(dialect=dialect_of(product)[0]))
        for name, product in PRODUCTS.items()
    }
    assert found["oracle"] == found["dameng"] == "utl_raw.cast_to_raw(a)"
    assert found["mssql"] == "CAST(a AS VARBINARY(8000))"
    assert found["mysql"] == "CAST(a AS BINARY)"
    assert found["kingbase"] == "convert_to(a, 'SQL_ASCII')"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"encoding": "gb18030"}, "HUB-C233"),
        ({"encoded": ["姓名"]}, "HUB-C233"),
        ({"encoding": "gb18030", "encoded": ["编号"]}, "HUB-C272"),
        ({"timeout_seconds": 0}, "HUB-C230"),
        ({"hours": ["8 to 9"]}, "HUB-C230"),
        ({"hours": "24:10-06:00"}, "HUB-C230"),
        ({"pause_ms": "long"}, "HUB-C235"),
        ({"url": "none"}, "HUB-C221"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: dict[str, object], code: str) -> None:
    """Limits, hours and encodings are judged before anything is opened."""
    with pytest.raises(DataError) as stop:
        explain_sql(parse_source(SETTINGS | settings), ["姓名"])
    assert stop.value.code == code


def test_a_product_that_nobody_knows_is_refused() -> None:
    """`--for` takes the products of the list."""
    with pytest.raises(DataError) as stop:
        explain_sql(parse_source(SETTINGS), [], "dbase")
    assert str(stop.value).startswith("HUB-C230 setting=--for allowed=postgresql, mysql")


def rows_of_page() -> dict[str, str]:
    """Product and state, as the page has them."""
    cells = [line.split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return {one[1].strip(): one[2].strip() for one in cells[1:] if len(one) == len(cells[0])}


NAMES = {
    "PostgreSQL": "postgresql", "MySQL": "mysql", "Oracle": "oracle", "SQL Server": "mssql", "SQLite": "sqlite",
    "Dameng": "dameng", "Kingbase": "kingbase", "GBase": "gbase",
}  # fmt: skip


def test_the_page_says_what_these_tests_do() -> None:
    """The table names every product; `tested` is what the tests of real servers run on, `compiles` what its own
    dialect spells in a test."""
    rows = rows_of_page()
    assert {NAMES[name] for name in rows if name != "MariaDB"} == set(PRODUCTS)
    assert {name.lower() for name, state in rows.items() if state == "tested"} == set(TESTED)
    spelled = {name for name, product in PRODUCTS.items() if dialect_of(product)[1]} | set(FETCHED)
    compiled = {NAMES[name] for name, state in rows.items() if state == "compiles"}
    assert compiled == spelled - set(TESTED)


ODBC = {
    "kingbase": "kingbase+pyodbc://r@10.0.0.8:54321/his?driver=KingbaseES",
    "gbase": "gbase8s+pyodbc://r@10.0.0.8:9088/his?driver=GBase8s&SERVER=one&DELIMIDENT=Y",
    "dameng": "dm+pyodbc://r@10.0.0.8:5236/?driver=DM8",
    "mssql": "mssql+pyodbc://r@10.0.0.8/his?driver=ODBC+Driver+18+for+SQL+Server",
}


@pytest.mark.parametrize("name", ODBC)
@pytest.mark.parametrize("about", [{"table": "患者", "schema": "HIS"}, {"table": "", "query": "SELECT * FROM 患者"}])
def test_a_url_through_odbc_spells_what_its_product_does(name: str, about: dict[str, str]) -> None:
    """What is printed for a URL through ODBC is the product's, part for part, and no driver's own words are claimed."""
    section = {"kind": "sql", "alias": "his", **about, "cursor": "更新时间", "key": ["编号", "次"], "url": ODBC[name]}
    found = explain_sql(parse_source(section), ["姓名"])
    assert found == explain_sql(parse_source(section), ["姓名"], name)
    assert (found.product, found.own, found.heard) == (name, True, False)
    rows = {"kingbase": "LIMIT 5000", "gbase": "FIRST 5000", "dameng": "FETCH FIRST 5000", "mssql": "TOP 5000"}[name]
    for page in (found.later[-1], found.following[-1]):
        assert rows in page
        assert ("LIMIT" in page) == (name == "kingbase")


def test_a_connection_through_odbc_is_spelled_for_its_driver() -> None:
    """Host, port and names come under the words of each driver; a password cannot end its place."""
    spelled = {}
    for name, url in ODBC.items():
        if name != "mssql":
            whole = sa.make_url(url).set(password="a;B=}c")
            (text,), _ = whole.get_dialect()().create_connect_args(whole)
            spelled[name] = text
    assert spelled == {
        "kingbase": "DRIVER=KingbaseES;SERVER=10.0.0.8;PORT=54321;DATABASE=his;UID=r;PWD={a;B=}}c}",
        "gbase": "DRIVER=GBase8s;HOST=10.0.0.8;SERVICE=9088;DATABASE=his;UID=r;PWD={a;B=}}c};SERVER=one;DELIMIDENT=Y",
        "dameng": "DRIVER=DM8;SERVER=10.0.0.8;TCP_PORT=5236;UID=r;PWD={a;B=}}c}",
    }
    section = SETTINGS | {"url": "kingbase://r@10.0.0.8/his"}  # another's dialect, which is not here
    assert not explain_sql(parse_source(section), ["姓名"]).own
    url = sa.make_url("kingbase+pyodbc://r@his-main?timeout=5")
    assert url.get_dialect()().create_connect_args(url) == (["DSN=his-main;UID=r;PWD="], {"timeout": 5})


SPELL = """
import json, sys
from connectors.sources import explain_sql, parse_source
found = explain_sql(parse_source(json.loads(sys.argv[1])), ["name"], sys.argv[2])
assert found.own
print(json.dumps(found._asdict()))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", FETCHED)
def test_a_dialect_that_no_installation_needs_spells_the_same(name: str) -> None:
    """A dialect that can be fetched spells a product, in a process of its own, as the one that stands in does."""
    settings = SETTINGS | {"table": "t", "cursor": "changed", "key": ["id"]}
    command = [sys.executable, "-W", "ignore", "-c", SPELL, json.dumps(settings), name]
    path = os.pathsep.join([str(PAGE.parents[1]), str(fetched(FETCHED[name]))])
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": path})
    assert done.returncode == 0, done.stderr
    own, ours = json.loads(done.stdout), explain_sql(parse_source(settings), ["name"], name)
    assert own["following"][-1].replace('"', "") == ours.following[-1].replace('"', "")
    assert own["whole"] == list(ours.whole)


def fetched(packages: tuple[str, ...]) -> Path:
    """A folder with a dialect and its driver. Skips the test where they cannot be fetched."""
    folder = CACHE / "dialects" / packages[0]
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), *packages]
        if subprocess.run(command, capture_output=True, timeout=300).returncode:
            pytest.skip(f"{packages[0]} could not be fetched")
        (folder / "complete").touch()
    return folder


def fresh(code: str) -> str:
    """What a program prints that has imported nothing before."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_database_waits_for_no_dialect_but_its_own(tmp_path: Path) -> None:
    """Whoever reads one product does not load what speaks to the others."""
    with closing(sqlite3.connect(tmp_path / "a.db")) as db, db:
        db.execute("CREATE TABLE a (b TEXT)")
    section = {"kind": "sql", "alias": "his", "url": "sqlite:///a.db", "table": "a"}
    code = f"""
import sys
from pathlib import Path
from connectors.sources import open_source, parse_source
with open_source(parse_source({section}), Path({str(tmp_path)!r})) as source:
    assert [column.name for column in source.columns()] == ["b"]
known = ("sqlite", "postgresql", "mysql", "oracle", "mssql")
print([name for name in known if f"sqlalchemy.dialects.{{name}}" in sys.modules])
"""
    assert fresh(code) == "['sqlite']"


@pytest.mark.parametrize("name", ["kingbase", "kingbase8", "dm", "gbase8s"])
def test_our_dialects_are_known_before_the_first_statement(name: str) -> None:
    """A database that is reached through ODBC is asked for its tables before anything is read from it: its dialect is
    found by then, and at most the driver lacks."""
    section = {"kind": "sql", "alias": "his", "url": f"{name}+pyodbc://u@127.0.0.1:1/a?driver=X", "table": ""}
    code = f"""
from pathlib import Path
from connectors.sources.tables import tables_of
from hub.core.errors import DataError, Unreachable
try:
    tables_of({section}, Path())
except DataError as error:
    print(error.code, error.place["driver"])
except Unreachable as error:
    print("HUB-C222 pyodbc")  # it is installed here, and nobody answers
"""
    assert fresh(code) == "HUB-C222 pyodbc"
