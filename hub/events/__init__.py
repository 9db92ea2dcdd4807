"""Generated from `schemas/avro/`. Do not edit: run `hub schema generate`."""

from typing import Any, NamedTuple

from hub.events import agency, civil_affairs, federation, health, hub, stations
from hub.events.avro import AVRO

Class = type[Any]


class Kind(NamedTuple):
    """A released version of an event type: its schema id, rank in a fold, route (subject, market, every), Python type,
    Avro schema, version."""

    type: str
    id: int
    rank: int
    route: str
    cls: Class
    avro: dict[str, Any]
    version: int


KINDS_BY_ID: dict[int, Kind] = {
    kind.id: kind
    for kind in (
        Kind("agency.ApplicationFiled", 1, 48, "subject", agency.ApplicationFiled, AVRO[1], 1),
        Kind("agency.ApplicationRegistered", 2, 52, "subject", agency.ApplicationRegistered, AVRO[2], 1),
        Kind("agency.BenefitEnded", 3, 28, "subject", agency.BenefitEnded, AVRO[3], 1),
        Kind("agency.BenefitGranted", 4, 26, "subject", agency.BenefitGranted, AVRO[4], 1),
        Kind("agency.CensusImported", 5, 22, "subject", agency.CensusImported, AVRO[5], 1),
        Kind("agency.ConsentGranted", 6, 44, "subject", agency.ConsentGranted, AVRO[6], 1),
        Kind("agency.ConsentWithdrawn", 7, 170, "subject", agency.ConsentWithdrawn, AVRO[7], 1),
        Kind("agency.GuardianNamed", 8, 24, "subject", agency.GuardianNamed, AVRO[8], 1),
        Kind("agency.HomeVisited", 9, 116, "subject", agency.HomeVisited, AVRO[9], 1),
        Kind("agency.IdentityDeclared", 10, 6, "subject", agency.IdentityDeclared, AVRO[10], 1),
        Kind("agency.NeedAssessed", 11, 50, "subject", agency.NeedAssessed, AVRO[11], 1),
        Kind("agency.ProblemReported", 12, 118, "subject", agency.ProblemReported, AVRO[12], 1),
        Kind("agency.ResidenceChanged", 13, 140, "subject", agency.ResidenceChanged, AVRO[13], 1),
        Kind("agency.Retracted", 14, 182, "subject", agency.Retracted, AVRO[14], 1),
        Kind("agency.RunFinished", 15, 212, "market", agency.RunFinished, AVRO[15], 1),
        Kind("agency.SourceStarted", 16, 210, "market", agency.SourceStarted, AVRO[16], 1),
        Kind("agency.TeamChanged", 17, 114, "subject", agency.TeamChanged, AVRO[17], 1),
        Kind("civil_affairs.CaseAssigned", 18, 96, "subject", civil_affairs.CaseAssigned, AVRO[18], 1),
        Kind("civil_affairs.CaseForwarded", 19, 94, "subject", civil_affairs.CaseForwarded, AVRO[19], 1),
        Kind("civil_affairs.HouseholdRegistered", 20, 60, "subject", civil_affairs.HouseholdRegistered, AVRO[20], 1),
        Kind("civil_affairs.PlatformPushReceived", 21, 54, "subject", civil_affairs.PlatformPushReceived, AVRO[21], 1),
        Kind("civil_affairs.PlatformReceiptIssued", 22, 58, "subject", civil_affairs.PlatformReceiptIssued, AVRO[22], 1),
        Kind("civil_affairs.RegistrationConfirmed", 23, 56, "subject", civil_affairs.RegistrationConfirmed, AVRO[23], 1),
        Kind("civil_affairs.SiteChanged", 24, 80, "market", civil_affairs.SiteChanged, AVRO[24], 1),
        Kind("civil_affairs.SiteClosed", 25, 176, "market", civil_affairs.SiteClosed, AVRO[25], 1),
        Kind("civil_affairs.SiteLicensed", 26, 78, "market", civil_affairs.SiteLicensed, AVRO[26], 1),
        Kind("civil_affairs.SiteSuspended", 27, 174, "market", civil_affairs.SiteSuspended, AVRO[27], 1),
        Kind("civil_affairs.WaitReverified", 28, 68, "subject", civil_affairs.WaitReverified, AVRO[28], 1),
        Kind("civil_affairs.WaitStarted", 29, 66, "subject", civil_affairs.WaitStarted, AVRO[29], 1),
        Kind("federation.CertificateCancelled", 30, 20, "subject", federation.CertificateCancelled, AVRO[30], 1),
        Kind("federation.CertificateChanged", 31, 18, "subject", federation.CertificateChanged, AVRO[31], 1),
        Kind("federation.CertificateIssued", 32, 16, "subject", federation.CertificateIssued, AVRO[32], 1),
        Kind("federation.EmploymentEnded", 33, 158, "subject", federation.EmploymentEnded, AVRO[33], 1),
        Kind("federation.EmploymentOffered", 34, 154, "subject", federation.EmploymentOffered, AVRO[34], 1),
        Kind("federation.EmploymentStarted", 35, 156, "subject", federation.EmploymentStarted, AVRO[35], 1),
        Kind("federation.EmploymentTrainingGiven", 36, 152, "subject", federation.EmploymentTrainingGiven, AVRO[36], 1),
        Kind("health.AdviceGiven", 37, 40, "subject", health.AdviceGiven, AVRO[37], 1),
        Kind("health.AssessmentUploaded", 38, 42, "subject", health.AssessmentUploaded, AVRO[38], 1),
        Kind("health.DischargeAssessed", 39, 34, "subject", health.DischargeAssessed, AVRO[39], 1),
        Kind("health.FollowUpRecorded", 40, 38, "subject", health.FollowUpRecorded, AVRO[40], 1),
        Kind("health.HospitalStayEnded", 41, 32, "subject", health.HospitalStayEnded, AVRO[41], 1),
        Kind("health.HospitalStayStarted", 42, 30, "subject", health.HospitalStayStarted, AVRO[42], 1),
        Kind("health.OutpatientAssessed", 43, 36, "subject", health.OutpatientAssessed, AVRO[43], 1),
        Kind("health.PatientFileChanged", 44, 14, "subject", health.PatientFileChanged, AVRO[44], 1),
        Kind("health.PatientFileClosed", 45, 172, "subject", health.PatientFileClosed, AVRO[45], 1),
        Kind("health.PatientFiled", 46, 12, "subject", health.PatientFiled, AVRO[46], 1),
        Kind("health.ReferralUploaded", 47, 46, "subject", health.ReferralUploaded, AVRO[47], 1),
        Kind("health.UrgentReferralAnswered", 48, 128, "subject", health.UrgentReferralAnswered, AVRO[48], 1),
        Kind("hub.CaseOpened", 49, 70, "subject", hub.CaseOpened, AVRO[49], 1),
        Kind("hub.CustodyMoved", 50, 110, "subject", hub.CustodyMoved, AVRO[50], 1),
        Kind("hub.DayTicked", 51, 2, "every", hub.DayTicked, AVRO[51], 1),
        Kind("hub.HandoverOpened", 52, 144, "subject", hub.HandoverOpened, AVRO[52], 1),
        Kind("hub.MatchProposed", 53, 86, "market", hub.MatchProposed, AVRO[53], 1),
        Kind("hub.MatchWithdrawn", 54, 88, "market", hub.MatchWithdrawn, AVRO[54], 1),
        Kind("hub.NeedChanged", 55, 74, "subject", hub.NeedChanged, AVRO[55], 1),
        Kind("hub.NeedClosed", 56, 166, "subject", hub.NeedClosed, AVRO[56], 1),
        Kind("hub.NeedOpened", 57, 72, "subject", hub.NeedOpened, AVRO[57], 1),
        Kind("hub.OfferMade", 58, 90, "subject", hub.OfferMade, AVRO[58], 1),
        Kind("hub.OfferVoided", 59, 92, "subject", hub.OfferVoided, AVRO[59], 1),
        Kind("hub.ProfileChanged", 60, 4, "every", hub.ProfileChanged, AVRO[60], 1),
        Kind("hub.RuleBroken", 61, 180, "subject", hub.RuleBroken, AVRO[61], 1),
        Kind("hub.SubjectRegistered", 62, 0, "subject", hub.SubjectRegistered, AVRO[62], 1),
        Kind("hub.VacancyFreed", 63, 164, "subject", hub.VacancyFreed, AVRO[63], 1),
        Kind("hub.VacancyTaken", 64, 98, "subject", hub.VacancyTaken, AVRO[64], 1),
        Kind("hub.WaitLimitPassed", 65, 178, "subject", hub.WaitLimitPassed, AVRO[65], 1),
        Kind("stations.AgreementSigned", 66, 106, "subject", stations.AgreementSigned, AVRO[66], 1),
        Kind("stations.CapacityDeclared", 67, 82, "market", stations.CapacityDeclared, AVRO[67], 1),
        Kind("stations.CaseClosed", 68, 162, "subject", stations.CaseClosed, AVRO[68], 1),
        Kind("stations.ClosureVisited", 69, 168, "subject", stations.ClosureVisited, AVRO[69], 1),
        Kind("stations.FeeCharged", 70, 120, "subject", stations.FeeCharged, AVRO[70], 1),
        Kind("stations.GreenChannelAgreed", 71, 132, "market", stations.GreenChannelAgreed, AVRO[71], 1),
        Kind("stations.GreenChannelEnded", 72, 134, "market", stations.GreenChannelEnded, AVRO[72], 1),
        Kind("stations.HandoverAccepted", 73, 148, "subject", stations.HandoverAccepted, AVRO[73], 1),
        Kind("stations.HandoverDeclined", 74, 150, "subject", stations.HandoverDeclined, AVRO[74], 1),
        Kind("stations.OfferAccepted", 75, 100, "subject", stations.OfferAccepted, AVRO[75], 1),
        Kind("stations.OfferDeclined", 76, 102, "subject", stations.OfferDeclined, AVRO[76], 1),
        Kind("stations.PersonReturned", 77, 130, "subject", stations.PersonReturned, AVRO[77], 1),
        Kind("stations.PlanMade", 78, 108, "subject", stations.PlanMade, AVRO[78], 1),
        Kind("stations.PostServiceReferred", 79, 160, "subject", stations.PostServiceReferred, AVRO[79], 1),
        Kind("stations.PriceListed", 80, 84, "market", stations.PriceListed, AVRO[80], 1),
        Kind("stations.ReReferralSent", 81, 146, "subject", stations.ReReferralSent, AVRO[81], 1),
        Kind("stations.RehabOpinionIssued", 82, 104, "subject", stations.RehabOpinionIssued, AVRO[82], 1),
        Kind("stations.RelapseReported", 83, 124, "subject", stations.RelapseReported, AVRO[83], 1),
        Kind("stations.RelocationReported", 84, 142, "subject", stations.RelocationReported, AVRO[84], 1),
        Kind("stations.ServiceDelivered", 85, 112, "subject", stations.ServiceDelivered, AVRO[85], 1),
        Kind("stations.SiteProfiled", 86, 76, "market", stations.SiteProfiled, AVRO[86], 1),
        Kind("stations.TransitionAssessed", 87, 122, "subject", stations.TransitionAssessed, AVRO[87], 1),
        Kind("stations.UrgentReferred", 88, 126, "subject", stations.UrgentReferred, AVRO[88], 1),
        Kind("stations.WaitReverified", 89, 64, "subject", stations.WaitReverified, AVRO[89], 1),
        Kind("stations.WaitStarted", 90, 62, "subject", stations.WaitStarted, AVRO[90], 1),
        Kind("agency.Retracted", 91, 182, "subject", agency.Retracted, AVRO[91], 2),
    )
}

KINDS: dict[str, Kind] = {kind.type: kind for kind in KINDS_BY_ID.values()}
"""The newest version of each type; ids rise with versions."""
