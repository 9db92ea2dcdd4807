"""A county's engineer and a database that nobody prepared: from its address to published rows, by commands alone."""

import re
from pathlib import Path

import pytest

from hub.cli.main import run
from tests.connectors.rig import number
from tests.databases.bases import Maria, Postgres
from tests.databases.mariadb import MariaDb
from tests.postgres.server import Server

pytestmark = pytest.mark.slow

COLUMNS = "编号 VARCHAR(20) PRIMARY KEY, 姓名 VARCHAR(40), 身份证号 VARCHAR(18), 更新时间 TIMESTAMP, 备注 TEXT"


@pytest.mark.parametrize("product", ["postgresql", "mariadb"])
def test_a_database_goes_from_its_address_to_events(
    product: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Draft, print the statements, have the rights given as printed, check, preview, run twice: with these rights all
    works, rows are published once, and no number of a person is shown."""
    server: Server | MariaDb = request.getfixturevalue(product)
    base = Postgres(server, tmp_path) if isinstance(server, Server) else Maria(server, tmp_path)
    base.do(f"CREATE TABLE 病人 ({COLUMNS})")
    for n in range(3):
        base.do(f"INSERT INTO 病人 VALUES ('B{n}', '张三丰', '{number(n)}', '2026-05-0{n + 1} 08:00:00', 'x')")
    home = ["--home", str(tmp_path / "hub")]
    assert run(["init", *home]) == 0
    owner = base.owner(tmp_path)
    words = ["connector", "new", "--from", owner["url"], "病人", "--name", "ward", *home, "--area", "220102"]
    assert run([*words, "--password-file", owner["password_file"]]) == 0
    path = tmp_path / "hub" / "edges" / "ward" / "mapping.toml"
    drafted = path.read_text(encoding="utf-8")
    assert 'cursor = "更新时间"\nlag_days = 3\nkey = "编号"' in drafted
    mended = drafted.replace(owner["url"], str(base.section()["url"])).replace(
        owner["password_file"], str(base.password)
    )
    mended = re.sub(r"# occurred_on = .*", 'occurred_on = "更新时间"', mended)
    path.write_text(mended, encoding="utf-8")
    capsys.readouterr()
    assert run(["connector", "sql", "ward", *home]) == 0
    for line in capsys.readouterr().out.splitlines():
        if line.startswith(("CREATE", "GRANT", "ALTER")):
            base.do(line.rstrip(";").replace("<address of the connector>", "%"))
    for step in ("check", "preview", "run", "run"):
        assert run(["--lang", "en", "connector", step, "ward", *home]) == 0, capsys.readouterr()
    told = capsys.readouterr().out
    assert "published 3 + unchanged 0" in told
    assert "published 0 + unchanged 3" in told
    assert number(1) not in told


def test_an_account_without_rights_is_told_so(postgresql: Server, tmp_path: Path) -> None:
    """A wrong password is a database that does not answer; neither it nor the address is shown."""
    base = Postgres(postgresql, tmp_path)
    assert run(["init", "--home", str(tmp_path / "hub")]) == 0
    words = ["connector", "new", "--from", str(base.section()["url"]), "病人", "--home", str(tmp_path / "hub")]
    assert run([*words, "--password-file", str(base.password)]) == 5
