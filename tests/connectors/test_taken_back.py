"""What the hub refuses was not said: a refused retraction can be said again, and nothing rests on what was refused."""

from pathlib import Path
from typing import Any

import pytest

from connectors.run import refused, unsaid
from connectors.spool import RefusedRow, Spool, TakenBack
from connectors.spool.taken import TakenBacks
from hub.core.errors import DataError
from hub.core.frame import unpack_edge_event
from tests.connectors.rig import CODEC, Rig, row

OWN = ("agency.RunFinished", "agency.SourceStarted")


def waiting(rig: Rig) -> list[RefusedRow]:
    """The refused rows that their owner sees."""
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        return refused.listed(spool.refused())


def kept(rig: Rig) -> list[TakenBack]:
    """What the spool keeps of refused retractions."""
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        return spool.taken.refused()


def retry(rig: Rig) -> Any:
    """As `hub refused retry` does it for all rows."""
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        refused.retry(spool, [])
        read = refused.must_read(spool)
    return rig.run(read=read)


def said(rig: Rig) -> list[tuple[str, int]]:
    """What the last frame says of rows: type, and the number of the event that is corrected (0: none)."""
    found = []
    for entry in rig.frames()[-1][1]:
        type = CODEC.decode(entry.value)[0].type
        if type not in OWN:
            found.append((type, unpack_edge_event(entry.refs[0].value)[1] if entry.refs else 0))
    return found


def all_but_own(entry: Any) -> str:
    """Refuses whatever rows say."""
    return "" if CODEC.decode(entry.value)[0].type in OWN else "HUB-I323"


def lost(folder: Path, on_vanish: str = "retract", on_change: str = "event") -> Rig:
    """A connector whose second row vanished, and whose word for it was refused."""
    rig = Rig(folder, on_vanish=on_vanish, on_change=on_change)
    if on_vanish == "federation.CertificateCancelled":
        text = (rig.folder / "mapping.toml").read_text(encoding="utf-8")
        rig.mapping(
            text.replace("[event.fields]", '[event.vanish]\nreason = { constant = "deceased" }\n[event.fields]')
        )
    rig.rows(row(1), row(2))
    rig.run()
    rig.answer()
    rig.rows(row(1))
    rig.run()
    rig.answer(all_but_own)
    rig.run()
    assert [(one.code, one.row) for one in waiting(rig)] == [("HUB-I323", 0)]
    return rig


def said_again_law(rig: Rig, before: list[tuple[str, int]]) -> None:
    """A retry says what was refused once more, needs no source for it, and closes; once it is taken nothing is kept."""
    (rig.folder / "assessments.csv").rename(rig.folder / "away.csv")
    report = retry(rig)
    assert said(rig) == before, "what was to be taken back was not said again"
    assert (report.closed, waiting(rig)) == (1, [])
    (rig.folder / "away.csv").rename(rig.folder / "assessments.csv")
    rig.answer()
    frames = len(rig.frames())
    rig.run()
    assert (len(rig.frames()), kept(rig)) == (frames, [])


@pytest.mark.parametrize("on_vanish", ["retract", "federation.CertificateCancelled"])
def test_a_refused_word_for_a_vanished_row_is_said_again(tmp_path: Path, on_vanish: str) -> None:
    """A retraction, or the event that the mapping has for a row that is gone, survives its refusal."""
    rig = lost(tmp_path, on_vanish)
    before = [("agency.Retracted", 3)] if on_vanish == "retract" else [(on_vanish, 0)]
    assert said(rig) == before
    said_again_law(rig, before)


