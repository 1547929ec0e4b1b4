"""The check of what a bundle says of the operator's own chain, and of a copy of it where the reader has one.

A seal is an entry that names the newest block of that chain at its time. So a file whose blocks were written
anew, cut off or swapped since contradicts the bundle. What the blocks do is not worked out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from verifier import canonical
from verifier.canonical import count_field, field, hex_field
from verifier.chain_file import Named, Sealed, chain_faults, open_chain
from verifier.check_entries import contents
from verifier.evidence import Entry, Evidence, reached
from verifier.report import Check, Fault, result

SEALED = "chain.sealed"
_PART = "entries.json"


def check_seals(evidence: Evidence) -> Iterator[Check]:
    """Tell which block of the operator's own chain was sealed."""
    for one in _seals(evidence):
        name = f"0x{one.block_hash.hex()}"
        en = f"entry {one.seq} sealed block {one.number}, {name}, of the operator's own chain"
        zh = f"记录 {one.seq} 封存了运营方自有链的第 {one.number} 块 {name}"
        yield result("sealed", "noted", en, zh, _PART)


def check_chain(evidence: Evidence) -> Iterator[Check]:
    """Check that a copy of that chain holds the block that was sealed, and the transactions named here."""
    if evidence.chain is None:
        return
    sealed, entries = _seals(evidence), reached(evidence.entries, "entries", "记录")
    named = [*_registrations(entries.values()), *_anchor(evidence)]
    if not sealed and not named:
        raise Fault(
            "the bundle names no block of the operator's own chain, so its file was compared with nothing",
            "证据包未提及运营方自有链的任何区块,链文件无从比对",
            unusable=True,
        )
    with open_chain(evidence.chain) as file:
        head, faults = file.head(), list(chain_faults(file, sealed, named))
    for fault in faults:
        en, zh = f"{fault.where}: {fault.en}", f"{fault.where}:{fault.zh}"
        yield result("chain", "fails", en, zh)
    if not faults:
        en = f"the chain's file, {head.number} blocks, holds what was sealed and the transactions named here"
        zh = f"链文件共 {head.number} 块,含所封存的区块与此处所述的交易"
        yield result("chain", "holds", en, zh)


def _seals(evidence: Evidence) -> list[Sealed]:
    entries = reached(evidence.entries, "entries", "记录").values()
    return [_sealed(one, told) for one in entries if one.kind == SEALED for told in contents(one)]


def _sealed(entry: Entry, told: Any) -> Sealed:
    return Sealed(entry.seq, count_field(told, "block"), hex_field(told, "hash", 32, prefix="0x"))


def _registrations(entries: Iterable[Entry]) -> Iterator[Named]:
    for one in entries:
        for told in contents(one) if one.kind == "agreement.registered" else ():
            if isinstance(told, dict) and told.get("chain_kind") == "embedded":
                yield _named(f"entry {one.seq}", told)


def _anchor(evidence: Evidence) -> Iterator[Named]:
    if "anchor.json" in evidence.bundle.parts:
        told = canonical.parse(evidence.bundle.part("anchor.json"))
        if field(field(told, "chain", dict), "kind", str) == "embedded":
            yield _named("anchor.json", told)


def _named(where: str, told: Any) -> Named:
    return Named(where, count_field(told, "block"), hex_field(told, "transaction", 32, prefix="0x"))
