"""A small world to settle in: agreements, order lines as they reach the log, and runs over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from ledger.accounts import Account
from ledger.derive import LINE_EVENTS
from ledger.entries import Group, NewEntry, Posting
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.reading import LineEvent
from ledger.settlement.facts import LineBook, collect_lines
from ledger.settlement.issue import settle
from ledger.settlement.issued import SettlementReport
from ledger.settlement.terms import Terms
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement, list_statements
from policies.agreement import Agreement
from policies.loading import load_agreement
from policies.money import to_minor

EXAMPLES = Path(__file__).parents[1] / "examples" / "agreements"

PLAIN = """
language: 1
agreement: plain-split
version: 1
title: {zh: 简单分佣, en: Plain split}
effective_from: 2026-02-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: alliance
jurisdiction: CN
parties:
  platform: {id: platform, role: platform, name: {zh: 平台, en: Platform}}
  brand:    {id: brand, role: merchant, name: {zh: 品牌, en: Brand}}
  mcn:      {id: mcn, role: mcn, name: {zh: 机构, en: Agency}}
  streamer: {id: streamer, role: streamer, name: {zh: 主播, en: Streamer}}
payees:
  consumers: {name: {zh: 买家, en: Buyers}}
facts:
  paid: {type: money, of: order, text: {zh: 实付, en: paid}}
clauses:
  - id: "6.1"
    kind: commission
    text: {zh: 佣金。, en: Commission.}
    whole: paid
    funding:
      - {from: consumers.payment, kind: order_payment, amount: paid, at: sale}
    waterfall:
      - {leg: tech_fee, to: platform.tech_fee, kind: tech_service_fee, amount: 5% * paid}
      - {pool: commission, amount: 20% * paid}
      - {leg: alliance_fee, from: commission, to: platform.alliance_fee, amount: 10% * commission}
      - {leg: mcn_share, from: commission, to: mcn.balance, amount: 30% * (commission - alliance_fee)}
      - {leg: streamer_share, from: commission, to: streamer.balance, rest: true}
      - {leg: merchant_net, to: brand.balance, rest: true}
    rounding: {mode: half_up, at: line}
  - id: "7.1"
    kind: clearing
    text: {zh: 结算。, en: Clearing.}
    days: 15
  - id: "7.4"
    kind: returns
    text: {zh: 退款。, en: Returns.}
    window_days: 30
    refundable: paid
"""


@lru_cache(maxsize=32)
def plain(**changes: str) -> Agreement:
    """Return a four-party split; `changes` replace text in it, "old" by keyword `was_N` with `now_N`."""
    text = PLAIN
    for key in sorted(name for name in changes if name.startswith("was")):
        assert changes[key] in text, changes[key]
        text = text.replace(changes[key], changes["now" + key.removeprefix("was")])
    return load_agreement(text, name="plain-split.yaml")


@lru_cache(maxsize=1)
def head_streamer() -> Agreement:
    """Return the example agreement with a platform coupon, five parties and 15-day windows."""
    path = EXAMPLES / "head-streamer.yaml"
    return load_agreement(path.read_text(encoding="utf-8"), name=path.name)


def instant(text: str) -> datetime:
    """Read a day or a local time of Shanghai."""
    return datetime.fromisoformat(f"{text if 'T' in text else text + 'T00:00:00'}+08:00")


def sale(
    agreement: Agreement, order: str, *, line: str = "1", at: str = "2026-02-20", **facts: str
) -> NewEntry:
    """Return a sale with the postings that its funding at the time of sale makes."""
    when = instant(at)
    content = {
        "order": order,
        "line": line,
        "currency": agreement.currency,
        "paid_at": when.isoformat(),
        **facts,
    }
    amount = to_minor(facts["paid"], agreement.currency) if "paid" in facts else 0
    postings = [
        Posting(
            owner=owner,
            purpose=purpose,
            agreement=agreement.id,
            currency=agreement.currency,
            amount_minor=sign * amount,
            clause="6.1",
            kind="order_payment",
        )
        for owner, purpose, sign in (("consumers", "payment", -1), ("escrow", "balance", 1))
        if amount
    ]
    return _entry(agreement, "sale.recorded", content, when, "1", postings)


def receipt(agreement: Agreement, order: str, at: str, *, line: str = "1") -> NewEntry:
    """Return a confirmed receipt."""
    when = instant(at)
    content = {"order": order, "line": line, "confirmed_at": when.isoformat()}
    return _entry(agreement, "receipt.confirmed", content, when, "1")


def refund(agreement: Agreement, order: str, total: str, at: str, *, line: str = "1") -> NewEntry:
    """Return the state that a line has been refunded `total` so far."""
    when = instant(at)
    content = {"order": order, "line": line, "refunded_total": total, "refunded_at": when.isoformat()}
    return _entry(agreement, "refund.recorded", content, when, total)


def after_sale(
    agreement: Agreement, order: str, event: str, at: str, *, line: str = "1", case: str = "1"
) -> NewEntry:
    """Return that an after-sale case of a line was `opened` or `closed`."""
    when = instant(at)
    content = {"order": order, "line": line, "case": case, f"{event}_at": when.isoformat()}
    return _entry(agreement, f"after_sale.{event}", content, when, case)


def _entry(
    agreement: Agreement,
    kind: str,
    content: dict[str, Any],
    when: datetime,
    revision: str,
    postings: Sequence[Posting] = (),
) -> NewEntry:
    readers = tuple(sorted(agreement.party_id(key) for key in agreement.parties))
    return NewEntry(
        source="orders",
        id=f"{content['order']}/{content['line']}/{kind}/{revision}",
        kind=kind,
        occurred_at=when,
        asserter="platform",
        agreement=agreement.ref,
        concerns=readers,
        groups=(Group("order", readers, content, tuple(postings)),),
    )


def book(terms: Terms, entries: Sequence[NewEntry]) -> LineBook:
    """Return the lines that a log holding exactly these entries would tell, with no log."""
    events: list[LineEvent] = []
    for seq, entry in enumerate(entries):
        content = entry.groups[0].content
        us = microseconds(entry.occurred_at)
        encoded = msgspec.json.encode(content)
        events.append((seq, content["order"], content["line"], LINE_EVENTS[entry.kind], us, us, encoded))
    return collect_lines([events], terms, len(entries))


@dataclass
class World:
    """A log with one agreement's versions, and a directory for line files."""

    log: Log
    data: Path
    agreements: list[Agreement] = field(default_factory=lambda: [plain()])

    @property
    def agreement(self) -> Agreement:
        """The newest version."""
        return self.agreements[-1]

    @property
    def store(self) -> LineStore:
        """The line files."""
        return LineStore(self.data)

    def tell(self, *entries: NewEntry) -> None:
        """Append entries."""
        self.log.append(entries)

    def settle(self, cutoff: str, **options: Any) -> SettlementReport:
        """Settle up to a local day or time."""
        return settle(
            self.log, self.agreements, instant(cutoff), data=self.data, asserter="platform", **options
        )

    def statement(self, party: str) -> Statement:
        """Return a party's newest statement."""
        return list_statements(self.log, party=party, agreement=self.agreement.id)[0]

    def account(self, owner: str, purpose: str = "balance") -> Account:
        """Return an account of the agreement."""
        return Account(owner, self.agreement.id, purpose, self.agreement.currency)
