import pytest

from hub.texts import Text, errors, files, language, phrases, text, ui

from .texts_laws import (
    law_complete,
    law_gbk,
    law_once,
    law_phrases_used,
    law_places_given,
    law_same_places,
    law_used,
    raised,
    sources,
)


def flat(lang: str) -> dict[str, str]:
    """Every template of a language by a name of its own."""
    parts = {f"{code} {part}": value for code, found in errors(lang).items() for part, value in found._asdict().items()}
    return parts | dict(phrases(lang))


def test_every_code_that_is_raised_has_a_text_in_both_languages() -> None:
    """Nobody ever meets a bare code."""
    law_complete(raised(sources()), errors("zh"), errors("en"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_files_give_one_code_two_texts(lang: str) -> None:
    """Rooms choose their codes by themselves; one that two rooms chose is found here."""
    law_once(files(lang))


def test_no_text_is_left_over() -> None:
    """A text whose code nothing raises, or a phrase that nothing shows, is removed."""
    law_used(raised(sources()), errors("zh"))
    law_phrases_used(set(phrases("zh")), sources())


def test_both_languages_show_the_same_places() -> None:
    """Chinese and English say the same thing of the same places."""
    law_same_places(flat("zh"), flat("en"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_gbk_console_can_show_every_text(lang: str) -> None:
    """No text has a character that GBK lacks."""
    law_gbk(flat(lang))


def test_whoever_raises_a_code_gives_the_places_its_text_shows() -> None:
    """No text ends up with a gap."""
    law_places_given(sources(), {code: f"{found.reason} {found.fix}" for code, found in errors("en").items()})


def test_the_laws_of_texts_kill_broken_texts() -> None:
    """A lacking code, a text left over, other places, a tick mark, an unused phrase and a gap are each caught."""
    module = {"a.py": 'raise DataError("HUB-X101", key=name)\nui("main.words", lang)'}
    law_complete(raised(module), {"HUB-X101": 1}, {"HUB-X101": 1})
    law_used(raised(module), {"HUB-X101": 1})
    law_same_places({"a": "{b} 的"}, {"a": "of {b}"})
    law_gbk({"a": "好"})
    law_phrases_used({"main.words"}, module)
    law_places_given(module, {"HUB-X101": "{key}"})
    with pytest.raises(AssertionError, match="no English text"):
        law_complete(raised(module), {"HUB-X101": 1}, {})
    with pytest.raises(AssertionError, match="never raised"):
        law_used(raised(module), {"HUB-X101": 1, "HUB-X102": 1})
    with pytest.raises(AssertionError, match="places differ"):
        law_same_places({"a": "{b} 的"}, {"a": "of {c}"})
    with pytest.raises(AssertionError, match="bare names"):
        law_same_places({"a": "{b.__class__}"}, {"a": "{b.__class__}"})
    with pytest.raises(AssertionError, match="GBK lacks"):
        law_gbk({"a": "\N{CHECK MARK}"})
    with pytest.raises(AssertionError, match=r"is in a\.toml and in b\.toml"):
        law_once([("a.toml", {"HUB-X101": {"fix": ""}}), ("b.toml", {"HUB-X101": {"fix": ""}})])
    with pytest.raises(AssertionError, match="unused"):
        law_phrases_used({"main.other"}, module)
    with pytest.raises(AssertionError, match="shows"):
        law_places_given(module, {"HUB-X101": "{kind}"})


def test_a_text_shows_the_places_it_was_given() -> None:
    """Names in braces become the places of the error; a missing one becomes a dash, never another error."""
    assert text("HUB-G120", "en", key="K_edge").reason == "There is no key named K_edge."
    assert text("HUB-G120", "zh").reason == "没有名为 - 的密钥。"
    assert text("HUB-Q999", "zh") == Text("HUB-Q999", "-")
    assert ui("error.where", "zh") == "位置"


@pytest.mark.parametrize(
    ("chosen", "environment", "expected"),
    [
        ("en", {"HUB_LANG": "zh"}, "en"),
        (None, {"HUB_LANG": "en", "LANG": "zh_CN.GBK"}, "en"),
        (None, {"LANG": "zh_CN.GBK"}, "zh"),
        (None, {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_language_is_the_flag_then_the_variable_then_the_locale(
    chosen: str | None, environment: dict[str, str], expected: str
) -> None:
    """The nearest choice wins; every locale that is not Chinese reads English."""
    assert language(chosen, environment) == expected
