"""What the program knows of an event type without reading its schema."""

from typing import Any, NamedTuple

COMMON = (
    "salt salt|occurred_on int|occurred_minute int?|recorded_at long|mode string|legal_basis string|area string"
)


class Kind(NamedTuple):
    """One released version of an event type: `cls` its NamedTuple, `route` subject, market or every, `rank` 0 to 255.

    `shape` lists the fields after the common ones as `name type`, with `?` where null is allowed.
    """

    type: str
    id: int
    version: int
    route: str
    rank: int
    cls: type[Any]
    shape: str

    @property
    def avro(self) -> dict[str, Any]:
        """The Avro schema of the wire: names and types only; dates and times stay numbers."""
        namespace, _, name = self.type.partition(".")
        whole = f"{COMMON}|{self.shape}" if self.shape else COMMON
        fields = [_field(*one.split(" ")) for one in whole.split("|")]
        return {"type": "record", "name": name, "namespace": namespace, "fields": fields}


def _field(name: str, type: str) -> dict[str, Any]:
    if type == "salt":
        return {"name": name, "type": {"type": "fixed", "name": "Salt", "size": 16}}
    if type.endswith("?"):
        return {"name": name, "type": ["null", type[:-1]], "default": None}
    return {"name": name, "type": type}
