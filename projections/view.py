"""What a public view is made of: columns with meaning and privacy class, and the SQL behind them."""

from typing import NamedTuple

PLAIN, QUASI, SENSITIVE = "plain", "quasi", "sensitive"


class Column(NamedTuple):
    """One column: what it means, its privacy class, how the value was made less telling, and its SQL."""

    name: str
    zh: str
    en: str
    privacy: str
    transform: str
    sql: str


class View(NamedTuple):
    """One public view of a group. `domain` names the pseudonyms it uses ("" when it shows no person).

    `tail` is the SQL from FROM on. `refs` are the columns that refer to a person, case, need or offer.
    """

    name: str
    group: str
    domain: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    tail: str
    refs: tuple[str, ...] = ()

    def select(self) -> str:
        """The SELECT over the tables of the group. The dialect is SQLite's."""
        shown = ", ".join(f"{column.sql} AS {column.name}" for column in self.columns)
        return f"SELECT {shown} {self.tail}"


def month(field: str) -> str:
    """SQL for the month of a day number."""
    return f"strftime('%Y-%m', {field} * 86400, 'unixepoch')"


def date(field: str) -> str:
    """SQL for the date of a day number."""
    return f"date({field} * 86400, 'unixepoch')"


def named(table: str, group: str, domain: str) -> str:
    """FROM a table with the pseudonyms of a domain."""
    return f"FROM {table} r JOIN {group}_name p ON p.id = r.id AND p.domain = '{domain}'"


PSEUDONYM = "lower(hex(p.value))"


def person() -> Column:
    """The pseudonym of the person."""
    return Column("person", "本视图内的假名", "pseudonym of the person, of this view only", PLAIN, "token", PSEUDONYM)


def case_ref() -> Column:
    """The reference of a case: pseudonym and number."""
    zh, en = "个案编号:假名-第几个个案", "the case: pseudonym and number of the case"
    return Column("case_ref", zh, en, PLAIN, "token", f"{PSEUDONYM} || '-' || (r.n + 1)")


def county(sql: str = "r.area") -> Column:
    """The county code."""
    return Column("county", "区县代码", "county code", QUASI, "area:6", sql)


def months(*names: tuple[str, str, str, str]) -> tuple[Column, ...]:
    """Columns (name, zh, en, field) that show a day as its month."""
    return tuple(Column(name, zh, en, QUASI, "month", month(f"r.{field}")) for name, zh, en, field in names)
