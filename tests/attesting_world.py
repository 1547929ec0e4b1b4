"""Several sources that report the same sales of one agreement, by files and one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ledger.database import open_engine, reading
from ledger.group_commit import GroupCommit
from ledger.intake import Funding, ImportReport, IntakeTerms, VersionTerms, import_file, load_mapping
from ledger.intake.batches import Batch, batches
from ledger.intake.mapping import Mapping
from ledger.intake.together import keyed_within
from ledger.intake.told import Teller, Told
from ledger.intake.voiding import Voided, propose_void, void
from ledger.log import Log
from ledger.sorting import AppendReport

AGREEMENT = "plain-split"
PARTIES = ("brand", "mcn", "platform", "streamer")
SOLD = "2026-02-20T00:00:00+08:00"
NOW = datetime(2026, 4, 1, tzinfo=UTC)
HEADER = (
    "order,line,currency,paid,freight,platform_coupon,sku,category,buyer,"
    "paid_at,confirmed_at,refunded,refunded_at"
)
_ORDERS = load_mapping("tallystick-orders")


def terms_of(prevailing: str | None = None) -> IntakeTerms:
    """Return the terms of the plain split of tests/settlement_world.py, with the source that prevails."""
    version = VersionTerms(
        f"{AGREEMENT}@1",
        datetime(2026, 1, 31, 16, tzinfo=UTC),
        PARTIES,
        ("platform",),
        (Funding("consumers.payment", "escrow.balance", "paid", "6.1", "order_payment"),),
        {"paid": "money", "freight": "money", "platform_coupon": "money"},
        prevailing,
    )
    return IntakeTerms(AGREEMENT, "CNY", "Asia/Shanghai", "platform", (version,))


@dataclass(frozen=True)
class Line:
    """What a source says of a line; amounts as text, `receipt` and `refund` only where it tells of them."""

    order: str
    paid: str
    received: str = ""
    refunded: str = ""
    refunded_at: str = ""

    def row(self, source: str) -> str:
        """Return the row of a source's order file that says so; as the buyer's name it has its own."""
        cells = (self.order, "1", "CNY", self.paid, "0.00", "0.00", "", "", source, SOLD)
        return ",".join((*cells, self.received, self.refunded, self.refunded_at))

    def told(self, source: str) -> list[Told]:
        """Return the events that say so, as they are sent one by one."""
        facts = {"paid": self.paid, "freight": "0.00", "platform_coupon": "0.00"}
        found = [self._told(source, "sale.recorded", SOLD, facts, {"buyer": source})]
        if self.received:
            found.append(self._told(source, "receipt.confirmed", self.received, {}))
        if self.refunded:
            total = {"refunded_total": self.refunded}
            found.append(self._told(source, "refund.recorded", self.refunded_at, total))
        return found

    def _told(
        self, source: str, kind: str, at: str, facts: dict[str, str], personal: dict[str, str] | None = None
    ) -> Told:
        when = datetime.fromisoformat(at)
        own = personal or {}
        return Told(source, kind, AGREEMENT, "platform", when, self.order, "1", facts=facts, personal=own)


def mapping_of(source: str) -> Mapping:
    """Return our own order file as another source writes it."""
    document = _ORDERS.document.model_copy(update={"source": source})
    return Mapping(source, document, source.encode().hex().ljust(64, "0"))


@dataclass
class Sources:
    """A log that several sources report to. Each call is a process of its own as far as the log can tell."""

    url: str
    folder: Path
    terms: IntakeTerms = field(default_factory=terms_of)

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url)
        self.log = Log(self.engine)

    def file(self, source: str, *lines: Line, dry_run: bool = False) -> ImportReport:
        """Import lines as a file of a source."""
        path = self.folder / f"{source}.csv"
        path.write_text("\n".join([HEADER, *(line.row(source) for line in lines), ""]), encoding="utf-8")
        return import_file(self.log, path, mapping_of(source), self.terms, dry_run=dry_run)

    def send(self, source: str, *lines: Line, partial: bool = False) -> AppendReport:
        """Send the events of lines as a source in one request, through a queue of its own."""
        teller = Teller(self.terms)
        entries = [teller.entry(told) for line in lines for told in line.told(source)]
        with GroupCommit(self.log, revise=keyed_within) as queue:
            return queue.submit(entries, partial=partial, attest=teller.attesting.postings).result(60)

    def standing(self) -> list[Batch]:
        """Return the batches that were not voided, oldest first."""
        return [one for one in batches(self.log, AGREEMENT) if one.voided_by is None]

    def void(self, batch: Batch) -> Voided:
        """Have two people void a batch."""
        name = batch.file_sha256
        propose_void(self.log, self.terms, name, by="wang", asserter="platform", reason="wrong file", now=NOW)
        return void(self.log, self.terms, name, by="li", asserter="platform", now=NOW)

    def escrow(self) -> int:
        """Return what the sales have put into escrow, whatever was settled out of it since."""
        with reading(self.engine) as session:
            ((total,),) = session.rows(
                "SELECT coalesce(sum(p.amount_minor), 0) FROM posting p JOIN account a ON a.id = p.account"
                " WHERE a.owner = 'escrow' AND p.kind LIKE 'order_payment%' AND p.kind NOT LIKE '%returned'"
            )
        return int(total)

    def close(self) -> None:
        """Let the database go."""
        self.engine.dispose()
