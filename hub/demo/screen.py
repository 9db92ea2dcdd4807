"""The screen at the end of `./run demo`: pure text from figures that were computed elsewhere.

Every figure comes in by `Figures`; this module counts nothing but sums, which it checks. GBK has every character.
"""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from hub.core.calendar import date_of
from hub.demo.findings import Choice, Figures, Moment, sums
from hub.texts import ui, width

_RULE = "-" * 78


def screen(figures: Figures, lang: str) -> str:
    """The whole screen in `zh` or `en`, lines ended by newlines."""
    parts = (_head, _accounting, _people, _trust, _next)
    return "\n".join(line for part in parts for line in part(figures, lang)) + "\n"


def _pad(text: str, columns: int, right: bool = False) -> str:
    blanks = " " * max(0, columns - width(text))
    return blanks + text if right else text + blanks


def _t(lang: str, key: str, **place: str | int) -> str:
    return ui(f"demo_screen.{key}", lang, **place)


def _equal(lang: str, holds: bool) -> str:
    return _t(lang, "equal" if holds else "unequal")


def _agency(lang: str, agency: str) -> str:
    return ui(f"demo_agency.{agency}", lang)


def _head(f: Figures, lang: str) -> Iterator[str]:
    yield _t(lang, "title", people=_n(f.people), seconds=f.seconds)
    yield _t(lang, "synthetic")
    yield _RULE


def _accounting(f: Figures, lang: str) -> Iterator[str]:
    yield _t(lang, "part_one")
    names = [
        _t(lang, f"col_{name}") for name in ("read", "published", "unchanged", "not_selected", "refused", "events")
    ]
    total = [sum(column) for column in zip(*(source.counts() for source in f.sources), strict=True)]
    columns = max(8, 1 + max(len(_n(number)) for number in total))
    yield "    " + _row(_t(lang, "col_source"), names, ("  ", "  ", "  ", "  ", "  "), columns)
    marks = (" =", " +", " +", " +", "  ")
    for source in f.sources:
        label = f"{_agency(lang, source.agency)}  {ui(f'demo_source.{source.agency}', lang)}"
        yield "    " + _row(label, [_n(number) for number in source.counts()], marks, columns)
    held = sums(f)
    row = _row(_t(lang, "total"), [_n(number) for number in total], marks, columns)
    yield f"    {row}  {_equal(lang, held.rows)}"
    yield (
        "    "
        + _t(
            lang,
            "intake",
            events=_n(total[5] + (f.by_hand or 0)),
            appended=_n(f.appended),
            repeated=_n(f.repeated),
            refused=_n(f.refused_events),
            equal="" if f.by_hand is None else _equal(lang, held.events),
        ).rstrip()
    )
    if f.by_hand != 0:
        told = _t(lang, "begun_anew") if f.by_hand is None else _t(lang, "by_hand", number=_n(f.by_hand))
        yield "    " + told
    yield "    " + _t(
        lang,
        "views",
        appended=_n(f.appended),
        visible=_n(f.visible),
        parked=_n(f.parked),
        held=_n(f.held),
        equal=_equal(lang, held.views),
    )
    if f.reasons:
        listed = " | ".join(f"{_reason(lang, reason.code)} {_n(reason.rows)}" for reason in f.reasons)
        yield "    " + _t(lang, "reasons", list=listed)
    if f.example is not None:
        yield "    " + _t(
            lang,
            "example",
            agency=_agency(lang, f.example.agency),
            alias=f.example.alias,
            row=f.example.row,
            column=f.example.column,
            code=f.example.code,
        )


def _reason(lang: str, code: str) -> str:
    known = {
        "HUB-C104": "damaged",
        "HUB-C140": "unmapped",
        "HUB-C102": "no_date",
        "HUB-C103": "check",
        "HUB-C105": "future",
        "HUB-C101": "shape",
        "HUB-C145": "no_number",
    }
    return _t(lang, f"reason_{known[code]}") if code in known else code or _t(lang, "reason_other")


