"""Which agency a fork stops, for whoever takes no part in intake: told by what is committed, with nothing written."""

from typing import Final

from hub.core.errors import IntegrityError
from hub.intake.arrive import Door
from hub.intake.recover import recover
from hub.ports.intake import IntakeStore
from hub.ports.keys import Keys
from hub.ports.log import Log

FORKS: Final = frozenset(("HUB-I420", "HUB-I421", "HUB-I422"))


def fork_of(log: Log, store: IntakeStore, keys: Keys, agency: str) -> IntegrityError | None:
    """The fork at which intake stands still for an agency: the frame that it takes next, unless somebody ruled it out.

    Raises as `hub.intake.recover.recover` where store and log do not belong together, and what the log raises.
    """
    ingress, topics = f"ingress.{agency}", log.topics()
    if ingress not in topics or f"outcomes.{agency}" not in topics:
        return None
    state = store.state(agency)
    recovered = {one[:3]: one.hash for one in recover(log, state)}

    def taken(connector: str, generation: int, number: int) -> bytes | None:
        return recovered.get((connector, generation, number)) or store.taken(connector, generation, number)

    if log.bounds(ingress, 0).end <= state.offset:
        return None
    door = Door(agency, keys, {each.id: each for each in store.registry()[1] if each.agency == agency})
    for record in log.read(ingress, 0, state.offset, 1):
        try:
            door.judge(state.offset, record, state.chains, taken, store.ruled_out)
        except IntegrityError as fork:
            return fork
    return None
