"""An installation whose databases are on a real PostgreSQL, by configuration."""

from contextlib import closing

from hub import founding, wiring
from hub.config import FILE
from tests.e2e.rig import Home
from tests.postgres.server import PASSWORD, Server


def on_postgresql(home: Home, server: Server, *databases: str) -> Home:
    """The installation with some of its databases on PostgreSQL; the password is in a file of its own."""
    (home.folder / "password").write_text(PASSWORD, encoding="utf-8")
    with (home.folder / FILE).open("a", encoding="utf-8") as file:
        for name in databases:
            place = server.database().rpartition("/")[2]
            url = server.url(place, password=False)
            file.write(f'\n[{name}]\nurl = "{url}"\npassword_file = "password"\n')
    for path in ("hub/views.db", *(("hub/intake.db", "vault/vault.db") if len(databases) > 1 else ())):
        for ending in ("", "-wal", "-shm"):
            (home.folder / f"{path}{ending}").unlink(missing_ok=True)
    return home


def registered(home: Home, like: Home) -> None:
    """The connectors of another installation, under the same numbers."""
    for make in founding.STEPS:
        make(home.settings)
    with (
        closing(wiring.open_intake_store(like.settings)) as theirs,
        closing(wiring.open_intake_store(home.settings)) as ours,
    ):
        for connector in theirs.registry()[1]:
            ours.register(connector)


def to_postgresql(server: Server, home: Home) -> None:
    """All three databases of a twin move there, before anything is in them."""
    on_postgresql(home, server, "store", "intake", "vault")
    registered(home, Home(home.model.home, home.model))
