"""The verifier's reading of a chain's encoding and trees, held against the libraries that wrote them."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import rlp as written  # type: ignore[import-untyped]
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from rlp.exceptions import DecodingError  # type: ignore[import-untyped]
from trie import HexaryTrie  # type: ignore[import-untyped]

from verifier import rlp
from verifier.chain_tree import EMPTY_TREE, indexed, values
from verifier.report import Fault

FEWER = settings(max_examples=max(settings().max_examples // 3, 1))

items = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=6), max_leaves=20)


def as_lists(item: Any) -> Any:
    return bytes(item) if isinstance(item, bytes) else [as_lists(one) for one in item]


@FEWER
@given(items)
def test_what_was_encoded_reads_as_it_was(item: Any) -> None:
    assert rlp.decode(written.encode(item)) == item


@given(st.one_of(st.binary(max_size=80), items.map(written.encode).flatmap(lambda data: st.just(data[:-1]))))
def test_any_bytes_read_as_the_other_library_reads_them_or_are_refused_by_both(data: bytes) -> None:
    theirs = None
    with contextlib.suppress(DecodingError):
        theirs = as_lists(written.decode(data, strict=True))
    try:
        assert rlp.decode(data) == theirs
    except Fault:
        assert theirs is None


@given(st.integers(0, 2**70))
def test_numbers_read_as_they_were_written(number: int) -> None:
    assert rlp.number(rlp.decode(written.encode(number))) == number


@pytest.mark.parametrize("odd", [[], b"\x00", b"\x00\x01"])
def test_a_number_has_one_way_to_be_written(odd: Any) -> None:
    with pytest.raises(Fault):
        rlp.number(odd)


def test_what_is_nested_without_end_is_refused_and_no_crash() -> None:
    deep = b"\xc0"
    for _ in range(3_000):
        size = len(deep).to_bytes((len(deep).bit_length() + 7) // 8)
        deep = (bytes([0xC0 + len(deep)]) if len(deep) <= 55 else bytes([0xF7 + len(size)]) + size) + deep
    with pytest.raises(Fault):
        rlp.decode(deep)


@FEWER
@given(st.dictionaries(st.binary(min_size=32, max_size=32), st.binary(min_size=1, max_size=90), max_size=40))
def test_a_tree_gives_the_values_that_were_put_into_it(pairs: dict[bytes, bytes]) -> None:
    nodes: dict[bytes, bytes] = {}
    tree = HexaryTrie(nodes)
    for key, value in pairs.items():
        tree[key] = value
    found = {
        bytes(high * 16 + low for high, low in zip(path[::2], path[1::2], strict=True)): value
        for path, value in values(nodes.__getitem__, tree.root_hash)
    }
    assert found == pairs


@FEWER
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=300))
def test_a_tree_of_places_gives_every_place(listed: list[bytes]) -> None:
    nodes: dict[bytes, bytes] = {}
    tree = HexaryTrie(nodes)
    for place, value in enumerate(listed):
        tree[written.encode(place)] = value
    assert (tree.root_hash == EMPTY_TREE) == (not listed)
    assert indexed(nodes.__getitem__, tree.root_hash) == dict(enumerate(listed))


@FEWER
@given(
    st.dictionaries(st.binary(min_size=32, max_size=32), st.binary(min_size=40, max_size=60), min_size=3),
    st.data(),
)
def test_a_tree_that_lacks_any_node_is_refused(pairs: dict[bytes, bytes], data: st.DataObject) -> None:
    nodes: dict[bytes, bytes] = {}
    tree = HexaryTrie(nodes, prune=True)
    for key, value in pairs.items():
        tree[key] = value
    gone = data.draw(st.sampled_from(sorted(nodes)))

    def preimage(digest: bytes) -> bytes:
        if digest == gone:
            raise Fault("gone", "缺失")
        assert keccak(nodes[digest]) == digest
        return nodes[digest]

    with pytest.raises(Fault, match="gone"):
        list(values(preimage, tree.root_hash))


@given(st.binary(max_size=120))
def test_any_bytes_in_a_nodes_place_are_refused_or_read_and_no_crash(node: bytes) -> None:
    def preimage(digest: bytes) -> bytes:
        if digest == b"root":
            return node
        raise Fault("not here", "缺失")

    with contextlib.suppress(Fault):
        list(values(preimage, b"root"))
