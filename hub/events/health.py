"""Generated from `schemas/avro/health/`. Do not edit: run `hub schema generate`."""

from typing import NamedTuple


class AdviceGiven(NamedTuple):
    """Community rehabilitation was advised."""

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
    patient_at: int | None
    """Day on which the patient was advised (days since 1970-01-01)."""
    guardian_at: int | None
    """Day on which the guardian was advised (days since 1970-01-01)."""


class AssessmentUploaded(NamedTuple):
    """An assessment was uploaded."""

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


class DischargeAssessed(NamedTuple):
    """The person was assessed at discharge."""

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
    suitable: bool
    """Whether community rehabilitation suits the person."""
    risk: int | None
    """Risk of harm (grade 0 none to 5 armed or arson)."""


class FollowUpRecorded(NamedTuple):
    """A follow-up visit was recorded."""

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
    risk: int | None
    """Risk of harm (grade 0 none to 5 armed or arson)."""
    stability: str
    """Stability of the disease (codes of stability)."""
    next_due: int | None
    """Day of the next follow-up (days since 1970-01-01)."""


class HospitalStayEnded(NamedTuple):
    """A stay in hospital ended."""

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
    stay_kind: str
    """Kind of hospital stay (codes of stay_kind)."""


class HospitalStayStarted(NamedTuple):
    """A stay in hospital began."""

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
    stay_kind: str
    """Kind of hospital stay (codes of stay_kind)."""


class OutpatientAssessed(NamedTuple):
    """The person was assessed as an outpatient."""

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
    suitable: bool
    """Whether community rehabilitation suits the person."""
    risk: int | None
    """Risk of harm (grade 0 none to 5 armed or arson)."""


class PatientFileChanged(NamedTuple):
    """The register entry of a patient changed."""

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
    living_situation: str | None
    """How the person lives (codes of living_situation)."""
    stability: str
    """Stability of the disease (codes of stability)."""


class PatientFileClosed(NamedTuple):
    """A register entry was closed."""

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
    reason: str
    """Reason, a code (codes of file_end)."""


class PatientFiled(NamedTuple):
    """A patient entered the severe-mental-disorder register."""

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
    diagnosis: str
    """Diagnosis group that decides channel A (codes of diagnosis)."""
    living_situation: str | None
    """How the person lives (codes of living_situation)."""
    stability: str
    """Stability of the disease (codes of stability)."""


class ReferralUploaded(NamedTuple):
    """Referral information was uploaded with consent."""

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
    needs: str
    """Kinds of service needed (codes of service_kind)."""


class UrgentReferralAnswered(NamedTuple):
    """The hospital answered."""

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
    admitted: bool
    """Whether the person was admitted."""
