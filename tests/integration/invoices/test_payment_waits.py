"""Payments wait for invoices where the document says so, and go once they are there."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from ledger.invoices.recording import withdraw_invoice
from ledger.log import Log
from ledger.payouts.errors import PayoutChanged
from ledger.statements.acts import Act
from policies.loading import load_agreement
from tests.invoice_world import CLAUSE, NUMBER, invoice, record
from tests.ledger_samples import FixedClock
from tests.payout_world import NOON, PROCESS, Payday
from tests.settlement_world import PLAIN, World, instant

FACTS = """  payment_on: {type: date, of: case, text: {zh: 付款日, en: day of payment}}
  invoice_valid: {type: bool, of: case, text: {zh: 已开票, en: a valid invoice was given}}
  invoiceable: {type: money, of: case, text: {zh: 应开票, en: to be invoiced}}
clauses:
"""


@pytest.fixture
def payday(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Payday:
    """A settled month in which the streamer invoices the agency, on each database in turn."""
    text = PLAIN.strip().replace("clauses:\n", FACTS) + PROCESS + CLAUSE.replace("WAITS", "invoice")
    clock = FixedClock(NOON)
    agreement = load_agreement(text, name="invoiced.yaml")
    world = World(Log(engine, clock=clock), tmp_path_factory.mktemp("lines"), [agreement])
    made = Payday(world, clock)
    made.month("A", "B", "C")
    made.accounts()
    made.accept("mcn", "streamer")
    return made


def test_a_statement_is_paid_once_it_is_invoiced_in_full(payday: Payday) -> None:
    waiting = payday.payables()["streamer"]
    assert (waiting.payable_minor, waiting.uninvoiced_minor, waiting.waits) == (0, 37_800, "invoice")
    assert payday.payable("mcn") == 16_200, "no clause has the agency's payment wait"
    statement = payday.world.statement("streamer")
    record(payday.world, statement, invoice(statement, 37_800))
    going = payday.payables()["streamer"]
    assert (going.payable_minor, going.uninvoiced_minor, going.waits) == (37_800, 0, None)


def test_a_statement_that_is_open_and_not_invoiced_yet_counts_as_open(payday: Payday) -> None:
    payday.month("D", sold="2026-03-10", until="2026-05-01")
    found = payday.payables()["streamer"]
    assert (found.open_minor, found.uninvoiced_minor, found.payable_minor) == (12_600, 37_800, 0)


def test_a_batch_is_not_released_when_its_invoice_is_gone(payday: Payday) -> None:
    statement = payday.world.statement("streamer")
    record(payday.world, statement, invoice(statement, 37_800))
    batch = payday.prepare()
    act = Act(instant("2026-04-11"), "streamer")
    withdraw_invoice(payday.world.log, payday.world.agreement, NUMBER, "typed wrong", act)
    with pytest.raises(PayoutChanged):
        payday.release(batch)


def test_what_was_paid_before_an_invoice_went_takes_nothing_from_others(payday: Payday) -> None:
    statement = payday.world.statement("streamer")
    record(payday.world, statement, invoice(statement, 37_800))
    batch = payday.release(payday.prepare())
    payday.tell(payday.say(batch, "mcn"), payday.say(batch, "streamer"))
    act = Act(instant("2026-04-11"), "streamer")
    withdraw_invoice(payday.world.log, payday.world.agreement, NUMBER, "typed wrong", act)
    after = payday.payables()["streamer"]
    assert (after.due_minor, after.paid_minor, after.payable_minor, after.uninvoiced_minor) == (
        37_800, 37_800, 0, 0,
    )  # fmt: skip
