"""What the hub itself says keeps the contract: its deciders write codes that exist and numbers within bounds."""

from collections.abc import Iterable, Mapping

import pytest

from hub.core.event import Event
from hub.schema.load import Lists, code_lists, load
from hub.schema.shape import Schema
from projections.profiles import load as profiles
from tests.projections.test_simulation import history

SCHEMAS = load()
FROM_AGENCIES = ("needs", "age_group")  # copied from facts, which the edge has checked


@pytest.fixture(scope="module")
def said() -> list[Event]:
    """What the hub decided in some random histories."""
    worlds = [history(seed, profiles()) for seed in range(12)]
    logs = [group.log for world in worlds for group in world.groups.values()]
    return [one for log in logs for _, _, one in log if one.source in ("hub/persons", "hub/markets")]


def law_within_contract(events: Iterable[Event], schemas: Mapping[str, Schema], lists: Lists) -> None:
    """Every field of every event is null only where it may be, within its bounds, and one of its codes."""
    for one in events:
        for field in schemas[one.type].fields:
            value, place = getattr(one.fields, field.name), f"{one.type}.{field.name}"
            if value is None:
                assert field.nullable, place
            elif field.codes and field.name not in FROM_AGENCIES:
                assert value in lists[field.codes], f"{place}: {value}"
            elif isinstance(value, str):
                assert len(value) <= (field.max or 0), place
            elif isinstance(value, int) and not isinstance(value, bool):
                assert (field.min or 0) <= value <= (field.max or 0), place


def test_the_hub_says_only_what_its_schemas_allow(said: list[Event]) -> None:
    """Whatever a case or a market decides, its reasons, states and rules are in the released code lists."""
    assert len({one.type for one in said}) >= 12
    law_within_contract(said, SCHEMAS, code_lists())


def test_a_decision_outside_its_code_list_is_caught(said: list[Event]) -> None:
    """With a list that lacks a reason which deciders use, the law fails."""
    lists = code_lists()
    with pytest.raises(AssertionError):
        law_within_contract(said, SCHEMAS, {**lists, "need_close_reason": lists["need_close_reason"][3:]})


def test_a_case_that_ends_closes_its_need_for_the_same_reason() -> None:
    """Every kind of closure can be the reason for which a need is closed."""
    lists = code_lists()
    assert set(lists["closure_kind"]) <= set(lists["need_close_reason"])
