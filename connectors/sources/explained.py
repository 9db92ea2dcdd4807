"""What a database's keeper asks before anyone may read: which statements, by which index, with which rights."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc

from connectors.sources.products import ODBC, READER, Product, dialect_of, product_of
from connectors.sources.source import CHUNK
from connectors.sources.spec import SqlSpec
from connectors.sources.statements import Part, Select, Statements
from hub.core.errors import DataError

_PLACES: Final = "<{}>"


class Explained(NamedTuple):
    """All that is sent for a source, part by part; `own` says whether the product's own dialect spelled it, `heard`
    whether a server of it, or of its twin, was listened to: else what the driver says of itself is not known.

    `login` is sent once a run, `columns` before any row, `whole` for a full read, `later` for the first page from the
    cursor on, `following` for each page after it. `indexes` serve these two; `grants` lets an account do just this.
    `walk` is sent for a backfill without bounds: it counts rows, asks for the newest cursor, then takes pages.
    """

    product: str
    own: bool
    heard: bool
    login: tuple[str, ...]
    columns: tuple[str, ...]
    whole: tuple[str, ...]
    later: tuple[str, ...]
    following: tuple[str, ...]
    walk: tuple[str, ...]
    indexes: tuple[str, ...]
    grants: tuple[str, ...]


def explain(
    spec: SqlSpec, names: Sequence[str], product: Product | None = None, key: Sequence[str] = ()
) -> Explained:  # fmt: skip
    """What is sent for a source whose mapping reads `names` and tells rows apart by `key`, on its own product or
    another; nothing is opened.

    Raises DataError C221 for a URL that is none, and what `Statements` raises.
    """
    try:
        url = sa.make_url(spec.url)
    except (exc.ArgumentError, ValueError):
        raise DataError("HUB-C221", alias=spec.alias) from None
    here = product_of(url.get_backend_name())
    product = product or here
    dialect, own = dialect_of(product, url.drivername.endswith(f"+{ODBC}") if product == here else None)
    known = () if dialect.driver == ODBC else product.driver
    needed = tuple(dict.fromkeys([*spec.key, *([spec.cursor] if spec.cursor else []), *spec.encoded, *names]))
    sent = Statements(spec, product.backends[0] if product.backends else dialect.name)
    spell = _Speller(dialect, product, spec)
    begins = tuple(map(spell.limited, product.begin))
    streamed = (*map(spell.limited, product.whole), *begins)
    later: tuple[str, ...] = ()
    following: tuple[str, ...] = ()
    if spec.cursor:
        begin: sa.BindParameter[object] = sa.bindparam("cursor", None)
        later = (*(begins if spec.key else streamed), spell.select(sent.page(needed, [begin])))
        if spec.key:
            last: list[sa.BindParameter[object]] = [
                sa.bindparam(f"last_{number}", None) for number, _ in enumerate(sent.order, 1)
            ]
            following = (*begins, spell.select(sent.page(needed, last)))
    part, walked = Part(spec.key or tuple(key)), tuple(dict.fromkeys((*needed, *key)))
    keyed: list[Any] = [sa.bindparam(f"last_{number}", None) for number, _ in enumerate(part.order, 1)]
    walk = (
        sent.count(part), *([sent.newest()] if spec.cursor else []),
        *([sent.piece(walked, part, (), CHUNK), sent.piece(walked, part, keyed, CHUNK), sent.empty(walked, part)]),
    ) if part.order else ()  # fmt: skip
    return Explained(
        product.name,
        own,
        bool(known) or product.name == "sqlite",
        (*known, *map(spell.limited, product.login), *((product.clock,) if product.clock else ())),
        (*begins, *spell.columns(sent, needed)),
        (*streamed, spell.select(sent.whole(needed))),
        later,
        following,
        tuple(line for one in walk for line in (*begins, spell.select(one))),
        spell.index(sent.order if spec.cursor else spec.key),
        spell.grants(url, needed),
    )


class _Speller:
    """One product's way of writing names and statements."""

    def __init__(self, dialect: sa.Dialect, product: Product, spec: SqlSpec) -> None:
        self._dialect, self._product, self._spec = dialect, product, spec
        self._quote = dialect.identifier_preparer.quote

    def select(self, statement: Select) -> str:
        """A SELECT with its parameters named."""
        compiled = statement.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True})
        return " ".join(str(compiled).split("\n")).replace(":param_1", str(CHUNK)).replace("  ", " ")

    def limited(self, statement: str) -> str:
        """A setting of the session, with the limits of the source."""
        return self._spec.session(statement)

    def columns(self, sent: Statements, names: Sequence[str]) -> tuple[str, ...]:
        """How the columns are asked for."""
        if self._product.name == "sqlite" and self._spec.table:
            schema = self._quote(self._spec.schema or "main")
            return (
                f"PRAGMA {schema}.table_xinfo({self._dialect.identifier_preparer.quote_identifier(self._spec.table)})",
            )
        return (self.select(sent.probe(names)),)

    def index(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The index in whose order rows are read; none for a read without order, or of a SELECT of somebody's own."""
        if not columns or self._spec.query:
            return ()
        listed = ", ".join(map(self._quote, columns))
        name = self._quote("hub_" + self._spec.alias.replace("-", "_"))
        return (self._product.indexed.format(name=name, table=self._table(), columns=listed),)

    def grants(self, url: sa.URL, columns: Sequence[str]) -> tuple[str, ...]:
        """A script of rights, for the URL's account; what it cannot know stands in angle brackets."""
        user = self._quote(url.username or READER)
        if self._product.name == "mysql":
            user = f"'{url.username or READER}'@'<address of the connector>'"
        schema = self._spec.schema or ("public" if "{schema}" in " ".join(self._product.grants) else "")
        places = {
            "user": user,
            "database": self._quote(url.database or _PLACES.format("database")),
            "schema": self._quote(schema) if schema else "",
            "table": _PLACES.format("each table of the query") if self._spec.query else self._table(url.database),
            "columns": _PLACES.format("its columns") if self._spec.query else ", ".join(map(self._quote, columns)),
            "view": self._quote("hub_" + self._spec.alias.replace("-", "_")),
        }
        return tuple(line.format(**places) for line in self._product.grants)

    def _table(self, database: str | None = None) -> str:
        schema = self._spec.schema or (database if database and self._product.name == "mysql" else "")
        return ".".join(map(self._quote, [*([schema] if schema else []), self._spec.table]))
