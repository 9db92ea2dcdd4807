"""A mapping is made on the page of `hub connector studio`, in a real browser."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from connectors.mapping.file import load_mapping
from hub.texts import phrases
from tests.connectors.rig import number
from tests.e2e.leaks import Scanner
from tests.studio.client import done
from tests.studio.elsewhere import Elsewhere
from tests.studio.page import Page
from tests.studio.rows import HEADER, WORDS, written
from tests.studio.served import Serve
from tests.studio.test_files import rich
from tests.typed import Hub

pytestmark = pytest.mark.slow
TYPE = "health.DischargeAssessed"


def drafted(serve: Serve, page: Page, tmp_path: Path, **environment: str) -> Page:
    """The page with a draft of an assessment, whose day nobody has mapped yet."""
    page.open(serve("ward", "--from", written(tmp_path), *WORDS, **environment).address)
    page.choose("type", TYPE)
    page.click("draft")
    page.until(lambda: page.all('[data-at="event 1.fields.suitable"]'))
    page.judged()
    return page


def test_a_mapping_is_made_with_the_mouse_and_runs(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """Columns dragged to fields, refusals seen live, saved: then `check` accepts it and `run` publishes its rows."""
    drafted(serve, page, tmp_path)
    assert "HUB-C257" in page.why("common.occurred_on")
    assert page.rows() == ["", ""]
    page.drag("病人", "common.occurred_on")
    assert page.rows() == ["refused", "refused"]
    page.drag("哪天", "common.occurred_on")
    assert page.rows() == ["published", "refused"]
    assert page.why("common.occurred_on") == ""
    assert "HUB-C104" in page.why("person.patient.tokens.resident_id")
    assert "1 of the first rows refused" in page.why("person.patient.tokens.resident_id")
    assert page.find("#fault").text == ""
    page.drag("病人", "person.patient.identity.name")
    page.drag("等级", "key")
    page.remove("key")
    shown = page.save()
    assert "+key = [" in shown
    folder = tmp_path / "home" / "edges" / "ward"
    mapping = load_mapping(folder)
    assert mapping.key == ("等级",)
    assert mapping.common["occurred_on"].column == "哪天"
    assert dict(mapping.persons["patient"].identity)["name"].column == "病人"
    assert typed("connector", "check", "ward")[0] == 0
    code, out, _ = typed("connector", "run", "ward")
    assert (code, "published 1" in out, "refused 1" in out, "HUB-C104" in out) == (0, True, True, True), out


def test_no_value_of_a_row_comes_to_the_browser(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """Numbers, names, telephones and keys of rows, and the name of the file, stand in no answer, whatever was mapped,
    previewed, refused, shown and saved; what does come, the scan finds."""
    planted = [(f"number {n}", number(n)) for n in range(6)]
    planted += [
        ("name", "欧阳慕容"),
        ("phone", "13912345678"),
        ("key", "PG00417X"),
        ("note", "住在东大街"),
        ("file", "花名册甲"),
    ]
    rows = "".join(
        f"PG00417X{n},欧阳慕容,{number(n)},2026-05-0{n + 1},{word},1,220102,住在东大街13912345678\n"
        for n, word in enumerate(("适合", "不适合", "也许", "适合", number(5), "适合"))
    )
    (tmp_path / "花名册甲").mkdir()
    source = written(tmp_path / "花名册甲", rows)
    page.open(serve("ward", "--from", source, *WORDS).address)
    page.choose("type", TYPE)
    page.click("draft")
    page.until(lambda: page.all('[data-at="event 1.fields.suitable"]'))
    page.drag("哪天", "common.occurred_on")
    for column in ("编号", "病人", "备注", "证件号码"):  # each once where it does not belong
        page.drag(column, "event 1.fields.risk")
        assert "refused" in page.rows()
    page.drag("备注", "person.patient.identity.phone")
    page.remove("person.patient.identity.phone")
    page.drag("等级", "event 1.fields.risk")
    assert page.rows().count("published") == 4
    page.save()
    sent = page.sent()
    everything = b"\n".join(sent.values()) + page.chromium.page_source.encode()
    assert len(sent) > 12
    assert Scanner(planted).scan(everything, "browser") == set()
    control = Scanner([("column", "居住区划"), ("code", "HUB-C140"), ("shape", "汉汉汉汉")]).scan(everything, "browser")
    assert {leak.kind for leak in control} == {"column", "code", "shape"}
    hidden = everything + number(3).encode("utf-16-le")
    assert {leak.kind for leak in Scanner(planted).scan(hidden, "browser")} == {"number 3"}


def test_hostile_content_is_text_only(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """Markup and quotes in cells and in names of columns make no element, run no script and break no list."""
    names = [
        "<img src=x onerror=document.title=1>",
        "\"'><script>document.title=1</script>",
        "__proto__",
        "constructor",
    ]
    header = HEADER.strip() + "," + ",".join('"' + name.replace('"', '""') + '"' for name in names) + "\n"
    cells = '1,张三丰,160101197001010015,2026-05-01,适合,1,220102,<script>document.title=1</script>,<b>,"""",x,y\n'
    page.open(serve("ward", "--from", written(tmp_path, cells, header), *WORDS).address)
    page.drag("哪天", "common.occurred_on")
    page.drag("备注", "person.patient.identity.phone")
    columns = [one.get_attribute("data-column") for one in page.all("#columns .column")]
    hostile = columns[-4:]
    assert [name and name[:4] for name in hostile[:2]] == ["<img", "\"'><"]
    for column in hostile:
        assert column
        page.drag(column, "key")
    assert "<AAAAAA>" in page.find("#rows").text
    assert "<A>" in page.find("#rows").text
    assert page.chromium.title == "hub connector studio"
    assert [page.all(css) for css in ("img", "main script", "#rows b b", "aaaaaa")] == [[], [], [], []]
    assert page.find("#columns").text.count("<img") == 1
    page.save()
    assert set(hostile) <= set(load_mapping(tmp_path / "home" / "edges" / "ward").key)


