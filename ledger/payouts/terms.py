"""Who pays under an agreement and how: its payout clause, or what stands in for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from ledger.statements.life import Life
from policies.agreement import Agreement
from policies.clauses.payout import AccountChange
from policies.money import to_minor

CLAUSE = "payout"
"""Stands where a posting names its clause, of a document that has no clause about payment."""


@dataclass(frozen=True, slots=True)
class PayoutTerms:
    """How one version pays: `payer` is a global party id, None where no party to it is one that pays.

    `days` are calendar days from acceptance, `minimum_minor` the least that is paid at once.
    """

    payer: str | None
    clause: str
    days: int
    minimum_minor: int
    cooling: timedelta
    meanwhile: Literal["wait", "old_account"]


def payout_terms(agreement: Agreement) -> PayoutTerms:
    """Return how a version pays: as its payout clause says, else the platform, at once and from one unit."""
    clause = agreement.payout
    platforms = [key for key, one in agreement.parties.items() if one.role == "platform"]
    key = clause.holder if clause and clause.holder else next(iter(platforms), None)
    change = clause.account_change if clause else AccountChange()
    minimum = to_minor(clause.minimum, agreement.currency) if clause and clause.minimum else 1
    return PayoutTerms(
        agreement.party_id(key) if key is not None else None,
        clause.id if clause else CLAUSE,
        clause.days if clause else 0,
        max(minimum, 1),
        timedelta(days=change.cooling_days),
        change.meanwhile,
    )


def in_force(versions: Sequence[Agreement], at: datetime) -> Agreement:
    """Return the version by whose terms is paid at a time: the last whose day has come, else the first."""
    begun = [one for one in versions if one.document.effective_from <= at.astimezone(one.zone).date()]
    return begun[-1] if begun else versions[0]


def payable_from(agreement: Agreement, life: Life, at: datetime) -> date | None:
    """Return the day from which a statement is paid, in the agreement's time zone; None while it is open.

    Days count from the day of its acceptance, or from the day after the last one to contest it.
    """
    if life.accepted is not None:
        accepted = datetime.fromisoformat(life.accepted.occurred_at).astimezone(agreement.zone).date()
    elif life.expired(agreement, at):
        until = life.deadline(agreement)
        assert until is not None, "what has expired had a last day"
        assert until.last_day is not None, "as above"
        accepted = until.last_day + timedelta(days=1)
    else:
        return None
    return accepted + timedelta(days=payout_terms(agreement).days)
