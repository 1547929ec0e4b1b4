"""Reconciliations over the agreements the office keeps: made, recorded, matched by hand, made again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from api.office.opening import Office
from api.office.settling import deal_documents, documents
from ledger.reconciliation.errors import ReconciliationRefused
from ledger.reconciliation.layouts import Layout
from ledger.reconciliation.making import Asked, Made, make, make_again
from ledger.reconciliation.manual import MatchAsked, match_by_hand, withdraw
from ledger.reconciliation.recorded import Book, Match, Recorded, record, state_of
from ledger.statements.lines import LineStore


def reconcile_file(office: Office, agreement_id: str, asked: Asked) -> Made:
    """Reconcile a file, writing nothing. Raises AgreementUnknown, and what `make` raises."""
    return make(
        office.log, LineStore(office.files), deal_documents(office, agreement_id), asked, at=office.clock()
    )


def record_made(office: Office, made: Made, by: str) -> Recorded:
    """Record a reconciliation in its party's name; the same again returns the first."""
    newest = documents(office, made.book.agreement)[-1]
    return record(office.log, made.content, made.result.open, reference=newest.ref, at=office.clock(), by=by)


def check_recorded(
    office: Office, recorded: Recorded, layout: Layout, path: Path, mended: Path | None
) -> Made:
    """Make a recorded reconciliation again from its file. Raises ReconciliationDiffers."""
    asked = Asked(party=recorded.book.party, path=path, layout=layout, mended=mended)
    versions = deal_documents(office, recorded.book.agreement)
    return make_again(office.log, LineStore(office.files), versions, recorded, asked)


def match_rows(office: Office, book: Book, asked: MatchAsked, by: str) -> Match:
    """Record a match by hand in a party's name. Raises MatchRefused."""
    newest = documents(office, book.agreement)[-1]
    return match_by_hand(office.log, book, asked, reference=newest.ref, at=office.clock(), by=by)


def withdraw_match(office: Office, book: Book, match: str, reason: str, by: str) -> Match:
    """Withdraw a match in a party's name. Raises ReconciliationUnknown, MatchRefused."""
    newest = documents(office, book.agreement)[-1]
    return withdraw(office.log, book, match, reason, reference=newest.ref, at=office.clock(), by=by)


def demand_begun(office: Office, book: Book) -> None:
    """Refuse a book that no reconciliation is recorded in. Raises ReconciliationRefused."""
    if state_of(office.log, book).last is None:
        raise ReconciliationRefused("nothing is reconciled in this book yet", where=book.name[:100])


def day_given(text: str | None, where: str) -> date | None:
    """Read a day such as 2026-03-31. Raises ReconciliationRefused."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ReconciliationRefused(f"'{text}' is no day such as 2026-03-31"[:80], where=where) from None
