"""A mapping is made on the page of `hub connector studio`, in a real browser."""

from pathlib import Path

from tests.browser.conftest import Serve
from tests.browser.page import Page
from tests.typed import Hub

WORDS = ("--agency", "ward", "--publisher", "health", "--area", "220102")
SOURCE = (
    "编号,病人,证件号码,哪天,评估结论,等级,居住区划,备注\n"
    "1,张三丰,160101197001010015,2026-05-01,暂不适合,2级,220102,<script>document.title = 'x'</script>\n"
    '2,李四海,1.60101E+17,2026-05-02,适合,1级,220102,"""><b>"\n'
)


def written(folder: Path, text: str = SOURCE) -> str:
    """A CSV file."""
    path = folder / "rows.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_mapping_is_made_with_the_mouse_and_runs(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """Columns dragged to fields, refusals seen live, saved: then `check` accepts it and `run` publishes its rows."""
    served = serve("ward", "--from", written(tmp_path), *WORDS)
    page.open(served.address)
    page.choose("type", "health.DischargeAssessed")
    page.click("draft")
    page.until(lambda: page.all('[data-at="event 1.fields.suitable"]'))
    page.judged()
    assert "occurred_on" in page.why("common.occurred_on")
    assert page.rows() == ["", ""]
    page.drag("哪天", "common.occurred_on")
    page.drag("编号", "key")
    assert page.rows() == ["published", "refused"]
    assert "HUB-C104" in page.why("person.patient.tokens.resident_id")
    assert "HUB-C257" not in page.find("#fault").text
    page.save()
    served.stop()
    assert typed("connector", "check", "ward")[0] == 0
    code, out, _ = typed("connector", "run", "ward")
    assert (code, "published 1" in out, "refused 1" in out) == (0, True, True), out
