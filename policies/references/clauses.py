"""Whether each clause fits the document: the clauses, parties and facts it names, and its formulas."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.data_grant import DataGrant
from policies.clauses.price_parity import PriceParity
from policies.clauses.share import Share
from policies.errors import Finding, FormulaError, did_you_mean
from policies.formulas.types import Scope, Type, check_rows
from policies.references.fitting import account, typed
from policies.references.scopes import case_scope, row_scopes, steps
from policies.source import Path


def clause(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    """Yield the misfits of one clause."""
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
    if isinstance(clause, Share) and clause.leg not in steps(agreement):
        message = f"'{clause.leg}' is not a leg of the split{did_you_mean(clause.leg, steps(agreement))}"
        yield agreement.finding("split.unknown-leg", message, (*path, "leg"))
        return
    if isinstance(clause, PriceParity):
        at = (*path, "breach", "when")
        wrong = list(typed(agreement, clause.breach.when, case_scope(agreement), "bool", at))
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
        yield from typed(agreement, clause.when, scope, "bool", (*path, "when"), rows)
    for index, remedy in enumerate(clause.remedies):
        at = (*path, "remedies", index)
        yield from account(agreement, remedy.from_, (*at, "from"))
        yield from account(agreement, remedy.to, (*at, "to"))
        formulas: tuple[tuple[str, str | None, Type], ...] = (
            ("amount", remedy.amount, "money"), ("if", remedy.if_, "bool"), ("cap", remedy.cap, "money"),
            ("cap_if", remedy.cap_if, "bool"), ("floor", remedy.floor, "money"),
        )  # fmt: skip
        for field, formula, kind in formulas:
            if formula is not None:
                yield from typed(agreement, formula, scope, kind, (*at, field), rows)
        if remedy.each is not None and remedy.for_ is not None:
            yield from _each(agreement, remedy.each, remedy.for_, scope, at)
        scope[f"awarded.{remedy.kind}"] = "money"
    for index, effect in enumerate(clause.effects):
        if effect.if_ is not None:
            yield from typed(agreement, effect.if_, scope, "bool", (*path, "effects", index, "if"), rows)
    if clause.review_when is not None:
        reviewed = {**scope, "award": "money"}
        yield from typed(agreement, clause.review_when, reviewed, "bool", (*path, "review_when"), rows)


def _each(agreement: Agreement, each: str, source: str, scope: Scope, path: Path) -> Iterator[Finding]:
    try:
        inside = check_rows(agreement.rows_formula(source), scope, row_scopes(agreement))
    except FormulaError as fault:
        yield agreement.finding("formula.invalid", f"in '{source}': {fault}", (*path, "for"))
        return
    yield from typed(agreement, each, inside, "money", (*path, "each"))
