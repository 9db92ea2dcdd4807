"""Generated from `schemas/avro/federation/`. Do not edit: run `hub schema generate`."""

from typing import NamedTuple


class CertificateCancelled(NamedTuple):
    """A disability certificate was cancelled."""

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
    """Reason, a code (codes of certificate_end)."""


class CertificateChanged(NamedTuple):
    """A disability certificate changed."""

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
    category: str
    """Category of disability (codes of disability_category)."""
    mental_grade: int | None
    """Grade of the mental disability (grade 1 worst)."""
    valid_to: int | None
    """Last day of validity (days since 1970-01-01)."""


class CertificateIssued(NamedTuple):
    """A disability certificate was issued."""

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
    category: str
    """Category of disability (codes of disability_category)."""
    mental_grade: int | None
    """Grade of the mental disability (grade 1 worst)."""
    valid_to: int | None
    """Last day of validity (days since 1970-01-01)."""


class EmploymentEnded(NamedTuple):
    """A job ended."""

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
    """Kind, a code (codes of employment_kind)."""


class EmploymentOffered(NamedTuple):
    """A job was offered."""

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
    """Kind, a code (codes of employment_kind)."""


class EmploymentStarted(NamedTuple):
    """A job began."""

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
    """Kind, a code (codes of employment_kind)."""


class EmploymentTrainingGiven(NamedTuple):
    """Job training was given."""

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
    hours_tenths: int
    """Duration (tenths of an hour)."""
