"""The postings of a run, aggregated and in disclosure groups, so that each reads its own and no other's.

Every move of a line is between its account and the escrow, and a due goes from one account to another. A
party's group holds what is posted to its accounts; the group `escrow` holds the escrow's side and that of
payees who sign nothing, for who keeps the escrow.
"""

from __future__ import annotations

from collections import defaultdict

from ledger.accounts import Account
from ledger.database import reading
from ledger.entries import AMOUNT_LIMIT_MINOR, Group, Posting
from ledger.log import Log
from ledger.settlement.accounts import ESCROW, owner_and_purpose
from ledger.settlement.digest import DIGEST_FORMAT
from ledger.settlement.dues import RECOVERY
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.run import HELD_SHOWN, RunResult
from ledger.settlement.runs import RUN_KIND
from ledger.settlement.state import Point

ESCROW_GROUP = "escrow"

_Key = tuple[str, str, str, str]


def run_postings(result: RunResult) -> tuple[Posting, ...]:
    """Return the postings of a run: one per account, clause and kind, sorted by these; none of zero.

    Raises SettlementRefused for a sum beyond what one posting can hold.
    """
    sums: dict[_Key, int] = defaultdict(int)
    newest = result.terms.newest
    for part in result.parts:
        for move in part.moves:
            amount = result.total(part, move)
            if amount:
                for account, signed in ((ESCROW, -amount), (move.account, amount)):
                    owner, purpose = owner_and_purpose(part.terms.agreement, account)
                    sums[owner, purpose, move.clause, move.posting_kind] += signed
    for due in result.dues:
        for _, side, amount in due.sides():
            owner, purpose = owner_and_purpose(due.due.version.agreement, side.account)
            sums[owner, purpose, side.clause, side.posting_kind] += amount
    for (_, _, clause, kind), amount in sorted(sums.items()):
        if abs(amount) >= AMOUNT_LIMIT_MINOR:
            raise SettlementRefused(
                f"'{kind}' under clause {clause} sums to {amount} minor units, and one posting holds less"
                " than 2^53; settle a shorter period",
                where=newest.ref,
            )
    return tuple(
        Posting(
            owner=owner,
            purpose=purpose,
            agreement=newest.id,
            currency=newest.currency,
            amount_minor=amount,
            clause=clause,
            kind=kind,
        )
        for (owner, purpose, clause, kind), amount in sorted(sums.items())
        if amount
    )


def posted_by_runs(log: Log, account: Account, point: Point, *, recovery: bool) -> int:
    """Return what runs by a point posted to an account in all: recoveries alone, or all but those."""
    kind = "p.kind = ?" if recovery else "p.kind <> ?"
    sql = (
        "SELECT p.amount_minor FROM posting p JOIN entry e ON e.seq = p.seq"  # noqa: S608 -- own condition
        " JOIN account a ON a.id = p.account WHERE e.kind = ? AND a.owner = ? AND a.agreement = ?"
        f" AND a.purpose = ? AND a.currency = ? AND e.seq < ? AND e.occurred_us <= ? AND {kind}"
    )
    key = account.owner, account.agreement, account.purpose, account.currency
    with reading(log.engine) as session:
        rows = session.rows(sql, (RUN_KIND, *key, point.end, point.us, RECOVERY))
    return sum(int(row[0]) for row in rows)


def posting_groups(result: RunResult, digest: str) -> tuple[Group, ...]:
    """Return the groups that carry a run's postings.

    `digest` and the lines held back stand with the escrow's keeper only: who is party to one version alone
    reads the run too, and is told nothing of orders under the others.
    """
    parties = result.terms.party_ids()
    by_owner: dict[str, list[Posting]] = {party: [] for party in parties}
    others: list[Posting] = []
    for posting in run_postings(result):
        by_owner.get(posting.owner, others).append(posting)
    own = [
        Group(f"party.{place}", (party,), {"party": party}, tuple(postings))
        for place, (party, postings) in enumerate(by_owner.items(), 1)
        if postings
    ]
    held = [{"order": one.order, "line": one.line, "reason": one.reason} for one in result.held[:HELD_SHOWN]]
    kept = {"digest": digest, "digest_format": DIGEST_FORMAT, "held": held}
    return (*own, Group(ESCROW_GROUP, result.terms.keepers(), kept, tuple(others)))
