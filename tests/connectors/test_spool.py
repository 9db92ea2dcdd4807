"""A spool that is not the one last used is recognised, whatever became of it (law 12)."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from connectors.run.outcomes import take
from connectors.spool import FORMAT, Spool, State
from hub.adapters.memory.log import MemoryLog
from hub.adapters.system import FolderLock
from hub.core.errors import AlreadyRunning, DataError, IntegrityError, NotPermitted
from tests.connectors.rig import Rig, row


def stopped(rig: Rig) -> str:
    with pytest.raises(IntegrityError) as caught:
        rig.run()
    assert caught.value.exit_code == 4
    return caught.value.code


def copy_of(rig: Rig) -> Path:
    """A copy of the spool, as a backup takes it."""
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        spool._all("PRAGMA wal_checkpoint(TRUNCATE)", ())
    name = f"copy-{len(list(rig.folder.iterdir()))}.db"
    return Path(shutil.copy(rig.folder / "spool.db", rig.folder / name))


def put_back(rig: Rig, copy: Path) -> None:
    for path in rig.folder.glob("spool.db*"):
        path.unlink()
    shutil.copy(copy, rig.folder / "spool.db")


def test_a_restored_older_spool_stops(tmp_path: Path) -> None:
    """When the hub answered a frame that the spool has not made, it is a copy from before, and nothing is published."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    rig.answer()
    old = copy_of(rig)
    rig.rows(row(1), row(2))
    rig.run()
    rig.answer()
    put_back(rig, old)
    before = len(rig.records())
    assert stopped(rig) == "HUB-C401"
    assert len(rig.records()) == before


def test_a_copied_spool_that_ran_beside_the_first_stops(tmp_path: Path) -> None:
    """Two copies that both published a frame of one number: the one that the hub did not take stops."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    rig.answer()
    old = copy_of(rig)
    rig.rows(row(1), row(2))
    rig.run()
    rig.answer()
    newer = copy_of(rig)
    put_back(rig, old)
    log, rig.log = rig.log, MemoryLog(identity=rig.log.identity())
    for topic in ("ingress.hospital", "outcomes.hospital"):
        rig.log.create(topic, 1)
        rig.log.append(topic, 0, log.read(topic, 0, 0, 1))
    rig.run()  # the copy publishes where nobody sees it yet
    rig.log = log
    assert stopped(rig) == "HUB-C402"
    put_back(rig, newer)
    assert rig.run().rows.unchanged == 2


def test_a_new_spool_of_a_connector_that_is_known_stops_until_it_begins_anew(tmp_path: Path) -> None:
    """A lost spool never goes on by itself; begun anew it is another incarnation, which says what came before it."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2))
    rig.run()
    rig.answer()
    for path in rig.folder.glob("spool.db*"):
        path.unlink()
    assert stopped(rig) == "HUB-C407"
    report = rig.run(begin_anew="replaced")
    assert report.rows.published == 2
    header = rig.frames()[-1][0]
    assert (header.generation, header.number) == (2, 1)
    assert rig.run().rows.unchanged == 2
    with pytest.raises(DataError):
        rig.run(begin_anew="because")


