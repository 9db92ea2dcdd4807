"""The workbook that a site answers in: nothing to type but an answer, a reason and a day.

Headings and choices are in both languages, since the mapping `connectors/ready/answers` reads them whoever wrote it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hub.core.calendar import date_of
from hub.core.reply import written
from hub.data import codes
from hub.sites.inbox import Question
from hub.workbook import TEXT, Entry, Page, write

ANSWERS, LISTS = "答复 answers", "选项 lists"
INSTRUCTIONS: Final = "说明 instructions"
HEAD: Final = (
    *("编号 no.", "事项 matter", "需要的服务 services", "年龄段 age", "优先 urgent", "发出日期 sent on"),
    *("最后答复日 answer by", "答复 answer", "谢绝原因 reason", "答复日期 answered on"),
    *("站点 site", "区县 county", "回执码 code"),
)
OPEN: Final = ("答复 answer", "谢绝原因 reason", "答复日期 answered on")
"""The columns that a site fills in; all others are locked."""

MATTER: Final = {"offer": "推荐 offer", "assignment": "派单 assignment", "handover": "移交 hand-over"}
CHOICES: Final = ("接受 accept", "谢绝 decline")
RULES: Final = 8
_WIDTHS: Final = (12, 16, 40, 18, 10, 14, 16, 14, 22, 16, 22, 10, 100)

Say = Callable[[str, str], str]
"""A phrase of the table `site`, by key and language."""


def reasons() -> list[str]:
    """The choices of a reason, in both languages."""
    return [f"{one.zh} {one.en}" for one in codes("decline_reason").values()]


def make(path: Path, questions: Sequence[Question], lang: str, say: Say) -> None:
    """Write the workbook. Raises DataError HUB-C296 where one is there, HUB-C297 where none can be written."""
    rows = [_row(one, lang, say) for one in questions]
    why = reasons()
    hints = {name: f"{say(f'fill_{at}', 'zh')} {say(f'fill_{at}', 'en')}" for at, name in enumerate(OPEN, 1)}
    lists = {"答复 answer": (LISTS, 1, len(CHOICES)), "谢绝原因 reason": (LISTS, 2, len(why))}
    entries = [
        Entry("yyyy-mm-dd" if name == OPEN[2] else TEXT, lists.get(name), hints.get(name, ""), name in OPEN)
        for name in HEAD
    ]
    told = [[say(f"rule_{number}", each)] for each in ("zh", "en") for number in range(1, RULES + 1)]
    table = [[*CHOICES, *[None] * (len(why) - len(CHOICES))], why]
    write(
        path,
        [
            Page(ANSWERS, [HEAD, *rows], _WIDTHS, 1, entries, locked=True),
            Page(INSTRUCTIONS, [[INSTRUCTIONS], *told], [120]),
            Page(LISTS, [["答复 answer", "谢绝原因 reason"], *zip(*table, strict=True)], [26, 40]),
        ],
    )


def _row(one: Question, lang: str, say: Say) -> list[str | None]:
    services = ", ".join(_meaning("service_kind", code, lang) for code in one.needs)
    age = _meaning("age_group", one.age_group, lang) if one.age_group else ""
    urgent = say("urgent", lang) if one.urgent else ""
    days = [date_of(day).isoformat() if day is not None else "" for day in (one.since, one.until)]
    told = [one.number, MATTER[one.matter], services, age, urgent, *days]
    return [*told, None, None, None, one.site, one.county, written(one.code)]


def _meaning(name: str, code: str, lang: str) -> str:
    found = codes(name).get(code)
    return code if found is None else found.zh if lang == "zh" else found.en
