"""The bench of sources runs and reads every row. Nothing is asserted about time."""

from pathlib import Path

from tests.bench import sources
from tests.bench.kept import keep


def test_every_reader_reads_every_row() -> None:
    """The bare reader, the source and a whole run find the same rows in a workbook, a CSV file, a database."""
    found = sources.measure(300, 1, ("excel", "csv", "sqlite"), sources.here)
    for stages in found["kinds"].values():
        assert list(stages) == ["bare", "source", "frames"]
        assert stages["bare"]["ratio"] == 1
        assert all(one["rows/s"] > 0 < one["MB"] for one in stages.values())
    assert "sqlite" in sources.table(found)


def test_csv_is_read_in_pieces(tmp_path: Path) -> None:
    """A CSV file twenty times as large needs hardly more memory: what is read of it is given on and forgotten."""
    peaks = []
    for rows in (2_000, 40_000):
        sources.source.write(tmp_path / "source.csv", rows, 200, "person", 19_000)
        peaks.append(sources.in_process(sources.rows_of, keep("csv", tmp_path), tmp_path / "home")[2])
    assert (tmp_path / "source.csv").stat().st_size > 6_000_000
    assert peaks[1] - peaks[0] < 16
