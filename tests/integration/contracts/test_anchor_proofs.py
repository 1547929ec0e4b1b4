"""Proofs of RFC 6962 are checked on the chain: published cases, our own trees, every kind of wrong proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.anchor import Anchor
from contracts.chain import Chain
from contracts.errors import ChainReverted
from contracts.hashing import keccak256, log_key
from contracts.signing import SigningKey
from ledger.tree import consistency_proof, inclusion_proof, leaf_hash, node_hash, perfect_root, range_root
from tests.integration.contracts.test_anchor import ROOT

VECTORS = json.loads((Path(__file__).parents[2] / "golden" / "rfc6962_v1.json").read_text(encoding="utf-8"))
LEAVES = [leaf_hash(n.to_bytes(4)) for n in range(21)]
LOG = log_key(bytes(32), "proved")


class Leaves:
    """Subtrees of LEAVES."""

    def subtree(self, height: int, index: int) -> bytes:
        return perfect_root(LEAVES[index << height : (index + 1) << height])


TREE = Leaves()


@pytest.fixture(scope="module")
def anchor(chain: Chain, operator: SigningKey) -> Anchor:
    log = Anchor.deploy(chain, LOG, key=operator)
    for size in range(1, len(LEAVES) + 1):
        log.anchor(size, range_root(TREE, 0, size), key=operator)
    return log


def reason(anchor: Anchor, function: str, *arguments: Any) -> str | None:
    """Return why the contract refuses a proof, None where it holds."""
    try:
        anchor.contract.read(function, *arguments)
    except ChainReverted as refused:
        module, _, words = str(refused.data["reason"]).partition(": ")
        assert module == "ledger_anchor"
        return words
    return None


def of_vector(row: list[Any]) -> list[Any]:
    _, first, second, one, other, proof, _ = row
    hashes = [bytes.fromhex(each) for each in VECTORS["hashes"]]
    return [first, second, hashes[one], hashes[other], [hashes[each] for each in proof]]


def test_the_published_inclusion_proofs_hold_and_the_wrong_ones_do_not(anchor: Anchor) -> None:
    for row in VECTORS["inclusion"]:
        found = reason(anchor, "check_inclusion", *of_vector(row))
        assert (found is None) == row[-1], (row[0], found)


def test_the_published_consistency_proofs_hold_and_the_wrong_ones_do_not(anchor: Anchor) -> None:
    for row in VECTORS["consistency"]:
        first, second, one, other, proof = of_vector(row)
        found = reason(anchor, "check_consistency", first, one, second, other, proof)
        assert (found is None) == row[-1], (row[0], found)


def test_every_entry_of_every_anchored_size_is_proved(anchor: Anchor) -> None:
    for size in (1, 2, 3, 7, 8, 13, 21):
        for index in range(size):
            proof = inclusion_proof(TREE, index, size)
            found = reason(
                anchor, "verify_inclusion", anchor.publisher, LOG, size, index, LEAVES[index], proof
            )
            assert found is None


def test_every_anchored_size_begins_with_every_smaller_one(anchor: Anchor) -> None:
    for second in (1, 2, 8, 13, 21):
        for first in range(1, second + 1):
            proof = consistency_proof(TREE, first, second)
            assert reason(anchor, "verify_consistency", anchor.publisher, LOG, first, second, proof) is None


def test_each_wrong_inclusion_proof_has_a_reason_of_its_own(anchor: Anchor) -> None:
    proof = inclusion_proof(TREE, 5, 13)
    mine = [anchor.publisher, LOG]
    cases: list[tuple[list[Any], str]] = [
        ([*mine, 13, 5, LEAVES[6], proof], "proof leads to another root"),
        ([*mine, 13, 4, LEAVES[5], proof], "proof leads to another root"),
        ([*mine, 14, 5, LEAVES[5], proof], "proof leads to another root"),
        ([*mine, 13, 13, LEAVES[5], proof], "no such place in the log"),
        ([*mine, 13, 5, LEAVES[5], proof[:-1]], "proof is too short"),
        ([*mine, 13, 5, LEAVES[5], []], "proof is too short"),
        ([*mine, 13, 5, LEAVES[5], [*proof, ROOT]], "proof is too long"),
        ([*mine, 22, 5, LEAVES[5], proof], "size not anchored"),
        ([*mine, 0, 0, LEAVES[5], proof], "size not anchored"),
        ([mine[0], ROOT, 13, 5, LEAVES[5], proof], "size not anchored"),
        (["0x" + "ac" * 20, LOG, 13, 5, LEAVES[5], proof], "size not anchored"),
    ]
    for arguments, expected in cases:
        assert reason(anchor, "verify_inclusion", *arguments) == expected


def test_a_node_does_not_pass_for_a_leaf(anchor: Anchor) -> None:
    """A node's two hashes, hashed as a leaf, are not the node: the prefixes differ."""
    pair = leaf_hash(LEAVES[0] + LEAVES[1])
    rest = inclusion_proof(TREE, 0, 8)[1:]
    found = reason(anchor, "check_inclusion", 0, 4, range_root(TREE, 0, 8), pair, rest)
    assert found == "proof leads to another root"


