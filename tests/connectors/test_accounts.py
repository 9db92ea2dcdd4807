"""Law 8, first sum: every row read has one ending, whatever dirt is in it; and law 9: nothing of it leaks."""

import base64
import random
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.run.engine import Engine
from connectors.run.report import Endings
from hub.core.errors import HubError, IntegrityError
from tests.connectors.rig import COLUMNS, Rig, row

DIRT = st.sampled_from(
    [
        "",
        " ",
        "-",
        "2026-02-30",
        "1.6E+17",
        "\ufffd",
        "张三",
        "测试",
        "出院评估",
        "复诊评估",
        "220102",
        "2099-01-01",
        "x" * 5000,
    ]
)
CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
CHANGES = st.dictionaries(st.sampled_from(COLUMNS), DIRT | CELL, max_size=3)
ROWS = st.lists(st.tuples(st.integers(0, 12), CHANGES), max_size=14)


def sums_law(report: Any) -> None:
    rows: Endings = report.rows
    assert rows.read == rows.published + rows.unchanged + sum(rows.not_selected.values()) + sum(rows.refused.values())


@given(st.lists(ROWS, min_size=2, max_size=3))
@settings(max_examples=25, deadline=None)
def test_every_row_has_one_ending_whatever_its_dirt(runs: list[Any]) -> None:
    """Rows read = published + unchanged + not selected + refused in each of several runs over arbitrary dirt."""
    with TemporaryDirectory() as folder:
        rig = Rig(Path(folder), on_change="correct", on_vanish="retract")
        for rows in runs:
            rig.rows(*[row(n) | dirt for n, dirt in rows])
            sums_law(rig.run(accept_vanished=100))
            again = rig.run(accept_vanished=100)
            sums_law(again)
            assert again.events == 0, "the same source said something new"


def test_the_sum_notices_a_row_that_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: an engine that forgets one row of a lot ends in exit 4 and publishes nothing."""
    take = Engine.take

    def loses_one(self: Engine, lot: Any, endings: Endings) -> None:
        endings.read += 1
        take(self, lot._replace(rows=lot.rows[1:]), endings)

    rig = Rig(tmp_path)
    rig.rows(*[row(n) for n in range(5)])
    monkeypatch.setattr(Engine, "take", loses_one)
    with pytest.raises(IntegrityError) as caught:
        rig.run()
    assert caught.value.code == "HUB-C408"
    assert rig.records() == []


def spellings(value: str) -> list[bytes]:
    """How an identifier could hide in bytes."""
    plain = [value.encode(), value.encode("utf-16-le"), value.encode("utf-16-be"), value.encode("gb18030")]
    found = list(plain)
    for one in plain:
        found += [one.hex().encode(), one.hex().upper().encode()]
        found += [base64.b64encode(b"\0" * pad + one)[4 if pad else 0 : -4] for pad in range(3)]
    found.append(value.encode("unicode_escape"))
    if value.isdigit():
        size = (int(value).bit_length() + 7) // 8
        found += [int(value).to_bytes(size, "big"), int(value).to_bytes(size, "little")]
    return [one for one in found if len(one) > 6]


def files_of(rig: Rig) -> list[bytes]:
    """All that the edge wrote; the source was given."""
    return [path.read_bytes() for path in rig.folder.rglob("*") if path.is_file() and path.name != "assessments.csv"]


def scan(written: list[bytes], planted: list[str]) -> list[str]:
    return [value for value in planted for one in spellings(value) if any(one in blob for blob in written)]


def test_no_planted_identifier_is_in_any_byte_that_an_edge_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Spool, write-ahead log, frames, keys, errors and output hold no ID, name or phone in any spelling."""
    rig = Rig(tmp_path, on_change="correct", on_vanish="retract")
    chance = random.Random(7)
    people = chance.sample(range(1000), 60)
    names = [f"欧阳{chr(0x4E00 + n)}{chr(0x5000 + n)}" for n in people]
    rows = [row(n, 姓名=name) for n, name in zip(people, names, strict=True)]
    rows[5]["评估日期"] = "2026-02-30"
    rows[6]["证件号码"] = rows[6]["证件号码"][:15] + "000"
    rows[7]["风险等级"] = rows[7]["证件号码"]
    rig.rows(*rows)
    planted = [one["证件号码"] for one in rows] + names
    told = []
    written: list[bytes] = []
    for hop in ("before commit", "committed", "appended", ""):

        def stop(name: str, hop: str = hop) -> None:
            if name == hop:
                raise HubError("HUB-G001")

        try:
            told.append(repr(rig.run(hop=stop)))
        except HubError:
            told.append(traceback.format_exc())
        written += [
            path.read_bytes() for path in rig.folder.rglob("*") if path.is_file() and path.name != "assessments.csv"
        ]
    rig.rows(*rows[3:])
    told.append(repr(rig.run()))
    captured = capsys.readouterr()
    written += [
        path.read_bytes() for path in rig.folder.rglob("*") if path.is_file() and path.name != "assessments.csv"
    ]
    written += [part for record in rig.records() for part in record]
    written += ["".join(told).encode(), (captured.out + captured.err).encode()]
    assert scan(written, planted) == []
    source = (rig.folder / "assessments.csv").read_bytes()
    assert len(set(scan([source], planted))) == len({one for one in planted if one.encode() in source}) > 50
