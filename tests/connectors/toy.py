"""A package that brings a source, as an outsider would write it after docs/writing-sources.md; and its mistakes."""

TOY = '''
"""A source of tab-separated lines with a cursor, in fifty lines."""

from datetime import date, timedelta
from pathlib import Path

from connectors.sources import CHUNK, Broken, Chunk, Column, Cursor, Row, WholeRead, check_columns
from hub.core.errors import Coded, DataError

FAULT = ''
NAMES = ("key", "day", "text")


class ToySource(WholeRead):
    def __init__(self, spec, folder, wanted, now_ms):
        super().__init__(spec.alias, wanted)
        self._path = folder / str(spec.options["file"])
        self._today = date(1970, 1, 1) + timedelta(milliseconds=now_ms()) if now_ms else None
        self._full, self._newest = True, None

    @property
    def full(self):
        return self._full or FAULT == "full"

    @property
    def cursor(self):
        return Cursor(self._newest) if self._newest else None

    def columns(self):
        head, *_ = self._path.read_text(encoding="utf-8").split("\\n")
        found = [Column(name, "text") for name in head.split("\\t")]
        if FAULT == "blind":
            return found
        if FAULT == "chatty" and not set(self._wanted) <= {column.name for column in found}:
            raise ValueError(self._path.read_text(encoding="utf-8"))
        check_columns(self.alias, found, self._wanted)
        return found

    def rows(self, after=None):
        width = len(self.columns())
        self._full = after is None
        chunk = Chunk(self.alias, NAMES, [], [])
        seen = set()
        for number, line in enumerate(self._path.read_text(encoding="utf-8").split("\\n")[1:], 2):
            cells = tuple(line.split("\\t"))
            if not line or (after and len(cells) == width and self._older(cells[1], after.value)):
                continue
            if FAULT == "same" and line in seen:
                continue
            seen.add(line)
            if len(cells) != width:
                if FAULT == "drops":
                    continue
                chunk.broken.append(Broken(number, cells, Coded("HUB-C130", "", found=len(cells), wanted=width)))
            else:
                chunk.rows.append(Row(2 if FAULT == "numbers" else number, cells))
                if FAULT == "ahead" or not self._today or cells[1] <= self._today.isoformat():
                    self._newest = max(self._newest or "", cells[1])
            if len(chunk.rows) + len(chunk.broken) >= CHUNK and FAULT != "heap":
                yield chunk
                chunk = Chunk(self.alias, NAMES, [], [])
                if FAULT == "eats":
                    self._path.write_text("key\\tday\\ttext\\n", encoding="utf-8")
                if FAULT == "short":
                    break
        yield chunk
        self._ended = True

    @staticmethod
    def _older(day, cursor):
        return day <= cursor if FAULT == "after" else day < cursor


class ToyWorld:
    names, narrowed, increments = NAMES, True, False

    def __init__(self, folder):
        folder.mkdir(parents=True)
        self._path = folder / "rows.tsv"

    def section(self):
        return {"kind": "toy", "alias": "toy", "file": "rows.tsv"}

    def folder(self):
        return self._path.parent

    def put(self, rows):
        lines = ["\\t".join(row) for row in [NAMES, *rows]]
        self._path.write_text("\\n".join(lines) + "\\n", encoding="utf-8")

    def poison(self, key):
        text = self._path.read_text(encoding="utf-8")
        self._path.write_text(text.replace(key, key + "\\t"), encoding="utf-8")
        return True

    def rename(self, name):
        text = self._path.read_text(encoding="utf-8")
        self._path.write_text(text.replace("\\ttext", "\\t" + name, 1), encoding="utf-8")
        return True
'''

FAULTS = {
    "full": "full is not told rightly",
    "numbers": "two rows have one number",
    "heap": "a chunk of more than CHUNK rows",
    "short": "rows were lost, doubled or changed",
    "eats": "a read that was not committed took rows away",
    "same": "of two equal rows one was hidden",
    "ahead": "the cursor ran ahead of the clock",
    "drops": "a spoilt row vanished",
    "blind": "a missing column was not noticed",
    "chatty": "MARK",
}
"""Mistakes, and what the kit says of each."""
