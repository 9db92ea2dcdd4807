"""The mapping language: judged whole before the first row, and read a column at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.drafting.draft import draft, meaning_of
from connectors.mapping.code_table import parse_codes
from connectors.rows.section import reference_bytes
from connectors.sources import Column
from connectors.trial.preview import preview, shape
from hub.core.errors import DataError
from tests.connectors.rig import CODEC, COLUMNS, GO_LIVE, MAPPING, Rig, number, row

BASE = MAPPING.format(on_change="correct", on_vanish="retract")

# What is written wrongly, the code, the setting or name told, and the nearest right thing.
MISTAKES = [
    ('type = "health.DischargeAssessed"', 'type = "health.DischargeAssesed"', "HUB-C255", "health.DischargeAssessed"),
    ("\nrisk = ", "\nrisc = ", "HUB-C256", "risk"),
    ('when = ["clinic"]', 'when = ["clinics"]', "HUB-C254", "clinic"),
    ('op = "equals"', 'op = "equal"', "HUB-C241", "equals"),
    ("[person.patient]", "[person.patients]", "HUB-C241", "patient"),
    ("resident_id =", "residents_id =", "HUB-C241", "resident_id"),
    ('kind = "name"', 'kind = "nam"', "HUB-C264", "name"),
    ('"public_health"', '"public_helth"', "HUB-C262", "public_health"),
    ('on_change = "correct"', 'on_change = "corect"', "HUB-C241", "correct"),
    ('on_vanish = "retract"', 'on_vanish = "agency.Retract"', "HUB-C255", "agency.Retracted"),
    ("[source]", "[sources]", "HUB-C241", "source"),
]


@pytest.mark.parametrize(("wrong", "by", "code", "nearest"), MISTAKES)
def test_a_mistake_is_told_before_the_first_row_with_the_nearest_right_thing(
    tmp_path: Path, wrong: str, by: str, code: str, nearest: str
) -> None:
    """Whatever is misspelt in a mapping stops the run at once, with a code and what was probably meant."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    assert wrong in BASE
    rig.mapping(BASE.replace(wrong, by, 1))
    with pytest.raises(DataError) as caught:
        rig.run()
    assert (caught.value.code, caught.value.place["nearest"]) == (code, nearest)
    assert rig.records() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace('area = "居住区划"\n', ""), "HUB-C257"),
        (
            lambda text: text.replace('suitable = { column = "评估结论", codes = "codes/conclusion.csv" }\n', ""),
            "HUB-C257",
        ),
        (lambda text: text.replace('risk = "风险等级"', 'risk = { column = "风险等级", kind = "name" }'), "HUB-C263"),
        (lambda text: text.replace('key = ["评估编号"]', "key = []"), "HUB-C243"),
        (lambda text: text.replace('["clinic"]', '["clinic"]\npersons = ["guardian"]'), "HUB-C258"),
        (lambda text: text.replace("codes/conclusion.csv", "codes/none.csv"), "HUB-C252"),
        (lambda text: text + '[event.refs]\noffer = "证件号码"\n', "HUB-C267"),
        (lambda text: text + '[event.refs]\ncase = "姓名"\n', "HUB-C267"),
        (lambda text: text.replace('tokens = { resident_id = "证件号码" }\n', ""), "HUB-C243"),
        (lambda text: text.replace("id =", "id = 'x'\nid ="), "HUB-C240"),
        (lambda text: text.replace('values = ["门诊评估", "复诊评估"]', ""), "HUB-C243"),
        (
            lambda text: text.replace('op = "in"\nvalues = ["门诊评估", "复诊评估"]', 'op = "after"\nvalue = "x"'),
            "HUB-C266",
        ),
    ],
)
def test_what_a_mapping_lacks_is_told(tmp_path: Path, change: Callable[[str], str], code: str) -> None:
    """A required field, a fitting kind, a key, a table: what lacks or does not fit has a code of its own."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.mapping(change(BASE))
    with pytest.raises(DataError) as caught:
        rig.run()
    assert caught.value.code == code


def test_a_code_that_the_contract_does_not_have_is_found_in_the_code_table(tmp_path: Path) -> None:
    """Every code of a table is compared with the list of its field before any row needs it."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.codes("适合,true\n不适合,no\n")
    with pytest.raises(DataError) as caught:
        rig.run()
    assert (caught.value.code, caught.value.place["value"]) == ("HUB-C261", "no")


