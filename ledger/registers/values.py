"""Fields, terms and figures of an item as formulas read them; what nobody told is unknown."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.registers.asking import read_field
from ledger.registers.clocks import clause_value
from ledger.registers.declaration import Register, register
from ledger.registers.items import Item
from policies.agreement import Agreement
from policies.errors import FormulaError
from policies.facts import read_fact
from policies.formulas.exact import Facts, Unknown, Value, evaluate
from policies.formulas.parse import parse


def values_of(of: Register, texts: Mapping[str, str | None], agreement: Agreement | None) -> dict[str, Value]:
    """Return what each field, term and figure comes to; figures in the order in which they are declared.

    `texts` are fields as told, None where they are erased. Money is in major units.
    """
    currency = agreement.currency if agreement is not None else ""
    values: dict[str, Value] = {}
    for name, terms in of.all_fields.items():
        text = texts.get(name, terms.default)
        values[name] = Unknown(frozenset({name})) if text is None else read_field(text, terms, currency)
    for name, term in of.terms.items():
        said = clause_value(agreement, term.clause)
        text = (said if said is not None else term.default).replace("_", "")
        values[name] = read_fact(text, term.type, currency)
    for name, figure in of.figures.items():
        try:
            values[name] = evaluate(parse(figure.formula), Facts(values))
        except FormulaError:  # such as a division by a count of none
            values[name] = Unknown(frozenset({name}))
    return values


def figures(item: Item, agreement: Agreement | None) -> dict[str, Value]:
    """Return what the declared figures of an item come to, by name."""
    of = register(item.register)
    values = values_of(of, {name: told.text for name, told in item.fields.items()}, agreement)
    return {name: values[name] for name in of.figures}
