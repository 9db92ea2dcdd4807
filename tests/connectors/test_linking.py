"""People are linked under the county's newer key: nobody is left behind unsaid, whatever meets the rotation."""

from pathlib import Path
from typing import Any

import pytest

from connectors.rows.tokens import KEY, KeyedTokens, key_check
from connectors.spool import Spool, State
from hub.core.county import has_linked, newest
from tests.connectors.changes import lines, said
from tests.connectors.rig import MAPPING, Rig, row
from tests.connectors.test_backfill import Table

PEOPLE = 9


def state_of(rig: Rig) -> State:
    """What the spool remembers."""
    with Spool(rig.edge().spool_path, "hospital-1", write=False) as spool:
        return spool.state


def rotated(rig: Rig) -> str:
    """The edge has two keys from now on; the check of the newer one."""
    rig.keys.rotate(KEY, "2026-05-27")
    return key_check(rig.keys)


def linked(rig: Rig, **options: Any) -> State:
    """A run that asks, and one that links."""
    rig.run(full=True, **options)
    rig.answer()
    rig.run(full=True, **options)
    rig.answer()
    return state_of(rig)


def says_linked(rig: Rig) -> bool:
    """Whether any frame says that everybody is linked under the newest key."""
    checks = KeyedTokens(rig.keys).check()
    return any(
        has_linked(header.epochs, header.key_check, newest(checks)) for header, _, _ in rig.frames()
        if header.key_check == checks
    )  # fmt: skip


def sent(rig: Rig) -> set[bytes]:
    """Every token that a frame under both keys carries."""
    checks = KeyedTokens(rig.keys).check()
    return {
        token for header, _, people in rig.frames() if header.key_check == checks for one in people
        for _, token in one[0]
    }  # fmt: skip


def newer(rig: Rig, *rows: dict[str, str]) -> set[bytes]:
    """The tokens of these rows' people under the newest key."""
    tokens = KeyedTokens(rig.keys)
    return {tokens.of(1, one["证件号码"])[0] for one in rows}


def test_a_row_that_names_nobody_now_is_counted(tmp_path: Path) -> None:
    """Refused, no longer selected, gone long ago: each row whose person was not linked counts until it is read."""
    rig = Rig(tmp_path)
    rows = [row(n) for n in range(PEOPLE)]
    rig.rows(*rows)
    rig.run()
    rig.rows(*rows[:-1])
    rig.run(accept_vanished=1)
    rig.answer()
    rotated(rig)
    rig.rows(rows[0] | {"评估结论": "什么"}, rows[1] | {"姓名": "测试"}, *rows[2:-1])
    assert linked(rig, accept_vanished=1).unlinked == 3
    assert not newer(rig, rows[0], rows[1], rows[-1]) & sent(rig)
    rig.rows(*rows[:2], *rows[2:-1])
    rig.run(full=True)
    assert state_of(rig).unlinked == 1
    rig.rows(*rows)
    rig.run(full=True)
    assert state_of(rig).unlinked == 0
    assert newer(rig, *rows) <= sent(rig)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("cursor", [True, False])
def test_begun_anew_within_a_backfill_it_reads_all_before_it_says_linked(tmp_path: Path, cursor: bool) -> None:
    """A new incarnation has no backfill to wait for: it reads, and only what was read whole is said to be linked."""
    rig = Table(tmp_path, cursor=cursor)
    rows = [row(n) for n in range(PEOPLE)]
    rig.put(*rows)
    rig.fill(stop_after=0)
    rig.answer()
    check = rotated(rig)
    assert rig.run(begin_anew="restored").rows.read == PEOPLE
    assert newer(rig, *rows) <= sent(rig)
    assert says_linked(rig)
    assert state_of(rig).county == check


@pytest.mark.usefixtures("small")
def test_what_was_not_read_whole_is_not_said_to_be_linked(tmp_path: Path) -> None:
    """The first lot of a backfill, or a beginning that reads nothing: linked is said after everybody was sent."""
    rig = Table(tmp_path)
    rows = [row(n) for n in range(PEOPLE)]
    rig.put(*rows)
    check = rotated(rig)
    rig.fill(stop_after=0)
    assert not says_linked(rig)
    rig.fill()
    rig.answer()
    for _ in range(2):
        rig.run()
        rig.answer()
    assert says_linked(rig)
    assert newer(rig, *rows) <= sent(rig)
    assert state_of(rig).county == check
    nothing = Rig(tmp_path / "nothing")
    nothing.rows(*rows)
    rotated(nothing)
    nothing.run(read=False)
    assert not says_linked(nothing)
    nothing.answer()
    nothing.run()
    assert newer(nothing, *rows) <= sent(nothing)


def test_changes_without_what_was_before_them_link_nobody_yet(tmp_path: Path) -> None:
    """A feed that does not tell the whole of its table is no read of everybody: a run that links comes after it."""
    rig = Rig(tmp_path)
    text = MAPPING.format(on_change="correct", on_vanish="nothing").replace('kind = "csv"', 'kind = "debezium"')
    rig.mapping(text.replace('path = "assessments.csv"', 'path = "changes.jsonl"'))
    lines(rig.folder / "changes.jsonl", *(said("c", row(n)) for n in range(PEOPLE)))
    rotated(rig)
    assert rig.run().rows.published == PEOPLE
    assert not says_linked(rig)
    rig.answer()
    rig.run()
    assert says_linked(rig)
    assert state_of(rig).unlinked == 0
