"""A month played into an installation as it would have happened: told, imported, settled, paid at its times.

Every morning the monitors run over what is new. What they found is held against what was put in.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from api.office.agreements import propose, version_to_sign
from api.office.bank_accounts import account_request, change_account, fresh_salt
from api.office.facts import record_facts
from api.office.monitoring import watch
from api.office.opening import Office
from api.office.orders import import_orders
from api.office.payouts import prepare_batch, release_batch, versions_of
from api.office.registers import standing_of
from api.office.settling import settle_until
from api.office.signing import give_signature
from contracts.consent import sign_version
from contracts.signing import SigningKey
from examples.simulated_month.generate import ZONE, Happening, Injected, Month, at, money
from ledger.entries import Group, NewEntry
from ledger.monitors.running import MONITORS
from ledger.notices.notice import Notice
from ledger.notices.reading import notices
from ledger.payouts.accounts import Details
from ledger.payouts.batches import Act
from ledger.payouts.outcomes import Told, record_outcomes
from ledger.registers.asking import Telling
from ledger.registers.telling import tell_all
from ledger.settlement.recorded_facts import FactsGiven
from ledger.statements.acts import Act as StatementAct
from ledger.statements.acts import accept
from ledger.statements.reading import list_statements
from policies.agreement import Agreement
from policies.loading import load_agreement

DOCUMENT = Path(__file__).with_name("agreement.yaml")
NAMED_BY = {
    "price-below-promise": ("sku", "seen_on"),
    "exclusivity-breached": ("seen_on",),
    "report-missing": ("sku",),
    "absolute-terms": ("at_ms",),
    "data-beyond-grant": ("purpose",),
    "notice-period-broken": ("noticed_on",),
    "change-noticed-late": ("version",),
    "return-rate-high": ("sku",),
    "settlement-late": ("party",),
    "grant-expiring": ("ends_on",),
}
"""What a notice of each code names, by which it is held against what was put in."""


class Clock:
    """A clock that is set to the time of what happens, and moves a second at every look."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found against what was put in: what was missed, and notices of what was not put in."""

    injected: frozenset[Injected]
    found: frozenset[Injected]
    given: int

    @property
    def missed(self) -> list[Injected]:
        """What was put in and not found."""
        return sorted(self.injected - self.found, key=str)

    @property
    def false(self) -> list[Injected]:
        """What was found though nobody put it in."""
        return sorted(self.found - self.injected, key=str)


def document(month: Month) -> Agreement:
    """Return the agreement that the month is played under."""
    text = DOCUMENT.read_text(encoding="utf-8").replace("2026-06-30", month.grant_until.isoformat())
    return load_agreement(text, name=DOCUMENT.name)


def play(office: Office, clock: Clock, month: Month, folder: Path) -> Compared:
    """Play a month into an empty installation, whose clock this is; order files are written to a folder."""
    clock.now = at(date(2026, 2, 27), 9)
    playing = _Playing(office, month, folder, _signed(office, document(month)))
    morning = at(date(2026, 3, 1), 8)
    for happening in month.happenings:
        while morning <= happening.at:
            clock.now = morning
            watch(office)
            morning += timedelta(days=1)
        clock.now = happening.at
        playing.do(happening)
    while morning <= at(date(2026, 4, 2), 8):
        clock.now = morning
        watch(office)
        morning += timedelta(days=1)
    return compared(office, month)


def compared(office: Office, month: Month) -> Compared:
    """Hold the notices that monitors gave against what was put into a month."""
    given = [one for one in notices(office.log) if one.by == MONITORS]
    return Compared(month.injected, frozenset(_named(one) for one in given), len(given))


def _named(one: Notice) -> Injected:
    told = {**one.new.about, **one.new.figures}
    return Injected(one.new.code, " ".join(told[name] for name in NAMED_BY[one.new.code]))


def _signed(office: Office, agreement: Agreement) -> Agreement:
    """Have every party sign, and every payee record its account."""
    keys = {party: SigningKey.generate() for party in agreement.parties}
    held = propose(office, agreement.with_signers({party: key.address for party, key in keys.items()}))
    for party, key in keys.items():
        signed = sign_version(key, version_to_sign(office, held), office.domain)
        give_signature(office, agreement.ref, party, signed.signature)
    for party in ("brand", "mcn", "streamer"):
        details = Details("bank", f"{party} Co", "6222020200001234", "Bank of Hangzhou", "313331000014")
        asked = account_request(office, party, "platform", details, fresh_salt())
        signature = keys[party].sign(asked.digest)
        change_account(office, party, "platform", details, asked.salt, signature, by=f"{party}-member")
    return held.agreement


