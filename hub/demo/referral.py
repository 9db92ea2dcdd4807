"""From application to assignment: the case as civil affairs sees it (domain §2)."""

from hub.core.calendar import add_months, iso, working_days_after
from hub.data import calendar
from hub.demo.counties import Site
from hub.demo.diary import Diary, guardian_text
from hub.demo.health import NEEDS
from hub.demo.tables import STEPS, Fact, Value

_CHANNELS = (("医疗卫生机构上传", "患者本人"), ("机构审核登记", "监护人"), ("第三方协助", "村居委会"))


def registration(county: str, index: int) -> str:
    """The number under which civil affairs keep a person's case."""
    return f"DJ{county}{index:07d}"


class Referral:
    """Writes the steps of one registration."""

    def __init__(self, diary: Diary, number: str) -> None:
        self.diary = diary
        self.number = number

    def step(self, name: str, day: int, lag: int | None = None, **values: Value) -> Fact:
        """One line of the log of steps that civil affairs keeps."""
        person = self.diary.person
        row: dict[str, Value] = {
            "登记编号": self.number,
            "姓名": person.name,
            "证件号码": self.diary.number(),
            "环节": name,
            "办理日期": iso(day),
            "区划": person.county.code,
            "标记": "正式",
            **values,
        }
        return self.diary.put(STEPS, day, row, key=self.diary.key("MZ"), lag=lag)

    def apply(self, day: int, severe: bool) -> None:
        """The application, and consent to pass it on."""
        rng, person = self.diary.rng, self.diary.person
        channel, applicant = rng.choices(_CHANNELS, (55, 35, 10) if severe else (0, 75, 25))[0]
        self.step(
            "申请",
            day,
            申请渠道=channel,
            申请人=applicant,
            严重障碍="是" if severe else "否",
            居住横坐标=person.x_m,
            居住纵坐标=person.y_m,
            监护状况=guardian_text(person.guardian_status),
        )
        if rng.random() < 0.985:
            self.consent(day, "转介信息上传", add_months(day, 36))

    def consent(self, day: int, purpose: str, until: int) -> None:
        """Consent of the patient, and of the guardian where there is one."""
        person = self.diary.person
        self.step(
            "同意",
            day,
            同意事项=purpose,
            同意方="患者和监护人" if person.guardian else "患者",
            监护状况=guardian_text(person.guardian_status),
            有效期至=iso(until),
        )

    def withdraw(self, day: int, purpose: str) -> None:
        """Consent is taken back; what was recorded stays."""
        self.step("撤回同意", day, lag=0, 同意事项=purpose)

    def assess_need(self, day: int, suitable: bool) -> None:
        """The reviewer's judgement of the need."""
        rng = self.diary.rng
        self.step(
            "需求评估",
            day,
            评估人员=rng.choice(("社工", "精神科医师", "康复师")),
            结论="适合" if suitable else "不适合",
            原因=None if suitable else rng.choice(("病情不稳定", "无康复需求", "需住院治疗")),
            需求=";".join(rng.sample(NEEDS, rng.randint(1, 3))) if suitable else None,
        )

    def confirm(self, applied: int) -> int:
        """Registered, received by the platform, confirmed by the county; returns the day of confirmation.

        Mostly within five working days of receipt (rule 24); three in a hundred take longer.
        """
        rng = self.diary.rng
        registered = applied + rng.randint(1, 4)
        self.step("登记", registered, lag=0)
        received = registered + (rng.random() < 0.3)
        late = rng.random() < 0.03
        confirmed = working_days_after(received, rng.randint(6, 9) if late else rng.randint(1, 5), calendar())
        if rng.random() < 0.3:
            self.step("平台接收", received, lag=0)
        self.step("确认登记", confirmed, lag=0)
        return confirmed

    def wait(self, day: int, reason: str, checks_until: int) -> None:
        """Waiting begins; every three months somebody should ask again, and in most cases does (both 二-6)."""
        rng = self.diary.rng
        self.step("等候", day, lag=0, 原因=reason, 预计等候至=iso(day + rng.choice((30, 60, 90, 120))))
        check = add_months(day, 3)
        while check <= checks_until and rng.random() < 0.88:
            self.step("再次核实", check - rng.randint(0, 5), lag=0, 结论="仍愿意")
            check = add_months(check, 3)

    def assign(self, day: int, site: Site, offer: str = "", reason: str = "就近对接") -> None:
        """The county's or the platform's assignment to a site."""
        reason = "按推荐" if offer else reason
        self.step(
            "指派", day, lag=0, 站点代码=site.code, 站点区划=site.county.code, 原因=reason, 推荐编号=offer or None
        )
