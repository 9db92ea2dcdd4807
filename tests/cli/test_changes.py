"""Every word of a connector, said to one that reads a tap, a file of change events, or a topic."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.sources import open_source, parse_source
from hub.cli.main import run
from tests.cli.test_connector import connected
from tests.connectors.changes import lines, said
from tests.connectors.rig import COLUMNS, MAPPING, row
from tests.connectors.test_sources_singer import section, visits

Say = Callable[..., tuple[int, str, str]]
CHANGES = {"kind": "debezium", "alias": "changes", "path": "changes.jsonl"}


def home_of(tmp_path: Path, source: dict[str, Any]) -> Path:
    """An installation with one connector of this source; its folder."""
    connected(tmp_path)
    folder = tmp_path / "edges" / "hospital-1"
    text = MAPPING.format(on_change="correct", on_vanish="retract")
    begin, end = text.index("[source]"), text.index("[rule.not_test]")
    settings = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in source.items()]
    whole = text[:begin] + "[source]\n" + "\n".join(settings) + "\n\n" + text[end:]
    (folder / "mapping.toml").write_text(whole, encoding="utf-8")
    return folder


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Types a command of `hub connector` and gives its exit code, output and errors."""

    def typed(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--lang", "en", "connector", *words, "--home", str(tmp_path)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return typed


@pytest.mark.parametrize("kind", ["singer", "debezium"])
def test_each_word_works_or_is_refused_by_code(kind: str, tmp_path: Path, say: Say) -> None:
    """check, preview, diff, run twice, status, test: all work on a source of changes; sql and backfill say what they
    are for; no word shows a value."""
    folder = home_of(tmp_path, section() if kind == "singer" else CHANGES)
    if kind == "singer":
        visits(folder, row(1), row(2, 评估结论="不知道"))
    else:
        lines(folder / CHANGES["path"], said("c", row(1)), said("c", row(2, 评估结论="不知道")))
    (folder / "new.toml").write_bytes((folder / "mapping.toml").read_bytes())
    (folder / "cases.csv").write_text(
        ",".join([*COLUMNS, "expect"]) + "\n" + ",".join([*row(1).values(), "health.DischargeAssessed"]) + "\n",
        encoding="utf-8",
    )
    shown = ""
    for words, code, told in (
        (["check", "hospital-1"], 0, "8 columns"), (["preview", "hospital-1"], 0, "AA#####"),
        (["diff", "hospital-1", str(folder / "new.toml")], 0, "2"), (["run", "hospital-1"], 0, "HUB-C140"),
        (["run", "hospital-1", "--full"], 0, ""), (["run", "hospital-1", "--remap", "--dry-run"], 0, ""),
        (["status"], 0, "hospital-1"), (["test", "hospital-1"], 0, ""),
        (["sql", "hospital-1"], 3, "HUB-C275"), (["backfill", "hospital-1"], 3, "HUB-C419"),
    ):  # fmt: skip
        done, out, err = say(*words)
        assert done == code, (words, out, err)
        assert told in out + err, words
        shown += out + err
    for secret in (row(1)["证件号码"], row(1)["姓名"], "PG00001"):
        assert secret not in shown


def test_a_topic_is_drafted_by_its_url(tmp_path: Path, say: Say) -> None:
    """`new` takes a topic's URL for one; a broker that is not there is told by code, and no folder is left behind."""
    run(["init", "--home", str(tmp_path)])
    words = ["new", "--from", "kafka://127.0.0.1:9/his.visits", "--name", "topic", "--area", "220102"]
    assert say(*words)[0] == 5
    assert not (tmp_path / "edges" / "topic").exists()
    assert say("new", "--from", "kafka-topic", "--name", "other", "--area", "220102")[0] == 3


@pytest.mark.parametrize("files", ["singer", "debezium"])
def test_a_drop_folder_takes_neither(files: str, tmp_path: Path) -> None:
    """What has a place of its own cannot lie in a folder whose files are put away."""
    with pytest.raises(Exception, match="HUB-C230 setting=files"):
        open_source(parse_source({"kind": "folder", "alias": "a", "path": ".", "files": files}), tmp_path)


def test_messages_come_on_a_pipe(tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `path = "-"` a run reads what a tap elsewhere says on its input."""
    home_of(tmp_path, {"kind": "singer", "alias": "pipe", "path": "-", "stream": "visits"})
    properties = {name: {"type": "string"} for name in COLUMNS}
    messages: list[dict[str, Any]] = [
        {"type": "SCHEMA", "stream": "visits", "schema": {"properties": properties}, "key_properties": [COLUMNS[0]]},
        {"type": "RECORD", "stream": "visits", "record": row(1)},
    ]
    file = tmp_path / "said"
    file.write_text("".join(json.dumps(one) + "\n" for one in messages), encoding="utf-8")
    with file.open(encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        code, out, _ = say("run", "hospital-1")
    assert code == 0
    assert "1" in out
