"""Whether the parts of a document fit together: names that exist, types that agree, pools that end in a rest.

Structure is pydantic's work and already done; what needs several orders or a proof is `policies.check`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from policies.agreement import Agreement
from policies.clauses.commission import Commission, Step
from policies.clauses.core import Clause
from policies.clauses.data_grant import DataGrant
from policies.clauses.price_parity import PriceParity
from policies.clauses.share import Share
from policies.errors import Finding, FormulaError, PolicyError, did_you_mean
from policies.facts import read_fact
from policies.formulas.parse import AGGREGATES, ARITY, WORDS, parse, parse_rows
from policies.formulas.tree import Call, walk
from policies.formulas.types import Scope, Type, check_type
from policies.source import Path

CLAIM_FACTS: dict[str, Type] = {"claim.amount": "money", "decided_at": "date", "occurred_on": "date"}
"""Facts that every case may have."""

RESERVED = frozenset(
    {*WORDS, *ARITY, *AGGREGATES, "whole", "base", "orders", "award", "decided_at", "occurred_on"}
)
"""Names that formulas read as something of their own."""

RESERVED_OWNERS = frozenset({"due", "settled", "awarded", "claim", "balance"})
"""What stands before the dot in figures of a case: `due.mcn_share`."""

BALANCES = ("balance", "deposit", "reserve")
"""Purposes of a party's accounts whose balance a formula may read: `balance.brand.deposit`."""


def reference_findings(agreement: Agreement) -> list[Finding]:
    """Return every misfit of a document whose structure is sound; empty when all fits."""
    found = [
        *_uniqueness(agreement),
        *_facts(agreement),
        *(_commission(agreement) if agreement.commission else ()),
        *_tests(agreement),
    ]
    for index, clause in enumerate(agreement.document.clauses):
        found += _clause(agreement, clause, ("clauses", index))
    return sorted(found, key=lambda one: (one.line or 0, one.column or 0, one.path, one.code))


def case_scope(agreement: Agreement) -> dict[str, Type]:
    """Return the types of every name that conditions and remedies may read."""
    scope: dict[str, Type] = {**CLAIM_FACTS, **agreement.fact_types("case")}
    for key in agreement.parties:
        scope |= {f"balance.{key}.{purpose}": "money" for purpose in BALANCES}
    for step in agreement.commission.waterfall if agreement.commission else ():
        scope[f"due.{step.name}"] = scope[f"settled.{step.name}"] = "money"
    return scope


def row_scopes(agreement: Agreement) -> dict[str, Scope]:
    """Return the sets of rows that aggregates may walk, with the types of their facts."""
    return {"orders": agreement.fact_types("order")}


def _uniqueness(agreement: Agreement) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, clause in enumerate(agreement.document.clauses):
        if clause.id in first:
            message = f"clause {clause.id} stands here again; it was given as clauses[{first[clause.id]}]"
            yield agreement.finding("clause.duplicate", message, ("clauses", index, "id"))
        first.setdefault(clause.id, index)
    for kind in ("commission", "clearing", "returns", "dispute_process"):
        again = [i for i, clause in enumerate(agreement.document.clauses) if clause.kind == kind][1:]
        for index in again:
            message = f"a document has one clause of kind '{kind}'; this is another"
            yield agreement.finding("clause.one-of-kind", message, ("clauses", index, "kind"))
    for key in agreement.document.payees.keys() & agreement.parties.keys():
        message = f"'{key}' is a party; a class of payees needs a name of its own"
        yield agreement.finding("party.duplicate", message, ("payees", key))


def _facts(agreement: Agreement) -> Iterator[Finding]:
    for name, fact in agreement.document.facts.items():
        if name in RESERVED or name.partition(".")[0] in RESERVED_OWNERS:
            message = f"'{name}' means something else in formulas; call the fact by another name"
            yield agreement.finding("name.reserved", message, ("facts", name))
        if fact.default is not None:
            try:
                read_fact(fact.default, fact.type, agreement.currency)
            except PolicyError as fault:
                yield agreement.finding("fact.default", fault.message, ("facts", name, "default"))
    for index, formula in enumerate(agreement.document.order_facts_where):
        scope = agreement.fact_types("order")
        yield from _typed(agreement, formula, scope, "bool", ("order_facts_where", index))