class _Playing:
    """An installation while a month is played into it."""

    def __init__(self, office: Office, month: Month, folder: Path, agreement: Agreement) -> None:
        self.office, self.month, self.folder, self.agreement = office, month, folder, agreement
        self.shared = 0

    def do(self, one: Happening) -> None:
        """Do one thing that happened."""
        match one.act:
            case "tell":
                self.tell(one)
            case "orders":
                self.orders()
            case "share":
                self.share(one.fields)
            case "end":
                record_facts(self.office, self.agreement.id, one.by, FactsGiven(dict(one.fields)))
            case "propose":
                self.propose(one.fields["effective_from"])
            case "settle":
                settle_until(self.office, self.agreement.id, one.at)
            case "accept":
                self.accept()
            case "pay":
                self.pay()

    def tell(self, one: Happening) -> None:
        register, item, event = one.of
        party = "streamer" if register == "training" else None
        by, standing = standing_of(
            self.office, register, by=one.by, agreement=None if party else self.agreement.id, party=party
        )
        told = Telling(register, item, event, one.fields, by, self.office.clock(), one.at, standing)
        tell_all(self.office.log, [told])

    def orders(self) -> None:
        """Import the order file of the day: every order so far, as it stands by then."""
        now = self.office.clock()
        path = self.folder / f"orders-{now.astimezone(ZONE):%m-%d}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.DictWriter(
                file,
                [
                    "order",
                    "line",
                    "currency",
                    "sku",
                    "paid",
                    "paid_at",
                    "confirmed_at",
                    "refunded",
                    "refunded_at",
                ],
            )
            rows.writeheader()
            rows.writerows(self.rows(now))
        import_orders(self.office, path, "tallystick-orders", self.agreement.id)

    def rows(self, now: datetime) -> Iterator[Mapping[str, str]]:
        """Yield the rows of the order file at a time."""

        def told(when: datetime | None) -> str:
            return f"{when.astimezone(ZONE):%Y-%m-%d %H:%M:%S}" if when is not None and when <= now else ""

        for one in self.month.orders:
            if one.paid_at <= now:
                refunded = told(one.refunded_at)
                yield {
                    "order": one.id, "line": "1", "currency": "CNY", "sku": one.sku,
                    "paid": money(one.paid_minor), "paid_at": told(one.paid_at),
                    "confirmed_at": told(one.confirmed_at),
                    "refunded": money(one.paid_minor) if refunded else "0.00", "refunded_at": refunded,
                }  # fmt: skip

    def share(self, asked: Mapping[str, str]) -> None:
        """Record what a party says it gave another, as a program of the platform does."""
        self.shared += 1
        readers = tuple(self.agreement.party_id(key) for key in self.agreement.parties)
        content = {**asked, "fields": asked["fields"].split()}
        entry = NewEntry(
            source="platform.data",
            id=f"share-{self.shared}",
            kind="data.shared",
            occurred_at=self.office.clock(),
            asserter="platform",
            agreement=self.agreement.ref,
            concerns=readers,
            groups=(Group("facts", readers, content),),
        )
        self.office.log.append([entry])

    def propose(self, effective_from: str) -> None:
        """Propose the next version, which says the same from another day on."""
        text = self.agreement.canonical.decode()
        began = self.agreement.document.effective_from.isoformat()
        follows = {
            "version": 1, "transition": "by_order_time",
            "notice": {"noticed_on": f"{self.office.clock().astimezone(ZONE):%Y-%m-%d}", "affects": "few"},
        }  # fmt: skip
        over = [
            {"code": "amendment.starts-later", "reason": {"zh": "待通知期满", "en": "once notice has run"}}
        ]
        more = f'"supersedes":{json.dumps(follows)},"accepted_findings":{json.dumps(over)}'
        text = text.replace('"version":1', f'"version":2,{more}', 1)
        text = text.replace(f'"effective_from":"{began}"', f'"effective_from":"{effective_from}"')
        propose(self.office, load_agreement(text, name="next.yaml"))

    def accept(self) -> None:
        """Have each party accept its newest statement."""
        found = list_statements(self.office.log, agreement=self.agreement.id)
        newest = {one.party: one for one in reversed(found)}
        for party, statement in newest.items():
            act = StatementAct(self.office.clock(), f"{party}-member")
            accept(self.office.log, statement, self.agreement, act)

    def pay(self) -> None:
        """Pay what is payable: one prepares, another releases, the bank confirms."""
        batch = prepare_batch(self.office, "platform", by="one")
        released = release_batch(self.office, batch.id, by="two", digest=None)
        told = [
            Told(n, one.reference, "confirmed", one.amount_minor)
            for n, one in enumerate(released.payments, 1)
        ]
        act = Act(self.office.clock(), "bank")
        record_outcomes(
            self.office.log, versions_of(self.office), "platform", told, act, file_sha256="0" * 64
        )
