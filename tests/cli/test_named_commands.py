"""What a sentence tells people to type is there to be typed."""

import pytest

from hub.texts import LANGUAGES, errors, phrases
from tests.cli.commands import extra_words, faults, named_commands


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_that_a_text_names_is_there(lang: str) -> None:
    """Each reason, fix and phrase names words and options that exist."""
    told = [part for text in errors(lang).values() for part in text] + list(phrases(lang).values())
    assert [fault for part in told for fault in faults(part)] == []
    assert [extra for part in told for extra in extra_words(part)] == []
    assert sum(len(named_commands(part)) for part in told) > 150


def test_a_text_that_names_what_is_not_there_is_found() -> None:
    """A word, a sub-word and an option that do not exist are each found; words of a sentence are not taken for them."""
    assert list(faults("look with hub connector chekc NAME")) == ["hub connector chekc NAME: no chekc"]
    assert list(faults("运行 hub connector run NAME --al")) == ["hub connector run NAME --al: no --al"]
    assert list(faults("then hub connector run NAME --full; the hub knows it")) == []
    assert named_commands("upgrade the hub and go on") == []
