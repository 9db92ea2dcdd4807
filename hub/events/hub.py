"""Generated from `schemas/avro/hub/`. Do not edit: run `hub schema generate`."""

from typing import NamedTuple


class CaseOpened(NamedTuple):
    """The hub opened a case."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    case_no: int
    """Number of the case among those of the person (ordinal)."""


class CustodyMoved(NamedTuple):
    """Custody moved."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    from_site: str | None
    """Site that had custody."""
    to_site: str | None
    """Site that has custody now."""
    state: str
    """State of the case (codes of case_state)."""


class DayTicked(NamedTuple):
    """A day began."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    number: int
    """Days since installation, from 1 (days since installation)."""


class HandoverOpened(NamedTuple):
    """A hand-over between jurisdictions began."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    from_site: str | None
    """Site that had custody."""
    to_area: str
    """County code moved to."""


class MatchProposed(NamedTuple):
    """A market proposed a site for a need."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    need_no: int
    """Number of the need among those of the person (ordinal)."""
    site: str
    """Registered code of the site, an organisation."""
    site_area: str
    """County code of the site."""
    distance_m: int | None
    """Distance from the centre of the grid cell to the site (metres)."""
    valid_until: int
    """Last day on which the offer stands (days since 1970-01-01)."""
    reason: str
    """Reason, a code (codes of match_reason)."""
    runner_up: str | None
    """The next best site."""
    runner_up_distance_m: int | None
    """Distance to the next best site (metres)."""
    skipped_full_site: str | None
    """The nearest suitable site that was nearer but full."""
    skipped_full_distance_m: int | None
    """Distance to the nearer site that was full (metres)."""


class MatchWithdrawn(NamedTuple):
    """A market withdrew a proposal because the world moved on."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    need_no: int
    """Number of the need among those of the person (ordinal)."""
    site: str
    """Registered code of the site, an organisation."""
    reason: str
    """Reason, a code (codes of void_reason)."""


class NeedChanged(NamedTuple):
    """What a case needs changed."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    need_no: int
    """Number of the need among those of the person (ordinal)."""
    needs: str | None
    """Kinds of service needed (codes of service_kind)."""
    age_group: str | None
    """Age group of the person (codes of age_group)."""
    cell_x: int | None
    """Column of the 2 km grid cell of the residence (cells of 2 km eastward)."""
    cell_y: int | None
    """Row of the 2 km grid cell of the residence (cells of 2 km northward)."""
    registered_on: int
    """Day of registration, which orders the queue (days since 1970-01-01)."""
    urgent: bool
    """Whether the green channel applies."""


class NeedClosed(NamedTuple):
    """A need is over."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    need_no: int
    """Number of the need among those of the person (ordinal)."""
    reason: str
    """Reason, a code (codes of need_close_reason)."""


class NeedOpened(NamedTuple):
    """A case needs a site."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    need_no: int
    """Number of the need among those of the person (ordinal)."""
    reason: str
    """Reason, a code (codes of need_open_reason)."""
    needs: str | None
    """Kinds of service needed (codes of service_kind)."""
    age_group: str | None
    """Age group of the person (codes of age_group)."""
    cell_x: int | None
    """Column of the 2 km grid cell of the residence (cells of 2 km eastward)."""
    cell_y: int | None
    """Row of the 2 km grid cell of the residence (cells of 2 km northward)."""
    registered_on: int
    """Day of registration, which orders the queue (days since 1970-01-01)."""
    urgent: bool
    """Whether the green channel applies."""


class OfferMade(NamedTuple):
    """The case granted a proposal: the offer stands."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    need_no: int
    """Number of the need among those of the person (ordinal)."""
    site: str
    """Registered code of the site, an organisation."""
    site_area: str
    """County code of the site."""
    distance_m: int | None
    """Distance from the centre of the grid cell to the site (metres)."""
    valid_until: int
    """Last day on which the offer stands (days since 1970-01-01)."""


class OfferVoided(NamedTuple):
    """An offer or proposal is void."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    need_no: int
    """Number of the need among those of the person (ordinal)."""
    site: str
    """Registered code of the site, an organisation."""
    reason: str
    """Reason, a code (codes of void_reason)."""


class ProfileChanged(NamedTuple):
    """Policy, calendar or area files changed."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    sha256: str
    """SHA-256 of the files that apply, hex."""


class RuleBroken(NamedTuple):
    """A rule was broken."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    rule: str
    """The rule that was broken (codes of rule)."""
    source: str
    """Where the rule stands."""


class SubjectRegistered(NamedTuple):
    """A person became known to the hub."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""


class VacancyFreed(NamedTuple):
    """A place was given back."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    site: str
    """Registered code of the site, an organisation."""
    site_area: str
    """County code of the site."""
    since: int
    """Day from which it counts (days since 1970-01-01)."""


class VacancyTaken(NamedTuple):
    """A place was taken."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    site: str
    """Registered code of the site, an organisation."""
    site_area: str
    """County code of the site."""
    since: int
    """Day from which it counts (days since 1970-01-01)."""


class WaitLimitPassed(NamedTuple):
    """The limit of waiting passed."""

    salt: bytes
    """Random bytes made at the edge, so that a commitment tells nothing."""
    occurred_on: int
    """Day on which it happened (days since 1970-01-01)."""
    occurred_minute: int | None
    """Minute of the day, if known (minutes since midnight in Asia/Shanghai)."""
    recorded_at: int
    """When the agency recorded it (milliseconds since 1970-01-01T00:00Z)."""
    mode: str
    """live, or history from before go-live (codes of mode)."""
    legal_basis: str
    """Legal basis on which it is shared (codes of legal_basis)."""
    area: str
    """County code, up to six digits."""
    since: int
    """Day from which it counts (days since 1970-01-01)."""
    months: int
    """Limit applied (months)."""
