"""Synthetic people: names, identity numbers, homes. Nobody here exists; the numbers' provinces were never assigned.

Everything follows from (seed, index) alone, so that person 999,999 can be made without making the ones before.
"""

from random import Random
from typing import NamedTuple

from hub.core.calendar import date_of
from hub.demo.counties import COUNTIES, County

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
PATIENT_PROVINCES = ("16", "17", "18")
_GUARDIAN_PROVINCE = "19"

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "令狐", "夏侯")
_MALE = "伟强磊军勇杰涛明超刚平辉鹏飞斌波亮建国志海峰东林龙健庆文俊浩宇轩泽凯成宁"
_FEMALE = "芳娜敏静丽艳娟霞秀英玲桂兰燕红梅雪莉颖琳慧婷欣怡佳倩莹洁晶梦瑶雨萍琴云"
_RARE = ("䶮", "㛃", "堃", "喆", "犇", "淼", "垚", "頔", "祎", "翀")
_DOTTED = (
    "阿布都热依木·买买提",
    "古丽娜尔·艾合买提",
    "玛依拉•吐尔逊",
    "艾力‧阿不都拉",
    "努尔兰·哈斯木",
    "其其格·巴特尔",
)


class Guardian(NamedTuple):
    """A relative or other guardian of a patient."""

    name: str
    id_number: str
    relation: str


class Person(NamedTuple):
    """One synthetic patient. `born` is a day number; `x_m`, `y_m` the home on the national plane grid in metres."""

    number: int
    name: str
    male: bool
    born: int
    id_number: str
    county: County
    x_m: int
    y_m: int
    guardian: Guardian | None
    guardian_status: str


def check_character(first17: str) -> str:
    """The last character of a resident identity number: ISO 7064 MOD 11-2 over its first seventeen digits."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def id_number(province: str, index: int, born: int, male: bool) -> str:
    """A number that no other index below 1,000,000 of the same province group gets, with a valid check character.

    Ten thousand area endings, then sequence numbers: 37 is odd and prime to 1,000, so that (37 * n) mod 1,000 runs
    through every sequence number and keeps the parity, which tells the sex.
    """
    area, turn = index % 10_000, index // 10_000
    sequence = (turn * 2 + (1 if male else 0)) * 37 % 1000
    first17 = f"{province}{area * 7919 % 10_000:04d}{date_of(born):%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)


def index_of(number: str) -> int:
    """The index of the patient whom `id_number` gave this number: its inverse, for numbers of `person` only."""
    turn = int(number[14:17]) * pow(37, -1, 1000) % 1000 // 2
    area = int(number[2:6]) * pow(7919, -1, 10_000) % 10_000
    return (turn * 10_000 + area) * 3 + PATIENT_PROVINCES.index(number[:2])


def _name(rng: Random, male: bool) -> str:
    pick = rng.random()
    if pick < 0.012:
        return rng.choice(_DOTTED)
    surname = rng.choice(_COMPOUND) if pick < 0.03 else rng.choice(_SURNAMES)
    given = rng.choice(_MALE if male else _FEMALE)
    if rng.random() < 0.75:
        given += rng.choice(_MALE if male else _FEMALE)
    if rng.random() < 0.012:
        given = given[0] + rng.choice(_RARE)
    return surname + given


def _guardian(rng: Random, person_index: int, patient_born: int) -> Guardian:
    relation = rng.choices(("父母", "配偶", "子女", "兄弟姐妹", "其他亲属"), (40, 30, 15, 12, 3))[0]
    shift = {"父母": -9500, "配偶": 300, "子女": 9000}.get(relation, -700)
    born = min(patient_born + shift + rng.randint(-900, 900), 13_000)
    male = rng.random() < 0.5
    return Guardian(_name(rng, male), id_number(_GUARDIAN_PROVINCE, person_index, born, male), relation)


def person(seed: int, index: int, today: int) -> Person:
    """The person of that index: adults of 18 to 85 at `today`, most between 25 and 60."""
    rng = Random(f"person/{seed}/{index}")
    male = rng.random() < 0.52
    years = min(85.0, max(18.0, rng.gauss(44, 13)))
    born = today - int(years * 365.25) - rng.randrange(365)
    county = rng.choices(COUNTIES, [c.weight for c in COUNTIES])[0]
    roll = rng.random()
    status = "named" if roll < 0.78 else "none_legally_needed" if roll < 0.97 else "missing"
    province = PATIENT_PROVINCES[index % 3]
    return Person(
        number=index,
        name=_name(rng, male),
        male=male,
        born=born,
        id_number=id_number(province, index // 3, born, male),
        county=county,
        x_m=county.x_m + int(rng.gauss(0, 2600)),
        y_m=county.y_m + int(rng.gauss(0, 2600)),
        guardian=_guardian(rng, index, born) if status == "named" else None,
        guardian_status=status,
    )


def spelled(rng: Random, number: str) -> str:
    """A number as a clerk may type it, still the same person: full width, small x, blanks, the old 15 digits."""
    roll = rng.random()
    if roll < 0.965:
        return number
    if roll < 0.975:
        return number.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    if roll < 0.985:
        return f" {number[:6]} {number[6:14]} {number[14:]} "
    if roll < 0.991:
        return "'" + number
    if roll < 0.996 and number[6:8] == "19":
        return number[:6] + number[8:17]
    return number.lower()
