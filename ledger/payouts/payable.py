"""What is payable to each payee of an agreement: a function of its versions, the log up to an entry, a time.

    what its statements come to that are accepted, or whose window is over, and whose day of payment has come
  − what of them is contested and held
  − what is held otherwise, as far as the newest statement has not kept it back already
  − what the newest statement carries as a debt: a correction that takes back, a refund after settlement
  − what was decided against the payee since, written off at its charge or converted, which its next
    statement will count, as far as the newest has not kept that back either
  − what is paid, on its way, or stands in a batch that waits for release

So a contest that is answered frees the old amount whole and the correction is netted against it, and what the
next statement recovers of a debt is not taken twice. Not here: batches (batches.py), who may see this (api/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from ledger.accounts import Until
from ledger.database import Session
from ledger.holds import held_at
from ledger.identities import unpaid_within
from ledger.invoices.reading import invoices_within
from ledger.invoices.waiting import waits_for_invoice
from ledger.leaves import microseconds
from ledger.payouts.accounts import PayeeAccount, accounts_within, usable
from ledger.payouts.reading import COMMITTED, Batch, Part, batches_within
from ledger.payouts.terms import PayoutTerms, in_force, payable_from, payout_terms
from ledger.reading import Entry, content_of, read_told
from ledger.settlement.accounts import SET_ASIDE
from ledger.settlement.carried import ADJUSTING, CONTEST_HOLD, adjusts
from ledger.settlement.runs import STATEMENT_GROUP, STATEMENT_KIND
from ledger.statements.life import Contest, Life, content_within, life_within
from policies.agreement import Agreement

Waits = Literal["account", "cooling", "erased", "minimum", "invoice", "identity"]
"""Why something payable is in no batch: no account, a changed or erased one, less than the
minimum, a payee that is not verified where the gate is on, or, where nothing else is payable, an invoice that
the document has payment wait for."""


@dataclass(frozen=True, slots=True)
class Moment:
    """As of when: the entries before `end`, and the time by which windows and holds have run out."""

    at: datetime
    end: int


@dataclass(frozen=True, slots=True)
class Payable:
    """What stands to be paid to a payee under an agreement, and how it comes about. Minor units.

    `due_minor` is what statements that are due come to, `open_minor` those that are not, invoiced or not.
    `contested_minor`, `held_minor`, `owed_minor` and `decided_minor` are taken off, each 0 or more; so are
    `paid_minor`, which was confirmed, and `on_its_way_minor`. `parts` are the statements that `payable_minor`
    is for. `uninvoiced_minor` is what waits for an invoice of statements whose day has come; it is in no
    other sum.
    """

    agreement: str
    payer: str
    payee: str
    currency: str
    due_minor: int
    open_minor: int
    contested_minor: int
    held_minor: int
    owed_minor: int
    decided_minor: int
    paid_minor: int
    on_its_way_minor: int
    payable_minor: int
    parts: tuple[Part, ...]
    account: PayeeAccount | None
    waits: Waits | None
    uninvoiced_minor: int = 0

    @property
    def id(self) -> str:
        """The agreement without its version."""
        return self.agreement.partition("@")[0]

    @property
    def ready(self) -> bool:
        """Tell whether a batch would pay it."""
        return self.payable_minor > 0 and self.waits is None


@dataclass(frozen=True, slots=True)
class _Stated:
    """A statement with what became of it, and what contests hold of it.

    One that waits for an `invoice` pays no more than `limit` minor units: what of it is paid already.
    """

    content: Mapping[str, Any]
    due: bool
    contested_minor: int
    invoice: bool = False
    limit: int | None = None

    @property
    def id(self) -> str:
        return str(self.content["statement"])

    @property
    def minor(self) -> int:
        payable = int(self.content["payable_minor"])
        return payable if self.limit is None else min(payable, self.limit)


def payables_within(
    session: Session, versions: Sequence[Agreement], moment: Moment, *, without: str | None = None
) -> list[Payable]:
    """Return what is payable under an agreement, per payee, sorted by payee; `versions` oldest first.

    What another party paid, while an earlier version had it pay, counts as paid. A batch named by `without`
    does not count as on its way. Payees with nothing to tell are left out, and so is who pays. Nothing is
    payable under an agreement of which no party pays.
    """
    agreement = in_force(versions, moment.at)
    terms = payout_terms(agreement)
    if terms.payer is None:
        return []
    batches = [one for one in batches_within(session, end=moment.end) if one.id != without]
    found = []
    stated = _statements(session, versions, moment)
    unknown = unpaid_within(session, agreement, stated, moment.at, moment.end)
    for payee, statements in sorted(stated.items()):
        if payee == terms.payer:
            continue
        one = _payable(session, agreement, terms, payee, statements, batches, moment)
        if one.payable_minor and payee in unknown:
            one = replace(one, waits="identity")
        if one.due_minor or one.open_minor or one.uninvoiced_minor or one.paid_minor or one.on_its_way_minor:
            found.append(one)
    return found


def _payable(  # noqa: PLR0913, PLR0917 -- whose, under which terms, and all that bears on it
    session: Session,
    agreement: Agreement,
    terms: PayoutTerms,
    payee: str,
    statements: Sequence[tuple[Entry, _Stated]],
    batches: Sequence[Batch],
    moment: Moment,
) -> Payable:
    assert terms.payer is not None, "asked before"
    taken = _taken(batches, agreement.id, payee)
    stated = [_limited(one, taken) for _, one in statements]
    due = [one for one in stated if one.due]
    carried = int(stated[-1].content["carried_forward_minor"])
    contested, held = sum(one.contested_minor for one in due), _held(session, agreement.id, payee, moment)
    decided = _decided(session, agreement.id, payee, stated[-1].content, moment)
    paid = sum(minor for state, _, minor in taken if state == "confirmed")
    on_its_way = sum(minor for state, _, minor in taken if state in {"prepared", "released"})
    kept, owed = max(0, carried), max(0, -carried)
    extra, decided = max(0, held - kept), max(0, decided - max(0, kept - held))
    due_minor = sum(one.minor for one in due)
    uninvoiced = sum(int(one.content["payable_minor"]) - one.minor for one in due)
    payable = max(0, due_minor - contested - extra - owed - decided - paid - on_its_way)
    accounts = accounts_within(session, payee, terms.payer, moment.end)
    account = usable(accounts, terms, moment.at)
    return Payable(
        agreement=agreement.ref,
        payer=terms.payer,
        payee=payee,
        currency=agreement.currency,
        due_minor=due_minor,
        open_minor=sum(int(one.content["payable_minor"]) for one in stated if not one.due),
        contested_minor=contested,
        held_minor=extra,
        owed_minor=owed,
        decided_minor=decided,
        paid_minor=paid,
        on_its_way_minor=on_its_way,
        payable_minor=payable,
        parts=_parts(due, taken, payable),
        account=account,
        waits=_waits(payable, terms, accounts, account)
        or ("invoice" if uninvoiced and not payable else None),
        uninvoiced_minor=uninvoiced,
    )


def _limited(one: _Stated, taken: Iterable[tuple[str, str, int]]) -> _Stated:
    """Return a statement that waits for an invoice as one that comes to what is paid of it already."""
    if not one.invoice:
        return one
    limit = sum(minor for _, statement, minor in taken if statement == one.id)
    return replace(one, limit=limit, contested_minor=0)  # what is contested of it waits with the rest


def _waits(
    payable: int, terms: PayoutTerms, accounts: Sequence[PayeeAccount], account: PayeeAccount | None
) -> Waits | None:
    if not payable:
        return None
    if payable < terms.minimum_minor:
        return "minimum"
    if account is None:
        return "cooling" if accounts else "account"
    return "erased" if account.details is None else None


def _statements(
    session: Session, versions: Sequence[Agreement], moment: Moment
) -> dict[str, list[tuple[Entry, _Stated]]]:
    """Return the statements of an agreement by party, each list in order of issue."""
    by_digest = {one.sha256: one for one in versions}
    found: dict[str, list[tuple[Entry, _Stated]]] = defaultdict(list)
    invoices = invoices_within(session, versions[-1].id, moment.end)
    for entry, opened in read_told(session, [STATEMENT_KIND], STATEMENT_GROUP, versions[-1].id):
        if entry.seq >= moment.end:
            break
        content = content_of(opened)
        agreement = by_digest[content["versions"][-1]["sha256"]]
        life = life_before(life_within(session, content["statement"]), moment.end)
        starts = payable_from(agreement, life, moment.at)
        today = moment.at.astimezone(agreement.zone).date()
        contested = _contested(session, life.open_contests, moment)
        waits = waits_for_invoice(agreement, content, invoices)
        stated = _Stated(content, starts is not None and starts <= today, contested, waits)
        found[content["party"]].append((entry, stated))
    return found


def life_before(life: Life, end: int) -> Life:
    """Return what became of a statement as the entries before `end` tell it."""

    def told(entry: Entry | None) -> Entry | None:
        return entry if entry is not None and entry.seq < end else None

    contests = tuple(
        Contest(one.number, one.entry, told(one.ended)) for one in life.contests if one.entry.seq < end
    )
    services = tuple(one for one in life.services if one.seq < end)
    return Life(services, contests, told(life.accepted), told(life.corrected))


def _contested(session: Session, contests: Iterable[Contest], moment: Moment) -> int:
    """Return what open contests hold of their statement now."""
    until = Until(end=moment.end)
    return sum(
        hold.held_minor
        for contest in contests
        for placed in content_within(session, contest.entry)["holds"]
        for hold in held_at(session, moment.at, until, hold=placed["hold"])
    )


def _held(session: Session, agreement: str, payee: str, moment: Moment) -> int:
    """Return what is held of a payee's accounts beside what contests of statements hold."""
    found = held_at(session, moment.at, Until(end=moment.end), owner=payee, agreement=agreement)
    mine = [one for one in found if one.account.purpose not in SET_ASIDE]
    return sum(one.held_minor for one in mine if not CONTEST_HOLD.fullmatch(one.id))


