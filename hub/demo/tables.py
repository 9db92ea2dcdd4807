"""What the four agencies keep: the tables, "
"sheets and files of the demo, with the "
"columns their owners gave them."""

from typing import NamedTuple

MARK = "合成演示数据"

Value = str | int | float | None
Row = dict[str, Value]


class Fact(NamedTuple):
    """On `day` somebody writes a row: a new one, or with `changed` another version of the row of that key.

    `row` None means that the row is deleted. `on` is the day the row speaks of, which may be long before.
    """

    day: int
    table: str
    key: str
    row: Row | None
    changed: bool = False


class Table(NamedTuple):
    """One table: `kind` sqlite, csv, jsonl or sheet; `path` below the sources folder; the first column is the key.

    `ids`, `coded` and `dates` name the columns that dirt may fall on.
    """

    name: str
    kind: str
    path: str
    columns: tuple[str, ...]
    encoding: str = "utf-8"
    ids: tuple[str, ...] = ("证件号码",)
    coded: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    sheet: str = ""

    @property
    def key(self) -> str:
        """The column that identifies a row at its owner."""
        return self.columns[0]


def _columns(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_HOSPITAL = "health/hospital.db"

PATIENTS = Table(
    "患者",
    "sqlite",
    _HOSPITAL,
    _columns(
        "患者编号 姓名 性别 出生日期 证件类型 证件号码 户籍区划 居住区划 居住横坐标 "
        "居住纵坐标 诊断编码 严重障碍 居住情况 现居住情况 变更日期 "
        "监护状况 监护人姓名 监护人证件号码 监护人关系 建档日期 销档日期 销档原因 更新时间 来源"
    ),
    coded=("诊断编码", "居住情况"),
    dates=("建档日期",),
)
ASSESSMENTS = Table(
    "康复评估",
    "sqlite",
    _HOSPITAL,
    _columns(
        "评估编号 患者编号 证件号码 评估类型 评估日期 评估结论 风险等级 病情 服药情况 "
        "建议患者日期 建议监护人日期 "
        "知情同意 上传日期 转介需求 居住区划 更新时间 来源"
    ),
    coded=("评估结论", "病情"),
    dates=("评估日期",),
)
FOLLOW_UPS = Table(
    "随访",
    "sqlite",
    _HOSPITAL,
    _columns("随访编号 患者编号 证件号码 随访日期 随访方式 风险等级 病情 下次随访日期 居住区划 作废 更新时间 来源"),
    coded=("病情",),
    dates=("随访日期",),
)
STAYS = Table(
    "住院",
    "sqlite",
    _HOSPITAL,
    _columns("住院号 患者编号 证件号码 入院日期 入院原因 绿色通道 出院日期 居住区划 更新时间 来源"),
    coded=("入院原因",),
    dates=("入院日期",),
)
CERTIFICATES = Table(
    "持证",
    "csv",
    "federation/持证.csv",
    _columns("残疾人证号 姓名 证件号码 残疾类别 残疾等级 发证日期 有效期至 状态 状态日期 居住区划 来源"),
    encoding="gb18030",
    coded=("残疾类别", "残疾等级"),
    dates=("发证日期",),
)
JOBS = Table(
    "就业",
    "csv",
    "federation/就业.csv",
    _columns("序号 姓名 证件号码 事项 日期 形式 培训分钟 居住区划 来源"),
    encoding="gb18030",
    coded=("形式",),
    dates=("日期",),
)
STEPS = Table(
    "登记办理",
    "csv",
    "civil_affairs/登记办理.csv",
    _columns(
        "流水号 登记编号 姓名 证件号码 环节 办理日期 申请渠道 申请人 严重障碍 "
        "评估人员 结论 原因 需求 同意事项 同意方 "
        "监护状况 有效期至 站点代码 站点区划 推荐编号 预计等候至 原区划 区划 居住横坐标 居住纵坐标 录入时间 标记 来源"
    ),
    encoding="utf-8-sig",
    coded=("申请渠道", "需求"),
    dates=("办理日期",),
)
_BOOK = "civil_affairs/站点与补贴.xlsx"
SITES = Table(
    "站点",
    "sheet",
    _BOOK,
    _columns("机构代码 机构名称 机构类型 区划 横坐标 纵坐标 依据 批准日期 有效期至 状态 状态日期 核定人数"),
    ids=(),
    sheet="站点",
)
BENEFITS = Table(
    "补贴",
    "sheet",
    _BOOK,
    _columns("序号 姓名 证件号码 区划 补贴类别 起始日期 停发日期 月标准"),
    coded=("补贴类别",),
    dates=("起始日期",),
    sheet="补贴",
)
SERVICE = Table(
    "服务记录",
    "jsonl",
    "stations/服务记录.jsonl",
    _columns(
        "记录号 类型 站点 证件号码 日期 时刻 区划 项目 形式 地点 记录人 时长分钟 "
        "效果 病情 自理 就业意愿 就业能力 达到结案 "
        "监护状况 协议模板 签约方 标准 价格 原因 结果 医院 "
        "原区划 新区划 新站点 推荐编号 居住横坐标 居住纵坐标 录入时间 来源"
    ),
    coded=("项目",),
    dates=("日期",),
)
LEDGER = Table(
    "站点台账",
    "jsonl",
    "stations/站点台账.jsonl",
    _columns(
        "记录号 类型 站点 名称 日期 区划 横坐标 纵坐标 机构类型 项目 年龄段 房间数 "
        "面积 核定人数 空位 计价项目 价格 人员编号 岗位 学历专业 "
        "培训内容 培训机构 学时 录入时间 来源"
    ),
    ids=(),
    coded=("岗位",),
    dates=("日期",),
)
ANSWERS = Table(
    "推荐答复",
    "jsonl",
    "stations/推荐答复.jsonl",
    _columns("记录号 推荐编号 站点 证件号码 答复 原因 日期 区划 录入时间 来源"),
    ids=(),
)


def monthly(city: str) -> Table:
    """The monthly workbook of a city's stations: "
    "one sheet a month, one row a service."""
    return Table(
        f"月报-{city}",
        "sheet",
        f"stations/服务月报-{city}.xlsx",
        _columns("序号 站点 姓名 证件号码 服务日期 服务项目 服务形式 时长分钟 记录人 区划"),
        coded=("服务项目",),
        dates=("服务日期",),
        sheet="月报",
    )


MONTHLY_CITIES = ("长春", "威海")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PATIENTS,
        ASSESSMENTS,
        FOLLOW_UPS,
        STAYS,
        CERTIFICATES,
        JOBS,
        STEPS,
        SITES,
        BENEFITS,
        SERVICE,
        LEDGER,
        ANSWERS,
        *(monthly(city) for city in MONTHLY_CITIES),
    )
}
