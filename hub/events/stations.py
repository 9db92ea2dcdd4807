"""Generated from `schemas/avro/stations/`. Do not edit: run `hub schema generate`."""

from typing import NamedTuple


class AgreementSigned(NamedTuple):
    """A service agreement was signed."""

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
    template: str | None
    """Id of the agreement template."""
    parties: str
    """Who signed (codes of party)."""
    content_named: bool
    """Whether content and standard are named."""
    price_fen: int | None
    """Price agreed or charged (fen)."""


class CapacityDeclared(NamedTuple):
    """A site declared its free places."""

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
    free: int
    """Free places (places)."""
    as_of: int | None
    """Day to which the figure refers; null means the date of the event (days since 1970-01-01)."""


class CaseClosed(NamedTuple):
    """A case was closed."""

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
    site: str | None
    """Registered code of the site, an organisation."""
    kind: str
    """Kind, a code (codes of closure_kind)."""
    reason: str | None
    """Reason, a code (codes of closure_reason)."""


class ClosureVisited(NamedTuple):
    """The person was visited after closure."""

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
    site: str | None
    """Registered code of the site, an organisation."""
    outcome: str
    """What the visit found (codes of visit_outcome)."""


class FeeCharged(NamedTuple):
    """A fee was charged."""

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
    price_kind: str
    """Service the price is for (codes of service_kind)."""
    price_fen: int | None
    """Price agreed or charged (fen)."""


class GreenChannelAgreed(NamedTuple):
    """A green channel was agreed."""

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
    hospital: str
    """Registered code of the hospital."""
    until: int | None
    """Last day on which it holds; null while open (days since 1970-01-01)."""


class GreenChannelEnded(NamedTuple):
    """A green channel ended."""

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
    hospital: str
    """Registered code of the hospital."""


class HandoverAccepted(NamedTuple):
    """The new site accepted the hand-over."""

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


class HandoverDeclined(NamedTuple):
    """The new site declined the hand-over."""

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
    reason: str
    """Reason, a code (codes of decline_reason)."""


class OfferAccepted(NamedTuple):
    """A site accepted."""

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


class OfferDeclined(NamedTuple):
    """A site declined."""

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
    reason: str
    """Reason, a code (codes of decline_reason)."""


class PersonReturned(NamedTuple):
    """The person came back to the site."""

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


class PlanMade(NamedTuple):
    """A plan was made."""

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


class PostServiceReferred(NamedTuple):
    """The person was referred on after service."""

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
    """Kind, a code (codes of closure_kind)."""


class PriceListed(NamedTuple):
    """A site posted a price."""

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
    price_kind: str
    """Service the price is for (codes of service_kind)."""
    price_fen: int | None
    """Price agreed or charged (fen)."""


class ReReferralSent(NamedTuple):
    """The old site sent the re-referral."""

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
    to_area: str
    """County code moved to."""


class RehabOpinionIssued(NamedTuple):
    """A rehabilitation opinion was issued."""

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
    roles: str
    """Roles that took part (codes of staff_role)."""


class RelapseReported(NamedTuple):
    """A relapse was reported."""

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
    severity: str
    """Severity (codes of severity)."""


class RelocationReported(NamedTuple):
    """The site reported that the person moves away."""

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
    to_area: str
    """County code moved to."""


class ServiceDelivered(NamedTuple):
    """A service was delivered."""

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
    kind: str
    """Kind, a code (codes of service_kind)."""
    form: str
    """Form of the service (codes of service_form)."""
    service_mode: str
    """Mode of the service (codes of service_mode)."""
    place: str
    """Where the service took place (codes of service_place)."""
    beneficiary: str
    """Who was served (codes of beneficiary)."""
    recorder: str
    """Role of who recorded it (codes of staff_role)."""


class SiteProfiled(NamedTuple):
    """A site told what it is."""

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
    kinds: str
    """Kinds of institution the site is (codes of site_kind)."""
    programmes: str
    """Services the site offers (codes of service_kind)."""
    age_groups: str
    """Age groups the site takes; empty means all (codes of age_group)."""
    x_m: int | None
    """Position of the site, east (metres eastward in the national plane grid)."""
    y_m: int | None
    """Position of the site, north (metres northward in the national plane grid)."""
    area_m2: int | None
    """Floor area (square metres)."""
    load: int | None
    """Persons the site can serve at once (persons)."""


class TransitionAssessed(NamedTuple):
    """The periodic assessment on five axes."""

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
    effect: int | None
    """Axis: effect of rehabilitation (grade 0 worst to 4 best)."""
    disease_state: int | None
    """Axis: state of the disease (grade 0 worst to 4 best)."""
    self_care: int | None
    """Axis: self-care (grade 0 worst to 4 best)."""
    wish_to_work: int | None
    """Axis: wish to work (grade 0 worst to 4 best)."""
    ability_to_work: int | None
    """Axis: ability to work (grade 0 worst to 4 best)."""
    meets_exit: bool
    """Whether the assessor holds the conditions of leaving fulfilled."""


class UrgentReferred(NamedTuple):
    """The green channel was used."""

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
    hospital: str
    """Registered code of the hospital."""


class WaitReverified(NamedTuple):
    """Wishes and circumstances were verified again."""

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
    willing: bool
    """Whether the person still wants the service."""
    changed: bool
    """Whether circumstances changed."""


class WaitStarted(NamedTuple):
    """Waiting began."""

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
    """Reason, a code (codes of wait_reason)."""
    expected_until: int | None
    """Day until which waiting is expected (days since 1970-01-01)."""
