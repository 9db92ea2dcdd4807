"""Rows that say something of a site: changed and vanished, they are taken back where they were said (law 7)."""

import marshal
from pathlib import Path
from typing import Any

import pytest

from connectors.frames import whom
from connectors.frames.whom import Keeper
from connectors.rows import changes
from hub.core.frame import unpack_edge_event
from tests.connectors.rig import CODEC, Rig, row

MAPPING = """
id = "sites"
version = 1
key = ["评估编号"]
on_change = "{on_change}"
on_vanish = "{on_vanish}"

[source]
kind = "csv"
alias = "sites"
path = "assessments.csv"

[common]
legal_basis = {{ constant = "public_duty" }}
area = "居住区划"
occurred_on = "评估日期"

[[event]]
type = "stations.CapacityDeclared"
[event.fields]
site = "评估类型"
free = "风险等级"
"""


def rig_of(folder: Path, on_change: str = "correct", on_vanish: str = "retract") -> Rig:
    """An edge whose rows are capacities of sites."""
    rig = Rig(folder)
    rig.mapping(MAPPING.format(on_change=on_change, on_vanish=on_vanish))
    return rig


def site(n: int, **changed: str) -> dict[str, str]:
    """The n-th site."""
    return row(n, 评估类型=f"S{n}") | changed


def said(rig: Rig) -> list[tuple[str, str, str, int]]:
    """Of the last frame: type, site, area, and the number of the event that is corrected (0: none)."""
    found: list[tuple[str, str, str, int]] = []
    for entry in rig.frames()[-1][1]:
        kind, fields = CODEC.decode(entry.value)
        if kind.type not in ("agency.RunFinished", "agency.SourceStarted"):
            target = unpack_edge_event(entry.refs[0].value)[1] if entry.refs else 0
            assert not entry.persons
            found.append((kind.type.split(".")[1], fields.site, fields.area, target))
    return found


def test_a_vanished_site_row_is_retracted_of_its_site(tmp_path: Path) -> None:
    """The retraction names site and area of what was said, so that intake finds the market that keeps it."""
    rig = rig_of(tmp_path)
    rig.rows(site(1), site(2, 居住区划="371002"))
    rig.run()
    rig.rows(site(1))
    assert rig.run().vanished == 1
    assert said(rig) == [("Retracted", "S2", "371002", 3)]


def test_an_event_for_a_row_that_is_gone_keeps_its_site(tmp_path: Path) -> None:
    """`on_vanish` may name an event of sites without a constant for the site: it is that of the row."""
    rig = rig_of(tmp_path, on_vanish="civil_affairs.SiteClosed")
    rig.rows(site(1), site(2))
    rig.run()
    rig.rows(site(1))
    rig.run()
    assert said(rig) == [("SiteClosed", "S2", "220102", 0)]


CHANGED: list[tuple[dict[str, str], list[tuple[str, str, str, int]]]] = [
    ({"风险等级": "3"}, [("CapacityDeclared", "S1", "220102", 2)]),
    ({"居住区划": "220104"}, [("CapacityDeclared", "S1", "220104", 2)]),
    ({"评估类型": "S9"}, [("Retracted", "S1", "220102", 2), ("CapacityDeclared", "S9", "220102", 0)]),
    ({"居住区划": "371002"}, [("Retracted", "S1", "220102", 2), ("CapacityDeclared", "S1", "371002", 0)]),
]


@pytest.mark.parametrize(("changed", "expected"), CHANGED)
def test_a_correction_reaches_what_it_corrects(tmp_path: Path, changed: dict[str, str], expected: Any) -> None:
    """Within a site and its market an event is corrected; of another site, or in another market, it is retracted."""
    rig = rig_of(tmp_path)
    rig.rows(site(1))
    rig.run()
    rig.rows(site(1, **changed))
    rig.run()
    assert said(rig) == expected


def test_the_law_notices_a_correction_that_is_sent_to_another_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutant: where only persons are compared, a moved site is corrected where nothing of it is known."""
    monkeypatch.setattr(changes, "same_owner", lambda one, other: one.people == other.people)
    with pytest.raises(AssertionError):
        test_a_correction_reaches_what_it_corrects(tmp_path, *CHANGED[2])


def test_what_a_spool_kept_before_it_kept_sites_is_still_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's retraction works from a spool whose entries know nothing of sites."""

    def lock(keeper: Keeper, of: Any) -> bytes:
        told = marshal.dumps([(who.role, who.tokens) for who in of[1]], 2)
        return keeper._keys.lock("K_spool", told, whom._WHO)

    rig = Rig(tmp_path, on_vanish="retract")
    rig.rows(row(1), row(2))
    with monkeypatch.context() as before:
        before.setattr(Keeper, "_lock", lock)
        rig.run()
    rig.rows(row(1))
    rig.run()
    assert rig.types().count("agency.Retracted") == 1
