"""Who may do what on the brokers: what the hub's own user and each agency need, and nothing else."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, NamedTuple

from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

from hub.ports.topics import Difference

REGISTER: Final = "hub.identity"
WORKERS: Final = "hub.worker"  # the consumer group of all workers of a log
CLUSTER: Final = "kafka-cluster"
EVERYBODY: Final = "User:*"
Kind = Literal["topic", "topics", "group", "cluster"]
"""What a right is to: one topic, all that begin so, a consumer group, the cluster itself."""

_PATTERNS: Final[dict[Kind, tuple[ResourceType, ACLResourcePatternType]]] = {
    "topic": (ResourceType.TOPIC, ACLResourcePatternType.LITERAL),
    "topics": (ResourceType.TOPIC, ACLResourcePatternType.PREFIXED),
    "group": (ResourceType.GROUP, ACLResourcePatternType.LITERAL),
    "cluster": (ResourceType.CLUSTER, ACLResourcePatternType.LITERAL),
}
_KINDS: Final = {pattern: kind for kind, pattern in _PATTERNS.items()}

# Reading and writing let one see a topic, too; that its configurations are seen is what `hub topics` works with.
_OF_HUB: Final = ("READ", "WRITE", "CREATE", "DESCRIBE_CONFIGS")


class Right(NamedTuple):
    """What a principal may do with a topic, or what `kind` says: `operation` as Kafka names it, such as WRITE."""

    principal: str
    topic: str
    operation: str
    kind: Kind = "topic"

    @property
    def place(self) -> str:
        """What it is a right to, as it is shown."""
        return {"topics": f"{self.topic}*", "group": f"group {self.topic}"}.get(self.kind, self.topic)

    @property
    def said(self) -> str:
        """Who may do what, as it is shown."""
        return f"{self.principal} {self.operation}"


def of_agencies(topics: Iterable[str]) -> set[Right]:
    """What each agency may do: write to its own ingress, read its own outcomes, nothing else."""
    found: set[Right] = set()
    for topic in topics:
        room, _, agency = topic.partition(".")
        operations = {"ingress": ("WRITE", "DESCRIBE"), "outcomes": ("READ", "DESCRIBE")}.get(room, ())
        found |= {Right(f"User:{agency}", topic, operation) for operation in operations}
    return found


def of_hub(principal: str, topics: Iterable[str]) -> set[Right]:
    """What the hub's user needs for all of its programs; topics of agencies are made when one is registered."""
    own = [(topic, "topic") for topic in topics if not topic.startswith(("ingress.", "outcomes."))]
    rooms: list[tuple[str, Kind]] = [("ingress.", "topics"), ("outcomes.", "topics")]
    found = {Right(principal, topic, each, kind) for topic, kind in [*own, *rooms] for each in _OF_HUB}  # type: ignore[arg-type]
    return found | {Right(principal, WORKERS, "READ", "group"), Right(principal, CLUSTER, "DESCRIBE", "cluster")}


def compare_rights(wanted: set[Right], found: set[Right] | None, ourselves: str = "") -> Iterator[Difference]:
    """Rights that lack, and those that agencies have and should not.

    Whoever asks has them as a superuser, or would not get far: that `ourselves` lacks some is no reason to refuse.
    """
    if found is None:
        yield Difference("*", "open", "", "", by_hand=True, refused=True)
        return
    agencies = {right.principal for right in of_agencies(right.topic for right in wanted)} | {EVERYBODY}
    for right in sorted(wanted - found):
        refused = right.principal != ourselves
        yield Difference(right.place, "right", "", right.said, by_hand=False, refused=refused)
    for right in sorted(found - wanted):
        if right.principal in agencies:
            yield Difference(right.place, "too_much", right.said, "", by_hand=True, refused=True)


def acl_of(right: Right, prefix: str) -> ACL:
    """The rule of the brokers that gives a right, from any host."""
    resource, pattern = _PATTERNS[right.kind]
    name = right.topic if right.kind == "cluster" else prefix + right.topic
    wanted = ResourcePattern(resource, name, pattern)
    return ACL(right.principal, "*", ACLOperation[right.operation], ACLPermissionType.ALLOW, wanted)


def right_of(acl: Any, prefix: str) -> Right | None:
    """The right that a rule gives to something of a log with this prefix; None of all others."""
    pattern = acl.resource_pattern
    kind, name = _KINDS.get((pattern.resource_type, pattern.pattern_type)), str(pattern.resource_name)
    if acl.permission_type != ACLPermissionType.ALLOW or kind is None:
        return None
    wider = kind == "topics" and prefix.startswith(name)
    ours = {"cluster": name == CLUSTER, "group": name in (prefix + WORKERS, "*")}
    if not ours.get(kind, name.startswith(prefix) or name == "*" or wider):
        return None
    return Right(acl.principal, name if kind == "cluster" else name.removeprefix(prefix), acl.operation.name, kind)
