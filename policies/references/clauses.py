"""Whether each clause fits the document: the clauses, parties and facts it names, and its formulas."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from policies.agreement import Agreement
from policies.clauses.attribution import Attribution
from policies.clauses.core import Clause
from policies.clauses.data_grant import DataGrant
from policies.clauses.payout import Payout
from policies.clauses.templates import Templated
from policies.errors import Finding, MoneyError, did_you_mean
from policies.money import to_minor
from policies.references.attribution import attribution
from policies.references.falling_due import falling_due
from policies.references.parameters import parameters
from policies.references.remedies import remedies
from policies.source import Path


def clause(agreement: Agreement, clause: Clause, path: Path) -> Iterator[Finding]:
    """Yield the misfits of one clause."""
    ids = {one.id for one in agreement.document.clauses}
    if clause.exception_of is not None and clause.exception_of not in ids - {clause.id}:
        message = f"there is no clause {clause.exception_of}{did_you_mean(clause.exception_of, ids)}"
        yield agreement.finding("clause.unknown", message, (*path, "exception_of"))
    elif clause.follows is not None and clause.follows not in ids - {clause.id}:
        message = f"there is no clause {clause.follows}{did_you_mean(clause.follows, ids)}"
        yield agreement.finding("clause.unknown", message, (*path, "follows"))
    elif _goes_round(agreement, clause):
        link = "exception_of" if clause.exception_of else "follows"
        message = (
            f"exceptions and followers lead from {clause.id} back to itself; one of them must stand alone"
        )
        yield agreement.finding("clause.exception-circle", message, (*path, link))
    people = [(name, getattr(clause, name)) for name in ("holder", "toward")]
    if isinstance(clause, DataGrant):
        people += [("recipients", one) for one in clause.recipients]
        for index, name in enumerate(clause.fields):
            if name not in agreement.document.facts:
                message = f"'{name}' is not a declared fact{did_you_mean(name, agreement.document.facts)}"
                yield agreement.finding("fact.undeclared", message, (*path, "fields", index))
        apart = clause.aggregates.told_apart_by if clause.aggregates else None
        if apart is not None and apart not in agreement.document.facts:
            message = f"'{apart}' is not a declared fact{did_you_mean(apart, agreement.document.facts)}"
            yield agreement.finding("fact.undeclared", message, (*path, "aggregates", "told_apart_by"))
    if isinstance(clause, Templated):
        people = [one for one in people if one[0] not in clause.template.parameters]
    for field, key in people:
        if key is not None and key not in agreement.parties:
            message = f"'{key}' is not a party{did_you_mean(key, agreement.parties)}"
            yield agreement.finding("party.unknown", message, (*path, field))
    if isinstance(clause, Payout) and clause.minimum is not None:
        yield from _amount(agreement, clause.minimum, (*path, "minimum"))
    if isinstance(clause, Attribution):
        yield from attribution(agreement, clause, path)
    if isinstance(clause, Templated):
        wrong = list(parameters(agreement, clause, path))
        if wrong:
            yield from wrong
            return
    try:
        core = clause.core()
    except ValidationError as fault:
        message = f"the clause is too large once written out: {fault.errors()[0]['msg']}"
        yield agreement.finding("clause.too-large", message, path)
        return
    yield from remedies(agreement, core, path)
    yield from falling_due(agreement, core, path)


def _amount(agreement: Agreement, text: str, path: Path) -> Iterator[Finding]:
    try:
        to_minor(text, agreement.currency)
    except MoneyError as fault:
        message_zh = f"“{text[:40]}”不是有效金额，例如 299.00"
        yield agreement.finding("clause.amount", fault.message, path, message_zh=message_zh)


def _goes_round(agreement: Agreement, clause: Clause) -> bool:
    targets = {one.id: one.parent for one in agreement.document.clauses}
    at, seen = clause.parent, set[str]()
    while at is not None and at not in seen:
        if at == clause.id:
            return True
        seen.add(at)
        at = targets.get(at)
    return False
