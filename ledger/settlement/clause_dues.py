"""What falls due beyond the split of lines, at a point: a pure function of versions, log and cut-off.

Every occasion is worked out as of its own day and in order of days, so that a run posts what is due now
less what was due at the run before, and months settled one by one come to what all at once come to. Not
here: how one due is worked out (policies.dues), and how a run writes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ledger.log import Log
from ledger.settlement.counted import counted
from ledger.settlement.decisions import DECISION_GROUP, DECISION_KIND
from ledger.settlement.due_balances import DueBalances
from ledger.settlement.due_occasions import DueOccasions
from ledger.settlement.due_orders import DueOrders, due_instant
from ledger.settlement.due_payments import PAID_ON, paid_on
from ledger.settlement.due_rates import rates_taken
from ledger.settlement.dues import Due, DueMove, HeldDue, Side, since
from ledger.settlement.facts import LineBook
from ledger.settlement.moved import Engine
from ledger.settlement.recorded_facts import RecordedFacts, read_recorded_facts
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms, VersionTerms
from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.family import draws_of, family
from policies.decisions.case import ORDER
from policies.decisions.filled import figure_text
from policies.dues.due import HeldBecause, WorkedDue
from policies.dues.facts import read_told, read_value
from policies.dues.occasions import Occasion
from policies.dues.reads import due_names, due_rows
from policies.dues.working import Told, work_out
from policies.formulas.exact import Row, Unknown, Value

DueKey = tuple[str, str]
"""A clause and the period or case that it is due about."""


def clause_dues(  # noqa: PLR0913, PLR0917 -- the inputs that dues are a function of
    log: Log, book: LineBook, terms: Terms, point: Point, earlier: Sequence[Point], engine: Engine = "columns"
) -> tuple[tuple[DueMove, ...], tuple[HeldDue, ...]]:
    """Return what a run at a point posts of clauses that fall due, and what it holds.

    `earlier` are the points of runs before, newest first. What is held is not settled and not taken back:
    what was posted of it stands until it can be told again.
    """
    if not any(version.due_clauses for version in terms.versions):
        return (), ()
    now = dues_at(log, book, terms, point, engine)
    states = _States(log, book, terms, earlier, engine)
    stand: list[Due] = []
    stood: list[Due] = []
    for key in sorted({*now, *states.at(0)}):
        due, before = now.get(key), states.last_told(key)
        if due is None or due.worked.held is None:
            stand += due.between_accounts() if due is not None else ()
            stood += before.between_accounts() if before is not None else ()
    held = tuple(_held(now[key]) for key in sorted(now) if now[key].worked.held is not None)
    return since(stand, stood), held


@dataclass(frozen=True)
class ClauseDue:
    """What a clause of a version comes to on an occasion, with the facts it rests on and their entries."""

    version: VersionTerms
    worked: WorkedDue
    figures: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[int, ...] = ()

    def between_accounts(self) -> Iterator[Due]:
        """Yield what stands due from account to account, alike moves summed."""
        sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
        for move in self.worked.moves:
            sums[move.clause, move.kind, move.source, move.target] += move.minor
        key = " ".join(part for part in self.worked.occasion.key if part)
        for (clause, kind, source, target), minor in sums.items():
            yield Due(
                self.version,
                "clause",
                key,
                Side(target, clause, kind, kind),
                Side(source, clause, kind, kind),
                minor,
                {"fell_due": 1},
                self.figures,
                entries=self.entries,
            )


def _held(due: ClauseDue) -> HeldDue:
    held, agreement = due.worked.held, due.version.agreement
    assert held is not None, "a held due says why"
    clause, about = due.worked.occasion.key
    sides = {agreement.clauses[clause].holder, agreement.clauses[clause].toward}
    known = frozenset(agreement.party_id(side) for side in sides if side in agreement.parties and side)
    return HeldDue(due.version.version, clause, about, held.because, held.facts, held.words, known)


@dataclass
class _States:
    """What was due at the points of earlier runs, worked out when it is asked for."""

    log: Log
    book: LineBook
    terms: Terms
    points: Sequence[Point]
    engine: Engine
    known: list[dict[DueKey, ClauseDue]] = field(default_factory=list)

    def at(self, place: int) -> dict[DueKey, ClauseDue]:
        while len(self.known) <= place < len(self.points):
            point = self.points[len(self.known)]
            self.known.append(dues_at(self.log, self.book, self.terms, point, self.engine))
        return self.known[place] if place < len(self.points) else {}

    def last_told(self, key: DueKey) -> ClauseDue | None:
        """Return a due as it was at the newest point at which it was not held."""
        for place in range(len(self.points)):
            due = self.at(place).get(key)
            if due is None or due.worked.held is None:
                return due
        return None


def dues_at(  # noqa: PLR0913 -- as clause_dues
    log: Log,
    book: LineBook,
    terms: Terms,
    point: Point,
    engine: Engine = "columns",
    *,
    occasions: DueOccasions | None = None,
) -> dict[DueKey, ClauseDue]:
    """Return everything that fell due by a point, in all, by clause and period or case.

    `occasions` are other ones than those that fell due by then, to be told of as of the point.
    """
    counting = counted(book, point.end)
    recorded = read_recorded_facts(log, terms.id, point.end)
    balances = DueBalances(log, book, terms, point, engine)
    known = _Known(log, counting, terms, point, recorded, balances, engine)
    found: dict[DueKey, ClauseDue] = {}
    occasions = occasions or DueOccasions(terms, point, recorded)
    decided = _decided(log, terms.id, point)
    for version, occasion in occasions.ordered():
        if occasion.key in decided:
            found[occasion.key] = ClauseDue(version, WorkedDue(occasion))
            continue
        due = _worked_out(version, occasion, known)
        balances.take(version.agreement, due.worked.moves)
        found[occasion.key] = due
    for version, occasion, names in occasions.contested:
        worked = WorkedDue(occasion, held=HeldBecause("contested", names))
        found[occasion.key] = ClauseDue(version, worked)
    return found


def _decided(log: Log, agreement: str, point: Point) -> frozenset[DueKey]:
    """Return what a decision settled, which takes the place of the due: its clause as a whole, or a case.

    A decision counts from its own time on: one that the log has and that was made after the cut-off takes
    nothing back yet, as no statement up to the cut-off shows what it moved. A dispute under a clause that
    goes by case is about the case of its own id.
    """
    found: set[DueKey] = set()
    after = -1
    while entries := log.entries(after, kinds=[DECISION_KIND], agreement=agreement):
        for entry in entries:
            if entry.seq < point.end and entry.occurred_us <= point.us:
                content = next(one for one in log.groups(entry.seq) if one.name == DECISION_GROUP).content
                case = entry.id.removesuffix("/decided")
                found |= {(str(content.get("clause")), ""), (str(content.get("clause")), case)}
        after = entries[-1].seq
    return frozenset(found)


@dataclass(frozen=True)
class _Known:
    """What a run knows at a point: lines that count, recorded facts, balances so far."""

    log: Log
    book: LineBook
    terms: Terms
    point: Point
    recorded: RecordedFacts
    balances: DueBalances
    engine: Engine


def _worked_out(version: VersionTerms, occasion: Occasion, known: _Known) -> ClauseDue:
    agreement = version.agreement
    told = told_of(version, occasion, known)
    worked = work_out(agreement, occasion, told)
    read = due_names(agreement, occasion.clause)
    types = agreement.fact_types("case")
    facts = {**told.facts, **worked.facts}
    texts = {name: figure_text(agreement, facts[name], types[name]) for name in sorted(read & facts.keys())}
    rates = rates_taken(known.log, agreement, occasion, known.point, told.facts)
    texts |= {name: one.text for name, one in rates.items()}
    said = known.recorded.seqs(occasion.clause, occasion.about)
    told_by = {one.seq for name in (read & said.keys()) - rates.keys() for one in said[name]}
    paid = _paid(known, agreement, occasion, said)
    entries = sorted({*told_by, *(one.seq for one in rates.values()), *([paid[1]] if paid else [])})
    return ClauseDue(version, worked, {name: text for name, text in texts.items() if text}, tuple(entries))


def _paid(
    known: _Known, agreement: Agreement, occasion: Occasion, told: Mapping[str, object]
) -> tuple[date, int] | None:
    """Return when the statement that a case is about was paid, with the entry, where no party recorded it."""
    fact = agreement.document.facts.get(PAID_ON)
    asked = fact is not None and (fact.of, fact.type) == ("case", "date") and occasion.about
    if not asked or PAID_ON in told or PAID_ON not in due_names(agreement, occasion.clause):
        return None
    return paid_on(known.log, agreement, occasion.about, known.point)


def told_of(version: VersionTerms, occasion: Occasion, known: _Known) -> Told:
    """Return what is known of an occasion: facts, rows, balances and what the split gives."""
    agreement = version.agreement
    told = known.recorded.of(agreement, occasion.clause, occasion.about)
    values, standing = read_told(agreement, told)
    taken = agreement.clauses[occasion.clause].falls_due
    for name in (taken.rates or {}) if taken is not None else ():
        values[name] = Unknown(frozenset({name}))
        standing.pop(name, None)
    for name, rate in rates_taken(known.log, agreement, occasion, known.point, values).items():
        values[name], standing[name] = rate.rate.value, "proven"
    paid = _paid(known, agreement, occasion, told)
    if paid is not None:
        values[PAID_ON], standing[PAID_ON] = paid[0], "proven"
    names = due_names(agreement, occasion.clause)
    wanted = due_rows(agreement, occasion.clause)
    orders = DueOrders(known.book, known.terms, occasion, known.point, known.engine)
    clause = agreement.clauses[occasion.clause]
    rows: dict[str, tuple[Row, ...]] = {}
    for name in wanted:
        if name == "orders":
            rows[name] = orders.rows(
                agreement, names | _order_asked(family(agreement.clauses, clause.id)), clause.toward
            )
        else:
            rows[name] = tuple(_event_rows(agreement, name, occasion, known))
    figures: dict[str, Value] = {}
    if any(name.partition(".")[0] in {"due", "settled", "reversed"} for name in names):
        figures |= orders.figures(agreement)
    at = due_instant(known.terms, occasion, known.point)
    for name in names:
        if name.startswith("balance."):
            figures[name] = known.balances.figure(agreement, name.removeprefix("balance."), at)
    return Told(values, standing, rows, figures)


def _order_asked(clauses: Sequence[Clause]) -> frozenset[str]:
    """Return the name of an order where some account of the clauses is that of a row's own order."""
    accounts = [text for one in clauses for remedy in one.remedies for text in (remedy.from_, remedy.to)]
    accounts += [draw.account for one in clauses for draw in draws_of(one)]
    named = any(isinstance(text, str) and text.endswith(":order") for text in accounts)
    return frozenset({ORDER}) if named else frozenset()


def _event_rows(agreement: Agreement, of: str, occasion: Occasion, known: _Known) -> Iterator[Row]:
    """Yield the recorded rows of a set that were first told of within the days of an occasion."""
    types = {name: fact for name, fact in agreement.document.facts.items() if fact.of == of}
    for told_at, told in known.recorded.rows(agreement, of):
        day = told_at.astimezone(known.terms.zone).date()
        if day < occasion.until and (occasion.first is None or day >= occasion.first):
            yield Row({name: read_value(agreement, name, told.get(name)) for name in types})
