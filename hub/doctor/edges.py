"""The connectors of an installation: settings, keys, mapping and source, and the log or gateway that they send to."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial

from connectors.backfill.half import half_in
from connectors.edge import Edge
from connectors.mapping.file import load_mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.tokens import KeyedTokens
from connectors.sources import open_source
from hub import wiring
from hub.config import Settings
from hub.core.county import is_known
from hub.core.errors import DataError, HubError, IntegrityError
from hub.doctor.finding import FAIL, Finding, Place, looked
from hub.doctor.state import closed
from hub.keys.own import check_edge


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything that is the affair of each connector here."""
    for name in wiring.edge_names(settings):
        try:
            edge = wiring.open_edge(settings, name)
        except HubError as error:
            yield Finding(FAIL, "edge_keys", name, {}, error)
            continue
        yield looked("edge_keys", partial(keys, settings, edge), name)
        yield looked("edge_source", partial(source, settings, edge), name)
        yield looked("edge_log", partial(log, settings, edge), name)
        yield looked("edge_load", partial(load, settings, edge), name)


def keys(settings: Settings, edge: Edge) -> Place:
    """A connector's keys are there and closed; `K_edge` is the county's, its spool's, and the one that is registered.

    Raises as `hub.keys.own.check_edge`; IntegrityError HUB-H402 where it is not the one in `edges/keys`, HUB-H403 where
    the hub here was told another one, HUB-H404 for frames that nobody could open; DataError HUB-H307 where the hub here
    does not know the connector.
    """
    closed(settings.home, edge.folder / "keys")
    check = check_edge(edge)
    county = wiring.county_keys(settings)
    closed(settings.home, county)
    if (county / "K_edge.key").exists() and KeyedTokens(wiring.FileKeys(county)).check() != check:
        raise IntegrityError("HUB-H402", connector=edge.spec.connector)
    if not edge.spec.log and wiring.is_made(settings, "intake"):
        known = {one.id: one.key_check for one in wiring.registry(settings)}
        if not is_known(check, known.get(edge.spec.connector, check)):
            raise IntegrityError("HUB-H403", connector=edge.spec.connector)
        _check_transport(settings, edge)
        if edge.spec.connector not in known:
            raise DataError("HUB-H307", connector=edge.spec.connector)
    return {"check": check}


def _check_transport(settings: Settings, edge: Edge) -> None:
    """Raises IntegrityError HUB-H404 for a connector that seals for a key which is not there: nobody opens that."""
    for owner, folder in (("hub", settings.keys_hub), ("vault", settings.keys_vault)):
        own = wiring.FileKeys(settings.folder(folder))
        publics = {own.public(name) for name in (owner, *own.before(owner))}
        if getattr(edge.spec, f"{owner}_public") not in publics:
            raise IntegrityError("HUB-H404", connector=edge.spec.connector, owner=owner)


def source(settings: Settings, edge: Edge) -> Place:
    """The mapping fits, and its source opens with the driver it needs. Raises what `hub connector check` raises."""
    system = wiring.system_of(settings)
    mapping = load_mapping(edge.folder)
    mapper = RowMapper(mapping, KeyedTokens(edge.keys), system.today(), edge.spec.go_live, system.now_ms())
    with open_source(mapping.source, edge.folder, names=mapper.columns, today=system.today()) as opened:
        return {"kind": mapping.source.kind, "columns": sum(1 for _ in opened.columns())}


def log(settings: Settings, edge: Edge) -> Place:
    """The log or gateway answers. Raises what it raises."""
    with closing(wiring.edge_log(settings, edge)) as opened:
        opened.bounds(edge.outcomes, 0)
        return {"identity": opened.identity()}


def load(settings: Settings, edge: Edge) -> Place:
    """No backfill is half in as the hub goes live. Raises DataError HUB-C480, HUB-C481: `connectors.backfill.half`."""
    if found := half_in(edge, wiring.system_of(settings).today()):
        raise found
    return {}
