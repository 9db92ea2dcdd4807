"""Code tables that a draft brings with it: the words of our own lists, and what agencies usually write."""

import csv
import io
from functools import cache
from importlib import resources

from connectors.forms.canonical import canonical
from connectors.rows.cells import Target
from hub.data import codes


def table_of(field: str) -> str:
    """Where the code table of a field lies, beside the mapping."""
    return f"codes/{field}.csv"


def ready_codes(field: str, target: Target) -> dict[str, str]:
    """Source values of a field with their codes; none for a field that is read without a table."""
    found = dict(_usual().get(field, {})) if target.codes is None else {}
    if target.codes is not None:
        listed = codes(target.listed)
        found |= {code: code for code in listed} | {one.zh: code for code, one in listed.items()}
        found |= {value: code for value, code in _usual().get(field, {}).items() if code in listed}
    spelled = {str(canonical("code", value, today=0, column=field)): value for value in reversed(found)}
    return {value: found[value] for value in reversed(spelled.values())}


def table_text(field: str, target: Target) -> str:
    """The same as the text of a file."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerows([("值", "代码"), *ready_codes(field, target).items()])
    return out.getvalue()


@cache
def _usual() -> dict[str, dict[str, str]]:
    """What agencies usually write, by field."""
    found: dict[str, dict[str, str]] = {}
    with resources.files("connectors.drafting").joinpath("ready_codes.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            found.setdefault(row["field"], {})[row["value"]] = row["code"]
    return found
