"""The beginning of a run's transaction: the spool says where it stands, and what works until the end is made."""

import json
from typing import NamedTuple

from connectors.frames.publish import STARTED, Publisher
from connectors.frames.seal import Sealer
from connectors.run.engine import Engine
from connectors.run.former import Former
from connectors.run.given import Asked, Given
from connectors.run.incarnation import begun
from connectors.run.linking import Linking
from connectors.run.refused import RefusedRows
from connectors.spool import State
from hub.core.county import has_two, newest, oldest
from hub.core.errors import DataError


class Underway(NamedTuple):
    """What works between the beginning and the end. `before` is how the spool stood, `anew` whether its incarnation
    began just now. `linking` is there where people are to be linked under the county's newer key."""

    before: State
    anew: bool
    sealer: Sealer
    publisher: Publisher
    refused: RefusedRows
    former: Former
    engine: Engine
    linking: Linking | None


def begin(given: Given, asked: Asked, seen: int, link: bool) -> Underway:
    """Begin; `seen` numbers the read. Raises DataError HUB-C326 where known rows go by another key than the mapping's.

    Known rows could not be found again: each would be taken for a new one, and the old one for gone.
    """
    spool, mapping, keys = given.spool, given.mapping, given.edge.keys
    started = begun(given.edge, given.log, given.system, spool, asked.begin_anew)
    before = spool.state
    if before.key not in ("", _key(given)) and spool.rows.size():
        raise DataError("HUB-C326", connector=given.edge.spec.connector)
    former = Former("" if asked.remap else before.mappings, mapping, keys)
    spool.save(_begun(given, before, former, seen, started is not None))
    sealer = _sealer(given)
    publisher = Publisher(given.edge.spec, given.mapper.sections, sealer, given.today, given.system.now_ms())
    if started is not None:
        publisher.own(STARTED, **started)
    refused = RefusedRows(spool, keys, mapping.hash, given.today)
    linking = Linking(given, sealer) if link else None
    engine = Engine(given, asked, publisher, refused, former, seen)
    return Underway(before, started is not None, sealer, publisher, refused, former, engine, linking)


def _begun(given: Given, before: State, former: Former, seen: int, anew: bool) -> State:
    """How the spool stands from the beginning on."""
    mapping = given.mapping
    return before._replace(
        read=max(before.read, seen), mapping=mapping.hash, key=_key(given), mappings=former.keep(whole=False),
        county=("" if anew else before.county) or oldest(given.tokens.check()),
        stale=before.stale if before.mapping == mapping.hash else 0,
    )  # fmt: skip


def _key(given: Given) -> str:
    return json.dumps(given.mapping.key)


def _sealer(given: Given) -> Sealer:
    """Goes on where the last frame ended; what it finishes is the spool's."""
    spool, checks = given.spool, given.tokens.check()
    sealer = given.sealer(
        given.edge, given.system, given.tokens, given.mapping.hash, lambda frame: spool.add_frames([frame]), spool.state
    )
    if has_two(checks) and spool.state.county == newest(checks):
        sealer.linked = spool.state.county
    return sealer
