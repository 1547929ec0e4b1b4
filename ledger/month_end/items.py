"""How each item of a month's checklist is derived from the log.

Each function looks at one thing up to the end of the month, as the log stands now, and returns what it found;
none writes anything. What only the office knows, such as rates and proposed voids, it adds itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ledger.accounts import Account
from ledger.database import reading
from ledger.intake.batches import batch_counts, batches
from ledger.intake.differences import every_difference
from ledger.intake.terms import IntakeTerms
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.month_end.checklist import Item
from ledger.payouts.reading import batches_within
from ledger.periods import Calendar, Close, Period, balances_digest, closing_balances
from ledger.reconciliation.recorded import Recorded, reconciliations, state_of
from ledger.settlement.runs import StoredRun, all_runs
from ledger.statements.life import Life, lives
from ledger.statements.reading import Statement, list_statements
from policies.money import from_minor

STATEMENTS_LOOKED_AT = 1_000_000
_NAMES_SHOWN = 5
SUSPENSE = "suspense"


@dataclass(frozen=True)
class Month:
    """A month of an agreement that is looked at: the log, its calendar, its orders' terms, and the time."""

    log: Log
    calendar: Calendar
    period: Period
    terms: IntakeTerms
    now: datetime

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.period.end(self.calendar.zone)

    @property
    def since(self) -> int:
        """From which seq on the log was not looked at by the close before."""
        before = self.calendar.before(self.period)
        return before.as_of_seq if before else 0

    @cached_property
    def runs(self) -> Sequence[StoredRun]:
        """The settlement runs with a cut-off in the month or before, oldest first."""
        runs = all_runs(self.log, self.calendar.agreement)
        return [one for one in runs if one.point.cutoff <= self.end]

    @cached_property
    def statements(self) -> Sequence[Statement]:
        """The statements of the runs that the close before did not see, oldest first."""
        numbers = {one.number for one in self.runs if one.seq >= self.since}
        found = list_statements(self.log, agreement=self.calendar.agreement, limit=STATEMENTS_LOOKED_AT)
        return [one for one in reversed(found) if one.number in numbers]

    @cached_property
    def lives(self) -> Mapping[str, Life]:
        """What became of every statement that something became of, by its id."""
        return lives(self.log)

    @cached_property
    def balances(self) -> Mapping[Account, int]:
        """What stands at its end, in minor units, none of zero."""
        return closing_balances(self.log.engine, self.calendar, self.period)


def ok(name: str, **found: int | str) -> Item:
    """Return an item with nothing to do."""
    return Item(name, "ok", found)


def none(name: str) -> Item:
    """Return an item of which there is nothing."""
    return Item(name, "not_applicable", {}, "none")


def opened(name: str, why: str = "not", *, must: bool = False, **found: int | str) -> Item:
    """Return an item that something is to be done about."""
    return Item(name, "open", found, why, must)


def over(month: Month) -> Item:
    """Ask whether the month is over."""
    return ok("over") if month.end <= month.now else opened("over", must=True)


def order(month: Month) -> Item:
    """Ask whether it is the next month to be closed."""
    last = month.calendar.closes[-1].period if month.calendar.closes else None
    if last is not None and month.period > last.next:
        return opened("order", must=True, month=str(last.next))
    return ok("order")


def imports(month: Month) -> Item:
    """Ask whether each file imported since the last close was read to its end, and every row taken."""
    taken = [one for one in batches(month.log, month.calendar.agreement) if one.voided_by is None]
    fresh = [one for one in taken if one.ranges[-1][1] > month.since]
    if not fresh:
        return none("imports")
    counts = {one.place: batch_counts(month.log, one) for one in fresh}
    unfinished = [name for name, one in counts.items() if one.rows is None]
    rejecting = {name: one.rejected_rows or 0 for name, one in counts.items() if one.rejected_rows}
    if unfinished:
        return opened("imports", "unfinished", count=len(unfinished), batches=_names(unfinished))
    if rejecting:
        return opened("imports", "rejects", rows=sum(rejecting.values()), batches=_names(list(rejecting)))
    return ok("imports", count=len(fresh))


def differences(month: Month) -> Item:
    """Ask whether two sources tell a sale otherwise and the document does not say whose word prevails."""
    prevailing = {one.reference: one.prevailing for one in (*month.terms.versions, *month.terms.overtaken)}
    undecided = decided = 0
    for one in every_difference(month.log, month.terms):
        if prevailing.get(one.counts.version) is None:
            undecided += 1
        else:
            decided += 1
    if undecided:
        return opened("differences", count=undecided)
    return Item("differences", "ok", {"count": decided}, "decided" if decided else "")


def run(month: Month) -> Item:
    """Ask whether a run was made up to the month's end, and nothing of the month came after it."""
    last = month.runs[-1] if month.runs else None
    last_second = month.period.last_second(month.calendar.zone)
    until = last_second.isoformat()
    if last is None:
        told = _line_events(month, 0, at_most=1)
        return opened("run", "none-yet", until=until) if told else none("run")
    if last.point.cutoff < last_second:
        return opened("run", "early", run=last.number, cutoff=last.content["cutoff"], until=until)
    since = _line_events(month, last.point.end)
    if since:
        return opened("run", "since", run=last.number, count=since)
    found: dict[str, int | str] = {"run": last.number, "cutoff": last.content["cutoff"]}
    return Item("run", "ok", found, "next" if last.point.cutoff == month.end else "")


