"""The terms of an agreement with those of what feeds it and of what stands beside it.

A run of a fed agreement is a function of the versions of every agreement up to where the money comes in, and
where an attribution clause says whose orders are, of those that may say that they are theirs. Callers
give all of them, those of the agreement itself last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ledger.log import Log
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.events import recorded_events
from ledger.settlement.terms import Terms, attributing_terms, read_terms
from policies.agreement import Agreement
from policies.links import fed_by

SIGNED_KIND = "agreement.signed"
"""Kind of the entry with which every signature of a version was there."""


def deal_terms(log: Log, agreements: Iterable[Agreement], end: int | None = None) -> Terms:
    """Return the terms of the agreement that the last of some versions is of, with those of what feeds it.

    With `end`, only events that the log holds before that seq count. Raises SettlementRefused, LinksRejected.
    """
    given = tuple(agreements)
    if not given:
        return read_terms(())
    return _terms(log, given[-1].id, given, end, ())


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
    beside: tuple[Terms, ...] = ()
    if feeding is None and any(one.attribution is not None for one in own):
        ids = sorted({one.id for one in given} - {agreement_id, *below})
        others = ([one for one in given if one.id == other] for other in ids)
        beside = tuple(
            _as_signed(log, attributing_terms(versions, recorded_events(log, versions[-1], end)))
            for versions in others
            if _may_compete(own, versions)
        )
    return read_terms(own, recorded_events(log, own[-1], end), feeding, beside)


def _as_signed(log: Log, terms: Terms) -> Terms:
    """Return terms each of whose versions says with which entry it was signed, 0 where none tells."""
    versions = []
    for one in terms.versions:
        signed = log.entries(kinds=[SIGNED_KIND], agreement=one.agreement.ref, limit=1)
        versions.append(replace(one, known_from=signed[0].seq if signed else 0))
    return replace(terms, versions=tuple(versions))


def _may_compete(own: Sequence[Agreement], versions: Sequence[Agreement]) -> bool:
    """Tell whether another agreement may say that a line is its own.

    Only one with somebody who trades under both may: a platform, arbiter or auditor of both is not enough, so
    that nobody puts other people's orders in doubt by a document of his own.
    """
    known_to_both = any(_trading(one) & _trading(two) for one in own for two in versions)
    attributing = any(one.attribution is not None for one in versions)
    return attributing and known_to_both and versions[-1].currency == own[-1].currency


def _trading(agreement: Agreement) -> set[str]:
    """Return who trades under a document, by global id: everybody but those who only keep, judge or look."""
    passive = {"platform", "arbiter", "auditor"}
    return {agreement.party_id(key) for key, one in agreement.parties.items() if one.role not in passive}
