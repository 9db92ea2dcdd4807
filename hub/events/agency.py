"""Generated from `schemas/avro/agency/`. Do not edit: run `hub schema generate`."""

from typing import NamedTuple


class ApplicationFiled(NamedTuple):
    """An application was filed."""

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
    channel: str
    """Channel A, B or C of the application (codes of channel)."""
    applicant_kind: str
    """Who applied (codes of applicant_kind)."""
    severe: bool
    """Whether the person has a severe mental disorder in the sense of the health system."""
    birth_year_band: str | None
    """Age group at registration, fixed from then on (codes of age_group)."""
    cell_x: int | None
    """Column of the 2 km grid cell of the residence (cells of 2 km eastward)."""
    cell_y: int | None
    """Row of the 2 km grid cell of the residence (cells of 2 km northward)."""


class ApplicationRegistered(NamedTuple):
    """The reviewer registered the application."""

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


class BenefitEnded(NamedTuple):
    """A benefit ended."""

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
    kind: str
    """Kind, a code (codes of benefit)."""


class BenefitGranted(NamedTuple):
    """A benefit was observed."""

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
    kind: str
    """Kind, a code (codes of benefit)."""
    until: int | None
    """Last day on which it holds; null while open (days since 1970-01-01)."""


class CensusImported(NamedTuple):
    """A census found the person."""

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
    batch: str
    """Name of the import, a code."""


class ConsentGranted(NamedTuple):
    """Consent was given for one purpose."""

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
    purpose: str
    """Purpose of the consent (codes of consent_purpose)."""
    patient: bool
    """Whether the patient agreed."""
    guardian_status: str
    """Whether a guardian is named, not needed in law, or missing (codes of guardian_status)."""
    until: int | None
    """Last day on which it holds; null while open (days since 1970-01-01)."""


class ConsentWithdrawn(NamedTuple):
    """Consent was withdrawn."""

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
    purpose: str
    """Purpose of the consent (codes of consent_purpose)."""


class GuardianNamed(NamedTuple):
    """A guardian was named."""

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
    guardian_status: str
    """Whether a guardian is named, not needed in law, or missing (codes of guardian_status)."""


class HomeVisited(NamedTuple):
    """A home visit took place."""

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
    recipient: str
    """Who was visited (codes of beneficiary)."""


class IdentityDeclared(NamedTuple):
    """An agency declared who a person is; the identity goes to the vault only."""

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


class NeedAssessed(NamedTuple):
    """The need for rehabilitation was assessed."""

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
    by_role: str
    """Role of the person who did it (codes of staff_role)."""
    suitable: bool
    """Whether community rehabilitation suits the person."""
    reason: str | None
    """Reason, a code (codes of need_reason)."""
    needs: str
    """Kinds of service needed (codes of service_kind)."""


class ProblemReported(NamedTuple):
    """A problem was reported."""

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
    to_department: str
    """Department told (codes of department)."""


class ResidenceChanged(NamedTuple):
    """The residence changed."""

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
    kind: str
    """Kind, a code (codes of residence_kind)."""
    from_area: str | None
    """County code moved from."""
    to_area: str
    """County code moved to."""
    cell_x: int | None
    """Column of the 2 km grid cell of the residence (cells of 2 km eastward)."""
    cell_y: int | None
    """Row of the 2 km grid cell of the residence (cells of 2 km northward)."""


class Retracted(NamedTuple):
    """An event was retracted."""

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
    site: str | None = None
    """Registered code of the site whose fact it was; null for a fact about a person."""


class RunFinished(NamedTuple):
    """A run of a connector ended."""

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
    rows_read: int
    """Rows read (rows)."""
    published: int
    """Rows published (rows)."""
    unchanged: int
    """Rows unchanged (rows)."""
    not_selected: int
    """Rows not selected by a named rule (rows)."""
    refused: int
    """Rows refused (rows)."""
    events: int
    """Events published (rows)."""


class SourceStarted(NamedTuple):
    """A connector began a new spool."""

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
    previous: str | None
    """Id of the spool before, hex."""
    last_number: int | None
    """Number of the last frame of the spool before (frames)."""
    reason: str
    """Reason, a code (codes of source_reason)."""


class TeamChanged(NamedTuple):
    """The care team changed."""

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
    team_roles: str
    """Roles in the team (codes of staff_role)."""
