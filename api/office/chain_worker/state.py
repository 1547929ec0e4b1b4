"""How the chain worker is getting on, for operators: from the log and what the worker kept. Asks no chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from api.office.chain_worker.anchor_tasks import ANCHOR, asked_size, chain_id, recorded_anchor
from api.office.chain_worker.kept import Fault, Kept, Seen, TaskSeen, kept
from api.office.chain_worker.tasks import tasks_of_log
from api.office.opening import Office
from api.office.registration import unregistered
from contracts.errors import ContractEarlier, ContractUnknown
from ledger.checkpoints import Anchor
from ledger.seals import Seal, last_seal
from policies.errors import Finding

Standing = Literal["idle", "working", "held_up"]
"""Nothing waits; something is on its way; a fault of the chain, or of a task, that somebody is to look at."""

LATE = timedelta(days=1)
"""After how long without a good round, while something waits, the doctor speaks of it."""

GRAVE = frozenset({"anchor.other-root", "registry.conflict", "chain.rewritten"})
"""Codes of faults that say that somebody's record was changed, and no mere trouble."""


@dataclass(frozen=True, slots=True)
class ChainState:
    """What is to be known of the chain: what signatures are bound to, what waits, what was last seen.

    `registry` is None where no contract is recorded on the chain, `seen` before the chain was first opened,
    `anchored` while nothing is, `sealed` on a chain of others and while no head of our own is in the log.
    """

    standing: Standing
    chain_id: int
    registry: str | None
    tasks: tuple[TaskSeen, ...]
    fault: Fault | None
    failures: int
    next_at: str | None
    worked_at: str | None
    seen: Seen | None
    anchored: Anchor | None
    sealed: Seal | None
    entries: int


def chain_state(office: Office) -> ChainState:
    """Return how the worker is getting on."""
    known = kept(office)
    placed, fault = recorded_anchor(office), known.fault
    try:
        registry = office.domain.contract
    except ContractUnknown as missing:
        registry, fault = None, fault or Fault(missing.code, str(missing), office.clock().isoformat())
    waiting = tuple(_waiting(office, known, 0 if placed is None else placed.size))
    faulty = fault is not None or any(one.fault is not None and _is_open(one) for one in waiting)
    return ChainState(
        standing="held_up" if faulty else "working" if any(map(_is_open, waiting)) else "idle",
        chain_id=chain_id(office),
        registry=registry,
        tasks=waiting,
        fault=fault,
        failures=known.failures,
        next_at=known.next_at,
        worked_at=known.worked_at,
        seen=known.seen,
        anchored=placed,
        sealed=None if office.settings.chain.url else last_seal(office.log),
        entries=office.log.size(),
    )


def chain_worker_faults(office: Office) -> Iterator[Finding]:
    """Yield what the worker met that somebody is to look at; what is grave as an error."""
    if kept(office) == Kept() and not unregistered(office):
        return  # no chain was worked here, and nothing is to be
    state = chain_state(office)
    if state.fault is not None:
        yield _finding("chain", state.fault)
    for one in state.tasks:
        if one.fault is not None and _is_open(one):
            yield _finding(one.name, one.fault)
    waiting = [one for one in state.tasks if _is_open(one)]
    if waiting and state.fault is None and _is_late(state.worked_at, office.clock()):
        names = ", ".join(one.name for one in waiting[:3])
        yield Finding(
            "chain.not-worked", "warning",
            f"{len(waiting)} wait for the chain and nobody works it ({names}); run tallystick chain work",
            path="chain",
        )  # fmt: skip


def _waiting(office: Office, known: Kept, size: int) -> Iterator[TaskSeen]:
    """Yield what is still to be done, as it was last seen; what has not been looked at is to be sent."""
    seen = {one.name: one for one in known.tasks}
    names = [one.name for one in tasks_of_log(office)]
    flying = [name for name in seen if name.startswith(ANCHOR) and int(name.removeprefix(ANCHOR)) > size]
    if not flying and asked_size(office) > size:
        flying = [f"{ANCHOR}{asked_size(office)}"]
    for name in (*names, *flying):
        yield seen.get(name, TaskSeen(name, "to_send"))


def _is_open(one: TaskSeen) -> bool:
    """Tell whether a thing may yet come to the chain: what an earlier registry has no place for may not."""
    return one.fault is None or one.fault.code != ContractEarlier.code


def _finding(path: str, fault: Fault) -> Finding:
    severity: Literal["error", "warning"] = "error" if fault.code in GRAVE else "warning"
    return Finding(fault.code, severity, f"{fault.message} (since {fault.since})", path=path)


def _is_late(worked_at: str | None, now: datetime) -> bool:
    return worked_at is None or now - datetime.fromisoformat(worked_at) > LATE
