"""Order files of two sources: attested sales, conflicts, and batches that two people take back."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, initialize, multiple, rule

from ledger.errors import EntryUnknown
from ledger.intake import Funding, IntakeTerms, VersionTerms, import_file, load_mapping
from ledger.intake.errors import VoidRefused
from ledger.intake.mapping import Mapping
from ledger.intake.voiding import propose_void, void
from tests.books.base import HOUR, Base, Posted, amounts
from tests.books.model import AGREEMENT_ID, FileModel, ReportModel, yuan
from tests.ledger_samples import AGREEMENT, PARTIES, START

FUNDING = Funding("buyers.payment", "escrow.balance", "paid", "6.1", "sale")
VERSION = VersionTerms(AGREEMENT, datetime(2017, 1, 1, tzinfo=UTC), PARTIES, ("platform",), (FUNDING,))
TERMS = IntakeTerms(AGREEMENT_ID, "CNY", "Asia/Shanghai", "platform", (VERSION,))
ORDERS = load_mapping("tallystick-orders")

Files = Bundle[str]("files")
"""Order files that were imported, by their digest."""

people = st.sampled_from(["wang", "li"])


def mapping(source: str) -> Mapping:
    return Mapping(source, ORDERS.document.model_copy(update={"source": source}), "00" * 32)


def sold_at(order: str) -> datetime:
    """When an order of files was sold: some before the month of the start, some in it."""
    return START - (30 + 300 * int(order[1:])) * HOUR


class Importing(Base):
    """Order files, imported once and again, voided and told anew."""

    @initialize(target=Files, source=st.sampled_from(["orders", "bill"]))
    def import_one(self, source: str) -> str:
        return self.laid_down(source, [("I0", 29_900), ("I1", 250)])

    @rule(
        target=Files,
        source=st.sampled_from(["orders", "bill"]),
        rows=st.lists(
            st.tuples(st.sampled_from(["I0", "I1", "I2"]), amounts),
            min_size=1, max_size=3, unique_by=lambda row: row[0],
        ),
    )  # fmt: skip
    def import_a_file(self, source: str, rows: list[tuple[str, int]]) -> str:
        return self.laid_down(source, rows)

    def laid_down(self, source: str, rows: list[tuple[str, int]]) -> str:
        """Write a file down and import it; return its digest."""
        text = "order,line,currency,paid,paid_at,of\n" + "".join(
            f"{order},1,CNY,{yuan(amount)},{sold_at(order).isoformat()},{source}\n" for order, amount in rows
        )
        digest = hashlib.sha256(text.encode()).hexdigest()
        (self.home / digest).write_text(text, encoding="utf-8")
        latest = max(sold_at(order) for order, _ in rows)
        self.model.files.setdefault(digest, FileModel(source, tuple(rows), latest))
        self.take(digest)
        return digest

    @rule(target=Posted, digest=Files)
    def import_it_again(self, digest: str) -> MultipleResults[int]:
        return multiple(*self.take(digest))

    def take(self, digest: str) -> list[int]:
        """Import a file; return the entries that moved money."""
        model, file, first = self.model, self.model.files[digest], len(self.model.said)
        conflicts = 0
        for order, amount in file.rows:
            told = [one for one in model.reports.setdefault(order, []) if one.source == file.source]
            standing = [one for one in told if one.seq not in model.voided]
            if standing:
                conflicts += standing[0].minor != amount
                continue
            key = f"{order}/1/sale/1" + (f"+{len(told)}" if told else "")
            moved = amount if not model.funded(order) else 0
            seq = model.say((file.source, key), "sale.recorded", sold_at(order), self.now, moved)
            model.reports[order].append(ReportModel(seq, file.source, amount))
        stop = len(model.said)
        if stop > first:
            model.say(("intake", f"taken/{first}"), "batch.taken", file.latest, self.now)
            file.ranges.append((first, stop))
        report = import_file(self.log, self.home / digest, mapping(file.source), TERMS)
        assert (report.new.total, report.conflict_count, report.rejected_rows) == (stop - first, conflicts, 0)
        if file.recorded is None:
            file.recorded = len(model.said)
            told_of = self.log.entry(file.recorded)
            model.say((told_of.source, told_of.id), "file.imported", file.latest, self.now)
        assert report.imported_seq == file.recorded
        return [seq for seq in range(first, stop) if model.said[seq].minor]

    @rule(target=Posted, digest=Files, one=people, other=people, beside=st.none() | amounts)
    def void(self, digest: str, one: str, other: str, beside: int | None) -> MultipleResults[int]:
        """Two people void a file, or one person tries, perhaps after the other source told of the same."""
        file = self.model.files[digest]
        if beside is not None:
            source = "bill" if file.source == "orders" else "orders"
            self.laid_down(source, [(order, beside) for order, _ in file.rows])
        self.propose_to_void(digest, one)
        return self.confirmed(digest, other)

    @rule(target=Posted, digest=Files, times=st.integers(1, 3))
    def void_and_tell_anew(self, digest: str, times: int) -> MultipleResults[int]:
        """A file is voided and imported again, and that again: each telling has a key of its own."""
        moved: list[int] = []
        for _ in range(times):
            self.propose_to_void(digest, "wang")
            self.confirmed(digest, "li" if self.proposer(digest) == "wang" else "wang")
            moved += self.take(digest)
        return multiple(*moved)

    def proposer(self, digest: str) -> str | None:
        """Who proposed to void what a file holds now."""
        file = self.model.files[digest]
        return file.proposals.get(file.held) if file.ranges else None

    @rule(digest=Files, by=people)
    def propose_to_void(self, digest: str, by: str) -> None:
        file = self.model.files[digest]
        asked: dict[str, Any] = {"by": by, "asserter": "platform", "reason": "wrong month", "now": self.now}
        if not file.ranges:
            with pytest.raises(EntryUnknown):
                propose_void(self.log, TERMS, digest, **asked)
            return
        held = file.held
        if held not in file.proposals:
            if self.model.is_reversed(_within(file)):
                with pytest.raises(VoidRefused):
                    propose_void(self.log, TERMS, digest, **asked)
                return
            file.proposals[held] = by
            key = ("intake", f"void/{held}/proposed")
            self.model.say(key, "batch.void_proposed", self.now, self.now)
        assert propose_void(self.log, TERMS, digest, **asked).by == file.proposals[held]

    @rule(target=Posted, digest=Files, by=people)
    def confirm_the_void(self, digest: str, by: str) -> MultipleResults[int]:
        return self.confirmed(digest, by)

    def confirmed(self, digest: str, by: str) -> MultipleResults[int]:
        """Void a file as the second person; return the entry where it moved money."""
        model, file = self.model, self.model.files[digest]
        asked: dict[str, Any] = {"by": by, "asserter": "platform", "now": self.now}
        proposer = self.proposer(digest)
        if proposer in {None, by}:
            with pytest.raises(VoidRefused if file.ranges else EntryUnknown):
                void(self.log, TERMS, digest, **asked)
            return multiple()
        held, inside = file.held, _within(file)
        if model.is_reversed(inside):
            with pytest.raises(VoidRefused):
                void(self.log, TERMS, digest, **asked)
            return multiple()
        minor = sum(
            model.funded(order, inside) - model.funded(order)
            for order, reports in model.reports.items()
            if any(one.seq in inside for one in reports)
        )
        seq = model.say(("intake", f"void/{held}"), "batch.voided", self.now, self.now, minor)
        done = void(self.log, TERMS, digest, **asked)
        assert (done.seq, done.sales, done.proposed_by) == (seq, len(inside), proposer)
        model.voided.update(inside)
        file.ranges.clear()
        return multiple(*([seq] if minor else []))


def _within(file: FileModel) -> list[int]:
    """Return the entries taken from a file that stand."""
    return [seq for first, stop in file.ranges for seq in range(first, stop)]
