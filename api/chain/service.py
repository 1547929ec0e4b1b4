"""The chain worker's state for those who run the house. No chain is asked."""

from __future__ import annotations

from typing import Literal, cast

from api.chain.schemas import ChainShown, FaultShown, SealShown, SeenShown, TaskShown
from api.office.chain_worker.kept import Fault, Seen, TaskSeen
from api.office.chain_worker.state import chain_state
from api.office.opening import Office
from ledger.leaves import instant_of
from ledger.seals import Seal


class ChainService:
    """Shows how the chain is getting on; routes let operators and auditors in."""

    def __init__(self, office: Office) -> None:
        """Read what an office's worker keeps."""
        self.office = office

    def state(self) -> ChainShown:
        """Return what waits, what was last seen, and what holds it up."""
        state = chain_state(self.office)
        placed = state.anchored
        return ChainShown(
            standing=state.standing,
            chain_id=state.chain_id,
            registry=state.registry,
            entries=state.entries,
            anchored=0 if placed is None else placed.size,
            anchored_at=None if placed is None else instant_of(placed.recorded_us).isoformat(),
            sealed=_sealed(state.sealed),
            tasks=tuple(map(_task, state.tasks)),
            fault=_fault(state.fault),
            failures=state.failures,
            next_at=state.next_at,
            worked_at=state.worked_at,
            seen=_seen(state.seen),
        )


def _sealed(one: Seal | None) -> SealShown | None:
    return None if one is None else SealShown(one.number, f"0x{one.block_hash.hex()}", one.seq)


def _task(one: TaskSeen) -> TaskShown:
    what, _, about = one.name.partition("/")
    return TaskShown(what, about, one.state, one.block, one.transaction, _fault(one.fault))


def _fault(one: Fault | None) -> FaultShown | None:
    return None if one is None else FaultShown(one.code, one.message, one.since)


def _seen(one: Seen | None) -> SeenShown | None:
    if one is None:
        return None
    kind = cast("Literal['embedded', 'rpc']", one.kind)
    return SeenShown(kind, one.head, one.final, one.address, one.balance, one.nonce, one.at)
