"""Debezium's change events, from a topic of Kafka or a file: each change once, or what all rows are by now."""

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from connectors.sources.envelope import Change, Form, Part, change_of, declared, forms_of, moment
from connectors.sources.feed import Bounds, Feed, FileFeed, Told
from connectors.sources.objects import flat
from connectors.sources.read_so_far import ReadSoFar
from connectors.sources.snapshots import Snapshots
from connectors.sources.source import Broken, Chunk, Column, Cursor, Row
from connectors.sources.spec import DebeziumSpec
from connectors.sources.structure import check_columns, family_of_all
from connectors.sources.turns import Turns
from connectors.sources.whole import WholeRead
from hub.core.errors import Coded, DataError

CLOCK: Final = "source.ts_ms"
"""A column that every row has: when the database made the change, by its own clock."""

_LOOK: Final = 200
_SKEW_MS: Final = 60_000


class DebeziumSource(WholeRead):
    """The table that a topic or file tells of. A row's number is its offset or line; a key names it.

    A later read tells each change since the last, in order. A first or full read tells what the rows are at the end of
    it, each once: changes that were told before would else be said again. Deleted rows are told as gone; of a whole
    snapshot, or after a truncation, all that it lacks is. What is no change event is a broken row.
    """

    def __init__(
        self, spec: DebeziumSpec, folder: Path, wanted: Mapping[str, str], now_ms: Callable[[], int] | None,
        after: Cursor | None,
    ) -> None:  # fmt: skip
        super().__init__(spec.alias, wanted)
        self._spec, self._now_ms, self._after = spec, now_ms, after
        self._given = declared(spec.days, spec.milliseconds, spec.microseconds)
        self._feed: Feed = _feed(spec, folder)
        self._columns: list[Column] | None = None
        self._schema: Any = None
        self._forms: Mapping[str, Form] = self._given
        self._key, self._seen = spec.key, frozenset[str]()
        self._so_far = ReadSoFar.load(spec, None)
        self._since, self._full, self._newest_ms = 0, False, 0

    @property
    def full(self) -> bool:
        """Whether a whole snapshot, or a truncation, tells which rows there are."""
        return self._full

    @property
    def since(self) -> int:
        """The turn with which that began."""
        return self._since

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the messages' keys."""
        return self._key

    @property
    def cursor(self) -> Cursor | None:
        """Up to where each partition was read."""
        return self._so_far.dump()

    def columns(self) -> list[Column]:
        """The columns of the row, by its schema or by its first images; the wanted ones where nothing is new."""
        if self._columns is None:
            self._columns = self._looked()
        return self._columns

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """Each change since `after`; without it, all rows as they are by now."""
        if after != self._after:
            self._after, self._columns = after, None
        names = tuple(column.name for column in self.columns())
        ranges = self._ranges()
        turns = Turns(self.alias, names)
        snapshots = Snapshots(len(ranges) == 1)
        last = None if self._so_far.resumed else self._last_words(ranges, snapshots)
        floor = snapshots.since if snapshots.whole else 0
        for partition, bounds in ranges.items():
            yield from turns.take(self.alias if partition == 0 else f"{self.alias}.{partition + 1}")
            for one, change in self._changes(partition, bounds):
                self._so_far.note(partition, one)
                if last is None:
                    if snapshots.note(change, 0):
                        yield from turns.take()
                        snapshots.begun(turns.next)
                elif one.place < floor or not self._is_last(change, last, (partition, one.place)):
                    continue
                self._tell(turns, names, one, change if len(ranges) == 1 else _sure(change))
                if turns.many:
                    yield from turns.take()
            self._so_far.reach(partition, bounds.end)
        yield from turns.take()
        self._full = snapshots.whole
        self._since = snapshots.since if last is None else 0
        self._judge_clock()
        self._ended = True

    def close(self) -> None:
        """Let go of the file or the broker."""
        self._feed.close()

    def _ranges(self) -> dict[int, Bounds]:
        """What is to be read of each partition. Raises DataError HUB-C397 where it is not all there any more."""
        self._so_far = ReadSoFar.load(self._spec, self._after)
        bounds = self._feed.bounds()
        self._so_far.check(bounds, self._feed)
        return {part: Bounds(self._so_far.next(part, one.begin), one.end) for part, one in sorted(bounds.items())}

    def _looked(self) -> list[Column]:
        """The columns that the first images have. Raises DataError C201 to C204."""
        images: dict[str, list[object]] = {}
        looked = 0
        for partition, bounds in self._ranges().items():
            for _, change in self._changes(partition, bounds):
                looked += 1
                for name, value in flat(dict(change.cells)).items() if change and change.kind == "row" else ():
                    images.setdefault(name, []).append(value)
                if looked >= _LOOK:
                    break
        if not images:
            return [Column(name, kind) for name, kind in self._wanted.items()]
        found = [Column(name, self._family(name, values)) for name, values in images.items()]
        found.append(Column(CLOCK, "date"))
        found += [Column(name) for name in self._spec.optional if name in self._wanted and name not in images]
        if self._wanted and not set(self._wanted) & {column.name for column in found}:
            raise DataError("HUB-C204", alias=self.alias)
        check_columns(self.alias, found, self._wanted)
        return found

    def _family(self, name: str, values: list[object]) -> str:
        form = self._forms.get(name)
        return form.family if form is not None else family_of_all(values)

    def _changes(self, partition: int, bounds: Bounds) -> Iterator[tuple[Told, Change | None]]:
        """Messages with what they tell; None for one that tells nothing. Each look at them reads them alike."""
        self._forms, self._schema = self._given, None
        for one in self._feed.read(partition, bounds.begin, bounds.end):
            if one.key is None or one.value is None:
                yield one, None
                continue
            try:
                self._learn(one.key, one.value)
            except ValueError:
                yield one, None
                continue
            yield one, change_of(one.key, one.value, self._forms)

    def _learn(self, key: Part, value: Part) -> None:
        """How the columns are read, where the message says it; and what names its row. Raises ValueError where what
        stands in the place of a schema is none."""
        if value.schema is not None and value.schema != self._schema:
            self._forms = {**self._given, **forms_of(value.schema)}
            self._schema = value.schema
        if not self._spec.key and isinstance(key.payload, dict):
            named = tuple(key.payload)
            if self._key and set(named) != set(self._key):
                raise DataError("HUB-C396", alias=self.alias, key=", ".join(named), mapped=", ".join(self._key))
            self._key = self._key or named

    def _tell(self, turns: Turns, names: tuple[str, ...], one: Told, change: Change | None) -> None:
        """Put a change where its turn is."""
        if change is None or (change.kind == "gone" and self._named(change) is None):
            raw = one.raw.decode("utf-8", "backslashreplace")
            turns.broken(Broken(one.place, (raw,), Coded("HUB-C131", "")))
            return
        if change.at_ms is not None:
            self._newest_ms = max(self._newest_ms, change.at_ms)
        if change.kind == "gone":
            cells = {**flat(dict(change.cells)), **change.key}
            turns.row(self._named(change), Row(one.place, tuple(map(cells.get, names))), gone=True)
        elif change.kind == "row":
            cells = flat({**change.cells, **change.key})
            if self._seen != cells.keys():
                self._check(cells)
            cells[CLOCK] = None if change.at_ms is None else moment(change.at_ms)
            turns.row(self._named(change), Row(one.place, tuple(map(cells.get, names))))
        else:
            self._not_data += 1

    def _check(self, cells: Mapping[str, Any]) -> None:
        """An image without a column that is wanted stops the read: somebody has changed the table."""
        there = [Column(name) for name in (*cells, CLOCK, *self._spec.optional)]
        check_columns(self.alias, there, dict.fromkeys(self._wanted, "any"))
        self._seen = frozenset(cells)

    def _named(self, change: Change) -> str | None:
        """What tells its row from all others; None where it does not say."""
        cells = change.key or change.cells
        named = [cells.get(name) for name in self._key]
        return None if not named or None in named else json.dumps(named, default=str, ensure_ascii=False)

    def _last_words(self, ranges: Mapping[int, Bounds], snapshots: Snapshots) -> dict[bytes, tuple[int, int]]:
        """By the row's name: where it is told of for the last time. Where a whole snapshot began is found, too."""
        last: dict[bytes, tuple[int, int]] = {}
        for partition, bounds in ranges.items():
            for one, change in self._changes(partition, bounds):
                if snapshots.note(change, one.place):
                    snapshots.begun(one.place)
                if change is not None and (name := self._named(change)) is not None:
                    last[_hash(name)] = partition, one.place
        return last

    def _is_last(self, change: Change | None, last: Mapping[bytes, tuple[int, int]], at: tuple[int, int]) -> bool:
        """Whether nothing is told of this row later on; what names no row is always told."""
        name = None if change is None else self._named(change)
        return name is None or last.get(_hash(name), at) == at

    def _judge_clock(self) -> None:
        """A change of tomorrow is no lag: the database's clock is ahead of ours, or ours is behind."""
        if self._now_ms is not None and self._newest_ms - self._now_ms() > _SKEW_MS:
            self._description["clock_skew_seconds"] = str((self._newest_ms - self._now_ms()) // 1000)


def _hash(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _sure(change: Change | None) -> Change | None:
    """What holds of several partitions: of a truncation nobody can tell what came before it in the others."""
    return None if change is not None and change.kind == "all_gone" else change


def _feed(spec: DebeziumSpec, folder: Path) -> Feed:
    """Where the events lie. Raises DataError HUB-C222 where the library of Kafka or Avro lacks."""
    if spec.path:
        return FileFeed(spec, folder)
    try:
        from connectors.sources.topic import Topic
    except ImportError:
        raise DataError("HUB-C222", alias=spec.alias, driver="kafka-python") from None
    if not spec.registry:
        return Topic(spec, folder)
    from connectors.sources.registry import Registry

    return Topic(spec, folder, Registry(spec, folder).decode)
