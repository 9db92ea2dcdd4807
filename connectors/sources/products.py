"""What we know of each database product: its own words for read-only, for time limits, for its clock and for rights.

One row a product. What is true of SQLAlchemy's dialects stands there; what is true of our reading stands here. A
dialect is named, and loaded by whoever reaches for it: few edges read a database, and none reads all products.
"""

from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import registry

from hub.core.errors import DataError

ODBC: Final = "pyodbc"
OURS: Final = {"kingbase": "KingbaseOdbc", "kingbase8": "KingbaseOdbc", "dm": "DamengOdbc", "gbase8s": "GbaseOdbc"}
"""Dialects of `connectors.sources.odbc`, by the name that a URL begins with; the driver after its plus is `pyodbc`."""

for _name, _dialect in OURS.items():
    registry.register(f"{_name}.{ODBC}", "connectors.sources.odbc", _dialect)

READER: Final = "hub_reader"
"""The account that a script of rights makes where the URL names none."""


class Product(NamedTuple):
    """A database product.

    `backends` are SQLAlchemy's names for it, `stand_in` the dialect that spells its SQL where its own is not installed.
    `nulls` says where it sorts empty values: first, last, or told (it must be said in each statement).
    `driver` is what SQLAlchemy sends of itself when it connects; `login` is sent once, `begin` at the start of each
    transaction, `whole` before a read in one statement. `clock` selects its own time, local and UTC. `grants` is a
    script of rights, `indexed` makes an index. What stands in braces is put in, names quoted.
    """

    name: str
    backends: tuple[str, ...]
    stand_in: str
    nulls: str = "first"
    driver: tuple[str, ...] = ()
    login: tuple[str, ...] = ()
    begin: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    clock: str = ""
    grants: tuple[str, ...] = ()
    indexed: str = "CREATE INDEX {name} ON {table} ({columns})"


_POSTGRESQL: Final = (
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "SET statement_timeout = {ms}",
    "SET lock_timeout = {ms}",
)
_POSTGRESQL_GRANTS: Final = (
    "CREATE ROLE {user} LOGIN PASSWORD '<password>' CONNECTION LIMIT 2",
    "ALTER ROLE {user} SET default_transaction_read_only = on",
    "GRANT CONNECT ON DATABASE {database} TO {user}",
    "GRANT USAGE ON SCHEMA {schema} TO {user}",
    "GRANT SELECT ({columns}) ON {table} TO {user}",
)
_POSTGRESQL_DRIVER: Final = (
    "select pg_catalog.version()",
    "select current_schema()",
    "show standard_conforming_strings",
    "show transaction isolation level",
)
_POSTGRESQL_CLOCK: Final = "SELECT localtimestamp, timezone('UTC', clock_timestamp())"
_MYSQL: Final = (
    "SET SESSION /*M!100101 max_statement_time={s}, */ /*!50708 max_execution_time={ms}, */ net_write_timeout={w}"
)
_MYSQL_DRIVER: Final = (
    "SET NAMES utf8mb4",
    "SET AUTOCOMMIT = 0",
    "SELECT VERSION()",
    "SELECT DATABASE()",
    "SELECT @@transaction_isolation",
    "SELECT @@tx_isolation",  # where the other is not known yet
    "SELECT @@sql_mode",
    "SELECT @@lower_case_table_names",
)
_ORACLE_GRANTS: Final = (
    'CREATE USER {user} IDENTIFIED BY "<password>"',
    "GRANT CREATE SESSION TO {user}",
    "GRANT SELECT ON {table} TO {user}",
    '-- instead, for these columns alone, with table = "{view}" in [source]: '
    "CREATE VIEW {view} AS SELECT {columns} FROM {table}; GRANT SELECT ON {view} TO {user}",
)
_ORACLE_CLOCK: Final = "SELECT CAST(SYSTIMESTAMP AS TIMESTAMP), SYS_EXTRACT_UTC(SYSTIMESTAMP) FROM DUAL"