def _commission(agreement: Agreement) -> Iterator[Finding]:
    clause = agreement.commission
    assert clause is not None
    path: Path = ("clauses", agreement.document.clauses.index(clause))
    scope = agreement.fact_types("order")
    yield from _typed(agreement, clause.whole, scope, "money", (*path, "whole"))
    for index, source in enumerate(clause.funding):
        at = (*path, "funding", index)
        yield from _typed(agreement, source.amount, scope, "money", (*at, "amount"))
        yield from _account(agreement, source.from_, (*at, "from"))
    scope["whole"] = "money"
    if clause.base is not None:
        yield from _typed(agreement, clause.base, scope, "money", (*path, "base"))
        scope["base"] = "money"
    yield from _waterfall(agreement, clause, scope, (*path, "waterfall"))


def _waterfall(
    agreement: Agreement, clause: Commission, scope: dict[str, Type], path: Path
) -> Iterator[Finding]:
    pools: set[str] = set()
    for index, step in enumerate(clause.waterfall):
        at = (*path, index)
        if step.name in RESERVED - {"whole", "base"}:
            message = f"'{step.name}' means something else in formulas; call the step by another name"
            yield agreement.finding("name.reserved", message, (*at, "leg" if step.leg else "pool"))
        if step.name in scope:
            message = f"'{step.name}' is already the name of a fact or an earlier step"
            yield agreement.finding("split.duplicate-name", message, (*at, "leg" if step.leg else "pool"))
        if step.from_ is not None and step.from_ not in pools:
            message = (
                f"'{step.from_}' is not a pool set aside by an earlier step{did_you_mean(step.from_, pools)}"
            )
            yield agreement.finding("split.unknown-pool", message, (*at, "from"))
        if step.amount is not None:
            yield from _typed(agreement, step.amount, scope, "money", (*at, "amount"))
        if step.to is not None:
            yield from _account(agreement, step.to, (*at, "to"))
        scope[step.name] = "money"
        if step.pool is not None:
            pools.add(step.pool)
    for pool in (None, *sorted(pools)):
        yield from _rest(agreement, clause, pool, path)


def _rest(agreement: Agreement, clause: Commission, pool: str | None, path: Path) -> Iterator[Finding]:
    members = [(i, step) for i, step in enumerate(clause.waterfall) if step.from_ == pool]
    what = f"the pool '{pool}'" if pool else "the whole"
    rests = [i for i, step in members if step.rest]
    if not members:
        index = next(i for i, step in enumerate(clause.waterfall) if step.pool == pool)
        message = f"no leg draws from the pool '{pool}'; add a leg with 'from: {pool}' and 'rest: true'"
        yield agreement.finding("split.unused-pool", message, (*path, index))
    elif len(rests) != 1:
        message = f"{what} needs exactly one leg with 'rest: true'; it has {len(rests)}"
        yield agreement.finding("split.rest", message, path)
    elif members[-1][0] != rests[0]:
        message = f"the rest of {what} must be its last leg, so that nothing is left over after it"
        yield agreement.finding("split.rest-not-last", message, (*path, rests[0]))


