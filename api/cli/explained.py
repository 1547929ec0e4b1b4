"""How an explanation of one amount is told in a terminal."""

from __future__ import annotations

from api.cli.output import money, say
from ledger.statements.explain import Explanation


def tell(one: Explanation, lang: str) -> None:
    """Print an amount with its clause, its facts and its arithmetic."""
    amount = f"{money(one.amount_minor, one.currency)} {one.currency}"
    say(f"{one.order} line {one.line}: {one.label[lang]} {one.kind} {amount}")
    say(f"  {one.agreement}@{one.version} {one.clause}: {one.clause_text[lang]}")
    for fact in one.facts:
        say(f"  {fact.label[lang]} = {fact.value}  ({fact.asserter}, entry {fact.seq})")
    for step in one.steps:
        say(f"  {step.zh if lang == 'zh' else step.en}")
