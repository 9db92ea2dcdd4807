"""What the health side and the disability federation know of a person."""

from hub.core.calendar import add_months, iso
from hub.demo.diary import Diary, guardian_text
from hub.demo.tables import ASSESSMENTS, CERTIFICATES, FOLLOW_UPS, JOBS, PATIENTS, STAYS, Fact, Value

_DIAGNOSES = ("F20", "F25", "F22", "F31", "F06.8", "F72", "F32", "F41")
_DIAGNOSIS_WEIGHTS = (52, 6, 4, 16, 5, 8, 6, 3)
SEVERE = frozenset(_DIAGNOSES[:6])
_LIVING = ("与家人同住", "独居", "机构居住", "无固定住所")


def patient_file(diary: Diary, filed: int) -> bool:
    """The patient's file, sometimes changed or closed later; tells whether the disorder is a severe one."""
    rng, person = diary.rng, diary.person
    diagnosis = rng.choices(_DIAGNOSES, _DIAGNOSIS_WEIGHTS)[0]
    guardian = person.guardian
    file = diary.put(
        PATIENTS,
        filed,
        {
            "姓名": person.name,
            "性别": "男" if person.male else "女",
            "出生日期": iso(person.born),
            "证件类型": "居民身份证",
            "证件号码": diary.number(),
            "户籍区划": person.county.code,
            "居住区划": person.county.code,
            "居住横坐标": person.x_m,
            "居住纵坐标": person.y_m,
            "诊断编码": diagnosis,
            "严重障碍": "是" if diagnosis in SEVERE else "否",
            "居住情况": rng.choices(_LIVING, (82, 12, 5, 1))[0],
            "监护状况": guardian_text(person.guardian_status),
            "监护人姓名": guardian.name if guardian else None,
            "监护人证件号码": guardian.id_number if guardian else None,
            "监护人关系": guardian.relation if guardian else None,
            "建档日期": iso(filed),
        },
        key=f"P{person.number:07d}",
        lag=rng.randint(0, 3),
    )
    if rng.random() < 0.05:
        file = _moved_in(diary, file)
    if rng.random() < 0.012:
        closed = file.day + rng.randint(200, 700)
        diary.change(PATIENTS, closed, file, 销档日期=iso(closed), 销档原因=rng.choice(("死亡", "迁出", "诊断变更")))
    return diagnosis in SEVERE


def _moved_in(diary: Diary, file: Fact) -> Fact:
    """Another way of living, written into the file later."""
    day = file.day + diary.rng.randint(30, 500)
    return diary.change(PATIENTS, day, file, 现居住情况=diary.rng.choice(_LIVING[:3]), 变更日期=iso(day))


def follow_ups(diary: Diary, filed: int, count: int) -> None:
    """Regular follow-up: risk 0 to 5, the next due in two weeks or three months (domain §5)."""
    rng = diary.rng
    day = filed + rng.randint(5, 120)
    for _ in range(count):
        risk = rng.choices(range(6), (70, 14, 8, 5, 2, 1))[0]
        due = day + (14 if risk >= 3 else 30) if risk else add_months(day, 3)
        lost = rng.random() < 0.012
        diary.put(
            FOLLOW_UPS,
            day,
            {
                "患者编号": f"P{diary.person.number:07d}",
                "证件号码": diary.number(),
                "随访日期": iso(day),
                "随访方式": "失访" if lost else rng.choice(("门诊", "家庭访视", "电话")),
                "风险等级": f"{risk}级",
                "病情": rng.choices(("稳定", "基本稳定", "不稳定"), (60, 30, 10))[0] if risk < 3 else "不稳定",
                "下次随访日期": iso(due),
                "居住区划": diary.person.county.code,
                "作废": "是" if rng.random() < 0.006 else "否",
            },
            key=diary.key("SF"),
        )
        day += rng.randint(80, 260)


