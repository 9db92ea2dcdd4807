"""What the generator planted and nobody outside the agencies may ever read: the list for the leak scan."""

from collections.abc import Iterator
from pathlib import Path

from hub.demo.people import person
from hub.demo.tables import CERTIFICATES, TABLES
from hub.demo.world import World


def planted(folder: Path) -> Iterator[tuple[str, str]]:
    """(kind, value) of every direct identifier in the sources, streamed.

    Kinds: resident_id, guardian_id, certificate (as in the file of the federation), name, guardian_name, record_key
    (the hospital's own patient numbers). Names may be two characters; numbers never occur by chance.
    """
    with World(folder) as world:
        plan = world.plan
    for index in range(plan.people):
        who = person(plan.seed, index, plan.golive)
        yield "resident_id", who.id_number
        yield "name", who.name
        yield "record_key", f"P{index:07d}"
        if who.guardian is not None:
            yield "guardian_id", who.guardian.id_number
            yield "guardian_name", who.guardian.name
    table = TABLES[CERTIFICATES.name]
    with (folder / table.path).open(encoding=table.encoding, newline="") as file:
        next(file)
        for line in file:
            yield "certificate", line[: line.index(",")]