def _decided(session: Session, agreement: str, payee: str, newest: Mapping[str, Any], moment: Moment) -> int:
    """Return what its next statement will count as adjustments against a payee, 0 or more."""
    cutoff = microseconds(datetime.fromisoformat(newest["cutoff"]))
    rows = session.rows(
        "SELECT p.amount_minor, e.kind, a.purpose FROM posting p JOIN entry e ON e.seq = p.seq"  # noqa: S608
        f" JOIN account a ON a.id = p.account WHERE {session.members('e.kind')} AND a.owner = ?"
        " AND a.agreement = ? AND a.currency = ? AND e.seq < ? AND (e.seq >= ? OR e.occurred_us > ?)",
        (
            session.listed(ADJUSTING), payee, agreement, newest["currency"], moment.end,
            newest["as_of_seq"], cutoff,
        ),
    )  # fmt: skip
    return max(0, -sum(int(amount) for amount, kind, purpose in rows if adjusts(kind, purpose)))


def _taken(batches: Iterable[Batch], agreement: str, payee: str) -> list[tuple[str, str, int]]:
    """Return what payments that stand were for: their state, statement and amount."""
    return [
        (one.state, part.statement, part.amount_minor)
        for batch in batches
        for one in batch.payments
        if one.payee == payee and one.agreement_id == agreement and one.state in COMMITTED
        for part in one.parts
    ]


def _parts(due: Sequence[_Stated], taken: Iterable[tuple[str, str, int]], payable: int) -> tuple[Part, ...]:
    """Return for which statements an amount is paid: the oldest first, each up to what is left of it."""
    before: dict[str, int] = defaultdict(int)
    for _, statement, minor in taken:
        before[statement] += minor
    parts, left = [], payable
    for one in due:
        minor = min(left, max(0, one.minor - one.contested_minor - before[one.id]))
        if minor:
            parts.append(Part(one.id, minor))
            left -= minor
    assert not left, "what is payable is part of what statements that are due come to"
    return tuple(parts)