@pytest.mark.parametrize("content", ["值,代码\n适合\n", "值,代码\n适合,a\n适 合,b\n", '值,代码\n"适合,a\n'])
def test_a_code_table_is_two_columns_and_gives_a_value_one_code(content: str) -> None:
    """A line of one field, a value with two codes and an open quotation are refused; blanks do not make a new value."""
    with pytest.raises(DataError) as caught:
        parse_codes("codes/x.csv", content.encode())
    assert caught.value.code == "HUB-C250"


def test_one_row_can_be_several_events_and_only_what_is_new_is_said(tmp_path: Path) -> None:
    """Two sections read one row; when only one of them changes, only its event is published, as a correction."""
    rig = Rig(tmp_path)
    rig.mapping(BASE + '\n[[event]]\ntype = "agency.IdentityDeclared"\n')
    rig.rows(row(1))
    rig.run()
    assert sorted(rig.types())[:2] == ["agency.IdentityDeclared", "agency.RunFinished"]
    rig.rows(row(1, 风险等级="4"))
    rig.run()
    _, entries, _ = rig.frames()[-1]
    assert [CODEC.decode(entry.value)[0].type for entry in entries] == [
        "health.DischargeAssessed",
        "agency.RunFinished",
    ]
    assert entries[0].refs[0].value[-4:] == (2).to_bytes(4, "big")


def test_a_row_that_no_longer_says_it_is_retracted_of_the_person_it_was_about(tmp_path: Path) -> None:
    """With `correct`, an event whose rule no longer holds is retracted; a changed person is retracted and said anew."""
    rig = Rig(tmp_path, on_change="correct")
    rig.rows(row(1), row(2))
    rig.run()
    rig.rows(row(1, 评估类型="其他"), row(2, 证件号码=number(9)))
    rig.run()
    _, entries, persons = rig.frames()[-1]
    said = [(CODEC.decode(entry.value)[0].type.split(".")[1], entry) for entry in entries]
    assert [type for type, _ in said] == ["Retracted", "DischargeAssessed", "Retracted", "RunFinished"]
    first = rig.frames()[0]
    old = [first[2][entry.persons[0][1]][0] for entry in first[1] if entry.persons]
    assert [persons[entry.persons[0][1]][0] for type, entry in said if type == "Retracted"] == old[::-1]
    assert not said[1][1].refs


def test_a_changed_mapping_publishes_only_what_is_new_in_it(tmp_path: Path) -> None:
    """Another hash of the mapping alone, or a column more, says nothing that was said before."""
    rig = Rig(tmp_path)
    rig.mapping(BASE)
    rig.rows(*[row(n) for n in range(5)])
    rig.run()
    before = rig.types()
    rig.mapping(BASE.replace("version = 1", "version = 2"))
    assert rig.run().rows.unchanged == 5
    assert rig.types() == before
    rig.mapping(BASE + '\n[[event]]\ntype = "agency.IdentityDeclared"\n')
    assert rig.run(remap=True).rows.published == 5
    assert rig.types()[len(before) :].count("agency.IdentityDeclared") == 5
    assert rig.types().count("health.DischargeAssessed") == 5


def test_history_and_live_are_told_by_the_day_of_going_live(tmp_path: Path) -> None:
    """An event before go-live is history, one on that day is live."""
    rig = Rig(tmp_path)
    rig.rows(row(1, 评估日期="2026-04-26"), row(2, 评估日期="2026-04-27"))
    rig.run()
    modes = {
        (fact[0], fields[0], "history" if "history" in fields else "live")
        for fact in rig.facts()
        for fields in [fact[1]]
    }
    assert modes == {
        ("health.DischargeAssessed", GO_LIVE - 1, "history"),
        ("health.DischargeAssessed", GO_LIVE, "live"),
    }


