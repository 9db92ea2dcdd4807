import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAKE = """#!/bin/sh
case "$*" in -c*) exit {old} ;; esac
echo "$(pwd): $*" >>"$LOG"
case "$*" in *"{fails}"*) exit 9 ;; esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with `run` and the two files that decide what is installed."""
    root = tmp_path / "a clone"
    root.mkdir()
    for name in ("run", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


def executable(path: Path, text: str) -> None:
    """Write a script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def run(clone: Path, *words: str, cwd: Path | None = None, **environment: str) -> tuple[int, str, list[str]]:
    """Exit code, standard error, and what Python was called for."""
    log = clone / "log"
    log.unlink(missing_ok=True)
    environment = {"PATH": os.environ["PATH"], "LOG": str(log), "LANG": "C"} | environment
    done = subprocess.run(
        [str(clone / "run"), *words], cwd=cwd or clone, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr, log.read_text().splitlines() if log.exists() else []


def with_python(clone: Path, fails: str = "never", old: int = 0) -> None:
    """A Python in .venv that writes down what it was called for."""
    executable(clone / ".venv/bin/python", FAKE.format(fails=fails, old=old))


@pytest.mark.parametrize(("lang", "said"), [("zh_CN.UTF-8", "需要 Python 3.11"), ("C", "Python 3.11 or newer")])
def test_an_old_python_is_told_in_the_readers_language(clone: Path, lang: str, said: str) -> None:
    """Without Python 3.11 the first command says what to install, in Chinese or English, and exits with 5."""
    tools = clone / "bin"
    executable(tools / "python3", FAKE.format(fails="never", old=1))
    for tool in ("sh", "dirname", "cat", "cksum", "env"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    code, told, called = run(clone, "demo", PATH=str(tools), LANG=lang)
    assert (code, called) == (5, [])
    assert said in told


def test_libraries_are_installed_when_the_lock_changed_and_only_then(clone: Path) -> None:
    """The lock is installed with hashes once; a changed lock is installed again, an interrupted installation, too."""
    with_python(clone, fails="--require-hashes")
    code, told, _ = run(clone, "demo")
    assert (code, "PyPI" in told) == (5, True)
    with_python(clone)
    _, told, called = run(clone, "demo")
    assert "Setting up" in told
    assert sum("--require-hashes" in call for call in called) == 1
    assert sum("--no-deps" in call for call in called) == 1
    assert run(clone, "demo")[1:] == ("", [f"{clone}: -P -m hub.cli.main demo"])
    with (clone / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert any("--require-hashes" in call for call in run(clone, "demo")[2])


def test_any_word_goes_to_the_hub_command_from_where_the_user_stands(clone: Path, tmp_path: Path) -> None:
    """`./run hub x` and `./run x` are the same; relative paths are those of the caller."""
    with_python(clone)
    run(clone)
    for words in (("hub", "event", "tail"), ("event", "tail")):
        assert run(clone, *words, cwd=tmp_path)[2] == [f"{tmp_path}: -P -m hub.cli.main event tail"]


@pytest.mark.parametrize("fails", ["ruff format", "ruff check", "mypy", "architecture.lint", "pytest"])
def test_each_check_that_fails_fails_the_whole(clone: Path, fails: str) -> None:
    """A failing step ends `./run check` at once with its own exit code."""
    with_python(clone)
    assert run(clone, "check")[0] == 0
    with_python(clone, fails=fails)
    code, _, called = run(clone, "check")
    assert code == 9
    assert fails in called[-1]


def test_check_leaves_slow_tests_out_and_test_takes_all(clone: Path) -> None:
    """`./run check` is for every minute, `./run test` for every commit."""
    with_python(clone)
    assert run(clone, "check")[2][-1] == f"{clone}: -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m not slow"
    assert run(clone, "test")[2][-1] == f"{clone}: -m pytest -n 3 --dist loadfile --no-loadscope-reorder"
    ci = (ROOT / ".ci/run").read_text()
    assert "./run test </dev/null" in ci
    assert "export HUB_REQUIRE=all" in ci


def test_a_skip_is_a_failure_where_everything_is_required(tmp_path: Path) -> None:
    """In CI no law is held by a test that did not run."""
    shutil.copy(ROOT / "tests/conftest.py", tmp_path)
    (tmp_path / "test_a.py").write_text("import pytest\ndef test_a():\n    pytest.skip('no database here')\n")
    codes = {}
    for required in ("", "all"):
        environment = os.environ | {"HUB_REQUIRE": required}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-c", os.devnull, str(tmp_path)],
            env=environment, cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        codes[required] = done.returncode
    assert codes == {"": 0, "all": 1}
