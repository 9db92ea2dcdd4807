"""`hub schema`: what events look like, and whether a change to them can be released."""

from pathlib import Path
from typing import Any, Final

import click

from hub.cli.options import json_option, print_json
from hub.core.errors import DataError, UsageError
from hub.data import codes
from hub.schema.compat import check as examine
from hub.schema.compat import path_of, releasable
from hub.schema.generate import events_folder, sources, stale
from hub.schema.generate import write as put
from hub.schema.index import Released, read
from hub.schema.index import release as give_ids
from hub.schema.load import folder, load
from hub.schema.shape import Field, Finding, Schema
from hub.texts import language, text, ui, width

_CODES_WIDE: Final = 70
"""Columns of a line of codes."""

root_option = click.option(
    "--root", type=click.Path(path_type=Path, file_okay=False), help="Another folder of schemas than the program's own."
)


@click.group("schema")
def group() -> None:
    """The schemas of all events: the contract between agencies and hub."""


@group.command("list")
@root_option
@json_option
def list_(root: Path | None, as_json: bool) -> None:
    """Every event type: id and version if released, route, rank."""
    place = root or folder()
    schemas, newest = load(place), {entry.type: entry for entry in read(place)}
    rows = [_row(schema, newest.get(type)) for type, schema in schemas.items()]
    if as_json:
        print_json(rows)
        return
    lang = language()
    for row in rows:
        number = "-" if row["id"] is None else str(row["id"])
        meaning = row["doc_zh"] if lang == "zh" else row["doc"]
        click.echo(f"{number:>4}  {row['type']:<38}  {row['route']:<8}{row['rank']:>4}  {meaning}")
    click.echo(ui("schema.sum", lang, types=len(rows), released=sum(row["id"] is not None for row in rows)))


@group.command()
@click.argument("type")
@root_option
@json_option
def show(type: str, root: Path | None, as_json: bool) -> None:
    """One event type: every field with its meaning, bounds and privacy label."""
    place = root or folder()
    schemas = load(place)
    schema = schemas.get(type)
    if schema is None:
        raise UsageError("HUB-S220", near=", ".join(name for name in schemas if _near(type, name)) or "-")
    entry = next((one for one in reversed(read(place)) if one.type == type), None)
    if as_json:
        print_json({**_row(schema, entry), "path": path_of(type), "fields": schema.raw["fields"]})
        return
    lang = language()
    click.echo(f"{type}  {schema.doc_zh if lang == 'zh' else schema.doc}")
    released = ui("schema.draft", lang) if entry is None else f"id {entry.id}  v{entry.version}  {entry.fingerprint}"
    click.echo(f"  {released}\n  route={schema.route}  rank={schema.rank}")
    for field in schema.fields:
        click.echo(f"  {field.name:<24} {_type(field):<18} {field.doc_zh if lang == 'zh' else field.doc}")
        label = f"{field.label.kind} {field.label.transform} {','.join(field.label.purposes)}"
        click.echo(f"  {'':<24} {_limits(field)}[{label}]")
        for line in _codes(field, lang):
            click.echo(f"  {'':<24}   {line}")


@group.command()
@root_option
@json_option
def check(root: Path | None, as_json: bool) -> int:
    """Whether all schemas keep the rules, and every version ever released can read every other. Exit 3 when not."""
    place = root or folder()
    found = examine(place, None if root else events_folder())
    if as_json:
        print_json({"ok": not found, "released": len(read(place)), "findings": [_told(one) for one in found]})
    else:
        _print(found)
        if not found:
            click.echo(ui("schema.ok", language(), types=len(load(place)), released=len(read(place))))
    return DataError.exit_code if found else 0


@group.command()
@root_option
def release(root: Path | None) -> int:
    """Give new and changed schemas that are marked released their next id and version, for ever. For maintainers."""
    place = root or folder()
    schemas, found = releasable(place)
    if found:
        _print(found)
        return DataError.exit_code
    for entry in give_ids(place, schemas):
        click.echo(f"{entry.id:>4}  {entry.type}  v{entry.version}")
    return 0


@group.command()
def generate() -> None:
    """Write the Python types of the released schemas anew. For maintainers, in a clone."""
    place = folder()
    modules = sources(load(place), read(place), place)
    names = [name for name in stale(modules, events_folder()) if name in modules]
    put({name: modules[name] for name in names}, events_folder())
    click.echo(ui("schema.generated", language(), files=", ".join(names) or "-"))


def _row(schema: Schema, entry: Released | None) -> dict[str, Any]:
    register = {"id": None, "version": None, "fingerprint": None} if entry is None else entry._asdict()
    meaning = {"doc": schema.doc, "doc_zh": schema.doc_zh}
    return {
        **register,
        "type": schema.type,
        "status": schema.status,
        "route": schema.route,
        "rank": schema.rank,
        **meaning,
    }


def _near(typed: str, name: str) -> bool:
    """Whether a name may have been meant: the last part agrees, or what was typed stands in it."""
    wanted = typed.rpartition(".")[2].lower()
    return bool(wanted) and wanted in name.lower()


def _type(field: Field) -> str:
    return (field.logical or field.type) + ("?" if field.nullable else "")


def _codes(field: Field, lang: str) -> list[str]:
    """The codes that a mapping may give to the field, each with its meaning, in lines for a console."""
    lines = [""]
    for code, one in codes(field.codes).items() if field.codes else ():
        word = f"{code} {one.zh if lang == 'zh' else one.en}" + ";"
        if lines[-1] and width(lines[-1]) + width(word) > _CODES_WIDE:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    lines[-1] = lines[-1].rstrip(";")
    return [line for line in lines if line]


def _limits(field: Field) -> str:
    if field.codes:
        return f"{field.codes}{'*' if field.set else ''}  "
    if field.min is not None:
        return f"{field.min}..{field.max} {field.unit}  "
    return f"<={field.max}  " if field.max is not None else ""


def _told(one: Finding) -> dict[str, object]:
    reason, fix = text(one.code, language(), **one.places())
    return {"code": one.code, "path": one.path, "field": one.field, "rule": reason, "fix": fix}


def _print(found: list[Finding]) -> None:
    for one in found:
        told = _told(one)
        click.echo(f"{one.code}  {one.path}  {one.field or '-'}\n  {told['rule']}\n  {told['fix']}")
