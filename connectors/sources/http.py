"""JSON over HTTPS, page after page: an interface that an agency's system offers."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from connectors.sources.database import key_of
from connectors.sources.hours import may_read
from connectors.sources.objects import flat, member, parse
from connectors.sources.source import Broken, Chunk, Column, Cursor, Row
from connectors.sources.spec import LOCAL, HttpSpec
from connectors.sources.structure import check_columns, family_of_all
from connectors.sources.web import opener_of
from connectors.sources.whole import WholeRead
from hub.core.errors import Coded, DataError, HubError, NotPermitted, Unreachable

LIMIT: Final = 64 << 20
"""Bytes that one page may have."""


class HttpSource(WholeRead):
    """All pages of a GET, each of which has a list of objects at `rows`; read whole each time, as a file is.

    The next page is where the page says (`next`: a URL, or a mark that goes into `next_parameter`), or has the next
    number in `page_parameter` until a page is empty; with neither there is one page. The key goes to the host of the
    URL alone: redirects are refused, and a `next` elsewhere. `total` is where a page says how many rows there are: a
    read with another number of rows is not complete; one that gives the rows of a page once more is void, since others
    lack, or there would be no end.
    """

    def __init__(
        self, spec: HttpSpec, folder: Path, wanted: Mapping[str, str], now_ms: Callable[[], int] | None
    ) -> None:
        super().__init__(spec.alias, wanted)
        self._spec, self._now_ms = spec, now_ms
        self._optional = [name for name in spec.optional if name in wanted]
        parts = urlsplit(spec.url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
        if not safe or not parts.hostname or parts.username:
            raise DataError("HUB-C278", alias=spec.alias)
        key = key_of(spec, folder)
        self._sent = {"Accept": "application/json"}
        if key:
            named = spec.header or "Authorization"
            self._sent[named] = key if spec.header else f"Bearer {key}"
        self._opener = opener_of(spec.alias, folder, spec.ca_file, parts.scheme == "http")
        self._first: tuple[Any, list[Any]] | None = None

    def columns(self) -> list[Column]:
        """Members of the first page's objects, with the type that all have. Raises DataError C201 to C203."""
        _, rows = self._first_page()
        seen: dict[str, list[object]] = {}
        for one in rows:
            for name, value in flat(one).items() if isinstance(one, dict) else ():
                seen.setdefault(name, []).append(value)
        if not seen:  # no row, and so no column to miss
            return [Column(name, "any") for name in self._wanted]
        found = [Column(name, family_of_all(values)) for name, values in seen.items()]
        found += [Column(name, "any") for name in self._optional if name not in seen]
        check_columns(self.alias, found, self._wanted)
        return found

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """The rows of all pages; what is no object is a broken row."""
        names = tuple(column.name for column in self.columns())
        document, page = self._first_page()
        url, number, turn = self._spec.url, 0, 1
        asked, told = {url}, dict[bytes, int]()
        while True:
            if page and (before := told.setdefault(_digest(page), turn)) != turn:
                raise DataError("HUB-C489", alias=self.alias, page=turn, before=before)
            chunk = Chunk(self.alias, names, [], [])
            begin = number + 1
            for number, one in enumerate(page, begin):
                if isinstance(one, dict):
                    chunk.rows.append(Row(number, tuple(map(flat(one).get, names))))
                else:
                    chunk.broken.append(Broken(number, (json.dumps(one, ensure_ascii=False),), Coded("HUB-C131", "")))
            if page:
                yield chunk
            turn += 1
            following = self._following(document, page, url, turn)
            if following is None:
                break
            if following in asked:
                raise DataError("HUB-C284", alias=self.alias, page=turn)
            asked.add(following)
            url = following
            time.sleep(self._spec.pause_ms / 1000)
            document, page = self._page(url, turn)
        promised = member(document, self._spec.total) if self._spec.total else number
        if promised != number:
            self._reason = DataError("HUB-C285", alias=self.alias, found=number)
        self._description = {"pages": str(turn - 1)}
        self._ended = True

    def _first_page(self) -> tuple[Any, list[Any]]:
        if self._first is None:
            self._first = self._page(self._with(self._spec.url, self._spec.page_parameter, "1"), 1)
        return self._first

    def _following(self, document: Any, page: list[Any], url: str, turn: int) -> str | None:
        """The URL of the next page, None after the last."""
        if self._spec.page_parameter:
            return self._with(url, self._spec.page_parameter, str(turn)) if page else None
        mark = member(document, self._spec.next) if self._spec.next else None
        if mark in (None, "", False):
            return None
        if self._spec.next_parameter:
            return self._with(url, self._spec.next_parameter, str(mark))
        whole = urljoin(url, str(mark))
        if urlsplit(whole)[:2] != urlsplit(self._spec.url)[:2]:  # it would have the key
            raise DataError("HUB-C283", alias=self.alias, page=turn)
        return whole

    @staticmethod
    def _with(url: str, parameter: str, value: str) -> str:
        if not parameter:
            return url
        parts = urlsplit(url)
        query = [(name, old) for name, old in parse_qsl(parts.query, keep_blank_values=True) if name != parameter]
        return urlunsplit(parts._replace(query=urlencode([*query, (parameter, value)])))

    def document(self) -> Any:
        """The first page as it is, for who does not know yet where its rows are. Raises as a page does, but C286."""
        return self._document(self._with(self._spec.url, self._spec.page_parameter, "1"), 1)

    def _page(self, url: str, turn: int) -> tuple[Any, list[Any]]:
        """A page and its rows. Raises DataError C491 for what is no JSON, C286 for JSON without a list at `rows`."""
        document = self._document(url, turn)
        rows = member(document, self._spec.rows)
        if not isinstance(rows, list):
            raise DataError("HUB-C286", alias=self.alias, page=turn)
        return document, rows

    def _document(self, url: str, turn: int) -> Any:
        if self._now_ms is not None and not may_read(self._spec.hours, self._now_ms()):
            raise Unreachable("HUB-C271", alias=self.alias, hours=", ".join(self._spec.hours))
        body = self._asked(url, turn)
        try:
            return parse(body)
        except ValueError:
            raise DataError("HUB-C491", alias=self.alias, page=turn, size=len(body)) from None

    def _asked(self, url: str, turn: int) -> bytes:
        """The body of an answer. Errors are ours, without what the other side said: it may have rows in it."""
        failure: HubError
        try:
            request = urllib.request.Request(url, headers=self._sent)
            with self._opener.open(request, timeout=self._spec.timeout_seconds) as answer:
                body: bytes = answer.read(LIMIT + 1)
            if len(body) <= LIMIT:
                return body
            failure = DataError("HUB-C287", alias=self.alias, page=turn, limit=LIMIT >> 20)
        except urllib.error.HTTPError as error:
            failure = _refused(self.alias, error.code, turn)
        except (urllib.error.URLError, HTTPException, OSError, ValueError):
            failure = Unreachable("HUB-C279", alias=self.alias, page=turn)
        raise failure from None


def _digest(page: list[Any]) -> bytes:
    """What two pages of the same rows share."""
    return sha256(json.dumps(page).encode()).digest()


def _refused(alias: str, status: int, turn: int) -> HubError:
    """The error that a status stands for."""
    if status in (401, 403):
        return NotPermitted("HUB-C281", alias=alias, status=status)
    if status >= 500 or status in (408, 425, 429):
        return Unreachable("HUB-C490", alias=alias, status=status, page=turn)
    return DataError("HUB-C282", alias=alias, status=status, page=turn)
