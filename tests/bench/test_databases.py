"""The bench of databases runs and counts every row. Nothing is asserted about time."""

from tests.bench import databases


def test_bench_of_databases_counts_every_row() -> None:
    """Each stage sees all rows of the same table, and the driver is the measure of the others."""
    found = databases.measure(200, 1, ("sqlite",))
    speeds = found["products"]["sqlite"]
    assert speeds["driver ratio"] == 1
    assert set(speeds) == {*databases.STAGES, *(f"{stage} ratio" for stage in databases.STAGES)}
    assert "sqlite" in databases.table(found)
