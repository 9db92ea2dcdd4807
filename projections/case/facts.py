"""The facts of agencies that a case reads, and what each does. Facts are accepted, always; what they break is noted.

Every function takes the row, the event and the rules in force, and gives the row after it. None of them reads what the
hub told others.
"""

from collections.abc import Callable
from typing import Final

from hub.core.event import Event
from projections.case import care, referral
from projections.case.tables import Case
from projections.profiles import Rules

Fact = Callable[[Case, Event, Rules], Case]

FACTS: Final[dict[str, Fact]] = {
    "agency.ApplicationFiled": referral.filed,
    "agency.ApplicationRegistered": referral.registered,
    "agency.ConsentGranted": referral.granted,
    "agency.ConsentWithdrawn": referral.withdrawn,
    "agency.NeedAssessed": referral.need_assessed,
    "agency.ResidenceChanged": referral.residence,
    "civil_affairs.CaseAssigned": care.assigned,
    "civil_affairs.PlatformPushReceived": referral.applied,
    "civil_affairs.RegistrationConfirmed": referral.confirmed,
    "civil_affairs.WaitReverified": referral.reverified,
    "civil_affairs.WaitStarted": referral.wait_started,
    "health.AdviceGiven": referral.advised,
    "health.PatientFileClosed": referral.file_closed,
    "health.PatientFiled": referral.patient_filed,
    "health.ReferralUploaded": referral.uploaded,
    "stations.AgreementSigned": care.step("agreed"),
    "stations.CaseClosed": care.case_closed,
    "stations.ClosureVisited": care.followed,
    "stations.HandoverAccepted": care.handover_accepted,
    "stations.HandoverDeclined": care.handover_declined,
    "stations.OfferAccepted": care.offer_accepted,
    "stations.OfferDeclined": care.offer_declined,
    "stations.PersonReturned": care.returned,
    "stations.PlanMade": care.step("assessed"),
    "stations.ReReferralSent": care.moving,
    "stations.RehabOpinionIssued": care.step("assessed"),
    "stations.RelocationReported": care.moving,
    "stations.ServiceDelivered": care.step("in_service"),
    "stations.TransitionAssessed": care.transition,
    "stations.UrgentReferred": care.urgent,
    "stations.WaitReverified": referral.reverified,
    "stations.WaitStarted": referral.wait_started,
}
