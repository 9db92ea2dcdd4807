"""The public views: what anyone outside may read, column by column, in Chinese and English.

Every view of persons shows them under a pseudonym of a domain of its own, so that no two views share a value in a
reference column. Dates of persons are shown as months: a site with one date singles out nine persons in ten.
"""

from typing import Final

from hub.events import KINDS
from projections.view import (
    PLAIN,
    PSEUDONYM,
    QUASI,
    SENSITIVE,
    Column,
    View,
    case_ref,
    county,
    date,
    month,
    months,
    named,
    person,
)

CASES: Final = View(
    "v_case_v1",
    "persons",
    "case",
    "个案:处于哪一步,由谁负责",
    "cases: where each stands, and who is responsible",
    (
        case_ref(),
        person(),
        Column("state", "状态", "state of the case (codes of case_state)", SENSITIVE, "keep", "r.state"),
        Column("ended_as", "结案方式", "how it ended (codes of closure_kind)", SENSITIVE, "keep", "nullif(r.end, '')"),
        county(),
        Column("age_group", "年龄段", "age group", QUASI, "band:18", "nullif(r.age_group, '')"),
        Column("site", "负责站点", "site that has custody", QUASI, "keep", "nullif(r.holder, '')"),
        Column("moving_to", "移交去向区县", "county of an open hand-over", QUASI, "area:6", "nullif(r.to_area, '')"),
        *months(
            ("begun", "开始月份", "month of the first step", "begun_on"),
            ("registered", "登记月份", "month of registration", "registered_on"),
            ("in_service", "开始服务月份", "month of the first service", "served_on"),
            ("closed", "结案月份", "month of closure", "closed_on"),
        ),
    ),
    f"{named('persons_case', 'persons', 'case')} WHERE r.state <> 'none'",
    ("case_ref", "person"),
)

WAITING: Final = View(
    "v_waiting_v1",
    "persons",
    "waiting",
    "等候名单:已登记而尚无站点的人",
    "the waiting list: who is registered and has no site yet",
    (
        case_ref(),
        person(),
        Column("state", "状态", "state of the case (codes of case_state)", SENSITIVE, "keep", "r.state"),
        county("coalesce(nullif(r.to_area, ''), nullif(r.home, ''), r.area)"),
        Column("needs", "需要的服务", "services needed (codes of service)", SENSITIVE, "keep", "nullif(r.needs, '')"),
        Column("age_group", "年龄段", "age group", QUASI, "band:18", "nullif(r.age_group, '')"),
        *months(
            ("registered", "登记月份", "month of registration", "registered_on"),
            ("waiting_since", "开始等候月份", "month in which the wait began", "wait_from"),
            ("checked", "最近复核月份", "month of the last re-verification", "checked_on"),
        ),
        Column(
            "over_limit", "超过期限而未复核", "the limit passed without a check", PLAIN, "keep",
            "CASE WHEN r.told_wait >= r.wait_from AND r.told_wait >= coalesce(r.checked_on, r.told_wait)"
            " THEN 1 ELSE 0 END",
        ),
    ),
    f"{named('persons_case', 'persons', 'waiting')}"
    " WHERE r.state IN ('registered', 'confirmed', 'waiting', 'offered', 'handover')",
    ("case_ref", "person"),
)  # fmt: skip

_NEED_REF = f"{PSEUDONYM} || '-' || r.need_no"

NEEDS: Final = View(
    "v_market_need_v1",
    "markets",
    "market_need",
    "各市需求:谁需要站点,结果如何",
    "needs of every market: who needs a site, and what became of it",
    (
        Column("need_ref", "需求编号", "the need: pseudonym and number of the need", PLAIN, "token", _NEED_REF),
        person(),
        Column("market", "市(直辖市为两位)", "market: city, or municipality", PLAIN, "keep", "r.market"),
        county(),
        Column("state", "需求状态", "open, proposed, offered or closed", PLAIN, "keep", "r.state"),
        Column("needs", "需要的服务", "services needed (codes of service)", SENSITIVE, "keep", "nullif(r.needs, '')"),
        Column("age_group", "年龄段", "age group", QUASI, "band:18", "nullif(r.age_group, '')"),
        Column("urgent", "优先", "1 when it goes ahead of the queue", PLAIN, "keep", "1 - r.rush"),
        *months(
            ("registered", "登记月份", "month of registration", "registered_on"),
            ("opened", "提出月份", "month in which the need was opened", "opened_on"),
            ("closed", "关闭月份", "month in which it was closed", "closed_on"),
        ),
        Column("closed_as", "关闭原因", "why it was closed", PLAIN, "keep", "nullif(r.closed_reason, '')"),
        Column("offers", "推荐次数", "proposals so far", PLAIN, "keep", "r.offers"),
    ),
    f"{named('markets_need', 'markets', 'market_need')} WHERE r.market <> ''",
    ("need_ref", "person"),
)