def _line_events(month: Month, start: int, at_most: int = 1_000_000) -> int:
    """Count the events of order lines of the month and before that stand from a seq on."""
    sql = (
        "SELECT count(*) FROM (SELECT 1 FROM line_event WHERE agreement = ? AND seq >= ? AND occurred_us < ?"
        " LIMIT ?) AS told"
    )
    with reading(month.log.engine) as session:
        limits = (month.calendar.agreement, start, microseconds(month.end), at_most)
        return int(session.rows(sql, limits)[0][0])


def held(month: Month) -> Item:
    """Ask whether the last run settled every line and due, and held none for lack of a fact."""
    if not month.runs:
        return none("held")
    told = month.runs[-1].content
    lines, dues = int(told["held"]["lines"]), int(told.get("held_dues", 0))
    if lines or dues:
        return opened("held", run=month.runs[-1].number, lines=lines, dues=dues)
    return ok("held", run=month.runs[-1].number)


def statements(month: Month) -> Item:
    """Ask whether each statement issued since the last close was served on its party."""
    if not month.statements:
        return none("statements")
    known = month.lives
    unserved = [one.id for one in month.statements if one.id not in known or not known[one.id].services]
    if unserved:
        return opened("statements", count=len(unserved), names=_names(unserved))
    return ok("statements", count=len(month.statements))


def contests(month: Month) -> Item:
    """Ask whether a statement is contested in anything that nobody has answered."""
    open_contests = [
        f"{statement}/{one.number}"
        for statement, life in sorted(month.lives.items())
        if statement.rpartition(".")[0].rpartition(".")[0] == month.calendar.agreement
        for one in life.open_contests
    ]
    if open_contests:
        return opened("contests", count=len(open_contests), names=_names(open_contests))
    return ok("contests") if month.runs else none("contests")


def suspense(month: Month) -> Item:
    """Ask whether anything stands in suspense at the month's end."""
    sums: dict[str, int] = defaultdict(int)
    for account, amount in month.balances.items():
        if account.purpose == SUSPENSE:
            sums[account.currency] += abs(amount)
    if not sums:
        return ok("suspense")
    amounts = ", ".join(f"{from_minor(minor, code)} {code}" for code, minor in sorted(sums.items()))
    return opened("suspense", amounts=amounts)


def payouts(month: Month) -> Item:
    """Ask whether each payment of a batch prepared by the month's end was confirmed or came to nothing."""
    agreement, until = month.calendar.agreement, microseconds(month.end)
    with reading(month.log.engine) as session:
        prepared = [one for one in batches_within(session) if one.prepared_us < until]
    states: dict[str, list[str]] = defaultdict(list)
    for batch in prepared:
        for payment in batch.payments:
            if payment.agreement_id == agreement:
                states[payment.state].append(payment.reference)
    if not states:
        return none("payouts")
    waiting, on_the_way = states["prepared"], states["released"]
    if waiting or on_the_way:
        named = _names([*waiting, *on_the_way])
        return opened("payouts", prepared=len(waiting), released=len(on_the_way), names=named)
    return ok("payouts", count=sum(map(len, states.values())))


def reconciled(month: Month, keepers: Sequence[str]) -> Item:
    """Ask whether who keep the books reconciled up to the month's last run, and left no break open."""
    if not month.runs or month.runs[-1].seq < month.since:
        return none("reconciliation")
    agreement, last = month.calendar.agreement, month.runs[-1].number
    newest = [
        found[0]
        for party in keepers
        for found in _by_book(reconciliations(month.log, agreement, party)).values()
    ]
    if not newest:
        return opened("reconciliation", "none-yet", run=last)
    behind = [one for one in newest if one.content["through_run"] < last]
    if behind:
        names = _names([one.book.name for one in behind])
        return opened("reconciliation", "behind", run=last, names=names)
    breaks = sum(len(state_of(month.log, one.book).open) for one in newest)
    if breaks:
        return opened("reconciliation", count=breaks, names=_names([one.id for one in newest]))
    return ok("reconciliation", count=len(newest))


def _by_book(found: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    """Return reconciliations by book, newest first in each."""
    books: dict[str, list[Recorded]] = defaultdict(list)
    for one in found:
        books[one.book.name].append(one)
    return books


def balanced(month: Month) -> Item:
    """Ask whether the balances of every currency sum to zero."""
    sums: dict[str, int] = defaultdict(int)
    for account, amount in month.balances.items():
        sums[account.currency] += amount
    wrong = [code for code, amount in sorted(sums.items()) if amount]
    if wrong:
        return opened("balanced", must=True, currencies=", ".join(wrong))
    return ok("balanced", accounts=len(month.balances))


def journal(month: Month) -> Item:
    """Ask whether the month begins where the last ended: its balances come out as its close says."""
    before: Close | None = month.calendar.before(month.period)
    if before is None:
        return none("journal")
    if balances_digest(month.log.engine, month.calendar, before.period) != before.digest:
        return opened("journal", must=True, month=str(before.period))
    return ok("journal", month=str(before.period))


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown}, …" if len(names) > _NAMES_SHOWN else shown


def items_of(month: Month) -> Iterator[Item]:
    """Yield what the log alone tells of a month, in the order in which people look at it."""
    looks = (over, order, imports, differences, run, held, statements, contests, suspense, payouts)
    for look in looks:
        yield look(month)
    yield balanced(month)
    yield journal(month)