def _row(label: str, cells: Sequence[str], marks: Sequence[str], columns: int) -> str:
    text = _pad(label, 27)
    for at, cell in enumerate(cells):
        text += _pad(cell, columns, right=True)
        text += marks[at] if at < len(marks) else ""
    return text


def _people(f: Figures, lang: str) -> Iterator[str]:
    yield _t(lang, "part_two")
    counted = "  ".join(f"{_t(lang, f'state_{state}')} {_n(number)}" for state, number in f.cases.items() if number)
    yield "    " + _t(lang, "cases", total=_n(sum(f.cases.values())), list=counted)
    yield "    " + _t(lang, "nobody", number=f.nobody_took_over)
    yield "    " + _t(lang, "longest", days=f.longest_wait_days, number=f.over_three_months)
    if not f.one:
        return
    days = f.one[-1].day - f.one[0].day
    yield "    " + _t(lang, "one", days=days)
    steps = [_moment(lang, moment) for moment in f.one]
    for first in range(0, len(steps), 4):
        arrow = "-> " if first else ""
        yield "      " + arrow + " -> ".join(steps[first : first + 4])
    if f.choice is not None:
        yield "      " + _choice(lang, f.choice)


def _moment(lang: str, moment: Moment) -> str:
    what = ui(f"demo_step.{moment.what}", lang, site=moment.site)
    return f"{date_of(moment.day):%m-%d} {_agency(lang, moment.agency)} {what}"


def _choice(lang: str, choice: Choice) -> str:
    places: dict[str, str | int] = {
        "nearest": choice.nearest,
        "nearest_km": _km(choice.nearest_m),
        "chosen": choice.chosen,
        "chosen_km": _km(choice.chosen_m),
        "room": _t(lang, "room_now", free=choice.chosen_free) if choice.chosen_free > 0 else _t(lang, "room_then"),
    }
    if choice.nearest == choice.chosen:
        return _t(lang, "choice_same", **places)
    return _t(lang, "choice_full" if choice.nearest_free <= 0 else "choice_unfit", **places)


def _trust(f: Figures, lang: str) -> Iterator[str]:
    yield _t(lang, "part_three")
    yield "    " + _t(
        lang, "scan", files=_n(f.files), size=_n(round(f.size / 1e6)), people=_n(f.people), found=f.plain_numbers
    )
    yield "    " + _t(lang, "domains" if f.domains_disjoint else "domains_fail")
    digest = f"{f.digest[:4]}...{f.digest[-2:]}"
    yield "    " + _t(lang, "rebuilt" if f.rebuilt_equal else "rebuilt_fail", views=f.rebuilt, digest=digest)


def _next(f: Figures, lang: str) -> Iterator[str]:
    yield _t(lang, "part_four")
    home = "" if Path(f.folder) == Path("demo") else f" --home {shlex.quote(f.folder)}"  # else they mean ./demo
    commands = (
        ("engineer", "hub refused list", "do_refused"),
        ("", "hub connector new --from URL TABLE", "do_new"),
        ("auditor", f"hub audit trail --case {f.example_case}", "do_trail"),
        ("subscriber", "hub projection export v_waiting_v1 --to csv", "do_export"),
        ("", "hub event tail --json", "do_tail"),
    )
    for role, command, what in commands:
        label = _t(lang, f"role_{role}") if role else ""
        yield f"    {_pad(label, 16)}{_pad(f'./run {command}{home}', 50)}  {_t(lang, what)}"
    if f.new_events_on_repeat is None:
        yield "    " + _t(lang, "again", folder=f.folder, home=home)
    else:
        yield "    " + _t(lang, "repeated", number=_n(f.new_events_on_repeat), folder=f.folder)


def _n(number: int) -> str:
    return f"{number:,}"


def _km(metres: int) -> str:
    return f"{metres // 1000}.{metres % 1000 // 100}"
