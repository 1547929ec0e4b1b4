"""Scores under the agreements the office keeps: worked out from registers, sales and credit, and recorded.

With a score goes what clauses read of it: facts of the period that the document declares, on the platform's
word, so that incentives and tiers follow by the document's own terms, and anybody may contest them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from api.office.agreements import signed_versions
from api.office.credit import credit, keeper_of
from api.office.errors import NotASigner
from api.office.facts import declared_facts
from api.office.opening import Office
from api.office.orders import intake_terms
from ledger.database import reading
from ledger.leaves import microseconds
from ledger.measures.declaration import Report, report
from ledger.measures.errors import ScoreRefused
from ledger.measures.periods import Stretch, stretch
from ledger.measures.shown import decimal
from ledger.measures.working import holds, inside, take
from ledger.registers.items import Item, items
from ledger.scores.record import SOURCE, Recorded, record, score_content
from ledger.scores.scorecard import PartTerms, Scorecard, scorecard_of, scorecards
from ledger.scores.working import Score, Told, work_out
from ledger.settlement.events import recorded_events
from ledger.settlement.recorded_facts import FactsGiven, facts_entry
from ledger.sharing.sales import sales_between
from policies.agreement import Agreement
from policies.clauses.parameters import value_of
from policies.dues.reads import due_names
from policies.errors import did_you_mean
from policies.money import read_decimal, read_rate

PAID = "paid"
"""The fact that says what a buyer paid, by the name it has in order files."""

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ScoreMade:
    """A score as it is worked out: of which party (by key) and period, with the credit it counts."""

    agreement: Agreement
    party: str
    period: Stretch
    credit: int
    violated: bool
    score: Score


def make_score(office: Office, agreement_id: str, party: str, period: str) -> ScoreMade:
    """Work out a party's score of a period. `party` is its key in the document.

    Raises AgreementUnknown, NotASigner, ScoreRefused for a role that is not scored, a period that has not
    begun, or parts that nothing tells.
    """
    agreement = signed_versions(office, agreement_id)[-1].agreement
    if party not in agreement.parties:
        hint = did_you_mean(party, agreement.parties)
        raise NotASigner(f"'{party}' is no party to {agreement.ref}{hint}", where=agreement.ref)
    role, when = agreement.parties[party].role, stretch(period)
    card = scorecard_of(role)
    if sum(1 for one in agreement.parties.values() if one.role == role) > 1:
        raise ScoreRefused(f"registers do not tell apart several parties in the role '{role}'", where=party)
    known: dict[str, list[Item]] = {}
    told = {
        name: tuple(_told(office, agreement, terms, when, known) for terms in component.parts)
        for name, component in card.components.items()
    }
    now = office.clock()
    points = _credit(office, agreement, party, min(now, when.between(agreement.zone)[1] - _SECOND))
    incidents = _items(office, agreement, report("incidents"), known)
    violated = any(
        one.state in {"confirmed", "remedied", "closed"} and one.text("responsible") == role
        for one in inside(incidents, when.between(agreement.zone))
    )
    score = work_out(card, told, points, _weights(agreement, card, party))
    return ScoreMade(agreement, party, when, points, violated, score)


def record_score(office: Office, agreement_id: str, party: str, period: str) -> Recorded:
    """Record a party's score of a period that is over, with its facts; the same again adds nothing.

    Raises what `make_score` does, and ScoreRefused before the period is over, without a platform, or where
    clauses would read the scores of two parties by the same facts.
    """
    made = make_score(office, agreement_id, party, period)
    agreement, now = made.agreement, office.clock()
    keeper = keeper_of(agreement)
    if keeper is None:
        raise ScoreRefused(f"{agreement.ref} has no platform to keep scores", where=agreement.ref)
    if made.period.between(agreement.zone)[1] > now:
        raise ScoreRefused(f"{made.period.name} is not over; it can be shown, not recorded", where="period")
    content = score_content(made.score, agreement.party_id(party), made.period.name, made.credit)
    facts = facts_of(made)
    given = FactsGiven(facts, about=made.period.name)
    entry = facts_entry(agreement, given, source=SOURCE, asserter=keeper, occurred_at=now) if facts else None
    return record(office.log, agreement.ref, content, entry, by=keeper, at=now)


def facts_of(made: ScoreMade) -> dict[str, str]:
    """Return what of a score the document declares as facts of a period, none where clauses mean another's.

    Raises FactsRefused for a misfit, and ScoreRefused where they mean two parties' by the same facts.
    """
    said = {
        **{f"{one.name}_score": decimal(one.score, 2) for one in made.score.components},
        "period_score": decimal(made.score.total, 2),
        "tier": made.score.tier.id,
        "credit_score": str(made.credit),
        "violation_standing": "true" if made.violated else "false",
    }
    facts = declared_facts(made.agreement, said)
    meant = _meant(made.agreement, facts)
    if made.party not in meant:
        return {} if meant else facts
    if others := sorted(meant - {made.party}):
        message = f"clauses read the scores of {made.party} and of {', '.join(others)} by the same facts"
        raise ScoreRefused(f"{message}; say them apart in the document", where=made.agreement.ref)
    return facts


def _meant(agreement: Agreement, facts: Mapping[str, str]) -> set[str]:
    """Return the parties, by key, whose scores the clauses that read some facts are about.

    A clause is about the party that it is toward, else about its holder, as far as parties of that role are
    scored.
    """
    found, roles = set[str](), {one.role for one in scorecards().values()}
    for clause in agreement.document.clauses:
        if clause.falls_due is None or not due_names(agreement, clause.id) & facts.keys():
            continue
        sides = (str(value_of(clause, name)) for name in ("toward", "holder"))
        scored = [key for key in sides if key in agreement.parties and agreement.parties[key].role in roles]
        found |= set(scored[:1])
    return found


def _told(
    office: Office, agreement: Agreement, terms: PartTerms, when: Stretch, known: dict[str, list[Item]]
) -> Told:
    if terms.report is None:
        return _growth(office, agreement, when)
    wanted = report(terms.report)
    found = inside(_items(office, agreement, wanted, known), when.between(agreement.zone))
    mine = [one for one in found if holds(terms.where, one)]
    one = take(wanted.measure(terms.measure or ""), mine, office.clock())
    return Told(one.value, one.items)


def _items(office: Office, agreement: Agreement, wanted: Report, known: dict[str, list[Item]]) -> list[Item]:
    if wanted.register_ not in known:
        known[wanted.register_] = items(office.log, wanted.register_, agreement.id)
    return known[wanted.register_]


def _growth(office: Office, agreement: Agreement, when: Stretch) -> Told:
    """Return net sales of a period over those of the one before; nothing where there were none then."""
    now, lines = net_sales(office, agreement, when.between(agreement.zone))
    before, _ = net_sales(office, agreement, when.before().between(agreement.zone))
    return Told(now / before if before > 0 and lines else None, lines)


def net_sales(
    office: Office, agreement: Agreement, between: tuple[datetime, datetime]
) -> tuple[Fraction, int]:
    """Return what buyers paid for lines sold in a stretch of time, less what they got back, and how many."""
    versions = signed_versions(office, agreement.id)
    terms = intake_terms(versions, recorded_events(office.log, versions[0].agreement))
    first, stop = (microseconds(one) for one in between)
    with reading(office.log.engine) as session:
        sold = sales_between(session, terms, first, stop)
    paid = {(one.order, one.line): read_decimal(one.facts[PAID]) for one in sold if PAID in one.facts}
    refunds = office.log.refunds(agreement.id, sorted({order for order, _ in paid}))
    back: dict[tuple[str, str], Fraction] = {}
    for order, line, total, _ in refunds:
        if (order, line) in paid:
            back[order, line] = max(back.get((order, line), Fraction(0)), read_decimal(total))
    return sum(paid.values(), Fraction(0)) - sum(back.values(), Fraction(0)), len(paid)


def _credit(office: Office, agreement: Agreement, party: str, at: datetime) -> int:
    pair = agreement.party_id(party), keeper_of(agreement)
    return next((one.score.points for one in credit(office, at) if (one.party, one.keeper) == pair), 0)


def _weights(agreement: Agreement, card: Scorecard, party: str) -> Mapping[str, Fraction] | None:
    """Return the weights that a clause for the party says, where it names just the card's components."""
    for clause in agreement.document.clauses:
        if value_of(clause, "toward") == party and value_of(clause, "weights") is not None:
            texts = {name: value_of(clause, f"weights.{name}") for name in card.components}
            if all(texts.values()):
                return {name: read_rate(str(text)) for name, text in texts.items()}
    return None