def test_the_law_notices_a_spool_that_forgets_what_it_took_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutant: where nothing is kept until the answer, only the source could tell, and it does not know the row."""
    monkeypatch.setattr(TakenBacks, "put", lambda *_: None)
    rig = lost(tmp_path)
    with pytest.raises(DataError, match="HUB-C206"):
        said_again_law(rig, [("agency.Retracted", 3)])


def test_a_retraction_may_be_refused_many_times(tmp_path: Path) -> None:
    """Each refusal is listed and can be tried again; the last one that is taken ends it."""
    rig = lost(tmp_path)
    for _ in range(2):
        retry(rig)
        rig.answer(all_but_own)
        rig.run()
        assert len(waiting(rig)) == 1
    said_again_law(rig, [("agency.Retracted", 3)])


def test_a_retraction_that_was_given_up_is_forgotten(tmp_path: Path) -> None:
    """Discarded, it is neither listed nor kept, and no run says it."""
    rig = lost(tmp_path)
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        refused.discard(spool, [waiting(rig)[0].id])
    frames = len(rig.frames())
    rig.run()
    assert (waiting(rig), kept(rig), len(rig.frames())) == ([], [], frames)


def test_a_refused_retraction_outlives_its_rows_return(tmp_path: Path) -> None:
    """The row is back and published anew; what it said before is still to be taken back, and a retry does."""
    rig = lost(tmp_path)
    rig.rows(row(1), row(2, 风险等级="3"))
    rig.run()
    rig.answer()
    assert len(waiting(rig)) == 1
    retry(rig)
    assert said(rig) == [("agency.Retracted", 3)]
    assert waiting(rig) == []


def corrected(rig: Rig) -> None:
    """A row changes, its correction is refused, and the row changes once more."""
    rig.rows(row(1))
    rig.run()
    rig.answer()
    rig.rows(row(1, 风险等级="2"))
    rig.run()
    assert said(rig) == [("health.DischargeAssessed", 2)]
    rig.answer(all_but_own)
    rig.run()


def corrects_what_was_taken(rig: Rig) -> None:
    """The law: a correction names the newest event that the hub took."""
    corrected(rig)
    rig.rows(row(1, 风险等级="3"))
    rig.run()
    assert said(rig) == [("health.DischargeAssessed", 2)], "a correction of what was refused"
    assert waiting(rig) == []


def test_a_correction_after_a_refused_one_corrects_what_was_taken(tmp_path: Path) -> None:
    """Whether the row changes again or is tried again, the event that the hub has is corrected."""
    corrects_what_was_taken(Rig(tmp_path / "changed", on_change="correct"))
    rig = Rig(tmp_path / "retried", on_change="correct")
    corrected(rig)
    retry(rig)
    assert said(rig) == [("health.DischargeAssessed", 2)]
    assert waiting(rig) == []


def test_a_correction_that_was_overtaken_before_its_refusal_is_made_good_by_a_retry(tmp_path: Path) -> None:
    """Two corrections before the first answer: if the first is refused, a retry takes back what it was to correct."""
    rig = Rig(tmp_path, on_change="correct")
    rig.rows(row(1))
    rig.run()
    rig.answer()
    for risk in ("2", "3"):
        rig.rows(row(1, 风险等级=risk))
        rig.run()
    first = said(rig)[0][1]
    assert said(rig) == [("health.DischargeAssessed", first)]
    assert first > 2
    rig.answer(lambda entry: "HUB-I323" if entry.number == first else "")
    rig.run()
    assert len(waiting(rig)) == 1
    retry(rig)
    assert said(rig) == [("agency.Retracted", 2)]
    assert waiting(rig) == []


def test_the_law_notices_a_row_that_believes_what_was_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: where rows keep refused events, the next correction is of one that the hub does not have."""
    monkeypatch.setattr(unsaid, "unpack_made", lambda packed: [])
    with pytest.raises(AssertionError, match="what was refused"):
        corrects_what_was_taken(Rig(tmp_path, on_change="correct"))


def test_a_refused_event_of_a_row_that_vanishes_needs_nobody(tmp_path: Path) -> None:
    """What the hub never took is not retracted, and nobody is asked about it any more; retried, it ends as well."""
    for name in ("left alone", "retried"):
        rig = Rig(tmp_path / name, on_vanish="retract")
        rig.rows(row(1), row(2))
        rig.run()
        rig.answer(lambda entry: "HUB-I323" if ":3:" in entry.place else "")
        rig.run()
        assert len(waiting(rig)) == 1
        before = rig.types().count("agency.Retracted")
        rig.rows(row(1))
        if name == "retried":
            retry(rig)
        rig.run()
        assert waiting(rig) == []
        assert rig.types().count("agency.Retracted") == before