def test_a_number_whose_kind_another_column_tells(tmp_path: Path) -> None:
    """A passport in a column of identity numbers becomes a token of its own kind, an unknown kind refuses the row."""
    rig = Rig(tmp_path)
    (rig.folder / "codes" / "kind.csv").write_text("值,代码\n身份证,resident_id\n护照,passport\n", encoding="utf-8")
    rig.mapping(
        BASE.replace(
            'tokens = { resident_id = "证件号码" }',
            'document = { column = "证件号码", type_column = "风险等级", codes = "codes/kind.csv" }',
        ).replace('risk = "风险等级"\n', "")
    )
    rig.rows(row(1, 风险等级="身份证"), row(2, 证件号码="E12345678", 风险等级="护照"), row(3, 风险等级="军官证"))
    assert rig.run().rows.refused == {"HUB-C140": 1}
    _, _, persons = rig.frames()[0]
    assert [tokens[0][0] for tokens, _ in persons] == [1, 3]


def test_a_column_that_holds_the_codes_of_a_list_needs_no_table(tmp_path: Path) -> None:
    """Without `codes`, a field takes the codes of its list themselves, in any case, several in a cell where it may."""
    rig = Rig(tmp_path)
    rig.mapping(
        BASE.replace('type = "health.DischargeAssessed"', 'type = "health.ReferralUploaded"')
        .replace('suitable = { column = "评估结论", codes = "codes/conclusion.csv" }\n', 'needs = "评估结论"\n', 1)
        .replace('risk = "风险等级"\n', "", 1)
        .replace('legal_basis = { constant = "public_health" }', 'legal_basis = "姓名"')
    )
    rig.rows(
        row(1, 姓名="care_law", 评估结论="Medication、life_skills"),
        row(2, 姓名=" PUBLIC_HEALTH", 评估结论="peer"),
        row(3, 姓名="care_law", 评估结论="medication,nothing"),
    )
    assert rig.run().rows.refused == {"HUB-C144": 1}
    said = {value for fact in rig.facts() if fact[0] == "health.ReferralUploaded" for value in fact[1]}
    assert {"care_law", "public_health", "life_skills,medication", "peer"} <= said


def test_a_draft_is_a_mapping_that_fits_and_holds_no_value(tmp_path: Path) -> None:
    """From column names alone comes a mapping that runs; what a name means is known in Chinese and by initials."""
    assert [meaning_of(name) for name in ("患者姓名", "GMSFHM", "sfzh", "证件 号码", "备注")] == [
        "name", "resident_id", "resident_id", "resident_id", "",
    ]  # fmt: skip
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2))
    section: dict[str, object] = {"kind": "csv", "alias": "a", "path": "assessments.csv"}
    columns = [Column(name) for name in COLUMNS]
    rig.mapping(draft("d", section, columns, "agency.IdentityDeclared", "220102"))
    assert rig.run().rows.published == 2
    assert "legal_basis" in draft("d", section, [], "health.DischargeAssessed", "220102")


def test_a_preview_shows_shapes_and_verdicts_only(tmp_path: Path) -> None:
    """Before and after are side by side and no digit of a value is in them, nor a name."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2, 证件号码=number(2)[:17]), row(3, 姓名="测试"))
    seen = preview(rig.edge(), rig.system, 10)
    assert [one.verdict for one in seen] == ["published", "refused", "not_selected"]
    shown = "".join(shape for one in seen for _, shape in one.cells)
    shown += "".join(
        value for one in seen for _, fields in one.events for name, value in fields if "person" not in name
    )
    assert not any(character.isdigit() for character in shown)
    assert "张" not in shown
    assert rig.records() == []


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_a_shape_holds_no_letter_and_no_digit_of_its_value(text: str) -> None:
    """A mask has only its own five signs and ASCII punctuation."""
    assert not any(character.isdigit() for character in shape(text))
    assert not {character for character in shape(text) if character.isalpha()} - {"A", "汉"}


def test_a_code_table_may_be_as_a_spreadsheet_in_china_saves_it() -> None:
    """GB18030 and UTF-8, with or without its mark, say the same."""
    table = "值,代码\n适合,true\n"
    spelled = [parse_codes("codes/x.csv", table.encode(name)) for name in ("utf-8", "utf-8-sig", "gb18030")]
    assert spelled == [{"适合": "true"}] * 3


def test_a_reference_with_blanks_is_text() -> None:
    """Only 32 hex digits are 16 bytes: what is as long and has blanks among its digits is kept as it was written."""
    digits, blanks = "0123456789abcdef" * 2, "01 23 45 67 89 ab cd ef 01 23 45"
    assert len(blanks) == len(digits)
    assert reference_bytes(digits) == bytes.fromhex(digits)
    assert reference_bytes(blanks) == blanks.encode()
