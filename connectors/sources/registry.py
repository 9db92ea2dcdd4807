"""Avro with schemas from a Confluent registry: five bytes before each message say which."""

import io
import json
import struct
import urllib.error
import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import fastavro

from connectors.sources.envelope import Part
from connectors.sources.spec import LOCAL, DebeziumSpec
from connectors.sources.web import opener_of
from hub.core.errors import DataError, Unreachable

_LIMIT: Final = 16 << 20
_UNKNOWN: Final = 40403
"""How a registry says that it has no schema of that number: of another address it says nothing of the kind."""

_NO_MESSAGE: Final = (
    *(EOFError, IndexError, KeyError, TypeError, AttributeError, ArithmeticError, struct.error),
    *(MemoryError, RecursionError),  # a length or a depth that the bytes only claim
)


class Registry:
    """Asks for each schema once."""

    def __init__(self, spec: DebeziumSpec, folder: Path) -> None:
        """Raises DataError HUB-C278 for a URL in clear that is not of this machine, C280 for a bad `ca_file`."""
        parts = urlsplit(spec.registry)
        local = parts.hostname in LOCAL
        if not (parts.scheme == "https" or (parts.scheme == "http" and local)) or parts.username:
            raise DataError("HUB-C278", alias=spec.alias)
        self._spec = spec
        self._opener = opener_of(spec.alias, folder, spec.ca_file, parts.scheme == "http")
        self._known: dict[int, tuple[Any, Any]] = {}

    def decode(self, raw: bytes | None) -> Part:
        """A key or value. Raises ValueError for bytes that are no such message, Unreachable HUB-C398, DataError."""
        if raw is None:
            return Part(None)
        if len(raw) < 5 or raw[0] != 0:
            raise ValueError
        schema, parsed = self._schema(int.from_bytes(raw[1:5], "big"))
        try:
            return Part(fastavro.schemaless_reader(io.BytesIO(raw[5:]), parsed, None), schema)
        except _NO_MESSAGE:
            raise ValueError from None

    def _schema(self, number: int) -> tuple[Any, Any]:
        if number not in self._known:
            found = self._asked(number)
            try:
                self._known[number] = found, fastavro.parse_schema(found)
            except (fastavro.schema.SchemaParseException, fastavro.schema.UnknownType, KeyError, TypeError):
                raise DataError("HUB-C399", alias=self._spec.alias, name=f"Avro {number}", there="-") from None
        return self._known[number]

    def _asked(self, number: int) -> Any:
        url = f"{self._spec.registry.rstrip('/')}/schemas/ids/{number}"
        failure: DataError | Unreachable
        try:
            with self._opener.open(urllib.request.Request(url), timeout=self._spec.timeout_seconds) as answer:
                document = json.loads(answer.read(_LIMIT))
            if document.get("schemaType", "AVRO") == "AVRO":
                return json.loads(document["schema"])
            failure = DataError("HUB-C399", alias=self._spec.alias, name=f"Avro {number}", there="-")
        except urllib.error.HTTPError as error:
            # One that knows none of ours is another, or was restored: then no message is passed over for its sake.
            if self._known and error.code == HTTPStatus.NOT_FOUND and _says(error, _UNKNOWN):
                raise ValueError from None  # these bytes only look like a message
            failure = Unreachable("HUB-C398", alias=self._spec.alias, reason=f"HTTP {error.code}")
        except (urllib.error.URLError, HTTPException, OSError, ValueError, KeyError, AttributeError):
            failure = Unreachable("HUB-C398", alias=self._spec.alias, reason="registry")
        raise failure from None


def _says(error: urllib.error.HTTPError, code: int) -> bool:
    try:
        return bool(json.loads(error.read(_LIMIT))["error_code"] == code)
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return False
