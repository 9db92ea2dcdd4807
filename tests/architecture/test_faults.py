"""The list of faults in docs/decisions/030: a test for either kind of log, and every test that it names is there."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LIST = TESTS.parent / "docs" / "decisions" / "030-faults.md"
LOGS = ("Kafka", "embedded")
_FAULT = re.compile(r"\*\*(.+)\*\*\n- Kafka: (.+(?:\n  .+)*)\n- embedded: (.+(?:\n  .+)*)(?:\n|$)")
_TEST = re.compile(r"`([a-z0-9_/]+)::(test_[a-z0-9_]+)`")

ASKED = (
    "SIGKILL of a worker", "of one of two", "of the broker", "of PostgreSQL", "in the middle of a batch",
    "N lost and N + 1 landed", "Zombie relay", "Exception in a fold", "Rebalance storm", "Full disk",
    "Shadow switch with a full outbox", "Spool rolled back", "Broker unreachable at start", "of the controller",
)  # fmt: skip
"""What the list must not lose."""


def faults(text: str) -> dict[str, tuple[str, str]]:
    """Each fault with what shows it, by kind of log."""
    return {name: (kafka, embedded) for name, kafka, embedded in _FAULT.findall(text.partition("## Faults\n")[2])}


def missing(shown: str) -> list[str]:
    """Tests that are named and are not there; the whole text where it names none and says no reason, either."""
    named = _TEST.findall(shown)
    if not named and not re.match(r"there is|nothing", shown):
        return [shown]
    return [f"{path}::{name}" for path, name in named if name not in _functions(TESTS / f"{path}.py")]


def _functions(path: Path) -> set[str]:
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_fault_is_listed() -> None:
    """What was asked for is a fault of the list, and no line of the list is left unread."""
    text = LIST.read_text(encoding="utf-8")
    found = faults(text)
    assert [each for each in ASKED if not any(each.lower() in name.lower() for name in found)] == []
    assert len(found) == text.partition("## Faults\n")[2].count("\n**")


@pytest.mark.parametrize("fault", faults(LIST.read_text(encoding="utf-8")))
def test_every_fault_has_its_tests(fault: str) -> None:
    """Each test that the list names exists; a cell without any says why."""
    for shown in faults(LIST.read_text(encoding="utf-8"))[fault]:
        assert missing(shown) == []


def test_a_test_that_vanished_is_seen() -> None:
    """A name that no file has, a file that is not there, and an empty cell."""
    assert missing("`architecture/test_faults::test_that_vanished`") == ["architecture/test_faults::test_that_vanished"]
    assert missing("`architecture/test_gone::test_that_vanished`") == ["architecture/test_gone::test_that_vanished"]
    assert missing("later") == ["later"]
    assert missing("`architecture/test_faults::test_every_fault_is_listed`") == []