def test_another_log_is_gone_to_only_when_somebody_says_so(tmp_path: Path) -> None:
    """Before a new log the connector stops; begun anew it publishes all there, from the first frame on."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2))
    rig.run()
    rig.answer()
    rig.run()
    log, rig.log = rig.log, MemoryLog()
    for topic in log.topics():
        rig.log.create(topic, 1)
    assert stopped(rig) == "HUB-C406"
    assert rig.run(begin_anew="moved").rows.published == 2
    assert rig.run().rows.unchanged == 2


def test_a_generation_of_which_nothing_was_sent_is_begun_once_more(tmp_path: Path) -> None:
    """Intake takes generation after generation, so that none may be passed over."""
    rig = Rig(tmp_path)
    rig.rows(row(1))

    def stop(hop: str) -> None:
        if hop == "committed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rig.run(hop=stop)
    rig.run(begin_anew="moved")
    assert [header.generation for header, _, _ in rig.frames()] == [1]
    rig.run(begin_anew="moved")
    assert [header.generation for header, _, _ in rig.frames()] == [1, 2]


def test_a_spool_of_another_connector_or_log_or_program_is_not_touched(tmp_path: Path) -> None:
    """Another connector's spool, another log and a newer format each stop the run."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    with pytest.raises(IntegrityError) as caught:
        Spool(rig.folder / "spool.db", "hospital-2")
    assert caught.value.code == "HUB-C404"
    log, rig.log = rig.log, MemoryLog()
    for topic in log.topics():
        rig.log.create(topic, 1)
    assert stopped(rig) == "HUB-C406"
    with Spool(rig.folder / "spool.db", "hospital-1") as spool, spool.transaction():
        spool.save(spool.state._replace(format=FORMAT + 1))
    with pytest.raises(DataError) as newer:
        Spool(rig.folder / "spool.db", "hospital-1")
    assert newer.value.code == "HUB-G130"


def test_whoever_ignores_outcomes_would_go_on_with_an_old_spool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutant: without the comparison of histories a restored spool publishes, which the law of the spool accuses."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    rig.answer()
    old = copy_of(rig)
    rig.rows(row(1), row(2))
    rig.run()
    rig.answer()
    put_back(rig, old)
    monkeypatch.setattr("connectors.run.outcomes._same_history", lambda *_: None)
    with pytest.raises(pytest.fail.Exception):
        stopped(rig)


def test_a_transaction_that_raises_leaves_no_trace(tmp_path: Path) -> None:
    """State, rows and frames go back together, in memory and on disk."""
    with closing(Spool(tmp_path / "spool.db", "c")) as spool:

        def broken() -> None:
            with spool.transaction():
                spool.save(spool.state._replace(frame=7))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            broken()
        assert spool.state == State("c")
    with closing(Spool(tmp_path / "spool.db", "c")) as spool:
        assert spool.state == State("c")


def test_only_one_process_runs_a_connector(tmp_path: Path) -> None:
    """A second run of the same folder is told so and reads nothing."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    from connectors.run.run import run

    with FolderLock(rig.folder, "connector"), pytest.raises(AlreadyRunning):
        run(rig.edge(lock=True), rig.log, rig.system)


def test_a_frame_that_intake_does_not_take_goes_again_with_all_after_it(tmp_path: Path) -> None:
    """A refused frame used no number up: the same bytes are sent again once the registry knows the connector."""
    from hub.core.outcome import Outcome

    rig = Rig(tmp_path)
    rig.rows(*[row(n) for n in range(800)])
    rig.run()
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        first = spool.frame(1)
        assert first is not None
        refused = Outcome(1, 0, "hospital-1", spool.state.incarnation, 1, 1, first.hash, "HUB-I302", 0, 0, (), ())
        with spool.transaction():
            take(spool, refused, 1)
            stranger = refused._replace(hash=b"\1" * 32, frame=99)
            take(spool, stranger, 1)
        assert spool.state.blocked == "HUB-I302"
    before = rig.records()
    assert rig.run().unsent == 0
    assert [record.value for record in rig.records()[len(before) :]] == [record.value for record in before]


def test_a_spool_that_may_not_be_opened_is_a_matter_of_rights(tmp_path: Path) -> None:
    """A spool that is there and cannot be opened for want of rights says so, and is no service that is down."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    for path in rig.folder.glob("spool.db-*"):
        path.unlink()
    (rig.folder / "spool.db-wal").mkdir()  # as a folder that nobody may write to, which root could
    with pytest.raises(NotPermitted) as caught:
        Spool(rig.folder / "spool.db", "hospital-1", write=False)
    assert (caught.value.code, caught.value.exit_code) == ("HUB-C601", 6)
