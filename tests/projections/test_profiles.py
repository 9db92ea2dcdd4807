"""Profiles of policy: chained by jurisdiction, key by key, dated, each line with its source."""

import pytest

from hub.core.errors import DataError
from projections.profiles import GOVERNING, NATIONAL, Profiles, Rules, files, fingerprint, load, parse

DAY = 20_500


def test_a_key_left_out_falls_to_the_jurisdiction_above() -> None:
    """City, province, nation: the nearest that states a key decides it (domain 2-1)."""
    profiles = load(GOVERNING)
    assert [one.name for one in profiles.chain("371002")] == ["weihai", "national"]
    rules = profiles.rules("371002", DAY)
    assert (rules.assigner, rules.wait_reasons, rules.escalation) == ("city", "no_site", "city")
    assert profiles.rules("320682", DAY).escalation == "county"
    assert profiles.rules("110101", DAY) == load().rules("110101", DAY)


def test_one_profile_may_rule_everywhere() -> None:
    """An installation may follow the nation, or one jurisdiction with what stands above it."""
    assert load().rules("371002", DAY).assigner == "platform"
    assert load("weihai").rules("220102", DAY).assigner == "city"
    with pytest.raises(DataError, match="HUB-P350"):
        load("atlantis")


def test_a_line_counts_from_its_date_on() -> None:
    """A rule is applied as in force on the day of the event."""
    profiles = load(GOVERNING)
    since = next(line.since for line in profiles.chain("500103")[0].lines)
    assert profiles.rules("500103", since).assigner == "county"
    assert profiles.rules("500103", since - 1).assigner == "platform"


def test_every_line_has_a_source_and_the_nation_states_every_key() -> None:
    """A profile without a date or source is refused, and so is a nation that leaves a key out."""
    for name, raw in files().items():
        profile = parse(raw.decode(), name)
        assert all(line.source for line in profile.lines)
    text = files()[NATIONAL].decode()
    with pytest.raises(DataError, match="HUB-P351"):
        Profiles(
            [parse(text.replace('key = "assigner"', 'key = "escalation"').replace('"platform"', '"city"'), NATIONAL)]
        )


@pytest.mark.parametrize(
    "line",
    [
        'key = "wait_limit_months"\nvalue = 0\nsince = 2023-01-01\nsource = "x"',
        'key = "assigner"\nvalue = "nobody"\nsince = 2023-01-01\nsource = "x"',
        'key = "unheard_of"\nvalue = "x"\nsince = 2023-01-01\nsource = "x"',
        'key = "assigner"\nvalue = "city"\nsince = "2023-01-01"\nsource = "x"',
        'key = "assigner"\nvalue = "city"\nsince = 2023-01-01\nsource = ""',
        'key = "assigner"\nvalue = "city"\nsince = 2023-01-01',
    ],
)
def test_a_line_that_cannot_be_is_refused(line: str) -> None:
    """An unknown key, an impossible value, a missing date or source stop the load."""
    with pytest.raises(DataError, match="HUB-P352"):
        parse(f'area = "22"\n[[line]]\n{line}\n', "jilin")


def test_the_fingerprint_covers_every_byte() -> None:
    """Another byte in a profile, or in the calendar that goes with it, is another fingerprint."""
    assert fingerprint({"calendar": b"a"}) != fingerprint({"calendar": b"b"})
    assert fingerprint({"a": b"bc"}) != fingerprint({"ab": b"c"})
    for raw in files().values():
        assert raw in fingerprint({})


def test_rules_keep_apart_what_the_policies_keep_apart() -> None:
    """The five jurisdictions differ where their texts differ."""
    profiles = load(GOVERNING)
    assigners = {area: profiles.rules(area, DAY).assigner for area in ("220102", "371002", "500103", "410902")}
    assert assigners == {"220102": "platform", "371002": "city", "500103": "county", "410902": "medical"}
    assert set(Rules._fields) == {line.key for line in profiles.chain("")[-1].lines}
