"""What a source costs beside its bare reader: python -m tests.bench.sources [--rows 100000] [--rounds 5] [--json]

A workbook and a CSV file of the same synthetic rows are read by a connector's source, to rows that a mapping can take,
and by python-calamine and the csv module alone, each in a process of its own. Rows a second of CPU, the ratio of the
two, and the memory that a process needed at most. It prints; nothing is asserted about time.
"""

import argparse
import csv
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import openpyxl
import python_calamine

from connectors.sources import open_source, parse_source
from hub.cli.main import collect_seldom
from tests.bench import source

KINDS: Final = ("excel", "csv")
WANTED: Final = ("编号", "类型", "证件号码", "日期", "站点", "项目")
_FILES: Final = {"excel": "a.xlsx", "csv": "a.csv"}


def main() -> None:
    """Print one table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="tests.bench.sources")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = measure(args.rows, args.rounds)
    print(json.dumps(result) if args.json else table(result))


def measure(rows: int, rounds: int) -> dict[str, dict[str, float]]:
    """Medians of so many rounds by kind: rows a second of both readers, their ratio, and the most memory in MB."""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, rows)
        for kind in KINDS:
            ours, bare, most, bare_most = [], [], [], []
            for _ in range(rounds):
                for read, spent, memory in ((_ours, ours, most), (_bare, bare, bare_most)):
                    count, seconds, peak = in_process(read, folder, kind)
                    assert count == rows, f"{kind}: {count} of {rows} rows"
                    spent.append(rows / seconds)
                    memory.append(peak)
            found[kind] = {
                "rows/s": statistics.median(ours),
                "bare rows/s": statistics.median(bare),
                "ratio": statistics.median(a / b for a, b in zip(ours, bare, strict=True)),
                "MB": max(most),
                "bare MB": max(bare_most),
            }
    return found


def write(folder: Path, rows: int) -> None:
    """The CSV file of the other bench, and a workbook of the same rows."""
    source.write(folder / "a.csv", rows, max(1, rows // 10), "person", 19_000)
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet("1月")
    with (folder / "a.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            sheet.append(row)
    made.save(folder / "a.xlsx")


def in_process(read: Callable[[Path, str], int], folder: Path, kind: str) -> tuple[int, float, float]:
    """Rows, seconds of CPU and megabytes of a read in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_spent, (read, folder, kind))


def _spent(read: Callable[[Path, str], int], folder: Path, kind: str) -> tuple[int, float, float]:
    collect_seldom()
    began = time.process_time()
    count = read(folder, kind)
    return count, time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _ours(folder: Path, kind: str) -> int:
    spec = parse_source({"kind": kind, "alias": "bench", "path": _FILES[kind]})
    with open_source(spec, folder, names=WANTED) as opened:
        opened.columns()
        count = sum(len(chunk.rows) for chunk in opened.rows())
        assert opened.complete
        return count


def _bare(folder: Path, kind: str) -> int:
    path = folder / _FILES[kind]
    if kind == "excel":
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            return sum(1 for _ in book.get_sheet_by_index(0).iter_rows()) - 1
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def table(result: dict[str, dict[str, Any]]) -> str:
    """Lines for people."""
    lines = [f"{'':8}{'rows/s':>12}{'bare rows/s':>14}{'ratio':>8}{'MB':>8}{'bare MB':>10}"]
    for kind, one in result.items():
        lines.append(
            f"{kind:8}{one['rows/s']:>12,.0f}{one['bare rows/s']:>14,.0f}{one['ratio']:>8.2f}"
            f"{one['MB']:>8.0f}{one['bare MB']:>10.0f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
