"""The embedded chain sealed into the log: its head named by an entry before a checkpoint, and held to it.

The chain's file is read here as the database is, without the engine that makes blocks and waiting for nobody,
so that a request may sign a checkpoint. Not here: what an entry of a seal says (ledger/seals.py), and how a
file is read without believing it (verifier/chain_file.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.office.agreements import held_versions
from contracts.errors import ChainFileUnusable, ChainRewritten
from contracts.hashing import keccak256
from ledger.checkpoints import Checkpoint, anchors, latest_checkpoint, make_checkpoint
from ledger.seals import Seal, begun_anew, last_seal, record_seal, seals
from policies.errors import Finding
from verifier.chain_file import (
    CHAIN_ID,
    Block,
    ChainFault,
    Named,
    Sealed,
    chain_faults,
    content_faults,
    is_begun,
    open_chain,
)
from verifier.report import Fault

if TYPE_CHECKING:
    from api.office.opening import Office
    from ledger.log import Log

FILE = "chain.db"
"""The embedded chain's file in the data directory."""

_LOG = logging.getLogger("tallystick.chain")


def sealed_checkpoint(office: Office) -> Checkpoint:
    """Sign the present state of the log, with the embedded chain's head sealed in it where that has moved.

    The same state again returns its checkpoint: a head that moved since is sealed with the next entry, for
    anchoring a checkpoint moves the head too. What is wrong with the chain's file keeps no checkpoint from
    being signed; it is then not sealed, which the server's log says, and the doctor what is wrong.
    """
    latest = latest_checkpoint(office.log)
    if latest is None or latest.size != office.log.size():
        try:
            _seal(office)
        except (ChainFileUnusable, ChainRewritten) as fault:
            _LOG.error("the chain is not sealed: %s", fault)
    return make_checkpoint(office.log, office.log_key)


def require_sealed(log: Log, path: Path) -> None:
    """Refuse a file that does not hold the head sealed last. Raises ChainRewritten, ChainFileUnusable."""
    last = last_seal(log)
    if last is None:
        return
    if not is_begun(path):
        raise _rewritten(last, path, "the chain's file is gone or empty")
    _head_over(last, path)


@dataclass(frozen=True, slots=True)
class Said:
    """What the log says of the embedded chain: heads that entries sealed, transactions in their blocks."""

    sealed: tuple[Sealed, ...]
    named: tuple[Named, ...]

    def __bool__(self) -> bool:
        return bool(self.sealed or self.named)


def said_of_chain(office: Office) -> Said:
    """Return what the log says by now of the chain that there is.

    A file opened after this holds it all, whoever writes meanwhile. What was on a chain that was lost is left
    out.
    """
    lost = begun_anew(office.log)
    since, since_us = (-1, 0) if lost is None else (lost.seq, office.log.entry(lost.seq).recorded_us)
    sealed = (Sealed(one.seq, one.number, one.block_hash) for one in seals(office.log))
    anchored = (
        Named(f"anchor[{one.size}]", one.block, bytes.fromhex(one.transaction[2:]))
        for one in anchors(office.log)
        if one.chain_kind == "embedded" and one.recorded_us >= since_us
    )
    registered = (
        Named(f"entry {at.seq}", at.block, bytes.fromhex(at.transaction[2:]))
        for one in held_versions(office).values()
        if (at := one.registration) is not None and at.chain_kind == "embedded" and at.seq > since
    )
    return Said(tuple(sealed), (*anchored, *registered))


def seal_faults(office: Office) -> Iterator[Finding]:
    """Yield what the embedded chain's file has not of what the log says of it, or cannot show whole."""
    said, path = said_of_chain(office), office.settings.data_dir / FILE
    lost = begun_anew(office.log)
    if lost is not None:
        yield Finding(
            "chain.begun-anew", "warning",
            f"entry {lost.seq} says that the chain was lost after block {lost.number} and begun anew; nothing"
            " shows any more what its blocks held",
            path=FILE,
        )  # fmt: skip
    if is_begun(path):
        yield from file_faults(path, said)
    elif said:
        by = f"entry {said.sealed[-1].seq}" if said.sealed else said.named[-1].where
        yield Finding("chain.missing", "error", f"no chain is here, and {by} names its blocks", path=FILE)


def file_faults(path: Path, said: Said) -> Iterator[Finding]:
    """Yield what a chain's file, or a copy of one, has not of what the log says, or cannot show whole."""
    try:
        with open_chain(path, keccak256) as file:
            yield from map(_finding, chain_faults(file, said.sealed, said.named))
            yield from map(_finding, content_faults(file))
    except Fault as fault:
        yield Finding("chain.file", "error", fault.en, path=FILE)


def _seal(office: Office) -> None:
    path = office.settings.data_dir / FILE
    last = last_seal(office.log)
    if not is_begun(path):
        if last is not None:
            raise _rewritten(last, path, "the chain's file is gone or empty")
        return
    head = _head_over(last, path)
    if last is None or head.block_hash != last.block_hash:
        record_seal(office.log, CHAIN_ID, head.number, head.block_hash, now=office.clock())


def _head_over(last: Seal | None, path: Path) -> Block:
    """Return the head of a file that still holds what was sealed last."""
    try:
        with open_chain(path, keccak256) as file:
            if last is not None and file.filed_hash(last.number) != last.block_hash:
                raise _rewritten(last, path, f"block {last.number} is another or not there")
            return file.head()
    except Fault as fault:
        raise ChainFileUnusable(fault.en, where=str(path)) from fault


def _rewritten(last: Seal, path: Path, what: str) -> ChainRewritten:
    return ChainRewritten(
        f"{what}, where entry {last.seq} sealed block {last.number}, 0x{last.block_hash.hex()}; run the"
        " doctor, and restore the file from a backup",
        where=str(path),
    )


def _finding(fault: ChainFault) -> Finding:
    return Finding(fault.code, "error", fault.en, path=f"{FILE}, {fault.where}")
