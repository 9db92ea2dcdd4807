"""What is mistyped is told in the reader's language, with what would be right, and never with a number of somebody."""

import pytest

from hub.cli.main import run

CASES = {
    "HUB-S220": (["event", "list", "--type", "hub.OferMade"], "hub.OfferMade"),
    "HUB-G214": (["connector", "run", "--ful"], "--full"),
    "HUB-G215": (["connector", "check"], "NAME"),
    "HUB-G216": (["connector", "run", "--every", "990000000000000"], "1..86400"),
    "HUB-G217": (["conector"], "conector"),
    "HUB-G218": (["connector", "status", "ward"], "ward"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("code", CASES)
def test_what_is_mistyped_is_told_in_the_readers_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, code: str, lang: str
) -> None:
    """Exit 2, a code, what would be right, and in Chinese no sentence of English."""
    monkeypatch.setenv("HUB_LANG", lang)
    words, right = CASES[code]
    assert run(words) == 2
    error = capsys.readouterr().err
    assert code in error
    assert right in error
    assert ("没有" in error or "缺少" in error or "不能" in error) == (lang == "zh")
    assert not any(english in error for english in ("No such", "Got unexpected"))


@pytest.mark.parametrize("words", [["16010119500101001X"], ["--160101195001010015"], ["event", "16010119500101001X"]])
def test_a_number_of_somebody_is_not_repeated(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """Whatever was typed where a word or an option belongs, a long number in it is masked (law 9)."""
    assert run(words) == 2
    assert "1601011950" not in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_argument_is_named_and_a_path_is_not_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    """An argument with choices is told by its name; a path that is not there is told without it."""
    monkeypatch.setenv("HUB_LANG", lang)
    assert run(["backup", "create", "everything", "--to", "x"]) == 2
    assert "  SIDE " in capsys.readouterr().err.replace("why", "  ").replace("原因", "  ")
    assert run(["agency", "accept", "/nowhere/欧阳靛青.answer", "--check", "1"]) == 2
    error = capsys.readouterr().err
    assert "HUB-G220" in error
    assert "FILE" in error
    assert "欧阳" not in error
    assert "does not exist" not in error
