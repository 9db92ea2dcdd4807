"""The registry remembers its verdicts: of what many events say alike, and of nothing else."""

from itertools import product
from typing import Any

import pytest

from hub.core.frame import PATIENT, Entry
from hub.intake.check import Registry
from hub.ports.intake import Connector
from tests.flow.sample import CODEC, fields

SIGNED, LEFT = "stations.AgreementSigned", "health.DischargeAssessed"
CONNECTOR = Connector(1, "c", "county", "stations", "stations.*", "2201", "S1 S2", b"", "")


def entry(
    type: str = SIGNED, place: str = "rows:1:", patient: bool = True, area: str = "220102", **given: Any
) -> Entry:
    """An event of a frame; `area` is what the frame says, the value's is 220102 unless given in `said`."""
    said = given.pop("said", "220102")
    site = {"site": given.pop("site", "S1")} if type == SIGNED else {}
    value = CODEC.encode(type, fields(type, area=said, **site, **given))
    return Entry(1, area, ((PATIENT, 0),) if patient else (), (), place, value)


VERDICTS = {
    "sound": (entry(), ""),
    "later": (entry(occurred_on=20_001, occurred_minute=1), ""),
    "another site": (entry(site="S2"), ""),
    "a type of others": (entry(LEFT), "HUB-I321"),
    "another area in the frame": (entry(area="220104"), "HUB-I323"),
    "another county": (entry(area="371002", said="371002"), "HUB-I323"),
    "a site of others": (entry(site="S3"), "HUB-I324"),
    "nobody": (entry(patient=False), "HUB-I325"),
    "a mark in a text": (entry(template="a\0b"), "HUB-I328"),
    "a mark in the place": (entry(place="rows:\0:"), "HUB-I328"),
}


@pytest.mark.parametrize(("first", "second"), list(product(VERDICTS, repeat=2)))
def test_what_was_judged_of_one_event_is_not_said_of_another(first: str, second: str) -> None:
    """Whatever came before, an event gets the verdict that it gets alone."""
    registry = Registry(CONNECTOR, CODEC)
    for event, code in (VERDICTS[first], VERDICTS[second]):
        assert registry.check(event, 1).code == code


def test_the_fields_of_an_event_are_its_own_though_its_verdict_is_remembered() -> None:
    """Two events that differ in the day alone are told apart in what follows."""
    registry = Registry(CONNECTOR, CODEC)
    days = [registry.check(entry(occurred_on=day), 1).fields.occurred_on for day in (20_000, 20_001)]
    assert days == [20_000, 20_001]