def _clause(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    ids = {one.id for one in agreement.document.clauses}
    if clause.exception_of is not None and clause.exception_of not in ids - {clause.id}:
        message = f"there is no clause {clause.exception_of}{did_you_mean(clause.exception_of, ids)}"
        yield agreement.finding("clause.unknown", message, (*path, "exception_of"))
    elif _goes_round(agreement, clause):
        message = f"exceptions lead from {clause.id} back to itself; one of them must stand alone"
        yield agreement.finding("clause.exception-circle", message, (*path, "exception_of"))
    people = [(name, getattr(clause, name)) for name in ("holder", "toward")]
    if isinstance(clause, DataGrant):
        people += [("recipients", one) for one in clause.recipients]
        for index, name in enumerate(clause.fields):
            if name not in agreement.document.facts:
                message = f"'{name}' is not a declared fact{did_you_mean(name, agreement.document.facts)}"
                yield agreement.finding("fact.undeclared", message, (*path, "fields", index))
    for field, key in people:
        if key is not None and key not in agreement.parties:
            message = f"'{key}' is not a party{did_you_mean(key, agreement.parties)}"
            yield agreement.finding("party.unknown", message, (*path, field))
    if isinstance(clause, Share) and clause.leg not in _steps(agreement):
        message = f"'{clause.leg}' is not a leg of the split{did_you_mean(clause.leg, _steps(agreement))}"
        yield agreement.finding("split.unknown-leg", message, (*path, "leg"))
        return
    if isinstance(clause, PriceParity):
        at = (*path, "breach", "when")
        wrong = list(_typed(agreement, clause.breach.when, case_scope(agreement), "bool", at))
        if wrong:
            yield from wrong
            return
    try:
        core = clause.core()
    except ValidationError as fault:
        message = f"the clause is too large once written out: {fault.errors()[0]['msg']}"
        yield agreement.finding("clause.too-large", message, path)
        return
    yield from _core(agreement, core, path)


def _goes_round(agreement: Agreement, clause: Clause) -> bool:
    targets = {one.id: one.exception_of for one in agreement.document.clauses}
    at, seen = clause.exception_of, set[str]()
    while at is not None and at not in seen:
        if at == clause.id:
            return True
        seen.add(at)
        at = targets.get(at)
    return False


def _core(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    scope, rows = case_scope(agreement), row_scopes(agreement)
    if clause.when is not None:
        yield from _typed(agreement, clause.when, scope, "bool", (*path, "when"), rows)
    for index, remedy in enumerate(clause.remedies):
        at = (*path, "remedies", index)
        yield from _account(agreement, remedy.from_, (*at, "from"))
        yield from _account(agreement, remedy.to, (*at, "to"))
        formulas: tuple[tuple[str, str | None, Type], ...] = (
            ("amount", remedy.amount, "money"), ("if", remedy.if_, "bool"), ("cap", remedy.cap, "money"),
            ("cap_if", remedy.cap_if, "bool"), ("floor", remedy.floor, "money"),
        )  # fmt: skip
        for field, formula, kind in formulas:
            if formula is not None:
                yield from _typed(agreement, formula, scope, kind, (*at, field), rows)
        if remedy.each is not None and remedy.for_ is not None:
            yield from _each(agreement, remedy.each, remedy.for_, scope, at)
        scope[f"awarded.{remedy.kind}"] = "money"
    for index, effect in enumerate(clause.effects):
        if effect.if_ is not None:
            yield from _typed(agreement, effect.if_, scope, "bool", (*path, "effects", index, "if"), rows)
    if clause.review_when is not None:
        reviewed = {**scope, "award": "money"}
        yield from _typed(agreement, clause.review_when, reviewed, "bool", (*path, "review_when"), rows)


def _each(agreement: Agreement, each: str, source: str, scope: Scope, path: Path) -> Iterator[Finding]:
    name, where = parse_rows(source)
    known = row_scopes(agreement)
    if name not in known:
        message = f"'{name}' is not a set of rows{did_you_mean(name, known)}"
        yield agreement.finding("formula.invalid", message, (*path, "for"))
        return
    inside = {**scope, **known[name]}
    yield from _typed(agreement, each, inside, "money", (*path, "each"))
    if where is not None:
        try:
            check_type(where, inside, {}, "bool")
        except FormulaError as fault:
            yield agreement.finding("formula.invalid", str(fault), (*path, "for"))


def _tests(agreement: Agreement) -> Iterator[Finding]:
    facts = agreement.fact_types("order")
    legs = {step.name for step in _steps(agreement).values()}
    for index, test in enumerate(agreement.document.tests):
        for name in test.given.keys() - facts.keys():
            message = f"'{name}' is not a fact of an order{did_you_mean(name, facts)}"
            yield agreement.finding("test.unknown-fact", message, ("tests", index, "given", name))
        for name in test.expect.keys() - legs - {"whole"}:
            message = f"'{name}' is not a leg or pool of the split{did_you_mean(name, legs)}"
            yield agreement.finding("test.unknown-leg", message, ("tests", index, "expect", name))


def _steps(agreement: Agreement) -> Mapping[str, Step]:
    return {step.name: step for step in agreement.commission.waterfall} if agreement.commission else {}


def _account(agreement: Agreement, account: str, path: Path) -> Iterator[Finding]:
    owner = account.partition(".")[0]
    known = {*agreement.parties, *agreement.document.payees, "escrow"}
    if owner not in known:
        message = f"'{owner}' is neither a party nor a class of payees nor escrow{did_you_mean(owner, known)}"
        yield agreement.finding("party.unknown", message, path)


def _typed(  # noqa: PLR0913, PLR0917 (the six are one question: is this formula, here, of this type)
    agreement: Agreement,
    formula: str,
    scope: Scope,
    expected: Type,
    path: Path,
    rows: Mapping[str, Scope] | None = None,
) -> Iterator[Finding]:
    try:
        node = parse(formula)
        check_type(node, scope, rows or {}, expected)
    except FormulaError as fault:
        yield agreement.finding("formula.invalid", f"in '{formula}': {fault}", path)
        return
    if expected == "bool" and any(isinstance(one, Call) and one.function == "round" for one in walk(node)):
        message = f"in '{formula}': round() stands in amounts only; a condition compares exact figures"
        yield agreement.finding("formula.invalid", message, path)
