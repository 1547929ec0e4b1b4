"""Known roots of RFC 6962's reference tree, and proofs that must not pass."""

from __future__ import annotations

import pytest

from ledger.errors import ProofUnavailable
from ledger.tree import (
    EMPTY_ROOT,
    MemoryTree,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
)

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.fixture
def tree() -> MemoryTree:
    return MemoryTree([leaf_hash(leaf) for leaf in LEAVES])


def test_roots_are_those_of_the_reference_implementation(tree: MemoryTree) -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [tree.root(size).hex() for size in range(1, 9)] == ROOTS


def test_inclusion_proofs_are_those_of_the_reference_implementation(tree: MemoryTree) -> None:
    assert [node.hex() for node in inclusion_proof(tree, 5, 8)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [node.hex() for node in inclusion_proof(tree, 2, 3)] == [
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    ]
    assert inclusion_proof(tree, 0, 1) == []


def test_consistency_proofs_are_those_of_the_reference_implementation(tree: MemoryTree) -> None:
    assert [node.hex() for node in consistency_proof(tree, 6, 8)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert consistency_proof(tree, 0, 8) == consistency_proof(tree, 8, 8) == []


def test_a_proof_with_anything_changed_does_not_pass(tree: MemoryTree) -> None:
    proof, leaf, top = inclusion_proof(tree, 5, 7), leaf_hash(LEAVES[5]), tree.root(7)
    assert includes(leaf, 5, 7, proof, top)
    assert not includes(leaf, 4, 7, proof, top)
    assert not includes(leaf, 5, 16, proof, top)
    assert not includes(leaf, 5, 7, proof[:-1], top)
    assert not includes(leaf, 5, 7, [*proof, top], top)
    assert not includes(leaf_hash(b"other"), 5, 7, proof, top)
    assert not includes(leaf, 7, 7, proof, top)
    steps = consistency_proof(tree, 3, 7)
    assert extends(3, tree.root(3), 7, top, steps)
    assert not extends(4, tree.root(4), 7, top, steps)
    assert not extends(3, tree.root(3), 7, top, steps[:-1])
    assert not extends(3, tree.root(3), 7, top, [])
    assert not extends(3, tree.root(2), 7, top, steps)
    assert not extends(7, tree.root(7), 3, tree.root(3), [])
    assert not extends(3, top, 3, tree.root(3), [])
    assert extends(0, EMPTY_ROOT, 7, top, [])


def test_proofs_of_what_is_not_there_are_unavailable(tree: MemoryTree) -> None:
    for ask in (
        lambda: inclusion_proof(tree, 8, 8),
        lambda: inclusion_proof(tree, 0, 9),
        lambda: consistency_proof(tree, 9, 8),
        lambda: tree.root(9),
    ):
        with pytest.raises(ProofUnavailable):
            ask()
