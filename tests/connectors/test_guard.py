"""A read that lacks too much publishes nothing; what really vanished is said as the mapping says."""

from pathlib import Path

import pytest

from hub.cli.runs import told
from hub.core.errors import DataError
from tests.connectors.rig import CODEC, COLUMNS, Rig, row


def guard_law(rig: Rig) -> None:
    """The run is stopped with exit 3 and nothing of it is published, not even what is new in it."""
    before, facts = len(rig.records()), rig.facts()
    with pytest.raises(DataError) as caught:
        rig.run()
    assert caught.value.exit_code == 3
    assert len(rig.records()) == before
    assert rig.facts() == facts


def test_a_read_that_lacks_more_than_its_share_publishes_nothing(tmp_path: Path) -> None:
    """More than max(3, 5 %) of the known rows missing stops the run until their owner says how many are gone."""
    rig = Rig(tmp_path, on_vanish="retract")
    rig.rows(*[row(n) for n in range(100)])
    rig.run()
    rig.rows(*[row(n) for n in range(6, 101)])
    guard_law(rig)
    with pytest.raises(DataError):
        rig.run(accept_vanished=5)
    report = rig.run(accept_vanished=6)
    assert (report.vanished, rig.types().count("agency.Retracted")) == (6, 6)
    assert report.rows.published == 1


@pytest.mark.parametrize(("known", "gone"), [(100, 5), (10, 3), (3, 3)])
def test_few_missing_rows_are_gone(tmp_path: Path, known: int, gone: int) -> None:
    """Up to max(3, 5 %) missing rows have vanished, and each of their events is retracted of the right person."""
    rig = Rig(tmp_path, on_vanish="retract")
    rig.rows(*[row(n) for n in range(known)])
    rig.run()
    people = {entry.number: persons[entry.persons[0][1]][0] for _, entries, persons in rig.frames() for entry in entries
              if entry.persons}  # fmt: skip
    rig.rows(*[row(n) for n in range(gone, known)])
    assert rig.run().vanished == gone
    _, entries, persons = rig.frames()[-1]
    retracted = [entry for entry in entries if CODEC.decode(entry.value)[0].type == "agency.Retracted"]
    assert len(retracted) == gone
    for entry in retracted:
        number = int.from_bytes(entry.refs[0].value[-4:], "big")
        assert persons[entry.persons[0][1]][0] == people[number]
    assert rig.run().vanished == 0


def test_a_vanished_row_may_be_left_alone_or_be_an_event(tmp_path: Path) -> None:
    """`nothing` says nothing and knows the row when it comes back; an event's name says that event."""
    rig = Rig(tmp_path / "nothing")
    rig.rows(row(1), row(2))
    rig.run()
    rig.rows(row(1))
    before = rig.types()
    assert rig.run().vanished == 1
    assert rig.types() == before
    assert rig.run().vanished == 0
    rig = Rig(tmp_path / "event", on_vanish="federation.CertificateCancelled")
    text = (rig.folder / "mapping.toml").read_text(encoding="utf-8")
    rig.mapping(text.replace("[event.fields]", '[event.vanish]\nreason = { constant = "deceased" }\n[event.fields]'))
    rig.rows(row(1), row(2))
    rig.run()
    rig.rows(row(1))
    rig.run()
    assert rig.types().count("federation.CertificateCancelled") == 1


def damage(rig: Rig, n: int, how: str) -> None:
    """A row in the source loses its key, or most of its cells."""
    path, key = rig.folder / "assessments.csv", row(n)[COLUMNS[0]]
    lines = path.read_text(encoding="utf-8").splitlines()
    where = next(at for at, line in enumerate(lines) if line.startswith(key))
    lines[where] = lines[where].removeprefix(key) if how == "no key" else key
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


@pytest.mark.parametrize("how", ["no key", "broken"])
def test_a_row_whose_key_is_unreadable_is_not_taken_for_gone(tmp_path: Path, how: str) -> None:
    """Nothing is retracted while a row has no readable key; mended, it is the row it was; if it is gone, say so."""
    rig = Rig(tmp_path, on_vanish="retract")
    rig.rows(row(1), row(2), row(3))
    rig.run()
    damage(rig, 2, how)
    report = rig.run()
    assert (report.vanished, sum(report.rows.refused.values())) == (0, 1)
    assert report.description.items() >= {"unseen": "1", "nameless": "1"}.items()
    assert "agency.Retracted" not in rig.types(), "a person was taken for gone"
    assert [line for line in told(report, "en") if "HUB-C492" in line]
    rig.rows(row(1), row(2), row(3))
    report = rig.run()
    assert (report.rows.unchanged, report.vanished, report.open) == (3, 0, 0)
    damage(rig, 2, how)
    assert rig.run(accept_vanished=1).vanished == 1
    assert rig.types().count("agency.Retracted") == 1


def test_a_cut_last_line_publishes_nothing(tmp_path: Path) -> None:
    """A file that ends in the middle of a row is half an export, even if no known row is missing."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2))
    path = rig.folder / "assessments.csv"
    path.write_bytes(path.read_bytes()[:-40])
    guard_law(rig)
    assert rig.run(accept_vanished=0).rows.published == 1


def test_the_law_of_the_guard_notices_one_that_never_says_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: a guard that lets everything pass is accused by the law."""
    rig = Rig(tmp_path, on_vanish="retract")
    rig.rows(*[row(n) for n in range(50)])
    rig.run()
    rig.rows(row(60))
    monkeypatch.setattr("connectors.run.reading.guard", lambda *_: None)
    with pytest.raises(pytest.fail.Exception):
        guard_law(rig)
