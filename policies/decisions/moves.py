"""Money that a decision moves, and how moves become postings: alike ones summed, in their order.

A move is made by a remedy, a pool or a settlement; its accounts are named in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from policies.money import from_minor

Phase = Literal["settlement", "decision", "next_settlement"]
PHASES: tuple[Phase, ...] = ("settlement", "decision", "next_settlement")


@dataclass(frozen=True, slots=True)
class Move:
    """One amount in minor units from account to account, of a kind, by a clause; `memo` in both languages."""

    source: str
    target: str
    kind: str
    minor: int
    clause: str
    status: Literal["settled", "open"] = "settled"
    phase: Phase = "decision"
    memo: Mapping[str, str] | None = None

    @property
    def alike(self) -> tuple[str, ...]:
        """What moves share that are posted as one."""
        return (self.phase, self.source, self.target, self.kind, self.status)


def postings(moves: Iterable[Move], currency: str) -> tuple[dict[str, Any], ...]:
    """Return moves as postings: by phase, alike ones summed, each with its number in the decision."""
    summed: dict[tuple[str, ...], Move] = {}
    for move in moves:
        before = summed.get(move.alike)
        if before is None:
            summed[move.alike] = move
        elif move.minor:
            summed[move.alike] = replace(before, minor=before.minor + move.minor, memo=None)
    ordered = sorted((one for one in summed.values() if one.minor), key=lambda one: PHASES.index(one.phase))
    return tuple(_posting(seq, move, currency) for seq, move in enumerate(ordered, 1))


def _posting(seq: int, move: Move, currency: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "seq": seq, "phase": move.phase, "from": move.source, "to": move.target, "amount_minor": move.minor,
        "amount": from_minor(move.minor, currency), "currency": currency, "kind": move.kind,
        "status": move.status, "clause": move.clause,
    }  # fmt: skip
    return {**found, "memo": dict(move.memo)} if move.memo is not None else found
