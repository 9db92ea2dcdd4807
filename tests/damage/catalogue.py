"""What a kind of damage is: how it is done, how it ends, and how its owner mends it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.damage.rows import HURT, NAME, SOUND, rows
from tests.damage.sources import WRITE, place
from tests.damage.world import World

RUN = ("connector", "run", NAME)
Do = Callable[[World], object]


class Damage(NamedTuple):
    """One kind of damage.

    `exit` is how the command `words` ends, `where` what the error names as its place (each is compared, as text).
    `rows` are the refused rows of a run that goes on, by number and column; then `exit` is 0. `mend` is what the owner
    does. `lived` says that the connector ran once before, `read` how many rows a run reads. `planted` are values that
    must not be found, beside those of rows.
    """

    name: str
    code: str
    do: Do
    kind: str = "csv"
    exit: int = 3
    where: Mapping[str, str | int] = {}
    rows: tuple[tuple[int, str], ...] = ()
    words: tuple[str, ...] | Callable[[World], tuple[str, ...]] = RUN
    mend: Do = World.mend
    lived: bool = False
    planted: tuple[str, ...] = ()
    read: int = SOUND

    def __str__(self) -> str:
        return self.name


def cell(name: str, code: str, column: str, value: Any, kind: str = "csv", said: str = "", **more: Any) -> Damage:
    """A cell of one row; the row is refused and the others are not. `said` is the column that is named instead."""

    def do(world: World) -> None:
        WRITE[kind](world.source(kind), rows(**{column: value, **more}))

    raw = (str(value),) if sum(map(str.isalnum, str(value))) >= 6 else ()
    return Damage(name, code, do, kind, 0, {}, (place(kind, said or column, HURT),), planted=raw)
