"""Whether what a clause awards fits: its accounts, draws, pools, figures, presumptions and formulas.

A formula reads what stands before it: earlier remedies of its clause, and of the clauses evaluated earlier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from policies.agreement import Agreement
from policies.clauses.core import Clause, Remedy
from policies.clauses.family import family, followed, pool_owners, root_of
from policies.clauses.payment import Draw
from policies.decisions.filled import places
from policies.errors import Finding, FormulaError, PolicyError, did_you_mean
from policies.facts import read_fact
from policies.formulas.types import Type, check_rows, check_type, infer
from policies.references.fitting import account, typed
from policies.references.scopes import RESERVED, case_scope, cores, row_scopes, steps
from policies.source import Path

Formulas = tuple[tuple[str, str | None, Type], ...]


def remedies(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    """Yield the misfits of a clause written out as the core clause."""
    yield from _proof(agreement, clause, path)
    scope, rows = case_scope(agreement), row_scopes(agreement)
    for earlier in _before(agreement, clause):
        scope |= {f"awarded.{remedy.kind}": "money" for remedy in earlier.remedies}
    inherited = _inherited(agreement, clause)
    scope |= inherited
    if clause.when is not None:
        yield from typed(agreement, clause.when, case_scope(agreement), "bool", (*path, "when"), rows)
    yield from _figures(agreement, clause, scope, path, inherited)
    for index, remedy in enumerate(clause.remedies):
        yield from _remedy(agreement, remedy, scope, (*path, "remedies", index))
        scope[f"awarded.{remedy.kind}"] = "money"
    for name, pool in (clause.pools or {}).items():
        at = (*path, "pools", name)
        yield from account(agreement, pool.to, (*at, "to"))
        yield from _sources(agreement, pool.from_, scope, (*at, "from"))
    for index, effect in enumerate(clause.effects):
        at = (*path, "effects", index)
        if effect.if_ is not None:
            yield from typed(agreement, effect.if_, scope, "bool", (*at, "if"), rows)
        if effect.clause is not None:
            yield from _cited(agreement, effect.clause, (*at, "clause"))
        for language, name in places(effect.text):
            if name not in scope:
                message = f"'{{{name}}}' stands for no figure of a case{did_you_mean(name, scope)}"
                yield agreement.finding("fact.undeclared", message, (*at, "text", language))
    if clause.review_when is not None:
        reviewed: dict[str, Type] = {**scope, "award": "money"}
        yield from typed(agreement, clause.review_when, reviewed, "bool", (*path, "review_when"), rows)


def figure_types(agreement: Agreement, clause: Clause) -> dict[str, Type]:
    """Return the types of the figures that a clause and those it follows name; not to be changed."""
    known = _figure_types(agreement)
    if clause.id not in known:
        known[clause.id] = _named(agreement, clause, _inherited(agreement, clause))
    return known[clause.id]


@lru_cache(maxsize=16)
def _figure_types(_: Agreement) -> dict[str, dict[str, Type]]:
    """Return the types already found, by clause: a decision asks for them at each of its steps."""
    return {}


def _inherited(agreement: Agreement, clause: Clause) -> dict[str, Type]:
    """Return the types of the figures of the clauses that a clause follows."""
    found: dict[str, Type] = {}
    for one in followed({**cores(agreement), clause.id: clause}, clause):
        found = _named(agreement, one, found)
    return found


def _named(agreement: Agreement, clause: Clause, inherited: dict[str, Type]) -> dict[str, Type]:
    """Return the types of the figures of a clause, and those inherited; none is worked out where none is."""
    if not clause.figures:
        return inherited
    scope = {**case_scope(agreement), **inherited}
    for one in (*_before(agreement, clause), clause):
        scope |= {f"awarded.{remedy.kind}": "money" for remedy in one.remedies}
    for _ in _figures(agreement, clause, scope, (), inherited):
        continue  # a figure that does not fit has no type, and is reported where it stands
    return inherited | {name: scope[name] for name in clause.figures if name in scope}


def _before(agreement: Agreement, clause: Clause) -> Iterator[Clause]:
    """Yield the clauses of its family that are evaluated before a clause."""
    known = {**cores(agreement), clause.id: clause}
    for one in family(known, root_of(known, clause).id):
        if one.id == clause.id:
            return
        yield one


def _proof(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    declared = {name: fact for name, fact in agreement.document.facts.items() if fact.of == "case"}
    for name, text in (clause.presume or {}).items():
        at = (*path, "presume", name)
        if name not in declared:
            message = f"'{name}' is not a declared fact of a case{did_you_mean(name, declared)}"
            yield agreement.finding("fact.undeclared", message, at)
            continue
        try:
            read_fact(text, declared[name].type, agreement.currency, declared[name].options)
        except PolicyError as fault:
            yield agreement.finding("fact.default", fault.message, at)
    for index, name in enumerate(clause.needs_proof or ()):
        if name not in declared:
            message = f"'{name}' is not a declared fact of a case{did_you_mean(name, declared)}"
            yield agreement.finding("fact.undeclared", message, (*path, "needs_proof", index))


def _figures(
    agreement: Agreement, clause: Clause, scope: dict[str, Type], path: Path, inherited: Mapping[str, Type]
) -> Iterator[Finding]:
    """Yield the misfits of named figures, and put each into the scope under its name and type."""
    taken = {*RESERVED, *agreement.document.facts, *steps(agreement), *agreement.parties}
    taken |= inherited.keys()
    for name, figure in (clause.figures or {}).items():
        at = (*path, "figures", name)
        if name in taken:
            message = f"'{name}' means something else in formulas; call the figure by another name"
            yield agreement.finding("name.reserved", message, at)
            continue
        try:
            node, rows = agreement.formula(figure.value), row_scopes(agreement)
            if figure.gives is not None:
                check_type(node, scope, rows, figure.gives)
            scope[name] = figure.gives or infer(node, scope, rows)
        except FormulaError as fault:
            yield agreement.finding("formula.invalid", f"in '{figure.value}': {fault}", (*at, "value"))


def _remedy(agreement: Agreement, remedy: Remedy, scope: dict[str, Type], path: Path) -> Iterator[Finding]:
    if remedy.from_ is not None:
        yield from _sources(agreement, remedy.from_, scope, (*path, "from"))
    if remedy.to is not None:
        yield from account(agreement, remedy.to.removesuffix(":order"), (*path, "to"))
    pools = pool_owners(cores(agreement))
    if remedy.into is not None and remedy.into not in pools:
        message = f"no clause declares the pool '{remedy.into}'{did_you_mean(remedy.into, pools)}"
        yield agreement.finding("pool.unknown", message, (*path, "into"))
    for index, cited in enumerate(remedy.cites or ()):
        yield from _cited(agreement, cited, (*path, "cites", index))
    formulas: Formulas = (
        ("amount", remedy.amount, "money"), ("if", remedy.if_, "bool"), ("cap", remedy.cap, "money"),
        ("cap_if", remedy.cap_if, "bool"), ("floor", remedy.floor, "money"),
    )  # fmt: skip
    for field, formula, kind in formulas:
        if formula is not None:
            yield from typed(agreement, formula, scope, kind, (*path, field), row_scopes(agreement))
    if remedy.each is not None and remedy.for_ is not None:
        yield from _per_row(agreement, (remedy.for_, remedy.each), scope, path, "each")


def _sources(
    agreement: Agreement, source: str | tuple[Draw, ...], scope: dict[str, Type], path: Path
) -> Iterator[Finding]:
    if isinstance(source, str):
        yield from account(agreement, source.removesuffix(":order"), path)
        return
    for index, draw in enumerate(source):
        at = (*path, index)
        yield from account(agreement, draw.account.removesuffix(":order"), (*at, "account"))
        if draw.clause is not None:
            yield from _cited(agreement, draw.clause, (*at, "clause"))
        if draw.up_to is None:
            if index < len(source) - 1:
                message = (
                    f"'{draw.account}' gives all that remains, so nothing is left for the draws after it"
                )
                yield agreement.finding("pool.never-drawn", message, (*path, index + 1))
        elif draw.for_ is not None:
            yield from _per_row(agreement, (draw.for_, draw.up_to), scope, at, "up_to")
        else:
            yield from typed(agreement, draw.up_to, scope, "money", (*at, "up_to"), row_scopes(agreement))


def _per_row(
    agreement: Agreement, formulas: tuple[str, str], scope: dict[str, Type], path: Path, field: str
) -> Iterator[Finding]:
    source, figure = formulas
    try:
        inside = check_rows(agreement.rows_formula(source), scope, row_scopes(agreement))
    except FormulaError as fault:
        yield agreement.finding("formula.invalid", f"in '{source}': {fault}", (*path, "for"))
        return
    yield from typed(agreement, figure, inside, "money", (*path, field))


def _cited(agreement: Agreement, cited: str, path: Path) -> Iterator[Finding]:
    known = {*cores(agreement), *part_ids(agreement)}
    if cited not in known:
        message = f"there is no clause {cited}{did_you_mean(cited, known)}"
        yield agreement.finding("clause.unknown", message, path)


def part_ids(agreement: Agreement) -> dict[str, str]:
    """Return the numbers that remedies and caps carry of their own, each with the id of its clause."""
    return {
        part: clause.id
        for clause in agreement.document.clauses
        for remedy in clause.remedies
        for part in (remedy.id, remedy.cap_id)
        if part is not None
    }
