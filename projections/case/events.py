"""Which events a case reads, and which of them a consent gates."""

from typing import Final

REFERRAL, SERVICE, TRANSFER = "referral_upload", "service", "transfer"
"""The purposes of a consent (domain §2-8)."""

GATED: Final = {
    "agency.ApplicationRegistered": REFERRAL,
    "civil_affairs.CaseAssigned": REFERRAL,
    "civil_affairs.PlatformPushReceived": REFERRAL,
    "civil_affairs.RegistrationConfirmed": REFERRAL,
    "health.ReferralUploaded": REFERRAL,
    "stations.PlanMade": SERVICE,
    "stations.RehabOpinionIssued": SERVICE,
    "stations.ServiceDelivered": SERVICE,
    "stations.HandoverAccepted": TRANSFER,
    "stations.ReReferralSent": TRANSFER,
}
"""What a closed gate parks until the purpose is consented to. Urgent referral is never gated."""

GRANTED, WITHDRAWN = "agency.ConsentGranted", "agency.ConsentWithdrawn"

CASE_OPENED = "hub.CaseOpened"
NEED_OPENED, NEED_CHANGED, NEED_CLOSED = "hub.NeedOpened", "hub.NeedChanged", "hub.NeedClosed"
PROPOSED, UNPROPOSED = "hub.MatchProposed", "hub.MatchWithdrawn"
OFFERED, VOIDED = "hub.OfferMade", "hub.OfferVoided"
TAKEN, FREED = "hub.VacancyTaken", "hub.VacancyFreed"
CUSTODY, HANDOVER = "hub.CustodyMoved", "hub.HandoverOpened"
LIMIT, BROKEN = "hub.WaitLimitPassed", "hub.RuleBroken"
