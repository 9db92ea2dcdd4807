"""A mapping is made on the page of `hub connector studio`, in a real browser."""

from pathlib import Path

from tests.studio.page import Page
from tests.studio.rows import WORDS, written
from tests.studio.served import Serve
from tests.typed import Hub


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
