"""Known roots of RFC 6962's reference tree, and proofs that must not pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

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
from verifier.report import Fault
from verifier.tree import require_extension, root_of_proof

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


@dataclass(frozen=True)
class Inclusion:
    """A claim that a leaf hash stands at an index under a root."""

    leaf: bytes
    index: int
    size: int
    proof: tuple[bytes, ...]
    root: bytes

    def holds(self) -> bool:
        """What the ledger says; the verifier, which shares no code with it, must say the same."""
        told = includes(self.leaf, self.index, self.size, self.proof, self.root)
        try:
            found = root_of_proof(self.leaf, self.index, self.size, list(self.proof)) == self.root
        except Fault:
            found = False
        assert told == found
        return told


@dataclass(frozen=True)
class Consistency:
    """A claim that a tree begins with another."""

    first: int
    second: int
    first_root: bytes
    second_root: bytes
    proof: tuple[bytes, ...]

    def holds(self) -> bool:
        """As above."""
        told = extends(self.first, self.first_root, self.second, self.second_root, self.proof)
        try:
            require_extension(self.first, self.first_root, self.second, self.second_root, list(self.proof))
            found = True
        except Fault:
            found = False
        assert told == found
        return told


def spoilt(proof: tuple[bytes, ...], *roots: bytes) -> Iterator[tuple[bytes, ...]]:
    """Every way in which the reference implementation spoils a proof."""
    for at, node in enumerate(proof):
        yield (*proof[:at], bytes([node[0] ^ 8]) + node[1:], *proof[at + 1 :])
        yield (*proof[:at], b"", *proof[at + 1 :])
    for more in (b"", bytes(32), hashlib.sha256(b"random").digest(), *roots, *proof[:1]):
        yield (*proof, more)
        yield (more, *proof)
    if proof:
        yield proof[:-1]
        yield proof[1:]
        yield ()
    if len(proof) > 1:
        yield proof[::-1]


ALL = [(index, size) for size in range(1, 9) for index in range(size)]


@pytest.mark.parametrize(("index", "size"), ALL)
def test_no_inclusion_proof_survives_what_the_reference_vectors_do_to_it(
    tree: MemoryTree, index: int, size: int
) -> None:
    top, leaf = tree.root(size), leaf_hash(LEAVES[index])
    good = Inclusion(leaf, index, size, tuple(inclusion_proof(tree, index, size)), top)
    assert good.holds()
    bad = [replace(good, proof=proof) for proof in spoilt(good.proof, top, leaf)]
    bad += [replace(good, index=other) for other in {index - 1, index + 1, index ^ 2} if other != index]
    bad += [replace(good, size=size * 2), replace(good, size=0), replace(good, root=bytes(32))]
    bad += [replace(good, root=b""), replace(good, leaf=leaf_hash(b"wrong")), replace(good, leaf=b"")]
    bad += [replace(good, size=size // 2)] if size > 1 else []
    assert [claim for claim in bad if claim.holds()] == []


@pytest.mark.parametrize(("first", "second"), [(index + 1, size) for index, size in ALL])
def test_no_consistency_proof_survives_what_the_reference_vectors_do_to_it(
    tree: MemoryTree, first: int, second: int
) -> None:
    old, new = tree.root(first), tree.root(second)
    good = Consistency(first, second, old, new, tuple(consistency_proof(tree, first, second)))
    assert good.holds()
    bad = [replace(good, proof=proof) for proof in spoilt(good.proof, old, new)]
    bad += [replace(good, first_root=bytes(32)), replace(good, second_root=bytes(32))]
    bad += [replace(good, first=first + 1), replace(good, first=first ^ 2), replace(good, second=second // 2)]
    bad += [replace(good, first_root=new, second_root=old)] if old != new else []
    bad += [replace(good, second=second * 2), replace(good, first=second, second=first)] if old != new else []
    bad += [replace(good, first=first - 1)] if first > 1 or second == 1 else []
    assert [claim for claim in bad if claim.holds()] == []


def test_only_the_empty_tree_precedes_every_tree_without_a_proof(tree: MemoryTree) -> None:
    assert Consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, ()).holds()
    assert Consistency(0, 8, EMPTY_ROOT, tree.root(8), ()).holds()
    assert not Consistency(0, 8, bytes(32), tree.root(8), ()).holds()
    assert not Consistency(0, 0, EMPTY_ROOT, tree.root(8), ()).holds()
    assert not Consistency(0, 0, tree.root(8), tree.root(8), ()).holds()
    assert not Consistency(0, 8, EMPTY_ROOT, tree.root(8), (bytes(32),)).holds()


def test_further_proofs_are_those_of_the_reference_implementation(tree: MemoryTree) -> None:
    """Values from transparency-dev/merkle, testdata, whose 196 probes were run against both checkers."""
    first, pair = ROOTS[0], "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
    fourth = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
    sibling = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    right = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
    assert [node.hex() for node in inclusion_proof(tree, 1, 5)] == [first, pair, fourth]
    assert [node.hex() for node in inclusion_proof(tree, 0, 8)] == [sibling, pair, right]
    assert [node.hex() for node in consistency_proof(tree, 1, 8)] == [sibling, pair, right]
    assert [node.hex() for node in consistency_proof(tree, 2, 5)] == [pair, fourth]
    assert [node.hex() for node in consistency_proof(tree, 6, 7)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        ROOTS[3],
    ]


def test_proofs_of_what_is_not_there_are_unavailable(tree: MemoryTree) -> None:
    for ask in (
        lambda: inclusion_proof(tree, 8, 8),
        lambda: inclusion_proof(tree, 0, 9),
        lambda: consistency_proof(tree, 9, 8),
        lambda: tree.root(9),
    ):
        with pytest.raises(ProofUnavailable):
            ask()
