"""The sheets that say what a mapping says: their columns, and their rows by the names of those."""

import json
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Map
from typing import Any, Final

from connectors.books.sheet_text import cell_list, cell_text, cell_value
from connectors.mapping.language import Cell
from hub.core.errors import DataError

Grid = list[list[str]]

FIELDS, EVENTS, RULES, SETTINGS = "字段 fields", "事件 events", "规则 rules", "设置 settings"
TABLES, CASE_SHEET, TABLE = "代码表 tables", "用例 cases", "代码 "

HEADS: Final[Map[str, Map[str, str]]] = {
    FIELDS: {
        **{"of": "属于", "name": "名称", "part": "部分", "field": "字段", "meaning_zh": "含义", "meaning_en": "英文"},
        **{"needed": "必填", "column": "来源列", "kind": "格式", "codes": "代码表", "constant": "固定值"},
        **{"default": "空时", "other": "其他时", "per": "除以", "age": "年龄组", "split": "分隔符"},
    },
    EVENTS: {
        **{
            "name": "名称",
            "type": "类型",
            "meaning_zh": "含义",
            "meaning_en": "英文",
            "when": "条件",
            "persons": "人员",
        },
        **{"on_change": "变更时", "on_vanish": "消失时"},
    },
    RULES: {"name": "名称", "column": "来源列", "op": "比较", "values": "取值"},
    SETTINGS: {"setting": "设置", "value": "取值"},
    TABLES: {"codes": "代码表", "sheet": "工作表"},
}
"""The columns of each sheet. A header is the Chinese word and this name."""

_CELLS: Final = ("column", "kind", "codes", "split")


def head(sheet: str) -> list[str]:
    """The header of a sheet."""
    return [f"{word} {name}" for name, word in HEADS[sheet].items()]


class Row:
    """A row of a sheet, by the names of its columns. What cannot be read raises DataError HUB-C371."""

    def __init__(self, sheet: str, number: int, cells: Map[str, str]) -> None:
        self._sheet, self.at, self._cells = sheet, number, cells

    def text(self, name: str) -> str:
        """A text."""
        return str(self._read(name, cell_text))

    def texts(self, name: str) -> tuple[str, ...]:
        """Several texts, a line each."""
        return tuple(self._read(name, cell_list))

    def value(self, name: str) -> Any:
        """A text, number, true or false; None where nothing stands."""
        return self._read(name, cell_value)

    def setting(self, name: str) -> Any:
        """A value, or a list or table as JSON has it."""
        return self._read(name, json.loads if self._cells[name].strip().startswith(("[", "{")) else cell_value)

    def number(self, name: str) -> int:
        """A whole number; 0 where nothing stands."""
        found = self.value(name)
        if found is None:
            return 0
        if not isinstance(found, int) or isinstance(found, bool):
            raise self.wrong(name)
        return found

    def cell(self) -> Cell:
        """The cell of a mapping that a row of fields describes."""
        other = self.value("other")
        return Cell(
            **{name: self.text(name) for name in _CELLS},
            constant=self.value("constant"),
            default=self.value("default"),
            other=None if other is None else self.text("other"),
            per=self.number("per"),
            age=self.value("age") is True,
        )

    def _read(self, name: str, read: Any) -> Any:
        try:
            return read(self._cells[name])
        except ValueError:
            raise self.wrong(name) from None

    def wrong(self, name: str) -> DataError:
        """C371 of this row."""
        return DataError("HUB-C371", sheet=self._sheet, row=self.at, column=name)


def rows_of(sheet: str, grid: Grid, head: Sequence[str]) -> Iterator[Row]:
    """The rows that say anything; a column is found by the last word of its header. Raises DataError HUB-C370."""
    names = [cell.rsplit(maxsplit=1)[-1] if cell.strip() else "" for cell in grid[0]] if grid else []
    for column in head:
        if column not in names:
            raise DataError("HUB-C370", sheet=sheet, column=column)
    for number, cells in enumerate(grid[1:], 2):
        if any(cells):
            padded = [*cells, *[""] * len(names)]
            yield Row(sheet, number, {column: padded[names.index(column)] for column in head})
