"""The terms of an agreement with those of what feeds it, from every document that was given.

A run of a fed agreement is a function of the versions of every agreement up to where the money comes in.
Callers give all of them, those of the agreement itself last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.log import Log
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.events import recorded_events
from ledger.settlement.terms import Terms, read_terms
from policies.agreement import Agreement
from policies.links import fed_by


def deal_terms(log: Log, agreements: Iterable[Agreement], end: int | None = None) -> Terms:
    """Return the terms of the agreement that the last of some versions is of, with those of what feeds it.

    With `end`, only events that the log holds before that seq count. Raises SettlementRefused, LinksRejected.
    """
    given = tuple(agreements)
    if not given:
        return read_terms(())
    return _terms(log, given[-1].id, given, end, ())


def own_versions(agreements: Sequence[Agreement]) -> list[Agreement]:
    """Return the versions of the agreement that the last of them is of."""
    return [one for one in agreements if one.id == agreements[-1].id]


def _terms(
    log: Log, agreement_id: str, given: Sequence[Agreement], end: int | None, below: tuple[str, ...]
) -> Terms:
    own = [one for one in given if one.id == agreement_id]
    links = [link for link in map(fed_by, own) if link is not None]
    sources = sorted({link.agreement for link in links})
    if len(sources) > 1 or (links and len(links) < len(own)):
        raise SettlementRefused(
            "its versions are not all fed by one agreement; settle them under agreements of their own",
            where=own[-1].ref,
        )
    feeding = None
    if sources and sources[0] not in {agreement_id, *below} and any(one.id == sources[0] for one in given):
        feeding = _terms(log, sources[0], given, end, (*below, agreement_id))
    return read_terms(own, recorded_events(log, own[-1], end), feeding)
