"""The bytes of the log, version 1, pinned: a change here breaks every proof ever handed out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.checkpoints import checkpoint_text
from ledger.leaves import commitment, microseconds, opened_bytes, read_leaf, recorded_text
from ledger.notes import LogKey
from ledger.prepare import prepare
from ledger.tree import MemoryTree, leaf_hash
from tests.ledger_samples import START, counted_entropy, pair, receipt, refund, sale

GOLDEN = Path(__file__).parents[2] / "golden" / "log_v1.json"


def made_now() -> dict[str, Any]:
    """What the present code makes of three entries, in the shape of the golden file."""
    recorded_at = recorded_text(microseconds(START))
    entries = [sale("订单 1/é", paid_minor=29_900), receipt('O"2\\'), refund(agreement="autumn-beauty@12")]
    vectors: list[dict[str, Any]] = []
    for seq, ready in enumerate(prepare(entries, counted_entropy(b"golden"))):
        leaf = ready.leaf(seq, recorded_at)
        groups = [
            {"opened": opened.decode(), "salt": salt.hex(), "commitment": commitment(salt, opened).hex()}
            for opened, salt in zip(ready.opened, ready.salts, strict=True)
        ]
        vectors.append({"groups": groups, "leaf": leaf.decode(), "leaf_hash": leaf_hash(leaf).hex()})
    tree = MemoryTree([bytes.fromhex(vector["leaf_hash"]) for vector in vectors])
    key = LogKey("tallystick.example/log", bytes(range(32)))
    note = key.sign(checkpoint_text(key.name, 3, tree.root()))
    return {"entries": vectors, "root": tree.root().hex(), "vkey": key.vkey, "checkpoint": note}


def test_leaves_commitments_roots_and_checkpoints_are_the_golden_bytes() -> None:
    assert made_now() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_golden_leaf_reads_back_as_its_fields() -> None:
    vector = json.loads(GOLDEN.read_text(encoding="utf-8"))["entries"][0]
    leaf = read_leaf(vector["leaf"].encode())
    assert leaf.format == "tallystick/leaf/v1"
    assert list(leaf.groups) == [group["commitment"] for group in vector["groups"]]
    assert (leaf.seq, leaf.recorded_at) == (0, "2026-09-01T10:00:00.000000Z")


def test_a_posting_stands_in_its_group_with_its_account_as_text() -> None:
    group = sale().groups[0]
    opened = json.loads(opened_bytes(group, "x"))
    assert opened["postings"][1] == {
        "account": "escrow.balance",
        "agreement": "autumn-beauty",
        "amount_minor": pair(29_900)[1].amount_minor,
        "clause": "6.1",
        "currency": "CNY",
        "kind": "sale",
    }


def test_a_commitment_takes_a_salt_of_thirty_two_bytes() -> None:
    with pytest.raises(AssertionError):
        commitment(b"short", b"{}")
