"""What every part of a document is asked: is this formula of this type, is this account known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policies.agreement import Agreement
from policies.errors import Finding, FormulaError, did_you_mean
from policies.formulas.tree import Among, Call, Comparison, Lookup, Name, Node, Table, Text, walk
from policies.formulas.types import Scope, Type, check_type
from policies.source import Path


def account(agreement: Agreement, account: str, path: Path) -> Iterator[Finding]:
    """Yield a finding where an account belongs to nobody the document names."""
    owner = account.partition(".")[0]
    known = {*agreement.parties, *agreement.document.payees, "escrow"}
    if owner not in known:
        message = f"'{owner}' is neither a party nor a class of payees nor escrow{did_you_mean(owner, known)}"
        yield agreement.finding("party.unknown", message, path)


def typed(  # noqa: PLR0913, PLR0917 (the six are one question: is this formula, here, of this type)
    agreement: Agreement,
    formula: str,
    scope: Scope,
    expected: Type,
    path: Path,
    rows: Mapping[str, Scope] | None = None,
) -> Iterator[Finding]:
    """Yield a finding where a formula does not parse, or is not of the expected type in this scope."""
    try:
        node = agreement.formula(formula)
        check_type(node, scope, rows or {}, expected)
    except FormulaError as fault:
        yield agreement.finding("formula.invalid", f"in '{formula}': {fault}", path)
        return
    if expected == "bool" and any(isinstance(one, Call) and one.function == "round" for one in walk(node)):
        message = f"in '{formula}': round() stands in amounts only; a condition compares exact figures"
        yield agreement.finding("formula.invalid", message, path)
    for strange in strange_options(agreement, node):
        yield agreement.finding("formula.option", f"in '{formula}': {strange}", path)


def strange_options(agreement: Agreement, node: Node) -> Iterator[str]:
    """Yield what a formula holds an enum fact against that is none of its options."""
    for part in walk(node):
        match part:
            case Comparison(_, Name(name), Text(value)) | Comparison(_, Text(value), Name(name)):
                yield from _no_option(agreement, name, [value])
            case Among(Name(name), options):
                yield from _no_option(agreement, name, [one.value for one in options])
            case Lookup("lookup", _, Name(name), Table() as table):
                keys = [key for key, _ in table.rows]
                yield from _no_option(agreement, name, keys)
                lacking = [one for one in _options(agreement, name) or () if one not in keys]
                if lacking and table.otherwise is None:
                    named = ", ".join(f"'{one}'" for one in lacking)
                    yield f"the table '{table.name}' has no row for {named} and no 'otherwise'"
            case _:
                pass


def _options(agreement: Agreement, name: str) -> tuple[str, ...] | None:
    fact = agreement.document.facts.get(name)
    return fact.options if fact is not None else None


def _no_option(agreement: Agreement, name: str, given: Iterable[str]) -> Iterator[str]:
    options = _options(agreement, name)
    for value in given if options is not None else ():
        if value not in (options or ()):
            yield f"'{value}' is not an option of '{name}'{did_you_mean(value, options or ())}"
