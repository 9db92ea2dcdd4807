"""The rules of the house that import-linter does not know, over any tree, so that a broken one can be tried."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("hub", "connectors", "projections")
LIMIT = 260
LONGER: dict[str, str] = {}  # path -> why it is longer
BANNED_NAMES = {"utils", "helpers", "common", "manager", "handler", "misc"}
BANNED_WORDS = re.compile(r"checkpoint|dead_?letter|deadletter", re.IGNORECASE)
TOP_LEVEL = {
    *(".ci", ".gitattributes", ".gitignore", "LICENSE", "README.md", "pyproject.toml", "requirements.lock", "run"),
    *("connectors", "docker-compose.yml", "docs", "hub", "projections", "schemas", "tests"),
}
ANY_ERROR = {"Exception", "BaseException", "HubError", "DataError", "Coded", "IntegrityError", "Unreachable", "OSError"}
MESSAGES = {"args", "message", "msg", "params", "object", "doc"}
CLOCK = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "urandom"}


def modules(tree: Path) -> list[Path]:
    """All modules of ours but the generated ones."""
    return [
        path for room in ROOMS for path in sorted((tree / room).rglob("*.py")) if "hub/events/" not in path.as_posix()
    ]


def law_length(tree: Path, longer: dict[str, str] = LONGER) -> None:
    """A module is short enough to be read at once, unless the list says why not."""
    lengths = {
        path.relative_to(tree).as_posix(): path.read_text(encoding="utf-8").count("\n") for path in modules(tree)
    }
    too_long = {name: length for name, length in lengths.items() if length > LIMIT and name not in longer}
    assert not too_long, f"longer than {LIMIT} lines without a reason: {too_long}"
    short = [name for name in longer if lengths.get(name, 0) <= LIMIT]
    assert not short, f"no longer needs its reason: {short}"
    assert all(len(reason) > 20 for reason in longer.values())


def law_names(tree: Path) -> None:
    """No module is called by a word that says nothing."""
    bad = [path for path in modules(tree) if BANNED_NAMES & set(re.split(r"[_.]", path.name))]
    bad += [path for path in modules(tree) if BANNED_NAMES & set(path.relative_to(tree).parts)]
    assert not bad, f"say what they hold: {bad}"


def law_words(tree: Path) -> None:
    """No identifier has a word with two meanings."""
    found = {
        f"{path.name}: {name}" for path in modules(tree) for name in identifiers(path) if BANNED_WORDS.search(name)
    }
    assert not found, f"banned for two meanings: {sorted(found)}"


def law_top(entries: set[str]) -> None:
    """Nothing new stands at the top of the repository."""
    assert not entries - TOP_LEVEL, f"find a room for {sorted(entries - TOP_LEVEL)}"


def law_no_clock(tree: Path) -> None:
    """Core and projections ask no clock, not even through `datetime`, whose values they may use."""
    for path in modules(tree):
        if path.relative_to(tree).as_posix().startswith(("hub/core/", "projections/")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK:
                    owner = ast.unparse(node.func.value)
                    assert not owner.startswith(("datetime", "date", "time", "os")), f"{path}:{node.lineno}: a clock"


def law_documented(tree: Path) -> None:
    """Every room, every module and every public class and function says what it means."""
    bare = []
    for path in modules(tree):
        module = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(module):
            bare.append(path.relative_to(tree).as_posix())
        public = [one for one in module.body if isinstance(one, ast.FunctionDef | ast.ClassDef) and one.name[0] != "_"]
        bare += [f"{path.relative_to(tree).as_posix()}:{one.name}" for one in public if not ast.get_docstring(one)]
    assert not bare, f"no docstring: {bare}"


def law_mapped(tree: Path) -> None:
    """A room whose docstring has a map of its modules, names and a gap in each line, has all of them on it."""
    lost = []
    for path in modules(tree):
        if path.name != "__init__.py":
            continue
        told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")), clean=False) or ""
        rows = [line for line in told.splitlines() if "  " in line.strip()]  # prose has no gaps
        if rows:
            named, there = set(re.findall(r"[a-z_]+", " ".join(rows))), {one.stem for one in path.parent.glob("*.py")}
            lost += [(path.parent / one).relative_to(tree).as_posix() for one in there - named - {"__init__"}]
    assert not lost, f"on no map: {sorted(lost)}"


def law_nothing_unfinished(tree: Path) -> None:
    """No stub, no promise, no error that vanishes."""
    for path in modules(tree):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bTODO\b|\bFIXME\b|NotImplementedError", text), f"{path}: unfinished"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ExceptHandler) and all(isinstance(one, ast.Pass) for one in node.body):
                caught = ast.unparse(node.type) if node.type else "Exception"
                assert not ANY_ERROR & set(re.findall(r"\w+", caught)), f"{path}:{node.lineno}: an error vanishes"


def law_no_message(tree: Path) -> None:
    """No caught error's text is used, and none is chained to ours: a library's message may carry a value (law 9)."""
    bad = []
    for path in modules(tree):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                bad += [f"{path.relative_to(tree).as_posix()}:{line}" for line in told(node)]
    assert not bad, f"an error's message may carry a value: {bad}"


def told(handler: ast.ExceptHandler) -> list[int]:
    """Lines of a handler that use the text of what was caught, or that raise an error chained to it."""
    lines = []
    compared = {id(one) for node in ast.walk(handler) if isinstance(node, ast.Compare) for one in ast.walk(node)}
    for node in ast.walk(handler):
        if id(node) in compared:  # what is only compared is not shown
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("str", "repr", "format"):
            lines += [node.lineno for one in node.args if isinstance(one, ast.Name) and one.id == handler.name]
        elif (
            isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name) and node.value.id == handler.name
        ):
            lines.append(node.lineno)
        elif isinstance(node, ast.Attribute) and node.attr in MESSAGES and isinstance(node.value, ast.Name):
            lines += [node.lineno] if node.value.id == handler.name else []
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            unchained = isinstance(node.cause, ast.Constant) and node.cause.value is None
            lines += [] if unchained else [node.lineno]
    return lines


def law_tests_say_their_law(tests: Path) -> None:
    """Each test has a docstring of one sentence: the law it holds."""
    bare = []
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node):
                bare.append(f"{path.name}:{node.name}")
    assert not bare, f"no law: {bare}"


def identifiers(path: Path) -> set[str]:
    """Names that a module binds or reads."""
    found = {path.stem}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found
