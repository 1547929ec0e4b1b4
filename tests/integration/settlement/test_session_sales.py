"""Sales of sessions: by the session or coupon that an order names, by time and items, and never of others."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from ledger.log import Log
from ledger.registers.telling import tell
from ledger.sessions.sales import basis_of, sold_in
from ledger.settlement.terms import read_terms
from policies.agreement import Agreement
from tests.attributed_world import SESSION, attributing
from tests.ledger_samples import FixedClock
from tests.linked_world import agency_streamer
from tests.settlement_world import instant, plain, refund, sale


def planned(log: Log, agreement: Agreement, name: str, **fields: str) -> None:
    """Tell of a session that is planned and has issued a coupon, where it names one."""
    coupon = fields.pop("coupon", "")
    at = instant("2026-11-10T10:00:00")
    mcn = agreement.party_id("mcn")
    told = {"host_type": "creator", **fields}
    tell(log, agreement, "session", name, "planned", told, by=mcn, at=at)
    if coupon:
        issued = {"coupon": coupon, "coupon_value": "1.00", "funded_by": "merchant"}
        tell(log, agreement, "session", name, "coupon_issued", issued, by=mcn, at=at + timedelta(minutes=1))


def test_orders_are_a_sessions_by_what_they_name_and_refunds_count_once(engine: Engine) -> None:
    agreement = attributing(SESSION)
    log = Log(engine, clock=FixedClock(instant("2026-12-01")))
    planned(log, agreement, "S1", platform_session="S-1111", coupon="HEAD1111")
    planned(log, agreement, "S2", platform_session="S-1112")
    log.append([
        sale(agreement, "A-1", at="2026-11-11", paid="100.00", session="S-1111"),
        sale(agreement, "A-2", at="2026-11-11", paid="50.00", coupon="HEAD1111"),
        sale(agreement, "A-3", at="2026-11-11", paid="30.00", session="S-1112"),
        sale(agreement, "A-4", at="2026-11-11", paid="7.00"),
        refund(agreement, "A-1", "20.00", "2026-11-12"),
        refund(agreement, "A-1", "40.00", "2026-11-13"),
    ])  # fmt: skip
    terms = read_terms([agreement])
    assert basis_of(terms) == "fact"
    sold = sold_in(log, terms, log.size())
    assert (sold["S1"].gross_minor, sold["S1"].refunded_minor, sold["S1"].orders) == (
        15_000,
        4_000,
        {"A-1", "A-2"},
    )
    assert sold["S2"].lines == 0, "an order that no route of the agreement takes is not the agreement's"
    assert sold_in(log, terms, log.size() - 1)["S1"].net_minor == 13_000, "as was known before"


def test_who_is_fed_by_another_agreement_sees_none_of_its_sales(engine: Engine) -> None:
    above, below = plain(), agency_streamer()
    log = Log(engine, clock=FixedClock(instant("2026-12-01")))
    planned(log, below, "S1", platform_session="S-1")
    log.append([sale(above, "A-1", at="2026-11-11", paid="100.00", session="S-1")])
    terms = read_terms([below], feeding=read_terms([above]))
    assert basis_of(terms) == "above"
    assert sold_in(log, terms, log.size())["S1"].lines == 0
