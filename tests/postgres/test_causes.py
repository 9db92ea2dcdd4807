"""Whoever PostgreSQL does not let in is told why: each cause has a code and a remedy of its own, and no secret."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from hub.adapters.postgres.connection import connect
from hub.adapters.postgres.migrate import migrate
from hub.core.errors import HubError
from hub.texts import text
from tests.kafka.broker import free_port
from tests.kafka.secured import Authority
from tests.postgres.front import Front
from tests.postgres.server import PASSWORD, Server
from tests.postgres.test_faults import told

ACCOUNTS: Final = {
    "leaver": "NOLOGIN",
    "crowded": "LOGIN CONNECTION LIMIT 0",
    "stranger": "LOGIN",
}

CODES: Final = (
    *("P501 5 connection", "P501 5 53300", "P510 5", "P511 5", "P512 5", "P513 5", "P514 5"),
    *("P515 5", "P516 5", "P517 5", "P518 5", "P519 3", "P520 3", "P611 6"),
)


class Secured:
    """A server with accounts that it does not let in, what stands before it with TLS, and certificates."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        authority = Authority("test authority")
        authority.write(folder / "ca.pem")
        Authority("another").write(folder / "other.pem")
        authority.issue("server", folder / "server.pem")
        authority.issue("server", folder / "ended.pem", days=-1)
        with server.admin() as admin:
            for name, rights in ACCOUNTS.items():
                admin.execute(f"CREATE ROLE {name} {rights} PASSWORD '{PASSWORD}'".encode())
            admin.execute(b"CREATE DATABASE closed")
            admin.execute(b"REVOKE CONNECT ON DATABASE closed FROM PUBLIC")

    def url(self, front: Front | None = None, database: str = "postgres", account: str = "hub", **words: str) -> str:
        """An address of the server, or of what stands before it."""
        found = self.server.url(database).replace("hub:", f"{account}:")
        if front:
            found = found.replace(str(self.server.port), str(front.port))
        more = {name: value.replace("PEM/", f"{self.folder}/") for name, value in words.items()}
        return found + ("?" + "&".join(f"{name}={value}" for name, value in more.items()) if more else "")


@pytest.fixture(scope="module")
def secured(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Secured:
    """Everything that may stand in the way."""
    return Secured(server, tmp_path_factory.mktemp("secured"))


@pytest.fixture(scope="module")
def front(secured: Secured) -> Iterator[Front]:
    """It speaks TLS with a certificate for 127.0.0.1."""
    with Front(secured.server, secured.folder / "server.pem") as found:
        yield found


@pytest.fixture(scope="module")
def ended(secured: Secured) -> Iterator[Front]:
    """It speaks TLS with a certificate that has ended."""
    with Front(secured.server, secured.folder / "ended.pem") as found:
        yield found


def ways_not_in(secured: Secured, front: Front, ended: Front) -> dict[str, list[str]]:
    """Addresses at which nobody is let in, by the code that names why, and its exit code."""
    right, full = secured.url(), {"sslmode": "verify-full", "sslrootcert": "PEM/ca.pem"}
    other = {"sslmode": "verify-full", "sslrootcert": "PEM/other.pem"}
    wrong = right.replace(":p%25w", ":wrong")
    named = ("verify-full", ("", "")), ("verify-ca", ("127.0.0.1", "localhost"))
    return {
        "HUB-P501 5 connection": [right.replace(str(secured.server.port), str(free_port()))],
        "HUB-P501 5 53300": [secured.url(account="crowded")],
        "HUB-P510 5": [wrong, secured.url(account="nobody"), secured.url(front).replace(":p%25w", ":wrong")],
        "HUB-P511 5": [secured.url(database="nowhere"), secured.url(front, database="nowhere")],
        "HUB-P512 5": [secured.url(account="leaver")],
        "HUB-P513 5": [secured.url(front, sslmode="disable")],
        "HUB-P514 5": [secured.url(sslmode="require"), secured.url(**full)],
        "HUB-P515 5": [secured.url(front, **other), secured.url(front, **other | {"sslmode": "verify-ca"})],
        "HUB-P516 5": [secured.url(front, **full).replace("127.0.0.1", "localhost")],
        "HUB-P517 5": [secured.url(ended, **full | {"sslmode": mode}).replace(*there) for mode, there in named],
        "HUB-P518 5": [secured.server.url("postgres", password=False)],
        "HUB-P519 3": [secured.url(front, **full | {"sslrootcert": "PEM/nowhere.pem"})],
        "HUB-P520 3": [secured.url(sslmode="nonsense"), secured.url(nonsense="1")],
        "HUB-P611 6": [secured.url(database="closed", account="stranger")],
    }


def test_what_stands_before_the_server_lets_in_who_is_right(secured: Secured, front: Front) -> None:
    """With TLS, the authority and the name of the certificate, the account gets in: the ways below differ in one."""
    url = secured.url(front, sslmode="verify-full", sslrootcert="PEM/ca.pem")
    connect(url, "store").close()


@pytest.mark.parametrize("door", ["connect", "migrate"])
@pytest.mark.parametrize("code", CODES)
def test_who_is_not_let_in_is_told_why(secured: Secured, front: Front, ended: Front, code: str, door: str) -> None:
    """A wrong password, no such database, no TLS, a strange certificate: each its own code and setting to look at, and
    nothing tells a password, a port or what the library said."""
    act = {"connect": connect, "migrate": migrate}[door]
    for url in ways_not_in(secured, front, ended)[f"HUB-{code}"]:
        error, said = told(lambda url=url: act(url, "vault"))  # type: ignore[misc]
        assert [error.code, str(error.exit_code)] == f"HUB-{code}".split()[:2], url.partition("@")[2]
        assert str(error.place.get("reason", "")) == " ".join(code.split()[2:])
        for secret in (PASSWORD, "p%25w", "wrong", "nonsense", str(secured.server.port), str(front.port)):
            assert secret not in said
        if error.code != "HUB-P611":
            assert error.place["what"] == "vault"
        for language in ("en", "zh"):
            assert "{" not in "".join(text(error.code, language, **error.place))


def test_the_setting_to_look_at_is_named(secured: Secured) -> None:
    """Whose password is wrong is named by its section: of three databases each may be on another server."""

    def fix(schema: str) -> str:
        with pytest.raises(HubError) as caught:
            connect(secured.url(account="nobody"), schema)
        return text(caught.value.code, "en", **caught.value.place).fix

    assert all(f"{name}.password_file" in fix(name) for name in ("store", "intake", "vault"))