def test_a_mapping_is_made_with_the_keyboard_alone(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """By Tab, arrows and Enter: a column is taken from a field's list and used, or taken in hand first; the keyboard
    stays where it was; and the mapping is saved."""
    drafted(serve, page, tmp_path)
    page.find("body").click()
    page.tab_to("Column for occurred_on")
    while page.active().get_attribute("value") != "哪天":
        page.type(Keys.ARROW_DOWN)
    page.type(Keys.TAB, Keys.ENTER)
    page.judged()
    assert page.slot("common.occurred_on").find_element(By.CSS_SELECTOR, ".here").text == "哪天"
    assert page.active().get_attribute("aria-label") == "Use the column for occurred_on"
    page.tab_to("编号", Keys.SHIFT + Keys.TAB)
    page.type(Keys.ENTER)
    assert page.active().get_attribute("aria-pressed") == "true"
    assert "编号" in page.find("#status").text
    page.tab_to("Use the column for key")
    page.type(Keys.ENTER)
    page.judged()
    assert "编号" in page.slot("key").text
    page.tab_to("Show what changes")
    page.type(Keys.ENTER)
    page.until(lambda: page.find("#save").is_enabled())
    page.tab_to("Save what is shown")
    page.type(Keys.ENTER)
    page.until(lambda: page.find("#saved").text != "")
    assert load_mapping(tmp_path / "home" / "edges" / "ward").common["occurred_on"].column == "哪天"


def test_every_control_has_a_name_for_who_cannot_see(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """A screen reader says of each button, list and line of the page what it is for, as the browser works it out."""
    rich(tmp_path / "home")
    page.open(serve("hospital-1").address)
    page.judged()
    page.chromium.execute_script("document.querySelectorAll('details').forEach(function (d) { d.open = true; })")
    controls = page.all("button, [role=button], select, input, textarea")
    assert len(controls) > 60
    assert [one.get_attribute("outerHTML") for one in controls if one.is_displayed() and not one.accessible_name] == []
    slots = [one.accessible_name for one in page.all(".slot")]
    assert all(slots)
    assert page.find("#status").aria_role == "status"


def test_a_page_from_elsewhere_gets_nothing(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """Even with the whole address, a page of another server can neither read, nor post, nor frame, nor load the script;
    and a name that was made to point to this machine is not answered."""
    served = serve("ward", "--from", written(tmp_path), *WORDS)
    with Elsewhere(served) as elsewhere:
        found = elsewhere.tried(page.chromium)
    assert found == {"own": "reached", "read": "no", "post": "no", "form": "no", "frame": "no", "script": "no"}
    assert [event["type"] for event in done(served, "state")["plan"]["event"]] == ["agency.IdentityDeclared"]
    page.chromium.get(served.address.replace("127.0.0.1", "elsewhere.test"))
    assert "HUB-C381" in page.find("body").text
    assert not page.all("#connector")
    page.chromium.get(served.address.replace(served.token, "x" * len(served.token)))
    assert "HUB-C381" in page.find("body").text
    page.open(served.address)
    assert page.find("#connector").text == "ward"


def test_the_page_asks_nobody_else(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """All that the browser is asked to load comes from the page's own address, and nothing breaks its own rules."""
    drafted(serve, page, tmp_path)
    page.drag("哪天", "common.occurred_on")
    page.save()
    address = page.chromium.current_url
    asked = page.asked()
    assert len(asked) > 8
    assert [url for url in asked if not url.startswith(address) and not url.endswith("/favicon.ico")] == []
    bad = [entry for entry in page.chromium.get_log("browser") if "favicon" not in entry["message"]]
    assert bad == []


def test_the_page_speaks_chinese(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """With HUB_LANG=zh all that the page says is Chinese: titles, names of controls, meanings of fields, errors."""
    drafted(serve, page, tmp_path, HUB_LANG="zh")
    assert page.find("html").get_attribute("lang") == "zh"
    told = page.find("body").text
    assert "映射工作台" in told
    assert "没有映射" in page.why("common.occurred_on")
    english = [phrase for key, phrase in phrases("en").items() if key.startswith("studio.") and len(phrase) > 5]
    assert [phrase for phrase in english if "{" not in phrase and phrase in told] == []
    assert page.slot("event 1.fields.risk").find_element(By.CSS_SELECTOR, "select").accessible_name == "risk 的列"


def test_constants_and_codes_are_set_on_the_page(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """A fixed value is chosen from the field's codes; a code table is edited as text, and each change is judged at
    once."""
    drafted(serve, page, tmp_path)
    page.drag("哪天", "common.occurred_on")
    page.drag("编号", "event 1.fields.suitable")
    assert "HUB-C140" in page.why("event 1.fields.suitable")
    codes = page.slot("event 1.fields.suitable").find_element(By.CSS_SELECTOR, "textarea")
    codes.send_keys("\n1 = true\n2 = perhaps")
    page.find("#step-rows h2").click()
    page.judged()
    assert "HUB-C261" in page.why("event 1.fields.suitable")
    codes = page.slot("event 1.fields.suitable").find_element(By.CSS_SELECTOR, "textarea")
    codes.send_keys(Keys.BACKSPACE * len("perhaps"), "false")
    page.find("#step-rows h2").click()
    page.judged()
    assert page.why("event 1.fields.suitable") == ""
    page.constant("common.legal_basis", "care_law")
    page.constant("event 1.fields.risk", "3")
    page.judged()
    assert page.rows() == ["published", "refused"]
    page.save()
    mapping = load_mapping(tmp_path / "home" / "edges" / "ward")
    assert mapping.sections[0].fields["risk"].constant == 3
    assert mapping.common["legal_basis"].constant == "care_law"
    assert mapping.tables["codes/suitable.csv"]["2"] == "false"


def test_a_page_whose_server_ended_says_so(serve: Serve, page: Page, typed: Hub, tmp_path: Path) -> None:
    """What is typed on after the end of the command is not lost in silence."""
    served = serve("ward", "--from", written(tmp_path), *WORDS)
    page.open(served.address)
    page.judged()
    served.stop()
    page.click("again")
    page.until(lambda: "no longer answers" in page.find("#status").text)