def hospital_stay(diary: Diary, first: int, last: int | None, reason: str, green: bool = False) -> None:
    """A stay; the discharge is written into the same row when it happens."""
    row: dict[str, Value] = {
        "患者编号": f"P{diary.person.number:07d}",
        "证件号码": diary.number(),
        "入院日期": iso(first),
        "入院原因": reason,
        "绿色通道": "是" if green else "否",
        "居住区划": diary.person.county.code,
    }
    stay = diary.put(STAYS, first, row, key=diary.key("ZY"), lag=diary.rng.randint(0, 1))
    if last is not None:
        diary.change(STAYS, last, stay, 出院日期=iso(last))


def assessment(diary: Diary, day: int, *, outpatient: bool, suitable: bool, upload: int | None) -> Fact:
    """Assessment at discharge or in the outpatient clinic, with advice to patient and guardian (both 二-5)."""
    rng = diary.rng
    return diary.put(
        ASSESSMENTS,
        day,
        {
            "患者编号": f"P{diary.person.number:07d}",
            "证件号码": diary.number(),
            "评估类型": "门诊" if outpatient else "出院",
            "评估日期": iso(day),
            "评估结论": "适合社区康复" if suitable else "暂不适合",
            "风险等级": f"{rng.choices((0, 1, 2), (80, 15, 5))[0]}级",
            "病情": rng.choices(("稳定", "基本稳定"), (70, 30))[0],
            "服药情况": rng.choices(("规律服药", "间断服药", "不服药"), (75, 20, 5))[0],
            "建议患者日期": iso(day) if suitable else None,
            "建议监护人日期": iso(day) if suitable and diary.person.guardian else None,
            "知情同意": "是" if upload is not None else "否",
            "上传日期": iso(upload) if upload is not None else None,
            "转介需求": ";".join(rng.sample(NEEDS, 2)) if upload is not None else None,
            "居住区划": diary.person.county.code,
        },
        key=diary.key("PG"),
        lag=(upload - day if upload is not None else 0),
    )


NEEDS = ("生活技能训练", "社交技能训练", "职业康复", "服药训练", "居家康复指导", "同伴支持", "日间康复")


def certificate(diary: Diary, issued: int) -> None:
    """A disability certificate: its number is the identity number, the category, the grade (domain §5)."""
    rng, person = diary.rng, diary.person
    grade = rng.choices((1, 2, 3, 4), (15, 50, 25, 10))[0]
    multiple = rng.random() < 0.03
    suffix = f"{7 if multiple else 6}{grade}" + ("B1" if rng.random() < 0.02 else "")
    paper = diary.put(
        CERTIFICATES,
        issued,
        {
            "姓名": person.name,
            "证件号码": diary.number(),
            "残疾类别": "多重" if multiple else "精神",
            "残疾等级": ("一级", "二级", "三级", "四级")[grade - 1],
            "发证日期": iso(issued),
            "有效期至": iso(add_months(issued, 120)),
            "状态": "有效",
            "居住区划": person.county.code,
        },
        key=person.id_number + suffix,
    )
    if rng.random() < 0.02:
        ended = paper.day + rng.randint(60, 500)
        diary.change(CERTIFICATES, ended, paper, 状态="注销", 状态日期=iso(ended))


def jobs(diary: Diary, day: int, started: bool) -> None:
    """Training, an offer and perhaps a job through the federation (jilin 三(一))."""
    rng = diary.rng
    kind = rng.choices(("公益性庇护性", "辅助性", "过渡性", "独立"), (40, 35, 15, 10))[0]
    steps = ["培训", "推荐", *(["上岗"] if started else [])]
    for step in steps:
        diary.put(
            JOBS,
            day,
            {
                "姓名": diary.person.name,
                "证件号码": diary.number(),
                "事项": step,
                "日期": iso(day),
                "形式": kind if step != "培训" else None,
                "培训分钟": 60 * rng.choice((8, 16, 24, 40)) if step == "培训" else None,
                "居住区划": diary.person.county.code,
            },
            key=diary.key("JY"),
        )
        day += rng.randint(10, 40)