def test_a_rewritten_log_is_found(chain: Chain, anchor: Anchor, operator: SigningKey) -> None:
    """It only grew, and yet it does not begin with what was anchored before."""
    log = Anchor.open(chain, anchor.address, keccak256(b"rewritten"), operator.address)
    log.anchor(6, range_root(TREE, 0, 6), key=operator)
    log.anchor(13, ROOT, key=operator)
    proof = consistency_proof(TREE, 6, 13)
    mine = [log.publisher, log.log]
    assert reason(log, "verify_consistency", *mine, 6, 13, proof) == "log was rewritten"


def test_each_wrong_consistency_proof_has_a_reason_of_its_own(anchor: Anchor) -> None:
    proof = consistency_proof(TREE, 6, 13)
    mine = [anchor.publisher, LOG]
    cases: list[tuple[list[Any], str]] = [
        ([*mine, 6, 13, proof[:-1]], "proof is too short"),
        ([*mine, 6, 13, []], "proof is too short"),
        ([*mine, 8, 13, []], "proof is too short"),
        ([*mine, 6, 13, [*proof, ROOT]], "proof is too long"),
        ([*mine, 6, 6, proof], "proof is too long"),
        ([*mine, 13, 6, proof], "log does not shrink"),
        ([*mine, 6, 22, proof], "size not anchored"),
        ([*mine, 0, 13, proof], "size not anchored"),
        ([*mine, 6, 13, [ROOT, *proof[1:]]], "proof leads to another root"),
    ]
    for arguments, expected in cases:
        assert reason(anchor, "verify_consistency", *arguments) == expected


def test_other_roots_of_one_size_are_two_histories(anchor: Anchor) -> None:
    root = range_root(TREE, 0, 6)
    assert reason(anchor, "check_consistency", 6, root, 6, ROOT, []) == "log was rewritten"
    assert reason(anchor, "check_consistency", 6, root, 6, root, []) is None


def test_proofs_of_the_tallest_trees_hold(anchor: Anchor) -> None:
    """At 2^63 entries, where a single step moves up as far as it can, worked out by hand."""
    half, (one, two) = 1 << 63, LEAVES[:2]
    perfect = keccak256(b"the first 2^63")
    root = node_hash(perfect, one)
    assert reason(anchor, "check_inclusion", half, half + 1, root, one, [perfect]) is None
    assert reason(anchor, "check_consistency", half, perfect, half + 1, root, [one]) is None
    grown = node_hash(perfect, node_hash(one, two))
    proof = [one, two, perfect]
    assert reason(anchor, "check_consistency", half + 1, root, half + 2, grown, proof) is None
    cut = reason(anchor, "check_consistency", half + 1, root, half + 2, grown, proof[:2])
    assert cut == "proof is too short"


def test_the_largest_log_has_a_proof_that_fits(anchor: Anchor) -> None:
    """2^64 - 1 entries: as many steps as the contract takes, and one more hash is refused."""
    size = (1 << 64) - 1
    root = LEAVES[0]
    path = [keccak256(height.to_bytes(1)) for height in range(64)]
    found = reason(anchor, "check_inclusion", 0, size, root, LEAVES[0], path)
    assert found == "proof leads to another root", "and neither too short nor too long"
    assert reason(anchor, "check_inclusion", 0, size, root, LEAVES[0], [*path, ROOT]) == "proof is too long"
