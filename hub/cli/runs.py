"""A run of a connector as its owner reads it: the sums of law 8, and why rows were refused."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.edge import Edge
from connectors.mapping.file import load_mapping
from connectors.ready import ANSWERED
from connectors.rows.replies import takes_answers
from connectors.run.offline import OFFLINE
from connectors.run.report import BACKFILL, NAMELESS, UNSEEN, Endings, RunReport
from hub.cli.options import to_type
from hub.texts import text, ui

STATED: Final = frozenset(
    ("hidden_rows_read", "hidden_rows_left", "hidden_sheets_read", "hidden_sheets_left", "formulas_without_result")
)
"""What a source found out that its owner would not guess, so that each run tells it."""
NAMED: Final = 5
"""Columns and code tables that the line of a code names."""
SKEW_S: Final = 60
"""A clock that is farther off is told."""


def as_document(report: RunReport) -> dict[str, Any]:
    """A report as JSON."""
    endings = {name: vars(getattr(report, name)) for name in ("rows", "retried")}
    return report._asdict() | endings


def told(report: RunReport, lang: str, answers: bool = False) -> list[str]:
    """A report in three lines and more: the sums of law 8, and why rows were refused; `answers` were read from what
    `hub site inbox` wrote."""
    dry = ui("connector.dry", lang) if report.dry_run else ""
    lines = [f"{report.connector}  {report.alias}  {dry}".rstrip()]
    for name, rows in (("rows", report.rows), ("retried", report.retried)):
        if rows.read or name == "rows":
            lines += endings(name, rows, lang, answers)
    if report.not_data:
        lines.append("  " + ui("connector.not_data", lang, count=report.not_data))
    lines += [
        "  " + ui(f"stated.{name}", lang, value=value) for name, value in report.description.items() if name in STATED
    ]
    lines.append("  " + ui("connector.events", lang, **_events(report)))
    lines += _of_source(report, lang)
    if report.vanished:
        lines.append("  " + ui("connector.vanished", lang, vanished=report.vanished))
    if report.blocked:
        lines += found(report.blocked, report.connector, lang)
    if report.open:
        lines.append("  " + ui("connector.open", lang, open=report.open, closed=report.closed, name=report.connector))
    if report.stale:
        lines.append("  " + ui("connector.stale", lang, stale=report.stale, name=report.connector))
    return [to_type(line, report.connector) for line in lines]


def to_carry(edge: Edge, reports: Sequence[RunReport], lang: str) -> list[str]:
    """How what runs made gets to the hub, where no network takes it there."""
    made = any(report.events and not report.dry_run for report in reports)
    told = ui("connector.carry", lang, name=edge.spec.connector)
    return [f"  {to_type(told, edge.spec.connector)}"] if made and edge.spec.log == OFFLINE else []


def reads_answers(edge: Edge, report: RunReport) -> bool:
    """Whether rows that a run left are of workbooks of `hub site inbox`. Most left none by a rule of that name,
    and their mapping is not read once more."""
    rules = (*report.rows.not_selected, *report.retried.not_selected)
    return ANSWERED in rules and takes_answers(load_mapping(edge.folder))


def left_by(rule: str, lang: str, answers: bool) -> str:
    """Why a rule did not select a row; where a workbook of answers was read, a row without one says just that."""
    return ui("site.no_answer", lang) if answers and rule == ANSWERED else ui("connector.left_by", lang, rule=rule)


def endings(name: str, rows: Endings, lang: str, answers: bool = False) -> list[str]:
    """The sum of rows by ending, and why some were left out or refused."""
    return [
        "  " + ui(f"connector.{name}", lang, **_sum(rows)),
        *(f"    {count}  {left_by(rule, lang, answers)}" for rule, count in sorted(rows.not_selected.items())),
        *(
            f"    {code}  {count}  {text(code, lang, **_anywhere(rows, code, lang)).reason}"
            for code, count in sorted(rows.refused.items())
        ),
    ]


def warned(error: Mapping[str, Any], lang: str) -> list[str]:
    """What `explain` made of something that stops nobody and that somebody should see to."""
    return [f"  {error['code']}  {error['why']}", f"    {ui('error.fix', lang).strip()}  {error['fix']}"]


def found(code: str, connector: str, lang: str, **place: str | int) -> list[str]:
    """A finding of a run as `warned` tells one; who tells it puts in what is to be typed."""
    told = text(code, lang, connector=connector, **place)
    return warned({"code": code, "why": told.reason, "fix": told.fix}, lang)


def _of_source(report: RunReport, lang: str) -> list[str]:
    """What a database's clock, allowed hours or a drop folder have to do with this run."""
    lines = []
    skew = int(report.description.get("clock_skew_seconds", "0"))
    if abs(skew) >= SKEW_S:
        way = ui("connector.ahead" if skew > 0 else "connector.behind", lang)
        lines += found("HUB-C274", report.connector, lang, alias=report.alias, seconds=abs(skew), way=way)
    waiting, refused = (report.description.get(f"files_{name}", "0") for name in ("waiting", "refused"))
    if {waiting, refused} != {"0"}:
        lines.append("  " + ui("connector.files", lang, waiting=waiting, refused=refused))
    if UNSEEN in report.description:
        place = {name: report.description[name] for name in (UNSEEN, NAMELESS)}
        lines += found("HUB-C492", report.connector, lang, alias=report.alias, **place)
    if report.description.get("ended") == "hours":
        lines.append("  " + ui("connector.hours", lang))
    if BACKFILL in report.description:
        lines.append("  " + ui("connector.backfill_waits", lang, name=report.connector))
    return lines


def _anywhere(rows: Endings, code: str, lang: str) -> dict[str, str | int]:
    """What the text of a code says of its first row, but for columns and code tables, of which all are named, the most
    frequent first, and kind, which differs from row to row."""
    columns = rows.columns.get(code, {})
    column = _named(columns, counted=len(columns) > 1)
    several = {"column": column, "table": _named(rows.tables), "kind": ui("connector.kind", lang)}
    return {**rows.first.get(code, {}), **several}


def _named(found: Mapping[str, int], counted: bool = False) -> str:
    """What was found how often, the most frequent first."""
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{name} ({count})" if counted else name for name, count in ordered[:NAMED]]
    return ", ".join([*named, *(["..."] if len(ordered) > NAMED else [])]) or "-"


def _sum(rows: Endings) -> dict[str, str | int]:
    return {
        "read": rows.read,
        "published": rows.published,
        "unchanged": rows.unchanged,
        "not_selected": sum(rows.not_selected.values()),
        "refused": sum(rows.refused.values()),
    }


def _events(report: RunReport) -> dict[str, str | int]:
    names = ("events", "made", "unsent", "waiting", "appended", "refused")
    return {name: getattr(report, name) for name in names}
