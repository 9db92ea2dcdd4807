"""The store's port on a real PostgreSQL: the laws of the loop, and bit-equal rows."""

from hub.adapters.memory.log import MemoryLog
from hub.adapters.memory.store import MemoryStore
from hub.adapters.postgres.store import PostgresStore
from tests.flow.test_committed import law_committed
from tests.flow.test_loop import LAWS
from tests.flow.toy import MARKETS, PERSONS
from tests.flow.world import World
from tests.postgres.server import Server

TOYS = [PERSONS, MARKETS]


def test_a_world_on_postgresql_obeys_the_laws(server: Server) -> None:
    """A world whose store is PostgreSQL obeys every law of the loop, and a rebuild is bit-equal there and in memory."""
    for seed in range(4):
        world = World(MemoryLog(), PostgresStore(server.database(), TOYS), seed)
        for _ in range(150):
            world.act()
        world.settle()
        for law in LAWS:
            law(world)
        assert world.rebuilt(store=PostgresStore(server.database(), TOYS)) == world.digests()
        assert world.rebuilt(store=MemoryStore(TOYS)) == world.digests()
        world.store.close()


def test_what_is_committed_is_told(server: Server) -> None:
    """The same answer as from SQLite and memory, from the store and from a shadow; no transaction is left."""
    url = server.database()
    for prefix in ("", "shadow_"):
        store = PostgresStore(url, TOYS, prefix)
        law_committed(store)
        assert store.line.connection().info.transaction_status.name == "IDLE"
        store.close()
