"""What a run finds for each party beside its own lines: what was carried, decided and is held meanwhile."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ledger.accounts import Until
from ledger.database import reading
from ledger.fx.books import CONVERTED_KIND
from ledger.holds import Hold, held_at
from ledger.leaves import instant_of, microseconds
from ledger.log import Log
from ledger.reading import Entry
from ledger.settlement.accounts import DEFAULT_PURPOSE, SET_ASIDE
from ledger.settlement.decisions import DECISION_KIND
from ledger.settlement.opening import OPENING_KIND
from ledger.settlement.run import RunResult
from ledger.settlement.runs import (
    SOURCE,
    STATEMENT_GROUP,
    StoredRun,
    statement_entry_id,
)
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms
from ledger.settlement.write_offs import WRITTEN_OFF_KIND
from ledger.statements.content import Adjustment
from policies.agreement import Agreement

ADJUSTING = (DECISION_KIND, OPENING_KIND, CONVERTED_KIND, WRITTEN_OFF_KIND)
"""Kinds of entries whose postings a statement shows as adjustments."""

_NOT_PAID = frozenset({"arbiter", "auditor"})

CONTEST_HOLD = re.compile(r"C-[0-9a-f]{10}\..+")
"""Ids of holds of what a statement's contest is about: that is kept out of that statement's payment."""


def stated_parties(terms: Terms) -> tuple[str, ...]:
    """Return who is issued a statement: every party but arbiters and auditors, sorted by id."""
    passive = {
        one.agreement.party_id(key)
        for one in terms.versions
        for key, party in one.agreement.parties.items()
        if party.role in _NOT_PAID
    }
    return tuple(party for party in terms.party_ids() if party not in passive)


def carried_by(log: Log, last: StoredRun) -> dict[str, tuple[str, int]]:
    """Return, per party, the id of its statement in the last run and what that carried forward."""
    return {
        content["party"]: (content["statement"], content["carried_forward_minor"])
        for _, content in stored_statements(log, last)
    }


def stored_statements(log: Log, run: StoredRun) -> Iterator[tuple[Entry, dict[str, Any]]]:
    """Yield the statements of a run as they stand in the log."""
    for place in range(1, run.statements + 1):
        entry = log.find(SOURCE, statement_entry_id(run.content["agreement"], run.number, place))
        assert entry is not None, "a run and its statements are appended together"
        yield entry, next(group for group in log.groups(entry.seq) if group.name == STATEMENT_GROUP).content


def adjustments_since(log: Log, result: RunResult) -> dict[str, list[Adjustment]]:
    """Return, per owner, what entries other than runs moved, less what the run before counted."""
    found: dict[str, list[Adjustment]] = defaultdict(list)
    after = -1
    while entries := log.entries(after, kinds=ADJUSTING):
        for entry in entries:
            if _counts(entry, result.point) and not (result.before and _counts(entry, result.before)):
                _add_moved(log, entry, result.terms.newest, found)
        after = entries[-1].seq
    return found


def _counts(entry: Entry, point: Point) -> bool:
    return entry.seq < point.end and entry.occurred_us <= microseconds(point.cutoff)


def _add_moved(log: Log, entry: Entry, newest: Agreement, found: dict[str, list[Adjustment]]) -> None:
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for group in log.groups(entry.seq):
        for posting in group.postings if group.opened is not None else []:
            owner, _, purpose = posting["account"].rpartition(".")
            ours = (posting["agreement"], posting["currency"]) == (newest.id, newest.currency)
            if ours and adjusts(entry.kind, purpose):
                sums[owner, posting["clause"], posting["kind"]] += posting["amount_minor"]
    for (owner, clause, kind), amount in sorted(sums.items()):
        if amount:
            found[owner].append(Adjustment(entry.seq, clause, kind, amount))


def adjusts(kind: str, purpose: str) -> bool:
    """Tell whether what an entry of a kind in ADJUSTING moved on an account of that purpose is stated.

    What is set aside is not owed, so no statement pays it out or charges it.
    """
    return purpose not in SET_ASIDE if kind == DECISION_KIND else purpose == DEFAULT_PURPOSE


def held_balances(log: Log, result: RunResult) -> dict[str, int]:
    """Return, per owner, what is held of what it would be paid, in minor units, as the log stood at the run.

    What a contest of an earlier statement holds is left out: it waits with that statement. What a decision
    after the cut-off takes is held until the statement that counts it, for its own hold is released by then.
    """
    found: dict[str, int] = defaultdict(int, _decided_later(log, result))
    for one in holds_at_run(log, result):
        if one.account.purpose not in SET_ASIDE and not CONTEST_HOLD.fullmatch(one.id):
            found[one.account.owner] += one.held_minor
    return dict(found)


def holds_at_run(log: Log, result: RunResult) -> list[Hold]:
    """Return the holds under the agreement as the log stood at the run."""
    end, at = result.point.end, result.point.cutoff
    if end:
        at = max(at, instant_of(log.entry(end - 1).recorded_us))
    with reading(log.engine) as session:
        return held_at(session, at, Until(end=end), agreement=result.terms.id)


def _decided_later(log: Log, result: RunResult) -> dict[str, int]:
    """Return, per owner, what decisions that the log has and the cut-off leaves out take from it in all."""
    moved: dict[str, list[Adjustment]] = defaultdict(list)
    after = -1
    while entries := log.entries(after, kinds=[DECISION_KIND]):
        for entry in entries:
            if entry.seq < result.point.end and not _counts(entry, result.point):
                _add_moved(log, entry, result.terms.newest, moved)
        after = entries[-1].seq
    sums = {owner: sum(one.amount_minor for one in found) for owner, found in moved.items()}
    return {owner: -amount for owner, amount in sums.items() if amount < 0}
