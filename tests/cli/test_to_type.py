"""What is told to be typed next is typed with the folder that was typed before."""

import re
from pathlib import Path

import pytest

from hub.cli.main import run
from tests.cli.commands import extra_words
from tests.cli.test_connector import connected

_ABOUT = re.compile(r"hub (?:connector [a-z]+|refused [a-z]+(?: --connector)?) hospital-1")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_told_of_a_connector_repeats_the_folder_that_was_typed(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reports, findings, refused rows and next steps name the folder in every command, where it was typed."""
    home = tmp_path / "a hub"
    connected(home)
    folder = home / "edges" / "hospital-1"
    mapping = (
        (folder / "mapping.toml").read_text(encoding="utf-8").replace('on_vanish = "nothing"', 'on_vanish = "retract"')
    )
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")

    def typed(*words: str) -> str:
        run(["--lang", lang, *words, "--home", str(home)])
        told = capsys.readouterr()
        return told.out + told.err

    def checked(told: str, *, times: int) -> None:
        commands = _ABOUT.findall(told)
        assert len(commands) >= times, told
        for one in _ABOUT.finditer(told):
            assert told[one.end() :].startswith(f" --home '{home}'"), told[one.start() :]

    capsys.readouterr()
    checked(typed("connector", "run", "hospital-1"), times=1)  # refused rows wait
    checked(typed("refused", "list"), times=0)
    rows = (folder / "assessments.csv").read_text(encoding="utf-8").splitlines()
    rows[1] = "," + rows[1].partition(",")[2]  # a row loses its key: HUB-C492
    (folder / "assessments.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    told = typed("connector", "run", "hospital-1")
    assert "HUB-C492" in told
    checked(told, times=3)
    (folder / "codes" / "conclusion.csv").write_text("值,代码\n适合,true\n不知道,false\n", encoding="utf-8")
    other = mapping.replace("version = 1", "version = 2")
    (folder / "mapping.toml").write_text(other, encoding="utf-8")
    checked(typed("connector", "status"), times=0)
    source = tmp_path / "people.csv"
    source.write_text("身份证号,登记日期\n", encoding="utf-8")
    told = typed("connector", "new", "--from", str(source), "--name", "hospital-1-b")
    commands = re.findall(r"hub connector [a-z]+ hospital-1-b(?! --home)", told)
    assert "hub connector test hospital-1-b --home" in told
    assert commands == [], told


def test_a_command_in_a_text_has_no_word_too_many() -> None:
    """What stands after a command in a text is something that it takes."""
    assert list(extra_words("see hub refused list {connector}, then")) == ["hub refused list {connector}"]
    assert list(extra_words("see hub refused list --connector {connector}, then")) == []
