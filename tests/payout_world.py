"""A settled month whose statements are accepted and paid: payees with accounts, batches, banks' answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ledger.accounts import balances
from ledger.database import reading
from ledger.log import Log
from ledger.payouts.accounts import Details, Signed, account_changed, accounts_within, record_account
from ledger.payouts.batches import Act, batch_of, cancel, payables, prepare, release
from ledger.payouts.outcomes import OutcomeReport, Told, record_outcomes
from ledger.payouts.payable import Payable
from ledger.payouts.reading import Batch
from ledger.statements.acts import Act as StatementAct
from ledger.statements.acts import accept, contest, end_contest
from ledger.statements.contested import ContestAsked
from ledger.statements.reading import Statement
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.ledger_samples import FixedClock
from tests.settlement_world import PLAIN, World, receipt, sale

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
"""Noon of 1 April 2026 in Shanghai."""

PROCESS = """
  - id: "13.1"
    kind: dispute_process
    text: {zh: 争议。, en: Disputes.}
    windows: {answer_days: 5, evidence_days: 7, appeal_days: 10}
    statements: {contest_days: 5, counted_in: calendar_days}
"""

PAYOUT = """
  - id: "15.1"
    kind: payout
    text: {zh: 付款。, en: Payment.}
"""


def terms(payout: str = "") -> Agreement:
    """Return the plain split with a dispute process, and a payout clause with these lines, if any."""
    clause = PAYOUT + payout if payout else ""
    return load_agreement(PLAIN.strip() + PROCESS + clause, name="payouts.yaml")


def later_version(agreement: Agreement, payout: str) -> Agreement:
    """Return the second version of an agreement, from 1 May 2026 on, with a payout clause of these fields."""
    return load_agreement(
        agreement.canonical.decode()
        .replace('"version":1', '"version":2,"supersedes":{"transition":"by_order_time","version":1}')
        .replace('"effective_from":"2026-02-01"', '"effective_from":"2026-05-01"')
        .replace(
            '"clauses":[',
            f'"clauses":[{{"id":"15.1","kind":"payout",{payout},"text":{{"en":"P","zh":"P"}}}},',
        ),
        name="later.yaml",
    )


@dataclass
class Payday:
    """A world on the day of payment. Amounts of the month: mcn 5400, streamer 12600, brand 75000 minor."""

    world: World
    clock: FixedClock
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def agreements(self) -> dict[str, list[Agreement]]:
        return {self.world.agreement.id: list(self.world.agreements)}

    def month(self, *orders: str, sold: str = "2026-02-20", until: str = "2026-04-01") -> None:
        """Tell of sales of 1,000.00 each, received ten days later, and settle."""
        when = datetime.fromisoformat(sold)
        received = f"{when.replace(day=when.day):%Y-%m}-28"
        for order in orders:
            self.world.tell(
                sale(self.world.agreement, order, at=sold, paid="1000.00"),
                receipt(self.world.agreement, order, received),
            )
        self.world.settle(until)

    def act(self, by: str = "one", **later: int) -> Act:
        self.clock.forward(**(later or {"seconds": 1}))
        return Act(self.clock(), by)

    def accept(self, *parties: str) -> None:
        for party in parties:
            self.accept_one(self.world.statement(party))

    def accept_one(self, statement: Statement) -> None:
        act = self.act(f"{statement.party}-member")
        accept(self.world.log, statement, self.world.agreement, StatementAct(act.at, act.by))

    def contest(self, statement: Statement, *lines: int) -> int:
        act = self.act(f"{statement.party}-member")
        asked = ContestAsked("wrong rate", lines)
        agreement, store = self.world.agreement, self.world.store
        made = contest(self.world.log, store, statement, agreement, asked, StatementAct(act.at, act.by))
        return made.number

    def end(self, statement: Statement, number: int, how: Any = "withdrawn") -> None:
        act = self.act("office")
        end_contest(
            self.world.log, statement, self.world.agreement, number, how, StatementAct(act.at, act.by),
            reason="seen", correction="named" if how == "answered" else None,
        )  # fmt: skip

    def account(
        self, payee: str, number: str = "6222020200001234", *, means: Any = "bank", holder: str = ""
    ) -> int:
        """Record an account as its payee, with what stands in for a signature."""
        count = self.numbers[payee] = self.numbers.get(payee, 0) + 1
        details = Details(means, holder or f"{payee} Co", number, "Bank of Hangzhou", "313331000014")
        salt = bytes(32)
        signed = Signed(details.commitment(salt), "0x" + "1" * 40, bytes(65), salt, {})
        act = self.act(f"{payee}-member")
        entry = account_changed(payee, "platform", count, details, signed, by=act.by, at=act.at)
        return record_account(self.world.log, entry, payee, "platform", count)

    def accounts(self) -> None:
        for payee in ("brand", "mcn", "streamer"):
            self.account(payee)

    def erase_account(self, payee: str) -> None:
        """Erase the details of a payee's newest account."""
        with reading(self.world.log.engine) as session:
            newest = accounts_within(session, payee, "platform")[-1]
        self.world.log.erase(
            newest.seq, "account_details", reason="asked", asserter="operator", source="erase", id=payee
        )

    def prepare_anew(self, batch: Batch) -> Batch:
        """Cancel a batch and prepare another."""
        cancel(self.world.log, batch.id, self.act(), reason="anew")
        return self.prepare()

    def payables(self) -> dict[str, Payable]:
        return {one.payee: one for one in payables(self.world.log, self.agreements, self.clock())}

    def payable(self, payee: str) -> int:
        return self.payables()[payee].payable_minor

    def prepare(self, by: str = "one") -> Batch:
        return prepare(self.world.log, self.agreements, "platform", self.act(by))

    def release(self, batch: Batch, by: str = "two") -> Batch:
        return release(self.world.log, self.agreements, batch.id, self.act(by))

    def tell(self, *rows: Told) -> OutcomeReport:
        return record_outcomes(
            self.world.log, self.agreements, "platform", rows, self.act("bank"), file_sha256="0" * 64
        )

    def say(self, batch: Batch, payee: str, outcome: Any = "confirmed", **more: Any) -> Told:
        (payment,) = [one for one in batch.payments if one.payee == payee]
        return Told(1, payment.reference, outcome, payment.amount_minor, **more)

    def state(self, batch: Batch, payee: str) -> str:
        found = batch_of(self.world.log, batch.id)
        return next(one.state for one in found.payments if one.payee == payee)

    def balance(self, owner: str, purpose: str) -> int:
        found = balances(self.world.log.engine, owner=owner, purpose=purpose)
        return sum(found.values())


def settled(engine: Engine, data: Path, agreement: Agreement | None = None) -> Payday:
    """Return a settled month of three sales, everybody with an account, nothing accepted yet."""
    clock = FixedClock(NOON)
    made = Payday(World(Log(engine, clock=clock), data, [agreement or terms()]), clock)
    made.month("A", "B", "C")
    made.accounts()
    return made
