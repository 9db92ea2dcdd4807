"""Which key checks link the people of a county, while it has one key and while it has two."""

import pytest

from hub.core.county import has_linked, is_known, with_linked


@pytest.mark.parametrize(
    ("told", "registered", "known"),
    [
        ("old", "old", True),
        ("new", "old", False),
        ("new old", "old", False),
        ("", "old", False),
        ("old", "new old", True),
        ("new old", "new old", True),
        ("new", "new old", False),
        ("old new", "new old", False),
        ("other old", "new old", False),
        ("", "new old", False),
        ("new", "new", True),
        ("new old", "new", True),
        ("old", "new", False),
        ("other new", "new", False),
    ],
)
def test_a_frame_is_taken_only_with_a_key_by_which_its_people_are_known(
    told: str, registered: str, known: bool
) -> None:
    """With two keys, the older one has to be there and no strange one; with one key, that one comes first."""
    assert is_known(told, registered) == known


def test_a_frame_tells_that_its_connector_needs_the_older_key_no_more() -> None:
    """Who has only the newer key, or linked everybody under it."""
    assert has_linked("edge:1", "new", "new")
    assert has_linked(with_linked("hub:1 edge:1", "0123456789"), "0123456789 old", "0123456789")
    assert not has_linked(with_linked("edge:1", "9876543210"), "0123456789 old", "0123456789")
    assert not has_linked("edge:1", "new old", "new")
