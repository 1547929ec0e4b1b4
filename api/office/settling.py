"""Settlement runs and their explanations, over the agreements the office holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from api.office.agreements import held_versions, signed_versions
from api.office.errors import CutoffAhead
from api.office.opening import OPERATOR, Office
from api.office.second_opinion import opinion_of
from ledger.settlement.cluster import Cluster
from ledger.settlement.errors import LinesUnavailable, SettlementRefused, StatementUnknown
from ledger.settlement.forecast import DAYS, Forecast, forecast
from ledger.settlement.issue import Progress, correct, preview, settle
from ledger.settlement.issued import RunPreview, SettlementReport
from ledger.settlement.moved import Engine
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.change import StatementChange, change_between
from ledger.statements.contested import REASON_MAX
from ledger.statements.due_words import DueExplained, explain_due
from ledger.statements.explain import explain, why
from ledger.statements.explanation import Explanation, LineAnswer
from ledger.statements.figure import FigureExplained, explain_figure
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement, StatementLine, list_statements
from policies.agreement import Agreement
from policies.errors import Finding
from policies.links import fed_by

STATEMENTS_EXAMINED = 1_000_000
"""More statements than an installation issues in decades: the doctor looks at each."""


def documents(office: Office, agreement_id: str) -> list[Agreement]:
    """Return the signed versions of an agreement, oldest first. Raises AgreementUnknown."""
    return [one.agreement for one in signed_versions(office, agreement_id)]


def deal_documents(office: Office, agreement_id: str) -> list[Agreement]:
    """Return all that a run rests on: signed versions of what feeds the agreement, then its own.

    Where an attribution clause says which orders are whose, those of every agreement with one come first.
    Raises AgreementUnknown where none of its own is signed.
    """
    signed = [one.agreement for one in held_versions(office).values() if one.is_signed]
    found = documents(office, agreement_id)
    known = {agreement_id}
    while sources := {link.agreement for link in map(fed_by, found) if link is not None} - known:
        known |= sources
        above = [one for one in signed if one.id in sources]
        found = [*sorted(above, key=lambda one: (one.id, one.version)), *found]
    if any(one.attribution is not None for one in found):
        found = [*(one for one in signed if one.attribution is not None and one.id not in known), *found]
    return found


@contextmanager
def engine_of(
    office: Office, name: str, scheduler: str | None = None, exchange: str | None = None
) -> Iterator[Engine]:
    """Provide the engine of a name: columns, exact, or dask by the scheduler at an address.

    `exchange` is a folder or URL that its workers reach; by default one beside the files of the office.
    """
    if scheduler is None:
        yield "exact" if name == "exact" else "columns"
        return
    with Cluster(scheduler, exchange or str(office.files.absolute() / "exchange")) as cluster:
        yield cluster


def settle_until(
    office: Office,
    agreement_id: str,
    cutoff: datetime,
    *,
    engine: Engine = "columns",
    progress: Progress | None = None,
) -> SettlementReport:
    """Settle an agreement up to a cut-off; the same cut-off again adds nothing. Raises CutoffAhead."""
    _require_come(office, cutoff)
    agreements = deal_documents(office, agreement_id)
    return settle(
        office.log,
        agreements,
        cutoff,
        data=office.files,
        asserter=OPERATOR,
        engine=engine,
        progress=progress,
        opinion=opinion_of(office),
    )


def preview_until(
    office: Office, agreement_id: str, cutoff: datetime, *, engine: Engine = "columns"
) -> RunPreview:
    """Return what settling an agreement up to a cut-off would issue; nothing is written.

    Raises CutoffAhead.
    """
    _require_come(office, cutoff)
    return preview(
        office.log,
        deal_documents(office, agreement_id),
        cutoff,
        data=office.files,
        engine=engine,
        opinion=opinion_of(office),
    )


def _require_come(office: Office, cutoff: datetime) -> None:
    if cutoff > office.clock():
        raise CutoffAhead(
            "this time has not come yet; settle up to today or earlier", where=cutoff.isoformat()
        )


def correct_statements(office: Office, agreement_id: str, reason: str) -> SettlementReport:
    """Correct the statements of an agreement's last run by new ones, with a reason; see ledger's `correct`.

    Raises SettlementRefused where there is nothing to correct, or no reason.
    """
    words = " ".join(reason.split())
    if not words or len(words) > REASON_MAX:
        raise SettlementRefused(f"give a reason of at most {REASON_MAX} letters", where=agreement_id)
    agreements = deal_documents(office, agreement_id)
    return correct(
        office.log,
        agreements,
        reason=words,
        data=office.files,
        asserter=OPERATOR,
        opinion=opinion_of(office),
    )


def rebuild_lines(office: Office) -> int:
    """Recompute every run and write the lines behind its statements again; return how many statements.

    Raises SettlementDiffers where the log no longer gives what was issued.
    """
    agreements = {one.agreement.id for one in held_versions(office).values() if one.is_signed}
    rebuilt = [
        rebuild_statements(office.log, deal_documents(office, agreement_id), data=office.files)
        for agreement_id in sorted(agreements)
    ]
    return sum(one.statements for one in rebuilt)


def line_file_faults(office: Office) -> list[Finding]:
    """Return a finding for every statement whose line file is missing or holds other lines than issued."""
    store, found = LineStore(office.files), []
    for one in list_statements(office.log, limit=STATEMENTS_EXAMINED):
        try:
            store.read(one.root)
        except LinesUnavailable as fault:
            message = f"{fault.message}; `tallystick rebuild` writes it again"
            found.append(Finding("lines.altered", "error", message, path=f"statement {one.id}"))
    return found


def explain_line(office: Office, statement: Statement, line: StatementLine) -> Explanation:
    """Explain one line of a statement by clause, facts and arithmetic."""
    return explain(office.log, deal_documents(office, statement.agreement), statement, line)


def explain_stated_due(office: Office, statement: Statement, number: int) -> DueExplained:
    """Explain what is due beside the lines of a statement, by its place there, from 0."""
    return explain_due(documents(office, statement.agreement), statement, number)


def explain_stated_figure(office: Office, statement: Statement, figure: str) -> FigureExplained:
    """Explain a figure of a statement, named by its place, its name, a leg, an amount or a line."""
    agreements = deal_documents(office, statement.agreement)
    return explain_figure(office.log, LineStore(office.files), agreements, statement, figure)


def statement_change(office: Office, before: Statement, after: Statement) -> StatementChange:
    """Return why a statement pays another amount than an earlier one of its party. Raises ChangeRefused."""
    agreements = deal_documents(office, after.agreement)
    return change_between(office.log, LineStore(office.files), agreements, before, after)


def forecast_of(office: Office, agreement_id: str, days: int = DAYS) -> Forecast:
    """Return what parties to an agreement may expect by day, from now on. Raises SettlementRefused."""
    agreements = deal_documents(office, agreement_id)
    return forecast(office.log, agreements, office.clock(), data=office.files, days=days)


@dataclass(frozen=True, slots=True)
class OrderOf:
    """What an order under one agreement gives a party (by global id), line by line."""

    agreement: Agreement
    party: str
    answers: tuple[LineAnswer, ...]


def why_order(  # noqa: PLR0913, PLR0917 -- what is asked of whom, as of when, and for whom
    office: Office,
    order: str,
    party: str,
    at: datetime,
    agreement_id: str | None = None,
    within: frozenset[str] | None = None,
) -> list[OrderOf]:
    """Say what a party, named by its key or its id, gets out of an order and why, under each agreement.

    `within` narrows it to what these parties (global ids) get. Raises StatementUnknown where no agreement
    that the party is in has such an order.
    """
    found = []
    ids = {one.agreement.id for one in held_versions(office).values() if one.is_signed}
    for one in [agreement_id] if agreement_id is not None else sorted(ids):
        agreements = deal_documents(office, one)
        newest = agreements[-1]
        known = {newest.party_id(key) for key in newest.parties} | set(newest.document.payees)
        named = newest.party_id(party) if party in newest.parties else party
        if named in known and (within is None or named in within):
            with suppress(StatementUnknown, *([] if agreement_id else [SettlementRefused])):
                found.append(OrderOf(newest, named, why(office.log, agreements, order, named, at=at)))
    if not found:
        raise StatementUnknown(f"no agreement of {party[:60]} has an order of that id", where=order[:100])
    return found
