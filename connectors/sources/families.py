"""The type of a column: as a database declares it, or as a driver tells it of a SELECT without rows."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Final

import sqlalchemy as sa

_SQL_FAMILIES: Final = (
    (sa.types.Boolean, "boolean"),
    (sa.types.Numeric, "number"),
    (sa.types.Integer, "number"),
    (sa.types.DateTime, "date"),
    (sa.types.Date, "date"),
    (sa.types.Time, "time"),
    (sa.types.String, "text"),
    (sa.types.LargeBinary, "binary"),
)
_PYTHON_FAMILIES: Final[tuple[tuple[tuple[type, ...], str], ...]] = (
    ((bool,), "boolean"),
    ((int, float, Decimal), "number"),
    ((date,), "date"),
    ((time, timedelta), "time"),
    ((str,), "text"),
    ((bytes, bytearray), "binary"),
)


def _codes(**families: tuple[int, ...]) -> dict[int, str]:
    return {code: name for name, codes in families.items() for code in codes}


_POSTGRESQL: Final = _codes(
    boolean=(16,), number=(20, 21, 23, 700, 701, 790, 1700), date=(1082, 1114, 1184), time=(1083, 1186, 1266),
    text=(18, 19, 25, 1042, 1043), binary=(17,),
)  # fmt: skip
_MYSQL: Final = _codes(number=(0, 1, 2, 3, 4, 5, 8, 9, 13, 246), date=(7, 10, 12), time=(11,), text=(15, 253, 254))
_PROTOCOLS: Final[Mapping[str, Mapping[int, str]]] = {
    "postgresql": _POSTGRESQL, "kingbase": _POSTGRESQL, "kingbase8": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL,
}  # fmt: skip
_ORACLE: Final = {
    "DB_TYPE_NUMBER": "number", "DB_TYPE_BINARY_FLOAT": "number", "DB_TYPE_BINARY_DOUBLE": "number",
    "DB_TYPE_BINARY_INTEGER": "number", "DB_TYPE_DATE": "date", "DB_TYPE_TIMESTAMP": "date",
    "DB_TYPE_TIMESTAMP_TZ": "date", "DB_TYPE_TIMESTAMP_LTZ": "date", "DB_TYPE_CHAR": "text", "DB_TYPE_NCHAR": "text",
    "DB_TYPE_VARCHAR": "text", "DB_TYPE_NVARCHAR": "text", "DB_TYPE_CLOB": "text", "DB_TYPE_NCLOB": "text",
    "DB_TYPE_LONG": "text", "DB_TYPE_RAW": "binary", "DB_TYPE_BLOB": "binary", "DB_TYPE_BOOLEAN": "boolean",
}  # fmt: skip


def sql_family(kind: sa.types.TypeEngine[object]) -> str:
    """The type of a declared column as we name types; `any` for one that we do not know."""
    for base, name in _SQL_FAMILIES:
        if isinstance(kind, base):
            return name
    return "any"


def told_family(code: object, backend: str) -> str:
    """The type that a driver's `description` tells: a number of the protocol, a Python type (ODBC), Oracle's object."""
    if isinstance(code, type):
        return next((name for kinds, name in _PYTHON_FAMILIES if issubclass(code, kinds)), "any")
    if isinstance(code, int):
        return _PROTOCOLS.get(backend, {}).get(code, "any")
    return _ORACLE.get(str(getattr(code, "name", "")), "any")