PRODUCTS: Final = {
    product.name: product
    for product in (
        Product(
            "postgresql", ("postgresql",), "postgresql", nulls="last", driver=_POSTGRESQL_DRIVER,
            login=_POSTGRESQL, clock=_POSTGRESQL_CLOCK,
            grants=_POSTGRESQL_GRANTS,
        ),
        Product(
            "mysql", ("mysql", "mariadb"), "mysql",
            driver=_MYSQL_DRIVER,
            login=("SET SESSION TRANSACTION READ ONLY", _MYSQL),
            whole=(_MYSQL.replace("{s}", "0").replace("{ms}", "0"),),
            clock="SELECT NOW(6), UTC_TIMESTAMP(6)",
            grants=(
                "CREATE USER {user} IDENTIFIED BY '<password>' WITH MAX_USER_CONNECTIONS 2",
                "GRANT SELECT ({columns}) ON {table} TO {user}",
            ),
        ),
        Product(
            "oracle", ("oracle",), "oracle", nulls="last", begin=("SET TRANSACTION READ ONLY",),
            clock=_ORACLE_CLOCK, grants=_ORACLE_GRANTS,
        ),
        Product(
            "mssql", ("mssql",), "mssql", login=("SET LOCK_TIMEOUT {ms}",),
            clock="SELECT SYSDATETIME(), SYSUTCDATETIME()",
            grants=(
                "CREATE LOGIN {user} WITH PASSWORD = '<password>'",
                "CREATE USER {user} FOR LOGIN {user}",
                "GRANT SELECT ON OBJECT::{table} ({columns}) TO {user}",
            ),
        ),
        Product("sqlite", ("sqlite",), "sqlite"),
        Product(
            "dameng", ("dm",), "oracle", nulls="told", begin=("SET TRANSACTION READ ONLY",), clock=_ORACLE_CLOCK,
            grants=(
                'CREATE USER {user} IDENTIFIED BY "<password>"',
                "GRANT SELECT ({columns}) ON {table} TO {user}",
            ),
        ),
        Product(
            "kingbase", ("kingbase", "kingbase8"), "postgresql", nulls="last", driver=_POSTGRESQL_DRIVER,
            login=_POSTGRESQL, clock=_POSTGRESQL_CLOCK,
            grants=_POSTGRESQL_GRANTS,
        ),
        Product(
            "gbase", ("gbase8s",), "postgresql", login=("SET LOCK MODE TO WAIT {s}",),
            begin=("SET TRANSACTION READ ONLY",),
            clock="SELECT FIRST 1 CURRENT YEAR TO FRACTION(5), DBINFO('utc_current') FROM systables",
            grants=("GRANT CONNECT TO {user}", "GRANT SELECT ({columns}) ON {table} TO {user}"),
        ),
    )
}  # fmt: skip
_PLAIN: Final = Product("any", (), "sqlite", nulls="told")


def product_of(backend: str) -> Product:
    """The product behind a name of SQLAlchemy; of one that we do not know, nothing is said but standard SQL."""
    return next((product for product in PRODUCTS.values() if backend in product.backends), _PLAIN)


def product_named(name: str) -> Product:
    """A product by our name for it. Raises DataError HUB-C230."""
    if name not in PRODUCTS:
        raise DataError("HUB-C230", setting="--for", allowed=", ".join(PRODUCTS))
    return PRODUCTS[name]


def dialect_of(product: Product, odbc: bool | None = None) -> tuple[sa.Dialect, bool]:
    """The dialect that spells a product's SQL, with named parameters; whether a read would be spelled by it.

    It is the product's own, or with `odbc` ours (`connectors.sources.odbc`); where nobody says, ours if its own is not
    installed.
    """
    own, ours = list(product.backends), [f"{name}.{ODBC}" for name in product.backends if name in OURS]
    for name in (*ours, *own) if odbc else own if odbc is False else (*own, *ours):
        try:
            return registry.load(name)(paramstyle="named"), True
        except (exc.NoSuchModuleError, ImportError):
            continue
    return registry.load(product.stand_in)(paramstyle="named"), False


def as_bytes(column: sa.ColumnElement[Any], backend: str) -> sa.ColumnElement[Any]:
    """The bytes of a text column as they lie there, whatever encoding the database thinks that they have."""
    raw: sa.ColumnElement[Any]
    if backend in ("oracle", "dm"):
        raw = sa.func.utl_raw.cast_to_raw(column)
    elif product_of(backend).stand_in == "postgresql":
        raw = sa.func.convert_to(column, sa.literal_column("'SQL_ASCII'"))
    else:
        raw = sa.cast(column, sa.VARBINARY(8000) if backend == "mssql" else sa.LargeBinary())
    return sa.type_coerce(raw, sa.types.NULLTYPE)
