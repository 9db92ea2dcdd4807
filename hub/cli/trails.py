"""Trails on a terminal: a line an event, and under it what it rests on and what followed."""

from collections.abc import Iterator, Sequence
from typing import Any

from hub.cli.lives import code_text
from hub.texts import ui, width

_INDENT = " " * 12


def shown(lines: Sequence[dict[str, Any]], lang: str) -> Iterator[str]:
    """The documents of `lives.documents`, for a reader."""
    columns = [max((width(str(line[name])) for line in lines), default=0) for name in ("asserted_by", "type")]
    for line in lines:
        who, what = (
            line[name] + " " * (size - width(line[name]))
            for name, size in zip(("asserted_by", "type"), columns, strict=True)
        )
        how = line["status"]
        status = "" if how == "visible" else "  [" + ui(f"trail.{how}", lang) + "]"
        yield f"{line['date']}  {who}  {what}  {line['address']}{status}"
        yield _INDENT + _ground(line, lang)
        for name in ("cause", "replaced_by"):
            if line[name]:
                yield _INDENT + ui(f"trail.{name}", lang, place=line[name])
        if line["followed"]:
            yield _INDENT + ui("trail.followed", lang, places=", ".join(line["followed"]))


def _ground(line: dict[str, Any], lang: str) -> str:
    """Where it was read and on what ground it was said."""
    basis = code_text("legal_basis", line["legal_basis"], lang)
    ground = ui("trail.ground", lang, row=line["from_row"] or "-", basis=basis)
    return ground + ("  " + ui("trail.consent", lang, place=line["consent"]) if line["consent"] else "")
