"""The tree against pymerkle, a second implementation of RFC 9162, and canonical bytes against rfc8785."""

from __future__ import annotations

from typing import Any

import msgspec
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree  # type: ignore[import-untyped]

from ledger.entries import Group
from ledger.errors import EntryInvalid
from ledger.leaves import Leaf, leaf_bytes, opened_bytes
from ledger.tree import (
    MemoryTree,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    range_root,
)
from tests.ledger_samples import pair

leaves = st.lists(st.binary(max_size=40), min_size=1, max_size=70)
plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
keys = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | plain | st.just("\u0000\u001f"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def oracle(data: list[bytes]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in data:
        tree.append_entry(leaf)
    return tree


@given(leaves)
def test_roots_agree_with_a_second_implementation(data: list[bytes]) -> None:
    ours, theirs = MemoryTree([leaf_hash(leaf) for leaf in data]), oracle(data)
    for size in range(1, len(data) + 1):
        assert ours.root(size) == theirs.get_root(size)


@given(leaves, st.data())
def test_proofs_agree_with_a_second_implementation(data: list[bytes], draw: st.DataObject) -> None:
    ours, theirs = MemoryTree([leaf_hash(leaf) for leaf in data]), oracle(data)
    size = draw.draw(st.integers(1, len(data)))
    index = draw.draw(st.integers(0, size - 1))
    path = inclusion_proof(ours, index, size)
    assert [node.hex() for node in path] == theirs.prove_inclusion(index + 1, size).serialize()["path"][1:]
    assert includes(leaf_hash(data[index]), index, size, path, ours.root(size))
    first = draw.draw(st.integers(0, size))
    proof = consistency_proof(ours, first, size)
    assert extends(first, ours.root(first), size, ours.root(size), proof)


@given(leaves, st.data())
def test_a_proof_holds_for_no_other_leaf_or_past(data: list[bytes], draw: st.DataObject) -> None:
    tree = MemoryTree([leaf_hash(leaf) for leaf in data])
    size = len(data)
    index = draw.draw(st.integers(0, size - 1))
    path = inclusion_proof(tree, index, size)
    assert not includes(leaf_hash(data[index] + b"!"), index, size, path, tree.root())
    first = draw.draw(st.integers(1, size))
    changed = MemoryTree([leaf_hash(data[0] + b"!"), *map(leaf_hash, data[1:first])])
    assert not extends(first, changed.root(), size, tree.root(), consistency_proof(tree, first, size))


@given(leaves)
def test_a_range_over_all_leaves_is_the_root(data: list[bytes]) -> None:
    tree = MemoryTree([leaf_hash(leaf) for leaf in data])
    assert range_root(tree, 0, len(data)) == tree.root()


@given(st.dictionaries(keys, values, max_size=6) | st.dictionaries(keys, plain, max_size=6), st.booleans())
def test_opened_groups_are_the_bytes_that_rfc_8785_asks_for(content: dict[str, object], posts: bool) -> None:  # noqa: FBT001
    group = Group("order", ("b", "a"), content, pair(5) if posts else ())
    opened = opened_bytes(group, "entry")
    assert opened == rfc8785.dumps(msgspec.json.decode(opened))
    assert opened == rfc8785.dumps(group.as_json())


anything = st.recursive(
    values | st.floats() | st.integers() | st.text(max_size=5) | st.just("\ud800") | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=3) | st.just("\ud800"), anything, max_size=4))
def test_content_of_any_kind_has_the_bytes_of_rfc_8785_or_is_refused(content: dict[str, Any]) -> None:
    try:
        opened = opened_bytes(Group("order", ("a",), content), "entry")
    except EntryInvalid:
        return
    assert opened == rfc8785.dumps({"content": content, "name": "order", "postings": [], "readers": ["a"]})


@given(plain, plain, st.none() | st.just("a@1"), st.lists(st.just("00" * 32), max_size=3))
def test_leaves_are_the_bytes_that_rfc_8785_asks_for(
    source: str, entry_id: str, agreement: str | None, groups: list[str]
) -> None:
    leaf = Leaf(agreement, "x", "f", tuple(groups), entry_id, "a.b", "2026", "2026", 2**52, source)
    assert leaf_bytes(leaf) == rfc8785.dumps(msgspec.to_builtins(leaf))
