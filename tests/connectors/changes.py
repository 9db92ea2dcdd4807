"""Change events of Debezium as its connectors write them: with or without a schema, and the table that they tell of."""

import json
from pathlib import Path
from typing import Any

KEY = "评估编号"
AT = 1_746_057_600_000  # 2025-05-01 08:00 in Shanghai


def event(
    op: str, after: dict[str, Any] | None, before: dict[str, Any] | None = None, snapshot: str = "false", at: int = AT
) -> dict[str, Any]:
    """An envelope without a schema."""
    origin = {"connector": "postgresql", "table": "assessments", "snapshot": snapshot, "ts_ms": at}
    return {"before": before, "after": after, "source": origin, "op": op, "ts_ms": at + 5, "transaction": None}


def said(op: str, row: dict[str, Any], **more: Any) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Key and value of a message about a row; `x` is a tombstone."""
    key = {KEY: row[KEY]}
    if op == "x":
        return key, None
    if op == "d":
        return key, event("d", None, dict.fromkeys(row) | key, **more)
    return key, event(op, row, **more)


def lines(path: Path, *messages: tuple[dict[str, Any] | None, Any], append: bool = False) -> None:
    """A file of pairs of key and value, as a file sink writes them."""
    text = "".join(json.dumps({"key": key, "value": value}, ensure_ascii=False) + "\n" for key, value in messages)
    with path.open("a" if append else "w", encoding="utf-8") as file:
        file.write(text)


TYPES: dict[str, dict[str, Any]] = {
    "id": {"type": "int64", "optional": False},
    "name": {"type": "string", "optional": True},
    "day": {"type": "int32", "optional": True, "name": "io.debezium.time.Date"},
    "seen": {"type": "int64", "optional": True, "name": "io.debezium.time.MicroTimestamp"},
    "zoned": {"type": "string", "optional": True, "name": "io.debezium.time.ZonedTimestamp"},
    "clock": {"type": "int64", "optional": True, "name": "io.debezium.time.MicroTime"},
    "fee": {"type": "bytes", "optional": True, "name": "org.apache.kafka.connect.data.Decimal",
            "parameters": {"scale": "2", "connect.decimal.precision": "10"}},
    "alive": {"type": "boolean", "optional": True},
}  # fmt: skip
"""Columns of a table as Connect's schema has them."""

VALUES: dict[str, Any] = {
    "id": 7, "name": "某", "day": 20_209, "seen": 1_746_057_600_000_001, "zoned": "2025-05-01T00:00:00Z",
    "clock": 3_600_000_000, "fee": "MDk=", "alive": True,
}  # fmt: skip


def schema_of(types: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The schema part of an envelope."""
    row = [{**about, "field": name} for name, about in types.items()]
    fields = [
        {"type": "struct", "fields": row, "optional": True, "name": "v.Value", "field": at}
        for at in ("before", "after")
    ]
    return {"type": "struct", "fields": [*fields, {"type": "string", "field": "op"}], "name": "v.Envelope"}  # fmt: skip


def whole(op: str, values: dict[str, Any], types: dict[str, dict[str, Any]] = TYPES) -> tuple[Any, Any]:
    """Key and value with their schemas."""
    key = {"schema": {"type": "struct", "fields": [{"type": "int64", "field": "id"}]}, "payload": {"id": values["id"]}}
    return key, {"schema": schema_of(types), "payload": event(op, values)}
