"""Past orders replayed under a proposed version, from an order file or from the log; nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from api.office.errors import AgreementUnknown
from api.office.opening import Office
from api.office.settling import documents
from ledger.settlement.counted import counted
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.events import recorded_events
from ledger.settlement.facts import one_book, read_lines
from ledger.settlement.order_file import count_lines, order_books
from ledger.settlement.simulation import Replay, Simulation
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms, read_terms, version_terms
from ledger.settlement.version_causes import VersionChange, version_change
from policies.agreement import Agreement

Progress = Callable[[int, int], None]
Take = Callable[[pl.DataFrame], None]
"""What is done with the lines that change, some hundred thousand at a time."""

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_EVERYTHING = Point(datetime(2999, 1, 1, tzinfo=UTC), 1 << 62)


def simulate_file(
    path: Path, old: Agreement, proposed: Agreement, take: Take, progress: Progress
) -> Simulation:
    """Replay an order file under one version and a proposed one.

    Raises FactError for a file that cannot be read, SettlementRefused for documents that no run settles.
    """
    _require_comparable(old, proposed)
    terms = Terms((version_terms(old, _ALWAYS),))
    both = Terms((*terms.versions, version_terms(proposed, _ALWAYS)))
    facts = {
        name: one.document.facts[name]
        for one in (old, proposed)
        for name in both.fact_types()
        if name in one.document.facts
    }
    replay = Replay(terms, proposed, _EVERYTHING)
    total = count_lines(path)
    books = order_books(path, terms, facts)
    for book in [one_book(list(books))] if replay.together else books:
        take(replay.take(book))
        progress(replay.found.lines, total)
    return replay.found


def simulate_log(
    office: Office, agreement_id: str, proposed: Agreement, take: Take
) -> tuple[tuple[str, ...], Simulation]:
    """Replay the orders in the log under the versions they were sold under, and under a proposed one.

    Returns those versions by name, and what was found. Raises AgreementUnknown, SettlementRefused.
    """
    versions = documents(office, agreement_id)
    terms = read_terms(versions, recorded_events(office.log, versions[0]))
    _require_comparable(terms.newest, proposed)
    point = Point(office.clock().replace(microsecond=0), office.log.size())
    both = Terms((*terms.versions, version_terms(proposed, terms.versions[-1].starts)))
    replay = Replay(terms, proposed, point)
    take(replay.take(counted(read_lines(office.log, both, point.end), point.end)))
    return tuple(one.agreement.ref for one in terms.versions), replay.found


def version_effects(office: Office, agreement_id: str, old: int, new: int) -> VersionChange:
    """Return what one signed version changes of all orders in the log against another, by its changed terms.

    All orders go by the old version, and then all by the new one. Raises AgreementUnknown where either is not
    signed, SettlementRefused.
    """
    versions = {one.version: one for one in documents(office, agreement_id)}
    for number in (old, new):
        if number not in versions:
            raise AgreementUnknown("this version is not signed here", where=f"{agreement_id}@{number}")
    before, after = versions[old], versions[new]
    _require_comparable(before, after)
    terms = Terms((version_terms(before, _ALWAYS),))
    both = Terms((*terms.versions, version_terms(after, _ALWAYS)))
    point = Point(office.clock().replace(microsecond=0), office.log.size())
    book = counted(read_lines(office.log, both, point.end), point.end)
    return version_change(book, terms, after, point)


def _require_comparable(old: Agreement, proposed: Agreement) -> None:
    if (old.currency, old.document.time_zone) != (proposed.currency, proposed.document.time_zone):
        raise SettlementRefused(
            f"{old.ref} is in {old.currency} and {old.document.time_zone},"
            f" {proposed.ref} in {proposed.currency} and {proposed.document.time_zone};"
            " their figures do not compare"
        )
