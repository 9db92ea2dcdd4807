"""The bench of backfills runs and its numbers add up. Nothing is asserted about time."""

from pathlib import Path

from tests.bench import backfill


def test_bench_of_backfills_adds_up(tmp_path: Path) -> None:
    """Every row has its ending, every person a case, every live row is seen, and nothing is left behind."""
    result = backfill.measure(2_000, 0.5, str(tmp_path))
    assert result["rows"] == 2_000 + 200 + 2
    assert result["endings"]["read"] == result["rows"]
    assert (result["endings"]["published"], result["endings"]["refused"]) == (2_200, {"HUB-C102": 2})
    assert result["events"] == 2_200 + 2
    assert result["cases"] == 2_000
    lags = [lag for one in result["samples"] for lag in one["lags"]]
    assert len(lags) == result["live rows"] > 0
    assert {"serve", "run", "backfill"} <= result["samples"][0]["memory"].keys()
    assert f"{result['rows']:,} rows" in backfill.table(result)
    assert list(tmp_path.iterdir()) == []
