"""`hub projection`: the views that the hub works out, what they mean, and whether they still follow from the log."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.cli.progress import Counter
from hub.cli.tables import grid
from hub.core.errors import DataError, IntegrityError, UsageError
from hub.deliver.export import FORMS, Field, export, opened
from hub.deliver.rebuild import Rebuilding, Rebuilt
from hub.installation import Installation
from hub.texts import language, ui
from projections.dictionary import VIEWS, view
from projections.view import View

TITLES = ("names", "zh")


@click.group("projection")
def group() -> None:
    """The views: list, show, export; compare them with the log, and make them again."""


def known(name: str) -> View:
    """A view by name, `v_` and `_v1` may be left out. Raises DataError HUB-P360 for one that is not there."""
    found = view(name)
    if found is None:
        raise DataError("HUB-P360", known=", ".join(one.name for one in VIEWS))
    return found


def columns_of(one: View) -> list[str]:
    """Names of a view's columns, in order."""
    return [column.name for column in one.columns]


@group.command("list")
@home_option
@json_option
def list_(home: Path, as_json: bool) -> None:
    """Groups with their positions, tables and rows; public views with theirs."""
    settings = settings_of(home)
    with Installation(settings) as hub, wiring.open_views(settings).snapshot() as snapshot:
        groups = [
            {
                "group": each.name,
                "topic": each.topic,
                "positions": list(snapshot.positions(each.name).values()),
                "tables": {name: snapshot.count(f"{each.name}_{name}") for name in hub.store.tables(each.name)},
            }
            for each in hub.groups
        ]
        views = [_summary(one, snapshot.count(one.name)) for one in VIEWS]
    if as_json:
        print_json({"groups": groups, "views": views})
        return
    lang = language()
    for each in groups:
        places = {name: str(each[name]) for name in ("group", "topic", "positions")}
        click.echo(ui("projection.group", lang, **places))
        tables = each["tables"]
        assert isinstance(tables, dict)
        click.echo("    " + "  ".join(f"{name} {rows:,}" for name, rows in tables.items()))
    click.echo(grid([[str(one["view"]), f"{one['rows']:,}", str(one[lang])] for one in views], right={1}))


def _summary(one: View, rows: int) -> dict[str, object]:
    return {"view": one.name, "group": one.group, "rows": rows, "zh": one.zh, "en": one.en}


@group.command()
@click.argument("name", metavar="VIEW")
@click.option("--limit", default=20, type=click.IntRange(1, 1_000_000), help="At most so many rows; 20.")
@home_option
@json_option
def show(name: str, limit: int, home: Path, as_json: bool) -> None:
    """The first rows of a view, in order of its columns."""
    one = known(name)
    columns = columns_of(one)
    settings = settings_of(home)
    with Installation(settings), wiring.open_views(settings).snapshot() as snapshot:
        rows = list(snapshot.rows(one.name, columns, limit=limit))
        total = snapshot.count(one.name)
    if as_json:
        print_json({"view": one.name, "total": total, "rows": [dict(zip(columns, row, strict=True)) for row in rows]})
        return
    click.echo(grid([columns, *([_shown(value) for value in row] for row in rows)]))
    click.echo(ui("projection.shown", language(), shown=len(rows), total=total))


def _shown(value: object) -> str:
    return "-" if value is None else str(value)


@group.command()
@click.argument("name", metavar="[VIEW]", required=False)
@json_option
def dictionary(name: str | None, as_json: bool) -> None:
    """Every column of every view, or of one: meaning, privacy class, what was done to make it less telling."""
    views = [known(name)] if name else list(VIEWS)
    if as_json:
        print_json([_documented(one) for one in views])
        return
    lang = language()
    for one in views:
        click.echo(f"{one.name}  {one.zh if lang == 'zh' else one.en}")
        rows = [[c.name, c.zh if lang == "zh" else c.en, f"{c.privacy} {c.transform}"] for c in one.columns]
        click.echo("\n".join(f"    {line}" for line in grid(rows).splitlines()))


def _documented(one: View) -> dict[str, object]:
    shown = ("name", "zh", "en", "privacy", "transform")
    columns = [{name: getattr(column, name) for name in shown} for column in one.columns]
    return {"view": one.name, "zh": one.zh, "en": one.en, "references": list(one.refs), "columns": columns}


@group.command()
@home_option
@json_option
def lag(home: Path, as_json: bool) -> None:
    """How many records of its log each group has not read yet."""
    with Installation(settings_of(home)) as hub:
        found = hub.lag()
    if as_json:
        print_json(found)
        return
    click.echo(grid([[name, f"{records:,}"] for name, records in found.items()], right={1}))


