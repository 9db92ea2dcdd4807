"""Reading the column of reply codes: whether a code is whole, may be answered so, is still good, and is still open."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from connectors.mapping.language import Mapping
from connectors.rows.cells import Memo
from hub.core.errors import Coded
from hub.core.frame import KIND_REPLY, PATIENT
from hub.core.reply import ANSWERS, number_of, read, terms_of

REPLY: Final = "reply"
"""The reference by which an answer names its patient."""

AS: Final = PATIENT, KIND_REPLY


def takes_answers(mapping: Mapping) -> bool:
    """Whether the rows of a mapping answer what the hub asked, each by its code."""
    return any(REPLY in section.refs for section in mapping.sections)


class ReplyReader:
    """Reads the codes of one section. `open_replies` are those that may be answered now, where that is known.

    `number` is the column with the number by which people call what they answer, the row's key: it must be the code's,
    else cells of two rows came together, and somebody would be answered for somebody else.
    """

    def __init__(
        self, column: str, number: str, type: str, today: int, open_replies: AbstractSet[bytes] | None
    ) -> None:
        self.column, self.number = column, number
        self._type, self._today, self._open = type, today, open_replies
        self._texts = Memo(self._read)

    def read(self, raws: Sequence[object], numbers: Sequence[object]) -> list[bytes | Coded]:
        """The code of each cell, or why there is none that can be sent."""
        codes = [self._texts[raw] if raw.__class__ is str else self._read(raw) for raw in raws]
        return [self._checked(code, number) for code, number in zip(codes, numbers, strict=True)]

    def _checked(self, code: bytes | Coded, number: object) -> bytes | Coded:
        if isinstance(code, Coded) or "".join(str(number).split()).upper() == number_of(code):
            return code
        return Coded("HUB-C431", self.column)

    def _read(self, raw: object) -> bytes | Coded:
        """HUB-C141 for nothing, C430 for a changed code, C431 for another matter's, C432 too late, C433 not open."""
        if raw is None or raw == "":
            return Coded("HUB-C141", self.column)
        code = read(raw) if isinstance(raw, str) else None
        terms = terms_of(code) if code else None
        if code is None or terms is None:
            return Coded("HUB-C430", self.column)
        if self._type not in ANSWERS[terms.asks].values():
            return Coded("HUB-C431", self.column)
        if terms.until < self._today:
            return Coded("HUB-C432", self.column)
        if self._open is not None and code not in self._open:
            return Coded("HUB-C433", self.column)
        return code
