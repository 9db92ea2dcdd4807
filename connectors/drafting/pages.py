"""How an interface goes on after its first page, read off the names and kinds of its members; no value is kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from connectors.sources import parse_source
from connectors.sources.http import HttpSource
from connectors.sources.objects import member
from connectors.sources.spec import HttpSpec

_NEXT: Final = frozenset(("next", "nexturl", "nextlink", "nextpage", "nextpageurl", "odatanextlink", "下一页"))
_MARK: Final = frozenset(
    (*_NEXT, "nextcursor", "cursor", "nexttoken", "nextpagetoken", "continuation", "continuationtoken", "scrollid")
)
_TOTAL: Final = frozenset(
    ("total", "totalcount", "totalrows", "totalelements", "rowcount", "总数", "总条数", "总记录数")
)
_PAGE: Final = frozenset(("page", "pageno", "pagenum", "pagenumber", "pageindex", "currentpage", "current", "页码"))
_PAGES: Final = frozenset((*_PAGE, "pages", "totalpages", "pagecount", "hasmore", "hasnext", "总页数"))
_DEPTH: Final = 3


class Paged(NamedTuple):
    """A source with what its first page says of others. `unclear` are members that tell of further pages and do not
    say how to come there."""

    section: dict[str, Any]
    unclear: tuple[str, ...] = ()


def paged(section: dict[str, Any], folder: Path) -> Paged:
    """Complete the `[source]` of an interface: `rows` where it has one list of objects, `next` or `page_parameter`,
    `total`. What is no page is left to whoever opens the source, who says what is wrong with it."""
    spec = parse_source(section)
    assert isinstance(spec, HttpSpec)
    document = HttpSource(spec, folder, {}, None).document()
    if not isinstance(document, dict):
        return Paged(section)
    members = dict(_members(document))
    lists = [path for path, value in members.items() if isinstance(value, list)]
    found = dict(section)
    if "rows" not in section and len(lists) == 1:
        found["rows"] = lists[0]
    rows = member(document, found.get("rows", ""))
    if not isinstance(rows, list):
        return Paged(found)
    outside = {path: value for path, value in members.items() if not isinstance(value, list)}
    following = [path for path, value in outside.items() if _name(path) in _NEXT and _leads(value)]
    numbered = [
        name for name, value in parse_qsl(urlsplit(spec.url).query, True) if _plain(name) in _PAGE and value == "1"
    ]
    if following:
        found["next"] = following[0]
    elif numbered:
        found["page_parameter"] = numbered[0]
    totals = [
        path for path, value in outside.items() if _plain(path.rpartition(".")[2]) in _TOTAL and type(value) is int
    ]
    if len(totals) == 1 and outside[totals[0]] >= len(rows):
        found["total"] = totals[0]
    marks = [
        path for path, value in outside.items() if _name(path) in _MARK | _PAGES and value not in (None, "", False)
    ]
    return Paged(found, () if following or numbered else tuple(marks))


def _members(document: dict[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Members that are no objects, by their paths; of objects within, theirs. A name with a dot has no path."""
    for name, value in document.items():
        if "." in name:
            continue
        if isinstance(value, dict) and depth < _DEPTH:
            yield from _members(value, f"{before}{name}.", depth + 1)
        elif not isinstance(value, dict):
            yield before + name, value


def _leads(value: object) -> bool:
    """Whether it is an address, or nothing where there is no further page."""
    return value is None or (
        isinstance(value, str) and (not value or value.startswith(("http://", "https://", "/", "?")))
    )


def _name(path: str) -> str:
    """The last name of a path that says something: of `links.next.href` it is `next`."""
    names = path.split(".")
    return _plain(names[-2] if names[-1].lower() in ("href", "url") and len(names) > 1 else names[-1])


def _plain(name: str) -> str:
    return "".join(one for one in name.lower() if one.isalnum())