@group.command("export")
@click.argument("name", metavar="VIEW")
@click.option("--to", "form", required=True, type=click.Choice(FORMS), help="What kind of file.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Else standard output; xlsx needs one.")
@click.option("--titles", default="names", type=click.Choice(TITLES), help="Head of csv and xlsx: names, or Chinese.")
@home_option
@json_option
def export_(name: str, form: str, out: Path | None, titles: str, home: Path, as_json: bool) -> None:
    """Every row of a view as of one moment. Rows, positions and digest are told on standard error.

    With --out and --json, on standard output as JSON. A workbook has as many sheets as its rows need.
    """
    one = known(name)
    if form == "xlsx" and out is None:
        raise UsageError("HUB-P370")
    settings = settings_of(home)
    with (
        Installation(settings) as hub,
        wiring.open_views(settings).snapshot() as snapshot,
        opened(out) as sink,
    ):
        groups = [each.name for each in hub.groups]
        found = export(snapshot, one.name, _fields(one, titles), groups, form, sink)
    if as_json:
        click.echo(json.dumps(found._asdict(), indent=2), err=out is None)
        return
    positions = "  ".join(f"{part} {offsets}" for part, offsets in found.positions.items())
    hashes = {"digest": found.digest, "file_hash": found.sha256}
    click.echo(
        ui("projection.exported", language(), view=found.view, rows=found.rows, positions=positions, **hashes), err=True
    )
    if found.sheets > 1:
        click.echo(ui("projection.sheets", language(), sheets=found.sheets), err=True)


def _fields(one: View, titles: str) -> list[Field]:
    """The columns of a file. A day is what the view makes of one; a month is none, and stays the text that it is."""
    return [
        Field(column.name, column.zh if titles == "zh" else column.name, column.sql.startswith("date("))
        for column in one.columns
    ]


@contextmanager
def _at_work(home: Path, quiet: bool) -> Iterator[Rebuilding]:
    settings = settings_of(home)
    with wiring.lock(settings, "rebuild"), Installation(settings) as hub, Counter(quiet) as counter:
        shadows = wiring.shadows(settings, hub.projections, hub.store)
        yield Rebuilding(hub.groups, hub.log, hub.store, shadows, hub.system, counter)


@group.command()
@click.option("--accept-difference", is_flag=True, help="Switch although what was made again differs.")
@click.option("--set-aside", is_flag=True, help="First move the file of the views away; the hub must stand still.")
@home_option
@json_option
def rebuild(accept_difference: bool, set_aside: bool, home: Path, as_json: bool) -> None:
    """Make every view again from the log, and switch to what was made if it equals what is in use.

    It may run while `hub serve` runs, and be killed at any moment. When the two differ nothing is switched, and the
    exit code is 4: either the program or the policy files changed since (then accept it), or the store was damaged
    (then find out how, and accept it, too: the log is the truth). A file that is lost, damaged or newer than the
    program is made again with --set-aside; the old one stays beside it under another name.
    """
    if set_aside:
        _set_aside(home, as_json)
    with _at_work(home, as_json) as work, _standing_still(home, work):
        found = work.rebuild(accept_difference)
    told = "projection.made" if found.missing else "projection.switched" if found.switched else "projection.kept"
    _tell(found, as_json, told)
    if not found.switched:
        raise _refused(found)


@group.command()
@home_option
@json_option
def diff(home: Path, as_json: bool) -> None:
    """Make every view again beside those in use, and say where a table differs first; exit code 4 if one does.

    Tables, row numbers in order of the key, and names of fields are told, never values. Nothing is changed.
    """
    with _at_work(home, as_json) as work:
        found = work.compare()
    _tell(found, as_json, "projection.differs" if found.differences else "projection.equal")
    if found.differences:
        raise _refused(found)


def _set_aside(home: Path, quiet: bool) -> None:
    settings = settings_of(home)
    with wiring.lock(settings, "rebuild"), wiring.lock(settings, "serve"):
        moved = wiring.set_aside_views(settings)
    if moved and not quiet:
        click.echo(ui("projection.aside", language(), files=", ".join(moved)))


@contextmanager
def _standing_still(home: Path, work: Rebuilding) -> Iterator[None]:
    """Views that are not there are made in their place, while no `hub serve` does the same."""
    with wiring.lock(settings_of(home), "serve") if work.missing() else nullcontext():
        yield


def _refused(found: Rebuilt) -> IntegrityError:
    return IntegrityError("HUB-P430", group=found.differences[0].group)


def _tell(found: Rebuilt, as_json: bool, key: str) -> None:
    if as_json:
        print_json({**found._asdict(), "differences": [one._asdict() for one in found.differences]})
        return
    lang = language()
    for one in found.differences:
        fields = ", ".join(one.fields) or ui("projection.missing", lang)
        click.echo(ui("projection.difference", lang, table=f"{one.group}_{one.table}", row=one.row, fields=fields))
    for name, offsets in found.reached.items():
        click.echo(ui("projection.digest", lang, group=name, positions=str(offsets), digest=found.shadow[name]))
    click.echo(ui(key, lang))
