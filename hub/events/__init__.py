"""Generated from `schemas/avro/`. Do not edit: run `hub schema generate`."""

from typing import Any, NamedTuple

from hub.events import agency, civil_affairs, federation, health, hub, stations
from hub.events.avro import AVRO


class Kind(NamedTuple):
    """A released event type: its schema id, rank in a fold, route (subject, market, every), Python type, Avro schema."""

    type: str
    id: int
    rank: int
    route: str
    cls: type[Any]
    avro: dict[str, Any]


KINDS: dict[str, Kind] = {
    kind.type: kind
    for kind in (
        Kind("agency.ApplicationFiled", 1, 48, "subject", agency.ApplicationFiled, AVRO["agency.ApplicationFiled"]),
        Kind("agency.ApplicationRegistered", 2, 52, "subject", agency.ApplicationRegistered, AVRO["agency.ApplicationRegistered"]),
        Kind("agency.BenefitEnded", 3, 28, "subject", agency.BenefitEnded, AVRO["agency.BenefitEnded"]),
        Kind("agency.BenefitGranted", 4, 26, "subject", agency.BenefitGranted, AVRO["agency.BenefitGranted"]),
        Kind("agency.CensusImported", 5, 22, "subject", agency.CensusImported, AVRO["agency.CensusImported"]),
        Kind("agency.ConsentGranted", 6, 44, "subject", agency.ConsentGranted, AVRO["agency.ConsentGranted"]),
        Kind("agency.ConsentWithdrawn", 7, 170, "subject", agency.ConsentWithdrawn, AVRO["agency.ConsentWithdrawn"]),
        Kind("agency.GuardianNamed", 8, 24, "subject", agency.GuardianNamed, AVRO["agency.GuardianNamed"]),
        Kind("agency.HomeVisited", 9, 116, "subject", agency.HomeVisited, AVRO["agency.HomeVisited"]),
        Kind("agency.IdentityDeclared", 10, 6, "subject", agency.IdentityDeclared, AVRO["agency.IdentityDeclared"]),
        Kind("agency.NeedAssessed", 11, 50, "subject", agency.NeedAssessed, AVRO["agency.NeedAssessed"]),
        Kind("agency.ProblemReported", 12, 118, "subject", agency.ProblemReported, AVRO["agency.ProblemReported"]),
        Kind("agency.ResidenceChanged", 13, 140, "subject", agency.ResidenceChanged, AVRO["agency.ResidenceChanged"]),
        Kind("agency.Retracted", 14, 182, "subject", agency.Retracted, AVRO["agency.Retracted"]),
        Kind("agency.RunFinished", 15, 212, "market", agency.RunFinished, AVRO["agency.RunFinished"]),
        Kind("agency.SourceStarted", 16, 210, "market", agency.SourceStarted, AVRO["agency.SourceStarted"]),
        Kind("agency.TeamChanged", 17, 114, "subject", agency.TeamChanged, AVRO["agency.TeamChanged"]),
        Kind("civil_affairs.CaseAssigned", 18, 96, "subject", civil_affairs.CaseAssigned, AVRO["civil_affairs.CaseAssigned"]),
        Kind("civil_affairs.CaseForwarded", 19, 94, "subject", civil_affairs.CaseForwarded, AVRO["civil_affairs.CaseForwarded"]),
        Kind("civil_affairs.HouseholdRegistered", 20, 60, "subject", civil_affairs.HouseholdRegistered, AVRO["civil_affairs.HouseholdRegistered"]),
        Kind("civil_affairs.PlatformPushReceived", 21, 54, "subject", civil_affairs.PlatformPushReceived, AVRO["civil_affairs.PlatformPushReceived"]),
        Kind("civil_affairs.PlatformReceiptIssued", 22, 58, "subject", civil_affairs.PlatformReceiptIssued, AVRO["civil_affairs.PlatformReceiptIssued"]),
        Kind("civil_affairs.RegistrationConfirmed", 23, 56, "subject", civil_affairs.RegistrationConfirmed, AVRO["civil_affairs.RegistrationConfirmed"]),
        Kind("civil_affairs.SiteChanged", 24, 80, "market", civil_affairs.SiteChanged, AVRO["civil_affairs.SiteChanged"]),
        Kind("civil_affairs.SiteClosed", 25, 176, "market", civil_affairs.SiteClosed, AVRO["civil_affairs.SiteClosed"]),
        Kind("civil_affairs.SiteLicensed", 26, 78, "market", civil_affairs.SiteLicensed, AVRO["civil_affairs.SiteLicensed"]),
        Kind("civil_affairs.SiteSuspended", 27, 174, "market", civil_affairs.SiteSuspended, AVRO["civil_affairs.SiteSuspended"]),
        Kind("civil_affairs.WaitReverified", 28, 68, "subject", civil_affairs.WaitReverified, AVRO["civil_affairs.WaitReverified"]),
        Kind("civil_affairs.WaitStarted", 29, 66, "subject", civil_affairs.WaitStarted, AVRO["civil_affairs.WaitStarted"]),
        Kind("federation.CertificateCancelled", 30, 20, "subject", federation.CertificateCancelled, AVRO["federation.CertificateCancelled"]),
        Kind("federation.CertificateChanged", 31, 18, "subject", federation.CertificateChanged, AVRO["federation.CertificateChanged"]),
        Kind("federation.CertificateIssued", 32, 16, "subject", federation.CertificateIssued, AVRO["federation.CertificateIssued"]),
        Kind("federation.EmploymentEnded", 33, 158, "subject", federation.EmploymentEnded, AVRO["federation.EmploymentEnded"]),
        Kind("federation.EmploymentOffered", 34, 154, "subject", federation.EmploymentOffered, AVRO["federation.EmploymentOffered"]),
        Kind("federation.EmploymentStarted", 35, 156, "subject", federation.EmploymentStarted, AVRO["federation.EmploymentStarted"]),
        Kind("federation.EmploymentTrainingGiven", 36, 152, "subject", federation.EmploymentTrainingGiven, AVRO["federation.EmploymentTrainingGiven"]),
        Kind("health.AdviceGiven", 37, 40, "subject", health.AdviceGiven, AVRO["health.AdviceGiven"]),
        Kind("health.AssessmentUploaded", 38, 42, "subject", health.AssessmentUploaded, AVRO["health.AssessmentUploaded"]),
        Kind("health.DischargeAssessed", 39, 34, "subject", health.DischargeAssessed, AVRO["health.DischargeAssessed"]),
        Kind("health.FollowUpRecorded", 40, 38, "subject", health.FollowUpRecorded, AVRO["health.FollowUpRecorded"]),
        Kind("health.HospitalStayEnded", 41, 32, "subject", health.HospitalStayEnded, AVRO["health.HospitalStayEnded"]),
        Kind("health.HospitalStayStarted", 42, 30, "subject", health.HospitalStayStarted, AVRO["health.HospitalStayStarted"]),
        Kind("health.OutpatientAssessed", 43, 36, "subject", health.OutpatientAssessed, AVRO["health.OutpatientAssessed"]),
        Kind("health.PatientFileChanged", 44, 14, "subject", health.PatientFileChanged, AVRO["health.PatientFileChanged"]),
        Kind("health.PatientFileClosed", 45, 172, "subject", health.PatientFileClosed, AVRO["health.PatientFileClosed"]),
        Kind("health.PatientFiled", 46, 12, "subject", health.PatientFiled, AVRO["health.PatientFiled"]),
        Kind("health.ReferralUploaded", 47, 46, "subject", health.ReferralUploaded, AVRO["health.ReferralUploaded"]),
        Kind("health.UrgentReferralAnswered", 48, 128, "subject", health.UrgentReferralAnswered, AVRO["health.UrgentReferralAnswered"]),
        Kind("hub.CaseOpened", 49, 70, "subject", hub.CaseOpened, AVRO["hub.CaseOpened"]),
        Kind("hub.CustodyMoved", 50, 110, "subject", hub.CustodyMoved, AVRO["hub.CustodyMoved"]),
        Kind("hub.DayTicked", 51, 2, "every", hub.DayTicked, AVRO["hub.DayTicked"]),
        Kind("hub.HandoverOpened", 52, 144, "subject", hub.HandoverOpened, AVRO["hub.HandoverOpened"]),
        Kind("hub.MatchProposed", 53, 86, "market", hub.MatchProposed, AVRO["hub.MatchProposed"]),
        Kind("hub.MatchWithdrawn", 54, 88, "market", hub.MatchWithdrawn, AVRO["hub.MatchWithdrawn"]),
        Kind("hub.NeedChanged", 55, 74, "subject", hub.NeedChanged, AVRO["hub.NeedChanged"]),
        Kind("hub.NeedClosed", 56, 166, "subject", hub.NeedClosed, AVRO["hub.NeedClosed"]),
        Kind("hub.NeedOpened", 57, 72, "subject", hub.NeedOpened, AVRO["hub.NeedOpened"]),
        Kind("hub.OfferMade", 58, 90, "subject", hub.OfferMade, AVRO["hub.OfferMade"]),
        Kind("hub.OfferVoided", 59, 92, "subject", hub.OfferVoided, AVRO["hub.OfferVoided"]),
        Kind("hub.ProfileChanged", 60, 4, "every", hub.ProfileChanged, AVRO["hub.ProfileChanged"]),
        Kind("hub.RuleBroken", 61, 180, "subject", hub.RuleBroken, AVRO["hub.RuleBroken"]),
        Kind("hub.SubjectRegistered", 62, 0, "subject", hub.SubjectRegistered, AVRO["hub.SubjectRegistered"]),
        Kind("hub.VacancyFreed", 63, 164, "subject", hub.VacancyFreed, AVRO["hub.VacancyFreed"]),
        Kind("hub.VacancyTaken", 64, 98, "subject", hub.VacancyTaken, AVRO["hub.VacancyTaken"]),
        Kind("hub.WaitLimitPassed", 65, 178, "subject", hub.WaitLimitPassed, AVRO["hub.WaitLimitPassed"]),
        Kind("stations.AgreementSigned", 66, 106, "subject", stations.AgreementSigned, AVRO["stations.AgreementSigned"]),
        Kind("stations.CapacityDeclared", 67, 82, "market", stations.CapacityDeclared, AVRO["stations.CapacityDeclared"]),
        Kind("stations.CaseClosed", 68, 162, "subject", stations.CaseClosed, AVRO["stations.CaseClosed"]),
        Kind("stations.ClosureVisited", 69, 168, "subject", stations.ClosureVisited, AVRO["stations.ClosureVisited"]),
        Kind("stations.FeeCharged", 70, 120, "subject", stations.FeeCharged, AVRO["stations.FeeCharged"]),
        Kind("stations.GreenChannelAgreed", 71, 132, "market", stations.GreenChannelAgreed, AVRO["stations.GreenChannelAgreed"]),
        Kind("stations.GreenChannelEnded", 72, 134, "market", stations.GreenChannelEnded, AVRO["stations.GreenChannelEnded"]),
        Kind("stations.HandoverAccepted", 73, 148, "subject", stations.HandoverAccepted, AVRO["stations.HandoverAccepted"]),
        Kind("stations.HandoverDeclined", 74, 150, "subject", stations.HandoverDeclined, AVRO["stations.HandoverDeclined"]),
        Kind("stations.OfferAccepted", 75, 100, "subject", stations.OfferAccepted, AVRO["stations.OfferAccepted"]),
        Kind("stations.OfferDeclined", 76, 102, "subject", stations.OfferDeclined, AVRO["stations.OfferDeclined"]),
        Kind("stations.PersonReturned", 77, 130, "subject", stations.PersonReturned, AVRO["stations.PersonReturned"]),
        Kind("stations.PlanMade", 78, 108, "subject", stations.PlanMade, AVRO["stations.PlanMade"]),
        Kind("stations.PostServiceReferred", 79, 160, "subject", stations.PostServiceReferred, AVRO["stations.PostServiceReferred"]),
        Kind("stations.PriceListed", 80, 84, "market", stations.PriceListed, AVRO["stations.PriceListed"]),
        Kind("stations.ReReferralSent", 81, 146, "subject", stations.ReReferralSent, AVRO["stations.ReReferralSent"]),
        Kind("stations.RehabOpinionIssued", 82, 104, "subject", stations.RehabOpinionIssued, AVRO["stations.RehabOpinionIssued"]),
        Kind("stations.RelapseReported", 83, 124, "subject", stations.RelapseReported, AVRO["stations.RelapseReported"]),
        Kind("stations.RelocationReported", 84, 142, "subject", stations.RelocationReported, AVRO["stations.RelocationReported"]),
        Kind("stations.ServiceDelivered", 85, 112, "subject", stations.ServiceDelivered, AVRO["stations.ServiceDelivered"]),
        Kind("stations.SiteProfiled", 86, 76, "market", stations.SiteProfiled, AVRO["stations.SiteProfiled"]),
        Kind("stations.TransitionAssessed", 87, 122, "subject", stations.TransitionAssessed, AVRO["stations.TransitionAssessed"]),
        Kind("stations.UrgentReferred", 88, 126, "subject", stations.UrgentReferred, AVRO["stations.UrgentReferred"]),
        Kind("stations.WaitReverified", 89, 64, "subject", stations.WaitReverified, AVRO["stations.WaitReverified"]),
        Kind("stations.WaitStarted", 90, 62, "subject", stations.WaitStarted, AVRO["stations.WaitStarted"]),
    )
}

KINDS_BY_ID: dict[int, Kind] = {kind.id: kind for kind in KINDS.values()}