OFFERS: Final = View(
    "v_offer_v1",
    "markets",
    "offer",
    "推荐:推荐到哪里,理由,次选,哪个更近的站点已满",
    "offers: to which site, why, the runner-up, and which nearer site was full",
    (
        Column("offer_ref", "推荐编号", "the offer: pseudonym, need and proposal", PLAIN, "token",
               f"{_NEED_REF} || '-' || r.offers"),
        Column("state", "推荐状态", "proposed, offered, voided, closed or open again", PLAIN, "keep",
               "CASE WHEN r.void_reason <> '' THEN 'voided' ELSE r.state END"),
        Column("market", "市(直辖市为两位)", "market: city, or municipality", PLAIN, "keep", "r.market"),
        county(),
        Column("site", "推荐站点", "site offered", QUASI, "keep", "r.offer_site"),
        Column("reason", "理由", "why this site (codes of match_reason)", PLAIN, "keep", "r.offer_reason"),
        Column("distance_km", "距离(公里,四舍五入)", "kilometres from the cell, rounded", QUASI, "band:1000",
               "(r.distance_m + 500) / 1000"),
        Column("runner_up", "次选站点", "the next best site", PLAIN, "keep", "nullif(r.runner_up, '')"),
        Column("nearer_full", "更近但已满的站点", "a nearer site that was full", PLAIN, "keep",
               "nullif(r.full_site, '')"),
        *months(
            ("offered", "推荐月份", "month of the offer", "offer_on"),
            ("valid_until", "有效至月份", "month in which it ends", "offer_until"),
        ),
        Column("voided_as", "作废原因", "why it was voided (codes of void_reason)", PLAIN, "keep",
               "nullif(r.void_reason, '')"),
    ),
    f"{named('markets_need', 'markets', 'offer')} WHERE r.offers > 0",
    ("offer_ref",),
)  # fmt: skip

SITES: Final = View(
    "v_site_v1",
    "markets",
    "",
    "站点:资质、服务、空位",
    "sites: licence, services, free places",
    (
        Column("site", "站点登记代码", "registered code of the site", PLAIN, "keep", "r.site"),
        Column("market", "市(直辖市为两位)", "market: city, or municipality", PLAIN, "keep", "r.market"),
        Column("county", "区县代码", "county code", PLAIN, "keep", "nullif(r.area, '')"),
        Column("licence", "资质依据", "basis (codes of licence_basis)", PLAIN, "keep", "nullif(r.basis, '')"),
        Column("licensed_until", "资质有效至", "last day of the licence", PLAIN, "keep", date("r.licensed_until")),
        Column("suspended_until", "暂停至", "last day of a suspension", PLAIN, "keep", date("r.suspended_until")),
        Column("closed", "已关闭", "1 when closed", PLAIN, "keep", "r.closed"),
        Column("services", "服务项目", "services given (codes of service)", PLAIN, "keep", "nullif(r.programmes, '')"),
        Column("age_groups", "服务年龄段", "age groups served", PLAIN, "keep", "nullif(r.age_groups, '')"),
        Column("free", "空位(可为负)", "free places, below zero when overfull", PLAIN, "keep", "r.free"),
        Column("declared_on", "申报日期", "day of the last declaration", PLAIN, "keep", date("r.free_as_of")),
        Column("reserved", "已推荐未答复", "places held by offers", PLAIN, "keep", "r.reserved"),
    ),
    "FROM markets_site r WHERE r.n = 0",
)


def _type_names() -> str:
    whens = " ".join(f"WHEN {kind.id} THEN '{kind.type}'" for kind in sorted(KINDS.values(), key=lambda k: k.id))
    return f"CASE r.kind {whens} END"


TRAIL: Final = View(
    "v_trail_v1",
    "persons",
    "trail",
    "审计线索:何单位何月依据什么说了什么,来自哪一行",
    "the audit trail: which agency asserted what, in which month, on what ground, from which row",
    (
        person(),
        Column("log_partition", "日志分区", "partition of the log of persons", PLAIN, "keep", "r.at >> 40"),
        Column("log_offset", "日志位置", "offset in that partition", PLAIN, "keep", "(r.at & 1099511627775) - 1"),
        Column("event", "事件类型", "type of the event", SENSITIVE, "keep", _type_names()),
        Column("happened", "发生月份", "month in which it happened", QUASI, "month",
               month("((r.high >> 19) - 1048576)")),
        Column("asserted_by", "断言者", "who asserted it", PLAIN, "keep", "s.name"),
        Column("from_row", "来源代号:行:列", "alias, row and column of the source", PLAIN, "keep", "r.place"),
        Column("legal_basis", "合法性基础", "legal basis (codes of legal_basis)", PLAIN, "keep", "r.basis"),
        Column("status", "入账状态", "visible, parked (lacks consent) or held", PLAIN, "keep",
               "coalesce(t.state, 'visible')"),
    ),
    f"{named('persons_event', 'persons', 'trail')}"
    " JOIN persons_source s ON s.partition = (r.at >> 40) AND s.n = r.source"
    " LEFT JOIN persons_put t ON t.id = r.id AND t.n = r.at",
    ("person",),
)  # fmt: skip

_SUMS = " UNION ALL ".join(
    f"SELECT '{group}' AS part, name, value FROM {group}_count" for group in ("persons", "markets")
)

COUNTS: Final = View(
    "v_count_v1",
    "persons",
    "",
    "计数:入账、可见、待同意、搁置、重复",
    "counts: accepted, visible, parked, held, repeated",
    (
        Column("part", "投影组", "group of projections", PLAIN, "keep", "r.part"),
        Column("name", "名称", "what is counted", PLAIN, "keep", "r.name"),
        Column("total", "合计", "sum over all partitions", PLAIN, "keep", "CAST(sum(r.value) AS BIGINT)"),
    ),
    f"FROM ({_SUMS}) r GROUP BY r.part, r.name",
)

VIEWS: Final = (CASES, WAITING, NEEDS, OFFERS, SITES, TRAIL, COUNTS)


def view(name: str) -> View | None:
    """A view by its name, with or without `v_` and `_v1`; None when there is none."""
    return next((one for one in VIEWS if name in (one.name, one.name.removeprefix("v_").removesuffix("_v1"))), None)
