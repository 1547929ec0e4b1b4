"""What a rule's condition may read of a document, typed: `document.…`, `clause.…`, `says.…`, `party.…`.

Conditions are the project's own formulas. Two sets of rows, `clauses` and `parties`, let a rule ask
`any(clause.kind == 'dispute_process' for clauses)`. A parameter that a clause does not have is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.dispute_process import DisputeProcess
from policies.errors import PolicyError
from policies.facts import read_fact
from policies.formulas.exact import Facts, Row, Unknown, Value
from policies.formulas.types import Scope, Type
from policies.packs.damages import owner, payers, without_limit
from policies.packs.pack import Rule, TermType

NOBODY = "nobody"
"""The role of a holder that a clause does not name."""

DOCUMENT: Scope = {
    "document.stage": "text",
    "document.model": "text",
    "document.jurisdiction": "text",
    "document.currency": "text",
    "document.effective_from": "date",
    "document.version": "number",
}
CLAUSE: Scope = {
    "clause.kind": "text",
    "clause.holder_role": "text",
    "clause.toward_role": "text",
    "clause.enforced": "bool",
    "clause.pays_holder": "bool",
    "clause.charges_holder": "bool",
    "clause.unlimited_damages": "bool",
    "clause.person_decides": "bool",
}
PARTY: Scope = {"party.role": "text", "party.has_address": "bool"}

_TYPES: dict[TermType, Type] = {
    "bool": "bool", "count": "number", "date": "date", "list": "number", "money": "money", "rate": "number",
    "text": "text",
}  # fmt: skip

_FIGURES = ("count", "money", "rate")
"""Terms that people may write with `_` between the digits, as in formulas: 800_000.00."""

_HELD = ("deposit", "penalty_pool", "reserve")
"""Purposes of accounts that hold a party's own money: what comes back from them is no payment to it."""

_NOT_PROMISED = ("effects", "not_enforced")
"""Parts of a clause whose words say what follows, or why nothing does, rather than what was agreed."""


def scopes(rule: Rule) -> tuple[Scope, dict[str, Scope]]:
    """Return the typed names that a rule's conditions may read, and those of each set of rows."""
    clause: dict[str, Type] = {
        **CLAUSE,
        **{f"clause.{name}": _TYPES[kind] for name, kind in rule.terms.items()},
        **dict.fromkeys((f"says.{name}" for name in rule.words), "bool"),
    }
    own = {**DOCUMENT, **clause} if rule.of == "clause" else dict(DOCUMENT)
    return own, {"clauses": clause, "parties": PARTY}


def document_facts(agreement: Agreement, rule: Rule) -> Facts:
    """Return what a rule reads of a document: its attributes, and its clauses and parties as rows."""
    document = agreement.document
    values: dict[str, Value] = {
        "document.stage": document.stage,
        "document.model": document.model,
        "document.jurisdiction": document.jurisdiction,
        "document.currency": document.currency,
        "document.effective_from": document.effective_from,
        "document.version": Fraction(document.version),
    }
    clauses = tuple(Row(clause_facts(agreement, rule, clause)) for clause in document.clauses)
    parties = tuple(
        Row({"party.role": party.role, "party.has_address": party.service_address is not None})
        for party in document.parties.values()
    )
    return Facts(values, {"clauses": clauses, "parties": parties})


def clause_facts(agreement: Agreement, rule: Rule, clause: Clause) -> dict[str, Value]:
    """Return what a rule reads of one clause, unknown where the clause does not say it."""
    core = agreement.clauses[clause.id]
    plain = clause.model_dump(mode="json", by_alias=True, exclude_none=True)
    flat = dict(_flat(plain))
    own = {key: value for key, value in plain.items() if key not in _NOT_PROMISED}
    said = "\n".join(_words(own)).casefold()
    paid_by_holder = [
        one for one in core.remedies if any(owner(payer) == clause.holder for payer in payers(core, one))
    ]
    values: dict[str, Value] = {
        "clause.kind": clause.kind,
        "clause.holder_role": _role(agreement, clause.holder),
        "clause.toward_role": _role(agreement, clause.toward),
        "clause.enforced": clause.not_enforced is None,
        "clause.pays_holder": _pays_holder(agreement, core),
        "clause.charges_holder": bool(paid_by_holder),
        "clause.unlimited_damages": any(without_limit(agreement, core, one) for one in paid_by_holder),
        "clause.person_decides": isinstance(clause, DisputeProcess) and set(clause.ladder) != {"rules"},
    }
    for name, kind in rule.terms.items():
        values[f"clause.{name}"] = _term(flat, name, kind, agreement.currency)
    for name, phrases in rule.words.items():
        values[f"says.{name}"] = any(phrase.casefold() in said for phrase in phrases)
    return values


def _term(flat: Mapping[str, Any], name: str, kind: TermType, currency: str) -> Value:
    missing = Unknown(frozenset({f"clause.{name}"}))
    found = flat.get(name)
    if found is None:
        return missing
    if isinstance(found, list):
        return Fraction(len(found)) if kind == "list" else missing
    if isinstance(found, bool):
        return found if kind == "bool" else missing
    if kind == "date" and isinstance(found, date):
        return found
    if kind == "list":
        return missing
    try:
        return read_fact(str(found).replace("_", "") if kind in _FIGURES else str(found), kind, currency)
    except PolicyError:
        return missing  # a formula stands where a figure might: what it comes to is not told here


def _flat(plain: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value by its path joined with `_`: `retention_days`; lists as they are."""
    if not isinstance(plain, dict):
        yield path, plain
        return
    for key, value in plain.items():
        yield from _flat(value, f"{path}_{key}" if path else key)


def _words(plain: Any) -> Iterator[str]:
    """Yield everything that a clause says to people, in both languages."""
    if isinstance(plain, dict):
        if plain.keys() == {"zh", "en"}:
            yield from plain.values()
        else:
            for value in plain.values():
                yield from _words(value)
    elif isinstance(plain, list | tuple):
        for value in plain:
            yield from _words(value)


def _role(agreement: Agreement, key: str | None) -> str:
    party = agreement.parties.get(key) if key is not None else None
    return party.role if party is not None else NOBODY


def _pays_holder(agreement: Agreement, clause: Clause) -> bool:
    """Tell whether somebody else pays the holder under this clause, or by a leg that names it."""
    if clause.holder is None:
        return False
    for remedy in clause.remedies:
        if remedy.to is None or owner(remedy.to) != clause.holder:
            continue
        drawn = payers(clause, remedy)
        if any(owner(one) != clause.holder and one.partition(".")[2] not in _HELD for one in drawn):
            return True
    steps = agreement.commission.waterfall if agreement.commission is not None else ()
    return any(step.clause == clause.id and step.to and owner(step.to) == clause.holder for step in steps)
