"""Six sound rows of a hospital's assessments, and the mapping that reads every kind of cell that is damaged here."""

from connectors.forms.organisation import check_character as check_of_organisation
from tests.connectors.rig import number

NAME = "assessments"
SOUND = 6
HURT = 3
"""The row that is damaged, counted from 1; in a file with one line of header it stands one lower."""

COLUMNS = (
    *("编号", "姓名", "证件号码", "残疾证号", "联系电话", "类型", "日期"),
    *("时间", "录入时间", "结论", "风险", "区划", "机构", "备注"),
)
LETTERS = dict(zip(COLUMNS, "ABCDEFGHIJKLMN", strict=True))
NAMES = ("欧阳靛青", "司马琥珀", "诸葛苜蓿", "令狐翡翠", "上官玳瑁", "慕容杜若")
_SITE = "92220102MA0KX1YY8"
SITE = _SITE + check_of_organisation(_SITE)

MAPPING = """
id = "assessments"
version = 1
key = ["编号"]
select = ["not_test"]
on_change = "correct"
on_vanish = "retract"

[source]
{source}

[rule.not_test]
column = "姓名"
op = "not_equals"
value = "测试"

[rule.discharge]
column = "类型"
op = "equals"
value = "出院评估"

[rule.site]
column = "机构"
op = "not_empty"

[person.patient]
tokens = {{ resident_id = "证件号码" }}
identity = {{ name = {{ column = "姓名", kind = "name" }}, phone = {{ column = "联系电话", kind = "phone" }} }}

[person.guardian]
required = false
tokens = {{ certificate = "残疾证号" }}

[common]
legal_basis = {{ constant = "public_health" }}
area = "区划"
occurred_on = "日期"
occurred_minute = "时间"
recorded_at = "录入时间"

[[event]]
type = "health.DischargeAssessed"
when = ["discharge"]
persons = ["patient", "guardian"]
[event.fields]
suitable = {{ column = "结论", codes = "codes/conclusion.csv" }}
risk = "风险"

[[event]]
type = "stations.OfferAccepted"
when = ["site"]
[event.fields]
site = {{ column = "机构", kind = "uscc" }}
"""

CODES = "值,代码\n适合,true\n暂不适合,false\n"


def row(n: int, **changed: object) -> dict[str, object]:
    """The n-th row, from 1."""
    whole: dict[str, object] = {
        "编号": f"PG-7041{n:03d}",
        "姓名": NAMES[n % len(NAMES)],
        "证件号码": number(40 + n),
        "残疾证号": f"{number(60 + n)}6{1 + n % 4}",
        "联系电话": f"139{60017000 + n}",
        "类型": "出院评估",
        "日期": f"2026-05-{n:02d}",
        "时间": f"09:{10 + n}",
        "录入时间": f"2026-05-{10 + n} 08:30",
        "结论": "适合",
        "风险": str(n % 5),
        "区划": "220102",
        "机构": SITE,
        "备注": "",
    }
    return whole | changed


def rows(**changed: object) -> list[dict[str, object]]:
    """All rows, with the damaged one changed."""
    return [row(n, **(changed if n == HURT else {})) for n in range(1, SOUND + 1)]


def planted(some: list[dict[str, object]]) -> set[tuple[str, str]]:
    """What must never be found: numbers, names, telephone numbers, row keys."""
    kinds = {
        "编号": "record_key",
        "姓名": "name",
        "证件号码": "resident_id",
        "残疾证号": "certificate",
        "联系电话": "phone",
    }
    return {(kind, str(one[column])) for one in some for column, kind in kinds.items() if one.get(column)}
