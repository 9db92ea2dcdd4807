"""One hash over rows: equal for equal rows only, and the tree that RFC 9162 describes."""

import tracemalloc
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import combinations, count, islice

import pytest

from hub.core import digest
from hub.core.digest import EMPTY, encode_row, rows_digest, tree_root

# The example tree of certificate transparency's own tests.
LEAVES = [bytes.fromhex(leaf) for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes(range(0x60, 0x70)))
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def law_tree() -> None:
    """The root is that of the published example and of the definition, at every number of leaves."""
    for size, root in ROOTS.items():
        assert tree_root(LEAVES[:size]) == (bytes.fromhex(root), size)
    for size in range(70):
        leaves = [bytes([n]) * n for n in range(size)]
        assert tree_root(leaves) == (by_definition(leaves), size)


def law_leaf_is_no_node() -> None:
    """No leaf can be written that looks like two others together."""
    one, two = tree_root([b"a"])[0], tree_root([b"b"])[0]
    assert tree_root([b"a", b"b"])[0] != tree_root([one + two])[0]


def law_rows_apart() -> None:
    """Rows that differ in a type, a border between fields, or a value have different encodings."""
    rows = [
        *(
            (),
            (None,),
            (None, None),
            ("",),
            (b"",),
            (0,),
            ("0",),
            (b"0",),
            (1,),
            (-1,),
            (10,),
            (1, 0),
            ("n",),
            ("i0;",),
        ),
        *(("a", "bc"), ("ab", "c"), ("abc",), ("a", b"bc"), ("as2:bc",), (1, 11), (11, 1), (111,), (2**70,), ("重",)),
    ]
    for one, two in combinations(rows, 2):
        assert encode_row(one) != encode_row(two), (one, two)


def law_tables_apart() -> None:
    """A row more or less, in another order, in another table, or an empty table more, gives another digest."""
    tables: list[dict[str, list[tuple[object, ...]]]] = [
        {},
        {"a": []},
        {"b": []},
        {"a": [], "b": []},
        {"a": [(1,)]},
        {"a": [(1,)], "b": []},
        {"b": [(1,)]},
        {"a": [(1,), (2,)]},
        {"a": [(2,), (1,)]},
        {"a": [(1, 2)]},
        {"a": [(1,)], "b": [(2,)]},
        {"a": [(2,)], "b": [(1,)]},
        {"a": [(1,), (1,)]},
        {"a": [(1,), (1,), (1,)]},
    ]
    for one, two in combinations(tables, 2):
        assert rows_digest(one) != rows_digest(two), (one, two)


def law_names_order() -> None:
    """In which order the tables are handed over does not matter."""
    one, two = [(1, "x")], [(2, None)]
    assert rows_digest({"a": one, "b": two}) == rows_digest({"b": two, "a": one})


def law_types() -> None:
    """A float, which compares differently from machine to machine, and a bool, which equals a number, are refused."""
    for field in (1.0, True, ("a",), bytearray(b"a")):
        with pytest.raises(TypeError):
            encode_row((field,))


def law_memory() -> None:
    """However many rows there are, only one hash a level of the tree is held."""
    rows: Iterator[tuple[int]] = ((n,) for n in islice(count(), 20_000))
    tracemalloc.start()
    try:
        rows_digest({"a": rows})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200_000, peak


LAWS = (law_tree, law_leaf_is_no_node, law_rows_apart, law_tables_apart, law_names_order, law_types, law_memory)


@pytest.mark.parametrize("law", LAWS)
def test_digest(law: Callable[[], None]) -> None:
    """Every law of the digest holds."""
    law()


def test_nothing_at_all() -> None:
    """The digest of no tables is the hash of nothing."""
    assert rows_digest({}) == EMPTY == sha256(b"").digest()


MUTANTS: dict[Callable[[], None], tuple[str, object]] = {
    law_tree: ("_NODE", b"\x02"),
    law_leaf_is_no_node: ("_LEAF", b"\x01"),
    law_rows_apart: ("encode_row", lambda row: b"".join(str(field).encode() for field in row)),
    law_tables_apart: ("encode_row", lambda row: repr([field for field in row if field not in ("a", "b")]).encode()),
    law_names_order: ("sorted", list),
    law_types: ("encode_row", lambda row: repr(row).encode()),
    law_memory: ("map", lambda function, rows: [function(row) for row in rows]),
}


@pytest.mark.parametrize("law", LAWS)
def test_every_law_of_the_digest_kills_a_mutant(law: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each law notices one line made wrong."""
    name, wrong = MUTANTS[law]
    monkeypatch.setattr(digest, name, wrong, raising=False)
    if name in globals():
        monkeypatch.setitem(globals(), name, wrong)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        law()
