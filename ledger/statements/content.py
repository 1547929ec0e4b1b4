"""The content of a statement: what is committed to in the log and shown to its party, and how it adds up.

opening + all lines + all dues + all adjustments = closing. What is above zero is payable and goes out, but
for what is held of it; what is below, or held, is carried forward and is the next statement's opening, so a
debt is recovered from what the party earns next. Amounts are minor units, signed as what they add to the
party.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.settlement.dues import HeldDue, StatedDue
from ledger.statements.lines import Total


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a decision moved for the party since the last statement: the entry, its clause and kind."""

    seq: int
    clause: str
    kind: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Period:
    """From the cut-off before, or the first version's first day, to this one; RFC 3339, local time."""

    start: str
    cutoff: str


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What every statement of a run shares."""

    agreement: str
    versions: tuple[tuple[int, str], ...]
    currency: str
    period: Period
    as_of_seq: int


def statement_content(  # noqa: PLR0913, PLR0917 -- the parts a statement is made of
    header: RunHeader,
    statement: str,
    party: str,
    totals: Sequence[Total],
    adjustments: Sequence[Adjustment],
    lines: tuple[int, str],
    previous: tuple[str, int] | None,
    dues: Sequence[StatedDue] = (),
    held: Sequence[HeldDue] = (),
    held_minor: int = 0,
) -> dict[str, Any]:
    """Return a statement as a JSON object. `lines` are count and root, `previous` id and carried forward.

    `held_minor` is what is held of what the party would be paid. The keys `dues`, `held_dues` and
    `held_minor` are there only where something is.
    """
    opening = previous[1] if previous else 0
    moved: list[int] = [one.amount_minor for one in totals]
    moved += [one.amount_minor for one in adjustments]
    moved += [one.amount_minor for one in dues]
    closing = opening + sum(moved)
    payable = max(closing - held_minor, 0)
    kept_back = max(closing, 0) - payable
    count, root = lines
    assert sum(total.lines for total in totals) == count, "every line is in one total"
    return {
        "statement": statement,
        "agreement": header.agreement,
        "versions": [{"version": version, "sha256": sha256} for version, sha256 in header.versions],
        "party": party,
        "period": {"from": header.period.start, "to": header.period.cutoff},
        "cutoff": header.period.cutoff,
        "as_of_seq": header.as_of_seq,
        "currency": header.currency,
        "opening_minor": opening,
        "totals": [
            {
                "clause": one.clause,
                "leg": one.leg,
                "kind": one.kind,
                "amount_minor": one.amount_minor,
                "lines": one.lines,
            }
            for one in totals
        ],
        "adjustments": [
            {"seq": one.seq, "clause": one.clause, "kind": one.kind, "amount_minor": one.amount_minor}
            for one in adjustments
        ],
        **({"dues": [_due(one) for one in dues]} if dues else {}),
        **({"held_dues": [_held(one) for one in held]} if held else {}),
        "closing_minor": closing,
        "payable_minor": payable,
        **({"held_minor": kept_back} if kept_back else {}),
        "carried_forward_minor": closing - payable,
        "lines": {"count": count, "root": root},
        "previous": previous[0] if previous else None,
    }


def _due(one: StatedDue) -> dict[str, Any]:
    return {
        "clause": one.clause,
        "version": one.version,
        "leg": one.leg,
        "kind": one.kind,
        "key": one.key,
        "amount_minor": one.amount_minor,
        "before_minor": one.before_minor,
        "causes": list(one.causes),
        "figures": dict(one.figures),
        "entries": list(one.entries),
    }


def _held(one: HeldDue) -> dict[str, Any]:
    return {
        "clause": one.clause,
        "version": one.version,
        "about": one.about,
        "because": one.because,
        "facts": list(one.facts),
        "words": [dict(words) for words in one.words],
    }
