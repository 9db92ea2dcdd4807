"""The schemas under Confluent's REST paths, to be read only: foreign tools find by id what they need to decode.

A topic holds many event types, so subjects are named after records (`health.DischargeAssessed`), as Confluent's
RecordNameStrategy has it. Whoever decodes asks by id. Nothing can be registered here: schemas are released with the
program.
"""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from hub.schema.index import Released, frozen_name, read, wire, wire_name
from hub.schema.load import folder

CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"
PREFIX: Final = "/registry"
_LATEST: Final = ("latest", "-1")


class Answer(NamedTuple):
    """An HTTP status and the document that goes with it."""

    status: int
    document: Any


class Registry:
    """Every released schema by id and by subject and version."""

    def __init__(self, root: Path | None = None) -> None:
        """Raises DataError HUB-S120 when the register of schemas is damaged."""
        root = root or folder()
        named: list[tuple[Released, str]] = [
            *((entry, frozen_name(entry)) for entry in read(root)),
            *((entry, wire_name(entry)) for entry in wire(root)),
        ]
        self._texts = {entry.id: _compact((root / name).read_text(encoding="utf-8")) for entry, name in named}
        self._subjects: dict[str, dict[int, int]] = {}
        for entry, _ in named:
            self._subjects.setdefault(entry.type, {})[entry.version] = entry.id
        one, version = r"(?P<subject>[^/]+)", r"(?P<version>[^/]+)"
        paths: Sequence[tuple[str, Callable[..., Answer]]] = (
            (r"/?", lambda: Answer(200, {})),
            (r"/subjects", lambda: Answer(200, sorted(self._subjects))),
            (rf"/subjects/{one}/versions", self._versions),
            (rf"/subjects/{one}/versions/{version}", self._version),
            (rf"/subjects/{one}/versions/{version}/schema", self._schema_of),
            (r"/schemas/types", lambda: Answer(200, ["AVRO"])),
            (r"/schemas/ids/(?P<id>[^/]+)", self._by_id),
            (r"/schemas/ids/(?P<id>[^/]+)/schema", self._text),
            (r"/schemas/ids/(?P<id>[^/]+)/subjects", self._subjects_of),
            (r"/schemas/ids/(?P<id>[^/]+)/versions", self._versions_of),
            (r"/config(/[^/]+)?", lambda *_: Answer(200, {"compatibilityLevel": "FULL_TRANSITIVE"})),
            (r"/mode(/[^/]+)?", lambda *_: Answer(200, {"mode": "READONLY"})),
        )
        self._paths = [(re.compile(path), answer) for path, answer in paths]

    def answer(self, method: str, path: str) -> Answer | None:
        """What a request is answered, under the prefix or without it; None for a path that is not the registry's."""
        asked = path.partition("?")[0]
        prefixed = asked == PREFIX or asked.startswith(f"{PREFIX}/")
        asked = asked.removeprefix(PREFIX) if prefixed else asked
        if asked in ("", "/") and not prefixed:
            return None
        for shape, found in self._paths:
            match = shape.fullmatch(asked)
            if match and method in ("GET", "HEAD"):
                return found(**match.groupdict())
        ours = prefixed or asked.split("/")[1] in ("subjects", "schemas", "config", "mode")
        if not ours:
            return None
        if method not in ("GET", "HEAD"):
            return _error(422, 42205, "The registry is read-only: schemas are released with the program.")
        return _error(404, 404, "HTTP 404 Not Found")

    def _versions(self, subject: str) -> Answer:
        found = self._subjects.get(subject)
        return Answer(200, sorted(found)) if found else _error(404, 40401, "Subject not found.")

    def _version(self, subject: str, version: str) -> Answer:
        found = self._found(subject, version)
        if isinstance(found, Answer):
            return found
        id, number = found
        return Answer(200, {"subject": subject, "version": number, "id": id, "schema": self._texts[id]})

    def _schema_of(self, subject: str, version: str) -> Answer:
        found = self._found(subject, version)
        return found if isinstance(found, Answer) else Answer(200, json.loads(self._texts[found[0]]))

    def _found(self, subject: str, version: str) -> tuple[int, int] | Answer:
        versions = self._subjects.get(subject)
        if versions is None:
            return _error(404, 40401, "Subject not found.")
        if version in _LATEST:
            number = max(versions)
        elif not version.isascii() or not version.isdigit() or int(version) < 1:
            return _error(422, 42202, "The specified version is not a valid version id.")
        else:
            number = int(version)
        return (versions[number], number) if number in versions else _error(404, 40402, "Version not found.")

    def _by_id(self, id: str) -> Answer:
        found = self._known(id)
        return found if isinstance(found, Answer) else Answer(200, {"schema": self._texts[found]})

    def _text(self, id: str) -> Answer:
        found = self._known(id)
        return found if isinstance(found, Answer) else Answer(200, json.loads(self._texts[found]))

    def _subjects_of(self, id: str) -> Answer:
        found = self._known(id)
        return found if isinstance(found, Answer) else Answer(200, [subject for subject, _ in self._uses(found)])

    def _versions_of(self, id: str) -> Answer:
        found = self._known(id)
        if isinstance(found, Answer):
            return found
        return Answer(200, [{"subject": subject, "version": version} for subject, version in self._uses(found)])

    def _uses(self, id: int) -> list[tuple[str, int]]:
        return [
            (subject, version)
            for subject, versions in sorted(self._subjects.items())
            for version, known in versions.items()
            if known == id
        ]

    def _known(self, id: str) -> int | Answer:
        known = id.isascii() and id.isdigit() and len(id) < 10 and int(id) in self._texts
        return int(id) if known else _error(404, 40403, "Schema not found")


def _error(status: int, code: int, message: str) -> Answer:
    """An error as Confluent's clients expect it; what was asked for is not repeated (law 9)."""
    return Answer(status, {"error_code": code, "message": message})


def _compact(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
