"""The rows of a spool: waiting or written, they are known alike; and whom nothing concerns is forgotten."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.rows.changes import pack_made, unpack_made
from connectors.spool import Known, Spool
from connectors.spool import rows as spool_rows
from connectors.spool.tables import TOGETHER
from tests.connectors.rig import Rig, number, row

TOKENS = st.integers(0, 2**63 - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(TOKENS | st.integers(0, 40), max_size=8)),
        st.tuples(st.just("drop"), st.lists(st.integers(0, 40), max_size=3)),
        st.tuples(st.just("see"), st.lists(st.integers(0, 40), max_size=3)),
        st.tuples(st.just("again"), st.just([])),
    ),
    max_size=12,
)


def same_as_a_dict(path: Path, steps: Sequence[tuple[str, list[int]]]) -> None:
    """Follow the steps in a spool and in a dict, and compare what is known after each."""
    model: dict[int, Known] = {}
    path.unlink(missing_ok=True)
    with Spool(path, "hospital-1") as spool, spool.transaction():
        for turn, (act, ids) in enumerate(steps, 1):
            if act == "put":
                rows = [Known(id, bytes(16), turn, 0, b"") for id in ids]
                spool.rows.put(rows)
                model.update((known.id, known) for known in rows)
            elif act == "drop":
                spool.rows.drop(ids)
                for id in ids:
                    model.pop(id, None)
            elif act == "see":
                spool.rows.see(turn, [id for id in ids if id in model])
                model.update({id: model[id]._replace(seen=turn) for id in ids if id in model})
            else:
                spool.rows.flush()
            asked = sorted({*range(41), *model})
            assert spool.rows.known(asked) == model
            assert turn % 3 or spool.rows.size() == len(model)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_rows_are_known_whether_they_wait_or_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, list[int]]]
) -> None:
    """What was put is known, what was dropped is not, at any moment and for any lot that waits."""
    monkeypatch.setattr(spool_rows, "WAITING", 5)
    same_as_a_dict(tmp_path / "spool.db", steps)


def test_the_law_notices_marks_that_forget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a filter of marks that are never set: every row would be new twice."""
    monkeypatch.setattr(spool_rows.Rows, "known", lambda rows, ids: {})
    with pytest.raises(AssertionError):
        same_as_a_dict(tmp_path / "spool.db", [("put", [1])])


def _undone(spool: Spool) -> None:
    with spool.transaction():
        spool.rows.put([Known(7, bytes(16), 1, 0, b"")])
        raise RuntimeError


def test_what_waited_is_gone_with_its_transaction(tmp_path: Path) -> None:
    """A run that is undone leaves no row in memory either, so that the next one publishes it."""
    with Spool(tmp_path / "spool.db", "hospital-1") as spool:
        with pytest.raises(RuntimeError):
            _undone(spool)
        with spool.transaction():
            assert spool.rows.known([7]) == {}
            assert spool.rows.size() == 0


def concerned(rig: Rig) -> list[int]:
    """The numbers of those whom the spool keeps."""
    with Spool(rig.folder / "spool.db", "hospital-1", write=False) as spool:
        return [id for (id,) in spool._all("SELECT id FROM concerned ORDER BY id", ())]


def test_whom_events_concern_is_kept_once_and_only_while_a_row_says_it(tmp_path: Path) -> None:
    """Rows of one person share what is kept of it; it goes with the last of them, once its retraction is answered."""
    rig = Rig(tmp_path, on_change="correct", on_vanish="retract")
    same = number(1)
    rig.rows(*(row(n, 证件号码=same) for n in range(1, 9)), *(row(n) for n in range(20, 40)))
    rig.run()
    assert len(concerned(rig)) == 21
    rig.rows(*(row(n, 证件号码=same) for n in range(1, 9)), *(row(n) for n in range(20, 39)))
    rig.run()
    assert len(concerned(rig)) == 21
    rig.answer()
    rig.run()
    assert len(concerned(rig)) == 20
    rig.rows(*(row(n) for n in range(20, 39)))
    rig.run(accept_vanished=8)
    rig.answer()
    rig.run()
    assert len(concerned(rig)) == 19
    assert rig.types().count("agency.Retracted") == 9


def test_a_mapping_that_never_asked_says_nothing_of_rows_that_vanished_before_it_did(tmp_path: Path) -> None:
    """A row published under `on_vanish = nothing` that is gone when the mapping says `retract` stops nothing."""
    rig = Rig(tmp_path)
    rig.rows(*(row(n) for n in range(1, 30)))
    rig.run()
    text = (rig.folder / "mapping.toml").read_text(encoding="utf-8")
    rig.mapping(text.replace('on_vanish = "nothing"', 'on_vanish = "retract"'))
    rig.rows(*(row(n) for n in range(1, 29)))
    assert rig.run().vanished == 1
    assert "agency.Retracted" not in rig.types()


def test_packed_events_of_a_row_come_back_in_their_order() -> None:
    """Packing several events of one row and joining them loses nothing."""
    made = [(1, 2, 3, bytes(16), 4), (5, 6, 7, bytes(range(16)), 0)]
    assert [tuple(one) for one in unpack_made(b"".join(pack_made(made)))] == made


def test_rows_written_many_at_a_time_are_those_given(tmp_path: Path) -> None:
    """Whole statements or single rows: what is known afterwards is what was put, each row as it was put last."""
    some = list(range(100, 103 + 3 * TOGETHER))
    same_as_a_dict(tmp_path / "spool.db", [("put", some), ("again", []), ("put", some[: TOGETHER + 1]), ("again", [])])
