"""What facts do to a case before a site is responsible: advice, application, need, registration, wait, consent."""

from typing import Any

from hub.core.event import Event
from projections.case.events import REFERRAL, SERVICE, TRANSFER
from projections.case.lifecycle import before_site, begun, closed
from projections.case.tables import BEFORE, FOREVER, Case, is_open
from projections.profiles import Rules


def advised(row: Case, event: Event, rules: Rules) -> Case:
    """The hospital advised community rehabilitation; an open case knows better (both 二-5)."""
    return row if is_open(row) else begun(row, event, "advised")


def applied(row: Case, event: Event, rules: Rules) -> Case:
    """Somebody applied, or the platform pushed an application."""
    fields = event.fields
    had = is_open(row)
    row = begun(row, event, "applied")
    if not had or row.applied_on is None:
        row = row._replace(applied_on=fields.occurred_on)
    return row


def uploaded(row: Case, event: Event, rules: Rules) -> Case:
    """Channel A: the medical body uploaded referral information, with the needs it knows (both 二-5)."""
    row = applied(row, event, rules)
    return row._replace(needs=row.needs or event.fields.needs or "")


def filed(row: Case, event: Event, rules: Rules) -> Case:
    """An application with channel, residence and age group. The residence governs until a county confirms."""
    fields = event.fields
    row = applied(row, event, rules)
    return row._replace(
        home=fields.area or row.home,
        area=row.area if row.confirmed_on is not None or row.holder else fields.area or row.area,
        cell_x=row.cell_x if fields.cell_x is None else fields.cell_x,
        cell_y=row.cell_y if fields.cell_y is None else fields.cell_y,
        age_group=fields.birth_year_band or row.age_group,
    )


def need_assessed(row: Case, event: Event, rules: Rules) -> Case:
    """The need was reviewed: suitable with what is needed, or the end as `not_suitable` (domain §2-5)."""
    fields = event.fields
    row = begun(row, event, "need_assessed")
    if not fields.suitable:
        if row.step in BEFORE:
            return closed(row, fields.occurred_on, "not_suitable")
        return row
    row = row._replace(needs=fields.needs or row.needs)
    if row.step == "need_assessed" and (row.registered_on is not None or row.wait_from is not None):
        row = row._replace(step=before_site(row))  # circumstances had changed; the case goes on where it was
    return row


def registered(row: Case, event: Event, rules: Rules) -> Case:
    """登记 by the reviewer (domain §2-2)."""
    row = begun(row, event, "registered")
    return row if row.registered_on is not None else row._replace(registered_on=event.fields.occurred_on)


def confirmed(row: Case, event: Event, rules: Rules) -> Case:
    """确认登记 by the county, which governs the case from here on (domain §2-1, 2)."""
    day, area = event.fields.occurred_on, event.fields.area
    row = begun(row, event, "confirmed")
    registered = day if row.registered_on is None else row.registered_on
    governed = row.area if row.holder else area or row.area
    return row._replace(confirmed_on=day, registered_on=registered, area=governed)


def wait_started(row: Case, event: Event, rules: Rules) -> Case:
    """The wait began; a later decline or notice restarts nothing (domain §2-4)."""
    fields = event.fields
    row = begun(row, event, "waiting")
    if row.step != "waiting":
        return row
    if row.wait_from is not None:  # a later wait restarts nothing; only what is expected may be newer
        return row._replace(wait_until=fields.expected_until or row.wait_until)
    return row._replace(
        wait_from=fields.occurred_on,
        wait_reason=fields.reason,
        wait_until=fields.expected_until,
        wait_old=int(fields.mode != "live"),
        registered_on=fields.occurred_on if row.registered_on is None else row.registered_on,
    )


def reverified(row: Case, event: Event, rules: Rules) -> Case:
    """Wish and circumstances were checked again: unwilling is the end, changed asks for a new assessment."""
    fields = event.fields
    if not is_open(row):
        return row
    if not fields.willing:
        return closed(row, fields.occurred_on, "withdrawn") if row.step in BEFORE else row
    row = row._replace(checked_on=fields.occurred_on)
    return row._replace(step="applied") if fields.changed and row.step in BEFORE else row


def residence(row: Case, event: Event, rules: Rules) -> Case:
    """The person lives elsewhere; before a county confirmed and a site was named, it governs."""
    fields = event.fields
    if fields.kind != "residence" or not fields.to_area:
        return row
    row = elsewhere(row, fields.to_area, fields.cell_x, fields.cell_y)
    free = is_open(row) and not row.holder and row.step != "assigned" and row.confirmed_on is None
    return row._replace(area=fields.to_area) if free else row


def elsewhere(row: Case, area: str, cell_x: int | None, cell_y: int | None) -> Case:
    """The person lives in another county, in a cell that may be unknown."""
    return row._replace(home=area, cell_x=cell_x, cell_y=cell_y)


def patient_filed(row: Case, event: Event, rules: Rules) -> Case:
    """Where a patient lives, known before any application; an application or a move says it better."""
    return row if row.home or is_open(row) else row._replace(home=event.fields.area)


def file_closed(row: Case, event: Event, rules: Rules) -> Case:
    """A death that the health system knows of ends the case."""
    if event.fields.reason == "deceased" and is_open(row):
        return closed(row, event.fields.occurred_on, "deceased")
    return row


def granted(row: Case, event: Event, rules: Rules) -> Case:
    """A consent for one purpose, up to its last day (domain §2-8)."""
    fields = event.fields
    until = FOREVER if fields.until is None else fields.until
    return consent(row, fields.purpose, until)._replace(guardian=fields.guardian_status or row.guardian)


def withdrawn(row: Case, event: Event, rules: Rules) -> Case:
    """A consent ended: new uploads and dispatch stop, recorded facts stay."""
    return consent(row, event.fields.purpose, None)


def consent(row: Case, purpose: str, until: int | None) -> Case:
    """The consent of a purpose reaches to a last day, or is none; a purpose that no gate knows changes nothing."""
    field = {REFERRAL: "referral_until", SERVICE: "service_until", TRANSFER: "transfer_until"}.get(purpose)
    change: dict[str, Any] = {field: until} if field else {}
    return row._replace(**change)
