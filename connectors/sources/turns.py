"""What is told of rows one after the other, sorted so that within a turn each key comes once."""

from collections.abc import Hashable, Iterator

from connectors.sources.source import CHUNK, Broken, Chunk, Row


class Turns:
    """Gathers changes and gives them as chunks: the second of one key comes a turn after the first, and so on.

    The order of what concerns one key is kept; that between keys means nothing to who reads. Without a key all rows are
    of one turn.
    """

    def __init__(self, alias: str, places: tuple[str, ...]) -> None:
        self.next = 0
        """The turn that the next chunk begins with."""
        self._alias, self._places = alias, places
        self._layers: list[Chunk] = []
        self._times: dict[Hashable, int] = {}
        self._size, self._keyed = 0, False

    def row(self, key: Hashable, row: Row, gone: bool = False) -> None:
        """A row is as told, or was deleted. A `key` of None is nobody else's."""
        at = 0
        if key is not None:
            at = self._times.get(key, 0)
            self._times[key], self._keyed = at + 1, True
        layer = self._layer(at)
        if gone:
            layer.gone.append(row)  # type: ignore[attr-defined]  # a list, as _layer makes it
        else:
            layer.rows.append(row)

    def broken(self, broken: Broken) -> None:
        """Something that is no row."""
        self._layer(0).broken.append(broken)

    @property
    def many(self) -> bool:
        """Whether a chunk's worth has been gathered."""
        return self._size >= CHUNK

    def take(self, alias: str = "") -> Iterator[Chunk]:
        """All that was gathered; `alias` is what the next rows come under."""
        layers, self._layers, self._size = self._layers, [], 0
        self._times.clear()
        self.next += len(layers) if self._keyed else 0
        self._alias, self._keyed = alias or self._alias, False
        yield from layers

    def _layer(self, at: int) -> Chunk:
        self._size += 1
        while len(self._layers) <= at:
            turn = self.next + len(self._layers)
            self._layers.append(Chunk(self._alias, self._places, [], [], turn, []))
        return self._layers[at]
