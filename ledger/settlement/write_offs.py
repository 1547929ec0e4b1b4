"""Debts given up: two members of the party that bears the loss write off what another owes, with a reason.

What a party owes stands on its receivable, by a run or a decision, and is repaid from its later statements.
The first member proposes, `debt.write_off_proposed`; another confirms, `debt.written_off`, which takes it off
the receivable and charges the bearer's balance: its next statement shows it. Not here: recovering debts
(recovery.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.accounts import Account, balance, balance_within
from ledger.appending import append_once
from ledger.database import Session
from ledger.entries import Group, NewEntry, Posting, require_plain
from ledger.log import Log
from ledger.reading import Entry
from ledger.settlement.accounts import DEFAULT_PURPOSE, RECEIVABLE
from ledger.settlement.errors import DebtRefused
from policies.agreement import Agreement

PROPOSED_KIND, WRITTEN_OFF_KIND = "debt.write_off_proposed", "debt.written_off"
GROUP = "write_off"
SOURCE = "tallystick.debts"
KIND = "written_off"
"""Kind of the postings of a write-off."""

REASON_LIMIT = 2_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class WriteOff:
    """A write-off by its name: of how much (minor units), who owes it and who bears it, by global id.

    `proposed_by` and `confirmed_by` are members; the latter is None, and `seq` the proposal's, until another
    member confirms.
    """

    name: str
    debtor: str
    bearer: str
    amount_minor: int
    reason: str
    proposed_by: str
    confirmed_by: str | None
    seq: int


def owed(log: Log, agreement: Agreement) -> dict[str, int]:
    """Return what parties owe on their receivables, in minor units, by global id; none that owes nothing."""
    parties = sorted({agreement.party_id(key) for key in agreement.parties})
    sums = {party: -balance(log.engine, _receivable(agreement, party)) for party in parties}
    return {party: amount for party, amount in sums.items() if amount > 0}


def write_offs(log: Log, agreement: str) -> list[WriteOff]:
    """Return the write-offs under an agreement (by id), in the order in which they were proposed."""
    found: dict[str, WriteOff] = {}
    after = -1
    while entries := log.entries(after, kinds=[PROPOSED_KIND, WRITTEN_OFF_KIND], agreement=agreement):
        for entry in entries:
            one = _read(log, entry)
            found[one.name] = one
        after = entries[-1].seq
    return list(found.values())


def propose_write_off(  # noqa: PLR0913 -- what is given up, by whom, who says so, why, when
    log: Log,
    agreement: Agreement,
    name: str,
    *,
    debtor: str,
    bearer: str,
    amount_minor: int,
    by: str,
    reason: str,
    now: datetime,
) -> WriteOff:
    """Propose to write off part of what `debtor` owes at the cost of `bearer`, both global ids.

    `by` is the member, of the bearer. The same again adds nothing. Raises DebtRefused for more than is owed,
    EntryInvalid for no reason, EntryConflict for another write-off of that name.
    """
    require_plain(reason, REASON_LIMIT, "write-off, reason")
    if not _NAME.fullmatch(name):
        raise DebtRefused(
            "a name is letters, digits, dots, dashes and underscores, at most 64", where=name[:80]
        )
    if debtor == bearer:
        raise DebtRefused("whoever owes it cannot bear it too", where=debtor)
    if log.find(SOURCE, _id(agreement, name, "proposed")) is None:
        _require_owed(owed(log, agreement).get(debtor, 0), amount_minor, agreement, name)
    content = {
        "name": name,
        "debtor": debtor,
        "bearer": bearer,
        "amount_minor": amount_minor,
        "currency": agreement.currency,
        "reason": reason,
        "by": by,
    }
    append_once(log, _entry(agreement, PROPOSED_KIND, _id(agreement, name, "proposed"), content, now))
    return _named(log, agreement, name)


def confirm_write_off(log: Log, agreement: Agreement, name: str, *, by: str, now: datetime) -> WriteOff:
    """Write off what another member of the bearer proposed to. Confirmed already, it stands.

    Raises DebtRefused where nobody proposed it, the same member did, or less is owed by now.
    """
    known = _named(log, agreement, name)
    if known.confirmed_by is not None:
        return known
    if known.proposed_by == by:
        raise DebtRefused(f"'{by}' proposed it; another member confirms", where=name)
    content = {
        "name": name,
        "debtor": known.debtor,
        "bearer": known.bearer,
        "amount_minor": known.amount_minor,
        "currency": agreement.currency,
        "reason": known.reason,
        "proposed_by": known.proposed_by,
        "proposed_seq": known.seq,
        "confirmed_by": by,
    }
    amount = known.amount_minor
    postings = (
        _posting(agreement, known.debtor, RECEIVABLE, amount),
        _posting(agreement, known.bearer, DEFAULT_PURPOSE, -amount),
    )
    entry = _entry(agreement, WRITTEN_OFF_KIND, _id(agreement, name, "confirmed"), content, now, postings)

    def require(session: Session) -> None:
        there = -balance_within(session, _receivable(agreement, known.debtor))
        _require_owed(there, amount, agreement, name)

    log.append([entry], require=require)
    return _named(log, agreement, name)


def _require_owed(there: int, amount_minor: int, agreement: Agreement, name: str) -> None:
    if not 0 < amount_minor <= there:
        raise DebtRefused(
            f"{amount_minor} minor units of {agreement.currency} are not more than 0 and at most the"
            f" {max(there, 0)} that stand as owed",
            where=name,
        )


def _named(log: Log, agreement: Agreement, name: str) -> WriteOff:
    """Return a write-off by its name. Raises DebtRefused where nobody proposed one."""
    for step in ("confirmed", "proposed"):
        entry = log.find(SOURCE, _id(agreement, name, step))
        if entry is not None:
            return _read(log, entry)
    raise DebtRefused("nobody has proposed a write-off of that name; propose it first", where=name[:80])


def _read(log: Log, entry: Entry) -> WriteOff:
    told = next(group for group in log.groups(entry.seq) if group.name == GROUP).content
    confirmed = entry.kind == WRITTEN_OFF_KIND
    return WriteOff(
        told["name"],
        told["debtor"],
        told["bearer"],
        told["amount_minor"],
        told["reason"],
        told["proposed_by"] if confirmed else told["by"],
        told["confirmed_by"] if confirmed else None,
        entry.seq,
    )


def _id(agreement: Agreement, name: str, step: str) -> str:
    return f"{agreement.id}/{name}/{step}"


def _receivable(agreement: Agreement, owner: str) -> Account:
    return Account(owner, agreement.id, RECEIVABLE, agreement.currency)


def _posting(agreement: Agreement, owner: str, purpose: str, amount_minor: int) -> Posting:
    assert agreement.returns is not None, "what is owed stands under the returns clause"
    return Posting(
        owner=owner,
        purpose=purpose,
        agreement=agreement.id,
        currency=agreement.currency,
        amount_minor=amount_minor,
        clause=agreement.returns.id,
        kind=KIND,
    )


def _entry(  # noqa: PLR0913, PLR0917 -- the parts of one entry
    agreement: Agreement,
    kind: str,
    entry_id: str,
    content: dict[str, Any],
    at: datetime,
    postings: tuple[Posting, ...] = (),
) -> NewEntry:
    readers = tuple(sorted({content["debtor"], content["bearer"]}))
    return NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=kind,
        occurred_at=at,
        asserter=content["bearer"],
        agreement=agreement.ref,
        concerns=readers,
        groups=(Group(GROUP, readers, content, postings),),
    )
