"""The demo's nine counties of five jurisdictions, and the sites in them."""

from random import Random
from typing import NamedTuple

from hub.core.area import market_of
from hub.data import areas

USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


class County(NamedTuple):
    """A county of the demo. `supply` is the ratio of care places to what its people will need at go-live."""

    code: str
    name: str
    city: str
    market: str
    weight: int
    supply: float
    x_m: int
    y_m: int


class Site(NamedTuple):
    """A rehabilitation station. `standing`: licensed, lapsed, suspended, unlicensed."""

    number: int
    code: str
    name: str
    county: County
    x_m: int
    y_m: int
    capacity: int
    standing: str
    basis: str
    kind: str


# county, weight, supply
_PLAN = (
    ("220102", 12, 0.97),
    ("220104", 12, 0.94),
    ("371002", 12, 0.88),
    ("371003", 10, 0.80),
    ("500103", 12, 1.00),
    ("500106", 14, 0.95),
    ("320682", 12, 0.72),
    ("410902", 9, 0.90),
    ("410922", 7, 0.85),
)
_CITY = {"2201": "长春", "3710": "威海", "50": "重庆", "3206": "如皋", "4109": "濮阳"}


def _county(code: str, weight: int, supply: float) -> County:
    area = areas()[code]
    market = market_of(code)
    return County(code, area.name_zh, _CITY[market], market, weight, supply, area.x_m, area.y_m)


COUNTIES: tuple[County, ...] = tuple(_county(*line) for line in _PLAN)

_CASE_LOAD = 0.62 * 0.76
_SITE_NAMES = ("温馨家园", "阳光", "心桥", "春晖", "康宁", "同心", "向日葵", "和煦", "暖阳", "启航", "安心", "彩虹")
_KINDS = ("站点", "综合功能机构", "驿站", "残疾人之家", "如康家园", "区域性康复服务中心")
_BASES = ("批准", "登记", "备案")


def uscc(area: str, serial: int) -> str:
    """A unified social credit code (GB 32100) of a private non-enterprise unit, with valid check characters."""
    body = f"{serial:08d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    last = (11 - total % 11) % 11
    first17 = f"52{area}{body}{'X' if last == 10 else last}"
    check = sum(USCC.index(char) * weight for char, weight in zip(first17, _USCC_WEIGHTS, strict=True)) % 31
    return first17 + USCC[(31 - check) % 31]


def sites(seed: int, people: int) -> tuple[Site, ...]:
    """All sites: three to forty a county, with places for about what `people` will need there."""
    total_weight = sum(county.weight for county in COUNTIES)
    made: list[Site] = []
    for county in COUNTIES:
        rng = Random(f"sites/{seed}/{county.code}")
        need = people * county.weight / total_weight * _CASE_LOAD * county.supply
        count = max(3, min(40, round(need / 30)))
        shares = [rng.uniform(0.6, 1.4) for _ in range(count)]
        for number in range(count):
            made.append(_site(rng, len(made), county, max(2, round(need * shares[number] / sum(shares))), number))
        if county.code in ("371003", "410922"):
            made.append(_site(rng, len(made), county, max(2, round(need / 12)), count)._replace(standing="unlicensed"))
        if county.code in ("320682", "500106"):
            made.append(_site(rng, len(made), county, max(2, round(need / 12)), count)._replace(standing="suspended"))
        if county.code == "220104":
            made.append(_site(rng, len(made), county, max(2, round(need / 12)), count)._replace(standing="lapsed"))
    return tuple(made)


def hospital_of(county: County) -> str:
    """The code of the psychiatric hospital that takes the county's urgent referrals."""
    return uscc("19" + county.code[2:], 20_000_001)


def _site(rng: Random, index: int, county: County, capacity: int, number: int) -> Site:
    kind = _KINDS[min(number, 5)] if number < 2 else rng.choice(_KINDS)
    label = _SITE_NAMES[number % len(_SITE_NAMES)] + ("" if number < len(_SITE_NAMES) else f"{number // 12 + 1}号")
    return Site(
        number=index,
        code=uscc("19" + county.code[2:], 10_000_000 + index * 37),
        name=f"{county.name}{label}{kind}",
        county=county,
        x_m=county.x_m + int(rng.gauss(0, 2600)),
        y_m=county.y_m + int(rng.gauss(0, 2600)),
        capacity=capacity,
        standing="licensed",
        basis=rng.choice(_BASES),
        kind=kind,
    )
