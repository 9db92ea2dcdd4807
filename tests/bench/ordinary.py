"""The peer of `hub worker`: an ordinary Faust agent that takes events in batches and gives them to the same engine.

Faust is set up as its documentation does, but for its web server and its folder: one agent, `take`, 5000 at a time.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faust

from hub.adapters.kafka import headers
from hub.core.record import Record

BATCH, WITHIN = 5000, 1.0
Take = Callable[[int, int, Sequence[Record]], None]


def run(server: str, topic: str, total: int, folder: Path, take: Take) -> tuple[float, float]:
    """Give `take` (partition, first offset, records) until `total` are taken; CPU and wall seconds.

    Both count from the moment at which partitions were assigned.
    """
    return asyncio.run(_run(server, topic, total, folder, take))


async def _run(server: str, topic: str, total: int, folder: Path, take: Take) -> tuple[float, float]:
    app = faust.App(f"{topic}-{folder.name}", broker=f"kafka://{server}", web_enabled=False, datadir=str(folder))
    channel: Any = app.topic(topic, key_serializer="raw", value_serializer="raw")
    began: list[float] = []
    ended: list[float] = []
    over = asyncio.Event()

    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]
    async def assigned(app: Any, assigned: Any, **rest: Any) -> None:
        if assigned and not began:
            began.extend((time.process_time(), time.monotonic()))

    @app.agent(channel)
    async def agent(stream: Any) -> None:
        left = total
        async for events in stream.take_events(BATCH, within=WITHIN):
            for partition, first, records in _by_partition(events):
                take(partition, first, records)
            left -= len(events)
            if left <= 0 and not ended:
                ended.extend((time.process_time(), time.monotonic()))
                over.set()

    await app.start()
    await asyncio.wait_for(over.wait(), 120)
    await app.stop()
    return ended[0] - began[0], ended[1] - began[1]


def _by_partition(events: Sequence[Any]) -> list[tuple[int, int, list[Record]]]:
    """Records of each partition with the offset of the first; Faust mixes partitions in a batch."""
    found: dict[int, tuple[int, list[Record]]] = {}
    for event in events:
        message = event.message
        pairs = message.headers
        record = Record(
            message.key or b"",
            headers.packed(list(pairs.items()) if isinstance(pairs, dict) else pairs),
            message.value or b"",
        )
        found.setdefault(message.partition, (message.offset, []))[1].append(record)
    return [(partition, first, records) for partition, (first, records) in found.items()]
