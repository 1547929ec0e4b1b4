"""The arbiters of a dispute: what its document says of them, and who of the members may sit."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from api.office.disputes import Dispute
from api.office.opening import Office
from ledger.cases import costs
from ledger.cases.closing import standing_decision
from ledger.cases.errors import SeatRefused
from ledger.cases.record import CaseRecord
from ledger.cases.seating import BenchTerms, Seating
from policies.agreement import Agreement
from policies.money import to_minor
from policies.process.days import counted, day_of
from policies.process.terms import Level, process_terms


def bench_terms(agreement: Agreement) -> BenchTerms:
    """Return what a document says of those who decide its disputes."""
    process = agreement.process
    above: tuple[Level, ...] = tuple(one for one in process.ladder if one != "rules") if process else ()
    said = costs.bearing(agreement)
    terms = process_terms(agreement)
    return BenchTerms(
        levels=above or ("rules",),
        currency=agreement.currency,
        day_of=partial(day_of, terms),
        counted=partial(counted, terms),
        challenge_days=said.challenge_days,
        fee_minor=None if said.fee_at_most is None else to_minor(said.fee_at_most, agreement.currency),
        costs=said.costs,
    )


def seating(office: Office, one: Dispute) -> Seating:
    """Return the bench of a dispute, to read and to write."""
    sides = (one.case["claimant"], one.case["respondent"])
    parties = tuple(one.agreement.party_id(key) if key in one.agreement.parties else key for key in sides)
    return Seating(office.log, one.id, bench_terms(one.agreement), parties, office.clock)


def lost_part(one: Dispute, record: CaseRecord) -> Fraction:
    """Return how much of what they claimed the claimant lost by the last ruling, 0 to 1.

    Raises SeatRefused before anything is ruled or proposed.
    """
    ruled = standing_decision(record)
    if ruled is None:
        raise SeatRefused("nothing is ruled yet: say what each side bears", where=one.id)
    return costs.lost_part(record, one.agreement, ruled.content)


def seat(office: Office, one: Dispute, arbiter: str, *, by: str) -> None:
    """Give a member a seat at the first level of a dispute, with nothing declared against them."""
    bench = seating(office, one)
    bench.appoint(arbiter, bench.terms.levels[0], by=by)
    bench.declare(arbiter, None)
