"""A connector is begun on a real PostgreSQL whose tables are another schema's, as those of a hospital are."""

from pathlib import Path

import psycopg
import pytest

from connectors.sources.tables import in_schema, tables_of
from tests.postgres.server import PASSWORD, Server
from tests.typed import Hub

pytestmark = pytest.mark.slow


def test_a_table_of_another_schema_is_named_found_and_drafted(
    typed: Hub, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The messages name it with its schema; typed so, `new` drafts it and `check`
    asks for it."""
    monkeypatch.setenv("HIS_PASSWORD", PASSWORD)
    with psycopg.connect(server.database().replace("+psycopg", ""), autocommit=True) as owner:
        name = owner.info.dbname
        owner.execute('CREATE SCHEMA "门诊"')
        owner.execute('CREATE TABLE "门诊"."登记(新版)" ("序 号" int, "身份证号（必填）" text, "登记日期" date)')
        owner.execute('CREATE TABLE "门.诊" ("序号" int, "身份证号" text, "登记日期" date)')
    address = server.url(name, password=False)
    words = ["connector", "new", "--from", address, "--password-env", "HIS_PASSWORD"]
    words += ["--name", "ward", "--publisher", "health", "--area", "220102"]
    code, _, told = typed(*words)
    assert (code, "门.诊, 门诊.登记(新版)" in told) == (3, True), told
    code, _, told = typed(*words, "登记(旧版)")
    assert (code, "HUB-C228" in told, "门诊.登记(新版)" in told) == (3, True, True), told
    assert "hub connector check" not in told, "there is no mapping to check yet"
    assert typed(*words, "门诊.登记(新版)")[0] == 0
    drafted = next(tmp_path.rglob("mapping.toml")).read_text("utf-8")
    assert 'schema = "门诊"' in drafted
    assert 'table = "登记(新版)"' in drafted
    assert 'resident_id = "身份证号（必填）"' in drafted
    assert typed("connector", "check", "ward")[0] == 0
    own = {"kind": "sql", "alias": "a", "url": address, "table": "门.诊", "password_env": "HIS_PASSWORD"}
    assert in_schema(own, tmp_path) == own, "a table whose own name has the dot"
    assert tables_of({**own, "table": ""}, tmp_path) == ["门.诊", "门诊.登记(新版)"]
