"""What the prose of the code and of the documentation names is there."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"(?<![\w./-])(?:hub|connectors|projections|tests)(?:\.[A-Za-z_]\w*)+")
_FILE = re.compile(r"\.(?:toml|db|md|csv|lock)$")


def prose(path: Path, text: str) -> str:
    """Docstrings and comments of a module; a page whole."""
    if path.suffix != ".py":
        return text
    told = [
        node.value.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    comments = (
        one.string for one in tokenize.generate_tokens(io.StringIO(text).readline) if one.type == tokenize.COMMENT
    )
    return "\n".join([*told, *comments])


def missing(text: str) -> Iterator[str]:
    """Names of modules, or of what is in them, that are not there. `hub.x` alone is a setting or a topic, too."""
    for name in _NAMED.findall(text):
        parts = name.split(".")
        if _FILE.search(name) or (parts[0] == "hub" and not (ROOT / "hub" / parts[1]).is_dir()):
            continue
        at = ROOT
        while parts and (at / parts[0]).is_dir():
            at /= parts.pop(0)
        module = at / (f"{parts.pop(0)}.py" if parts and (at / f"{parts[0]}.py").exists() else "__init__.py")
        if parts and not (module.exists() and re.search(rf"\b{parts[0]}\b", module.read_text("utf-8"))):
            yield name


def test_modules_named_in_prose_exist() -> None:
    """A docstring, comment or page names no module of ours that is gone, nor what a module no longer has."""
    listed = subprocess.run(["git", "ls-files", "*.py", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in listed.stdout.splitlines() if name != "docs/CHANGELOG.md"]
    assert len(files) > 400
    gone = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        if path.exists()
        for name in missing(prose(path, path.read_text("utf-8")))
    ]
    assert gone == []


def test_a_name_that_is_gone_is_found() -> None:
    """The law above finds a lost module and a lost function, and passes over settings, topics and files."""
    said = "`connectors.no_such` hub.flow.nothing_there hub.core.errors.NoSuch hub.toml hub.identity hub.flow.folding"
    assert list(missing(said)) == ["connectors.no_such", "hub.flow.nothing_there", "hub.core.errors.NoSuch"]
