"""The evaluation of a version as an office can make it: over its log, and for whom it may be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from api.office.agreements import newest_signed, signed_versions
from api.office.opening import Office
from ledger.cases.record import case_records
from ledger.evaluation.disputes import Disputes, disputes_filed
from ledger.evaluation.evaluation import Evaluation, evaluate
from ledger.settlement.events import recorded_events
from policies.agreement import Agreement
from policies.mutuality import Mutuality, mutuality
from policies.versions.timeline import timeline


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A version evaluated: measures, disputes of each window and ever, rights and duties of each side.

    `earlier` is the version before, None where this is the first.
    """

    agreement: Agreement
    earlier: Agreement | None
    evaluation: Evaluation
    disputes: tuple[Disputes, Disputes, Disputes]
    duties: tuple[Mutuality | None, Mutuality]


def evaluate_version(  # noqa: PLR0913 -- which version of what, over how long, for whose eyes
    office: Office,
    agreement_id: str,
    *,
    version: int | None,
    days: int,
    parties: Collection[str] | None = None,
    theirs: Collection[int] | None = None,
) -> Evaluated:
    """Evaluate a version of an agreement, the newest that has started where none is named.

    Disputes, notices and brands are those that some of `parties` (global ids) may see, all where it is None.
    `theirs` are the versions whose parties they are: nothing is told of the time after the last of them.
    Raises AgreementUnknown, EvaluationUnready.
    """
    versions = [one.agreement for one in signed_versions(office, agreement_id)]
    periods = timeline(versions, recorded_events(office.log, versions[-1]))
    size, last = office.log.size(), max(theirs or [], default=None)
    left = [one.start for one in periods if last is not None and one.agreement.version > last]
    found = evaluate(
        office.log,
        periods,
        version=version,
        brands=_brands(office, parties),
        days=days,
        now=min([office.clock(), *left]),
        end=size,
        parties=parties,
    )
    agreement = found.windows.period.agreement
    started = [one.agreement for one in periods]
    place = started.index(agreement)
    earlier = started[place - 1] if place else None
    records = [
        one
        for one in case_records(office.log, size).values()
        if one.agreement.partition("@")[0] == agreement_id
        and (parties is None or not set(parties).isdisjoint(one.readers))
    ]
    return Evaluated(
        agreement,
        earlier,
        found,
        (
            disputes_filed(records, found.windows.before),
            disputes_filed(records, found.windows.after),
            disputes_filed(records),
        ),
        (mutuality(earlier) if earlier is not None else None, mutuality(agreement)),
    )


def _brands(office: Office, parties: Collection[str] | None) -> Iterator[tuple[Agreement, frozenset[str]]]:
    """Yield one version of each signed agreement that the parties may see, with the ids of its brands."""
    for one in newest_signed(office).values():
        ids = {one.party_id(key) for key in one.parties}
        brands = frozenset(
            one.party_id(key) for key, party in one.parties.items() if party.role == "merchant"
        )
        if brands and (parties is None or not ids.isdisjoint(parties)):
            yield one, brands
