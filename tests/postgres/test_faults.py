"""What is told when PostgreSQL does not answer or refuses: a code, an exit code, and never a value or a password."""

import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import closing

import pytest

from hub.adapters.postgres.connection import ask, connect
from hub.core.errors import HubError

SECRET = "some person's number"


def told(act: Callable[[], object]) -> tuple[HubError, str]:
    """The error that is raised, and everything that a log could show of it."""
    with pytest.raises(HubError) as caught:
        act()
    error = caught.value
    assert error.__suppress_context__
    assert error.__cause__ is None
    return error, str(error) + repr(error.place) + "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("statement", "values", "code"),
    [
        ("INSERT INTO t VALUES (?), (?)", (SECRET, SECRET), "HUB-P310"),
        ("SELECT CAST(? AS integer)", (SECRET,), "HUB-P310"),
        ("INSERT INTO t VALUES (?)", (f"{SECRET}\0",), "HUB-P310"),
        ("SELECT ? FROM nowhere", (SECRET,), "HUB-P101"),
    ],
    ids=["twice", "type", "zero", "table"],
)
def test_a_refused_statement_tells_no_value(url: str, statement: str, values: tuple[str, ...], code: str) -> None:
    """PostgreSQL's DETAIL and the driver's message carry values; what we tell carries the SQLSTATE."""
    with closing(connect(url, "store")) as connection:
        ask(connection, "CREATE TEMPORARY TABLE t (a text PRIMARY KEY)")
        error, said = told(lambda: ask(connection, statement, values))
    assert error.code == code
    assert SECRET not in said


@pytest.mark.parametrize(("schema", "code"), [("store", "HUB-P414"), ("intake", "HUB-I442"), ("vault", "HUB-V412")])
@pytest.mark.parametrize("state", ["XX001", "XX002"])
def test_a_damaged_database_names_itself(url: str, schema: str, code: str, state: str) -> None:
    """A damaged page or index is exit 4, as in a file, and only views are ever told to be made again."""
    with closing(connect(url, schema)) as connection:
        error, _ = told(lambda: ask(connection, f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))
    assert (error.code, error.exit_code, error.place["reason"]) == (code, 4, state)


@pytest.mark.parametrize(("schema", "what"), [("store", "views"), ("intake", "intake"), ("vault", "vault")])
def test_a_refusal_names_the_database(url: str, schema: str, what: str) -> None:
    """Whoever reads that a statement was refused learns by which of the three databases."""
    with closing(connect(url, schema)) as connection:
        error, _ = told(lambda: ask(connection, "SELECT 1 / 0"))
    assert (error.code, error.place["what"]) == ("HUB-P310", what)


def test_the_program_works_without_the_extra() -> None:
    """Where PostgreSQL's libraries are not installed everything else works, and its URL says what to install."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('psycopg', 'alembic')))\n"
        "import hub.installation\n"
        "from hub.adapters import databases\n"
        "from hub.core.errors import DataError\n"
        "for act in (databases.open_intake_store, databases.open_vault_tables, databases.open_views):\n"
        "    try:\n"
        "        act('postgresql+psycopg://hub@127.0.0.1/hub')\n"
        "    except DataError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "HUB-G153\n" * 3), done.stderr
