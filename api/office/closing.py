"""What is looked at before a month is closed: what would stop it, and what somebody should know first.

Closing itself is in periods.py, and asks none of this of anybody: what must hold, it refuses by itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from api.office.agreements import signed_versions
from api.office.batches import batches_of
from api.office.fx import unrated
from api.office.opening import Office
from api.office.periods import calendar
from ledger.holds import unrecorded_expiries
from ledger.periods import Period, closing_balances


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a month can be closed, and what closing it would do on the way.

    `first` is the month to close before it, None where it is the next. `unbalanced` are currencies whose
    balances do not sum to zero, `unrated` the pairs of open positions that lack a rate at its end. `expired`
    holds are written down by closing; `voids` are proposed and not confirmed, so what they are about counts.
    """

    is_over: bool
    first: Period | None
    unbalanced: tuple[str, ...]
    unrated: tuple[str, ...]
    expired: int
    voids: int

    @property
    def is_ready(self) -> bool:
        """Whether nothing stops the close."""
        return self.is_over and self.first is None and not self.unrated and not self.unbalanced


def readiness(office: Office, agreement_id: str, text: str) -> Readiness:
    """Look at a month such as 2026-03 before it is closed. Raises AgreementUnknown, PeriodRefused."""
    known, period, now = calendar(office, agreement_id), Period.parse(text), office.clock()
    last = known.closes[-1].period if known.closes else None
    sums: dict[str, int] = defaultdict(int)
    for account, amount in closing_balances(office.engine, known, period).items():
        sums[account.currency] += amount
    newest = signed_versions(office, agreement_id)[-1].agreement
    expired = [one for one in unrecorded_expiries(office.log, now) if one.account.agreement == agreement_id]
    proposed = [
        batch for batch, proposal in batches_of(office, agreement_id) if proposal and batch.voided_by is None
    ]
    return Readiness(
        is_over=period.end(known.zone) <= now,
        first=last.next if last is not None and period > last.next else None,
        unbalanced=tuple(sorted(currency for currency, amount in sums.items() if amount)),
        unrated=unrated(office, newest, known, period),
        expired=len(expired),
        voids=len(proposed),
    )
