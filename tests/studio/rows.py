"""A source for the studio: a hospital's file whose names of columns say little."""

from pathlib import Path

WORDS = ("--agency", "ward", "--publisher", "health", "--area", "220102")
HEADER = "编号,病人,证件号码,哪天,评估结论,等级,居住区划,备注\n"
ROWS = (
    "1,张三丰,160101197001010015,2026-05-01,暂不适合,2级,220102,<script>document.title = 'x'</script>\n"
    '2,李四海,1.60101E+17,2026-05-02,适合,1级,220102,"""><b>"\n'
)


def written(folder: Path, rows: str = ROWS, header: str = HEADER) -> str:
    """Its path."""
    path = folder / "rows.csv"
    path.write_text(header + rows, encoding="utf-8")
    return str(path)
