"""On which of its party's accounts the parts of a statement went.

Legs and funding by the document; what a clause awards, and what was decided, by the postings in the log.
Not here: what of it is contested or held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from ledger.log import Log
from ledger.settlement.accounts import DEFAULT_PURPOSE, SET_ASIDE, owner_and_purpose
from ledger.settlement.runs import SOURCE, run_id
from ledger.statements.reading import Statement
from policies.agreement import Agreement


class Placed:
    """The accounts of one statement's parts, each by its purpose: `balance`, `tech_fee`."""

    def __init__(self, log: Log, statement: Statement, agreement: Agreement) -> None:
        """Take a statement and the newest version that it was issued under."""
        self.log, self.statement, self.agreement = log, statement, agreement
        self._known: dict[int, list[dict[str, Any]]] = {}

    def leg(self, leg: str) -> str:
        """Return the purpose of the account that a leg or a kind of funding is posted on, else `balance`."""
        account = self._accounts.get(leg)
        return owner_and_purpose(self.agreement, account)[1] if account else DEFAULT_PURPOSE

    def part(self, figure: int | Mapping[str, Any]) -> dict[str, int]:
        """Return what a figure of the content comes to by purpose; the opening is on the balance."""
        if isinstance(figure, int):
            return {DEFAULT_PURPOSE: figure}
        amount = int(figure["amount_minor"])
        if "seq" in figure:
            return self._posted(figure["seq"], figure["clause"], figure["kind"], amount)
        if figure["kind"] == "clause":
            return self._posted(self._run_seq, figure["clause"], figure["leg"], amount)
        recovered = figure["kind"] == "recovery"  # from the account that stands as leg, to the balance
        return {DEFAULT_PURPOSE if recovered else self.leg(figure["leg"]): amount}

    @cached_property
    def _accounts(self) -> dict[str, str]:
        clause = self.agreement.commission
        named = {step.leg: step.to for step in clause.waterfall if step.leg and step.to} if clause else {}
        return named | ({source.kind: source.from_ for source in clause.funding} if clause else {})

    @cached_property
    def _run_seq(self) -> int:
        run = self.log.find(SOURCE, run_id(self.statement.agreement, self.statement.number))
        assert run is not None, "a statement is issued by a run"
        return run.seq

    def _posted(self, seq: int, clause: str, kind: str, amount: int) -> dict[str, int]:
        """Share an amount among the accounts that an entry posted it on: each its own, the last the rest."""
        sums: dict[str, int] = defaultdict(int)
        for purpose, posted in self._postings(seq, clause, kind):
            sums[purpose] += posted
        *first, last = sorted(sums) or [DEFAULT_PURPOSE]
        shares: dict[str, int] = {}
        for purpose in first:
            low, high = sorted((0, sums[purpose]))
            shares[purpose] = min(max(amount - sum(shares.values()), low), high)
        return shares | {last: amount - sum(shares.values())}

    def _postings(self, seq: int, clause: str, kind: str) -> Iterator[tuple[str, int]]:
        """Yield the party's postings of an entry under a clause and kind, less what they set aside."""
        if seq not in self._known:
            groups = self.log.groups(seq)
            self._known[seq] = [one for group in groups if group.opened for one in group.postings]
        for one in self._known[seq]:
            owner, _, purpose = one["account"].rpartition(".")
            mine = owner == self.statement.party and one["agreement"] == self.statement.agreement
            if mine and (one["clause"], one["kind"]) == (clause, kind) and purpose not in SET_ASIDE:
                yield purpose, one["amount_minor"]
