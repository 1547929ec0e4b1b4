"""`language: 1` is frozen: the canonical bytes of a version that was signed never change."""

from __future__ import annotations

import json
from pathlib import Path

import rfc8785
from eth_hash.auto import keccak

from policies.agreement import Agreement
from policies.facts import order_facts
from policies.splits.line import split_plan

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "agreement-v1.json").read_text(encoding="utf-8"))


def test_the_digests_of_a_signed_version_are_pinned(frozen: Agreement) -> None:
    assert len(frozen.canonical) == GOLDEN["canonical_bytes"]
    assert frozen.sha256 == GOLDEN["sha256"]
    assert frozen.keccak256 == GOLDEN["keccak256"]


def test_digests_are_of_the_rfc_8785_bytes_by_a_second_implementation(frozen: Agreement) -> None:
    document = frozen.document.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert rfc8785.dumps(document) == frozen.canonical
    assert keccak(rfc8785.dumps(document)).hex() == GOLDEN["keccak256"].removeprefix("0x")


def test_filled_signers_are_part_of_what_is_signed(frozen: Agreement) -> None:
    signed = frozen.with_signers({"mcn": "0x" + "11" * 20})
    assert signed.sha256 == GOLDEN["sha256_with_signer"]
    assert signed != frozen
    assert frozen.with_signers({}) == frozen


def test_the_split_of_the_worked_dispute_is_pinned(frozen: Agreement) -> None:
    facts = order_facts(frozen, GOLDEN["order"], where="golden")
    split = split_plan(frozen).split(facts)
    assert {name: leg.amount_minor for name, leg in split.legs.items()} == GOLDEN["legs"]
    assert split.whole.posted == 31_900
