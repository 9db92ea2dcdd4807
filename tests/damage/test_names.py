"""Names that lead out of a folder, that a terminal shows otherwise, or that no file can have on another machine."""

import pytest

from tests.damage.test_damage import law_told
from tests.damage.world import World

NAMES = {
    "up": ("../outside", "HUB-C322"),
    "absolute": ("/tmp/outside", "HUB-C322"),
    "a line end": ("a\nb", "HUB-C322"),
    "a quotation mark": ("a'\"b", "HUB-C322"),
    "from right to left": ("a\u202efdp", "HUB-C322"),
    "a dot at its end": ("ward.", "HUB-C322"),
    "a blank at its end": ("ward ", "HUB-C322"),
    "a device": ("con", "HUB-C442"),
    "a port": ("com1", "HUB-C442"),
    "nothing": ("nul", "HUB-C442"),
}


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("option", ["--name", "--agency"])
def test_a_name_that_no_folder_should_have_makes_nothing(option: str, kind: str, world: World) -> None:
    """It is told by its setting, and no file or folder is made of it, here or elsewhere."""
    name, code = NAMES[kind]
    world.sound("csv")
    before = sorted(world.home.parent.rglob("*"))
    words = {"--name": "ward", "--agency": "ward", option: name}
    said = world.hub(
        "connector", "new", "--from", str(world.source("csv")), "--publisher", "health", "--area", "220102",
        *(part for pair in words.items() for part in pair), "--lang", "en",
    )  # fmt: skip
    law_told(said, 3)
    assert code in said.err or (option == "--name" and "HUB-C232" in said.err)  # it is the source's alias, too
    assert sorted(world.home.parent.rglob("*")) == before


@pytest.mark.parametrize("name", ["../../outside", "a\nb", "a\u202efdp", "x" * 300, "{0.__class__}"])
def test_a_connector_that_cannot_be_is_told_and_not_shown_as_it_is(name: str, world: World) -> None:
    """Whatever is typed as a connector's name, no line of ours is broken and nothing outside is touched."""
    for words in (("connector", "run", name), ("connector", "check", name), ("refused", "show", name, "1")):
        said = world.hub(*words)
        law_told(said, 3)
        assert "HUB-C324" in said.err
        assert "\u202e" not in said.err
        assert "\nb" not in said.err
