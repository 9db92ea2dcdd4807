"""Every error of the Kafka library as one of ours, without its text, which may carry keys and values (law 9).

integrity    the log is not what it was          IntegrityError
permitted    the broker does not let us          NotPermitted
data         what was asked for cannot be        DataError
uncertain    it may have landed                  AppendUncertain while appending, Unreachable otherwise
unreachable  ask again later                     Unreachable
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Literal

from kafka import errors as library

from hub.core.errors import AppendUncertain, DataError, HubError, IntegrityError, NotPermitted, Unreachable

Kind = Literal["integrity", "permitted", "data", "uncertain", "unreachable"]

_NAMES: Final[dict[Kind, str]] = {
    "integrity": """
        OffsetOutOfRangeError LogTruncationError NoOffsetForPartitionError CorruptRecordError UnknownTopicIdError
        InconsistentTopicIdError InconsistentClusterIdError PositionOutOfRangeError OffsetMovedToTieredStorageError
        """,
    "permitted": """
        AuthorizationError TopicAuthorizationFailedError GroupAuthorizationFailedError ClusterAuthorizationFailedError
        TransactionalIdAuthorizationFailedError DelegationTokenAuthorizationFailedError SaslAuthenticationFailedError
        UnsupportedSaslMechanismError IllegalSaslStateError SecurityDisabledError DelegationTokenAuthDisabledError
        DelegationTokenNotFoundError DelegationTokenOwnerMismatchError DelegationTokenRequestNotAllowedError
        DelegationTokenExpiredError InvalidPrincipalTypeError PrincipalDeserializationFailureError
        UnacceptableCredentialError
        """,
    "data": """
        IllegalArgumentError IllegalStateError KafkaConfigurationError UnrecognizedBrokerVersion UnsupportedCodecError
        UnknownTopicOrPartitionError InvalidFetchRequestError MessageSizeTooLargeError OffsetMetadataTooLargeError
        InvalidTopicError RecordListTooLargeError InvalidRequiredAcksError InconsistentGroupProtocolError
        InvalidGroupIdError InvalidSessionTimeoutError InvalidCommitOffsetSizeError InvalidTimestampError
        UnsupportedVersionError IncompatibleBrokerVersion TopicAlreadyExistsError InvalidPartitionsError
        InvalidReplicationFactorError InvalidReplicationAssignmentError InvalidConfigurationError InvalidRequestError
        UnsupportedForMessageFormatError PolicyViolationError InvalidTransactionTimeoutError
        NonEmptyGroupError GroupIdNotFoundError TopicDeletionDisabledError UnsupportedCompressionTypeError
        GroupMaxSizeReachedError GroupSubscribedToTopicError InvalidRecordError ResourceNotFoundError
        DuplicateResourceError InvalidUpdateVersionError FeatureUpdateFailedError TransactionalIdNotFoundError
        UnsupportedAssignorError MismatchedEndpointTypeError UnsupportedEndpointTypeError UnknownSubscriptionIdError
        TelemetryTooLargeError InvalidRegistrationError InvalidVoterKeyError DuplicateVoterError VoterNotFoundError
        ListenerNotFoundError RecordTooLargeError
        """,
    "uncertain": """
        KafkaError RetriableError InvalidMetadataError Cancelled KafkaConnectionError KafkaProtocolError
        CorrelationIdError InvalidReceiveError KafkaTimeoutError BrokerResponseError NoError UnknownError
        RequestTimedOutError NetworkExceptionError NotEnoughReplicasAfterAppendError OutOfOrderSequenceNumberError
        DuplicateSequenceNumberError InvalidProducerEpochError InvalidProducerIdMappingError UnknownProducerIdError
        ProducerFencedError KafkaStorageError TransactionAbortedError TransactionAbortableError InvalidTxnStateError
        ConcurrentTransactionsError TransactionCoordinatorFencedError
        """,
    "unreachable": """
        CommitFailedError MetadataEmptyBrokerList NodeNotReadyError UnknownBrokerIdError QuotaViolationError
        StaleMetadata TooManyInFlightRequests LeaderNotAvailableError NotLeaderForPartitionError
        BrokerNotAvailableError ReplicaNotAvailableError StaleControllerEpochError CoordinatorLoadInProgressError
        CoordinatorNotAvailableError NotCoordinatorError NotEnoughReplicasError IllegalGenerationError
        UnknownMemberIdError RebalanceInProgressError NotControllerError OperationNotAttemptedError
        LogDirNotFoundError ReassignmentInProgressError FetchSessionIdNotFoundError InvalidFetchSessionEpochError
        FencedLeaderEpochError UnknownLeaderEpochError StaleBrokerEpochError OffsetNotAvailableError
        MemberIdRequiredError PreferredLeaderNotAvailableError FencedInstanceIdError EligibleLeadersNotAvailableError
        ElectionNotNeededError NoReassignmentInProgressError UnstableOffsetCommitError ThrottlingQuotaExceededError
        InconsistentVoterSetError SnapshotNotFoundError DuplicateBrokerRegistrationError BrokerIdNotRegisteredError
        FetchSessionTopicIdError IneligibleReplicaError NewLeaderElectedError FencedMemberEpochError
        UnreleasedInstanceIdError StaleMemberEpochError UnknownControllerIdError InvalidRecordStateError
        ShareSessionNotFoundError InvalidShareSessionEpochError FencedStateEpochError UnjoinedGroupException
        """,
}
KINDS: Final[dict[str, Kind]] = {name: kind for kind, names in _NAMES.items() for name in names.split()}


def kind_of(error: type[BaseException]) -> Kind:
    """What an error class of the library means to us; a class that is not named here is what its base is."""
    return next((KINDS[each.__name__] for each in error.__mro__ if each.__name__ in KINDS), "uncertain")


def ours(error: BaseException, topic: str = "-", partition: int = -1) -> HubError:
    """The error to raise `from None` for one of the library while asking or reading; never with its text."""
    kind, reason = kind_of(type(error)), type(error).__name__
    if kind == "integrity":
        return IntegrityError("HUB-L403", topic=topic, partition=partition, reason=reason)
    if kind == "permitted":
        return NotPermitted("HUB-L601", topic=topic, reason=reason)
    if kind == "data":
        return DataError("HUB-L108", topic=topic, reason=reason)
    return Unreachable("HUB-L502", reason=reason)


def while_appending(failed: Sequence[BaseException], all_failed: bool, topic: str, partition: int) -> HubError:
    """The same while appending: refused for certain only when every record was refused, and all in one way."""
    kinds = {kind_of(type(error)) for error in failed}
    if all_failed and len(kinds) == 1 and kinds <= {"permitted", "data"}:
        return ours(failed[0], topic, partition)
    return AppendUncertain("HUB-L501", topic=topic, partition=partition)


@contextmanager
def mapped(topic: str = "-", partition: int = -1) -> Iterator[None]:
    """The library's errors, and the socket's, as ours."""
    try:
        yield
    except library.KafkaError as error:
        raise ours(error, topic, partition) from None
    except OSError as error:  # a name that does not resolve, no route
        raise Unreachable("HUB-L502", reason=type(error).__name__) from None
