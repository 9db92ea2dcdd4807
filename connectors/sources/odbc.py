"""Kingbase, GBase 8s and Dameng through ODBC: dialects of ours, since theirs speak to their own drivers alone.

`kingbase+pyodbc://USER@HOST:PORT/DATABASE?driver=NAME`: the driver as `odbcinst.ini` names it; what else it wants
follows as `&NAME=VALUE`. `kingbase+pyodbc://USER@DSN` takes a data source that the machine's keeper has set up. They
ask nothing when they connect, neither version nor catalogue.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.dialects.oracle.base import OracleDialect
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import SQLCompiler

_PLAIN: Final = "_-.:/\\"


class _Odbc(PyODBCConnector):
    """How all are reached; `places` are the words by which a driver knows host, port and database."""

    places: tuple[str, str, str] = ("SERVER", "PORT", "DATABASE")

    def create_connect_args(self, url: sa.URL) -> Any:
        """A connection string; what the driver does not take for itself stays with pyodbc."""
        more = {name: str(value) for name, value in url.query.items()}
        limits = {name: int(more.pop(name)) for name in ("timeout",) if name in more}
        driver = more.pop("driver", "")
        words: dict[str, str] = {"DRIVER": driver} if driver else {"DSN": url.host or ""}
        if driver:
            where = (url.host or "", str(url.port or ""), url.database or "")
            words |= {word: place for word, place in zip(self.places, where, strict=True) if place}
        words |= {"UID": url.username or "", "PWD": url.password or ""} if url.username else {}
        return [";".join(f"{word}={_braced(value)}" for word, value in (words | more).items())], limits

    def initialize(self, connection: sa.Connection) -> None:
        """Ask nothing."""


def _braced(value: str) -> str:
    """A value of a connection string, in braces where a character of it would end it."""
    plain = all(character.isalnum() or character in _PLAIN for character in value)
    return value if plain else "{" + value.replace("}", "}}") + "}"


# Whether compiled statements may be kept must be said by each dialect of its own: else SQLAlchemy warns on the console.
class KingbaseOdbc(_Odbc, PGDialect):
    """Kingbase is of PostgreSQL's family, and is spoken to as such."""

    name = "kingbase"
    supports_statement_cache = False
    server_version_info = (9, 6)


class DamengOdbc(_Odbc, OracleDialect):
    """Dameng is spoken to as its own dialect does: as Oracle."""

    name = "dm"
    supports_statement_cache = False
    places = ("SERVER", "TCP_PORT", "SCHEMA")


class _GbaseCompiler(SQLCompiler):
    """GBase 8s has the number of rows at the front, as Informix does."""

    def get_select_precolumns(self, select: Any, **options: Any) -> str:
        """`DISTINCT` and the like, with `FIRST n`."""
        text = super().get_select_precolumns(select, **options)
        limit = select._limit_clause
        if limit is None:
            return text
        return f"FIRST {self.process(limit.render_literal_execute(), **options)} {text}"

    def limit_clause(self, select: Any, **options: Any) -> str:
        """Nothing at the end."""
        return ""


class GbaseOdbc(_Odbc, DefaultDialect):
    """GBase 8s is of Informix's family; names in quotation marks want `DELIMIDENT=Y` in the URL."""

    name = "gbase8s"
    supports_statement_cache = False
    places = ("HOST", "SERVICE", "DATABASE")
    statement_compiler = _GbaseCompiler
