"""The bench of sources runs and reads every row. Nothing is asserted about time."""

from pathlib import Path

from tests.bench import sources


def test_both_readers_read_every_row(tmp_path: Path) -> None:
    """A source and its bare reader find the same rows in a workbook and in a CSV file."""
    sources.write(tmp_path, 500)
    for kind in sources.KINDS:
        assert sources._ours(tmp_path, kind) == sources._bare(tmp_path, kind) == 500


def test_csv_is_read_in_pieces(tmp_path: Path) -> None:
    """A CSV file twenty times as large needs hardly more memory: what is read of it is given on and forgotten."""
    peaks = []
    for rows in (2_000, 40_000):
        sources.source.write(tmp_path / "a.csv", rows, 200, "person", 19_000)
        peaks.append(sources.in_process(sources._ours, tmp_path, "csv")[2])
    assert (tmp_path / "a.csv").stat().st_size > 6_000_000
    assert peaks[1] - peaks[0] < 16
