"""What a spool remembers beside rows and frames: where its edge stands."""

from typing import Final, NamedTuple

FORMAT: Final = 2


class State(NamedTuple):
    """Where an edge stands. Hashes and ids are hex; empty means: not yet.

    `incarnation` and `generation` name this spool; `frame` and `event` are the last numbers given, `hash` the last
    frame's; `read` numbers the reads. `cursor` is the source's, `mapping` the hash last run, `log` the log's identity,
    `outcome` the offset to read outcomes from, `sequence` the last one taken and `ahead` the highest one seen;
    `full_day` the day of the last full read. `sent`, `appended` and `refused` count events of this incarnation;
    `blocked` is intake's code for the frame that it did not take. `sent_at` is the offset at which the log put the
    frame sent last, `sent_hash` that frame's. `county` is the key check of the `K_edge` under which this spool's people
    are linked; while the county has two keys, `agreed` are the key checks under which intake took a frame, and
    `unlinked` counts known rows, also gone ones, whose people could not be read when others were linked under the newer
    one.
    `mappings` are those by which known rows were read (`run.former`), `key` the columns that tell rows apart,
    `stale` counts rows that the mapping would say otherwise now, `ran` is the day on which a run said that it ended.
    `backfill` is where the last backfill stands, as it packs itself; `filling` is 1 while it is not over and
    no run read everything since its last lot, which was read on the day `filled`.
    """

    connector: str
    format: int = FORMAT
    incarnation: str = ""
    generation: int = 0
    frame: int = 0
    event: int = 0
    hash: str = ""
    read: int = 0
    cursor: str = ""
    mapping: str = ""
    log: str = ""
    outcome: int = 0
    sequence: int = 0
    full_day: int = 0
    sent: int = 0
    appended: int = 0
    refused: int = 0
    blocked: str = ""
    sent_at: int = -1
    sent_hash: str = ""
    ahead: int = 0
    county: str = ""
    mappings: str = ""
    key: str = ""
    stale: int = 0
    ran: int = 0
    agreed: str = ""
    unlinked: int = 0
    backfill: str = ""
    filling: int = 0
    filled: int = 0
