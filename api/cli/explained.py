"""How an explanation of one amount is told in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.output import money, say

if TYPE_CHECKING:
    from ledger.statements.due_words import DueExplained
    from ledger.statements.explanation import Explanation

_KINDS: dict[str, dict[str, str]] = {
    "en": {},
    "zh": {"earned": "应得", "reversed": "冲正", "funded": "出资", "returned": "退回出资"},
}
"""What people call the kinds of a statement's lines, where it is not the kind's own name."""

_TAKES_BACK = {"en": "takes back what entry {} posted", "zh": "冲正存证 {} 所记的款项"}


def tell(one: Explanation, lang: str) -> None:
    """Print an amount with its clause, its facts and its arithmetic."""
    amount = f"{money(one.amount_minor, one.currency)} {one.currency}"
    kind = _KINDS[lang].get(one.kind, one.kind)
    where = f"{one.order} 第 {one.line} 行" if lang == "zh" else f"{one.order} line {one.line}"
    say(f"{where}: {one.label[lang]} {kind} {amount}")
    say(f"  {one.agreement}@{one.version} {one.clause}: {one.clause_text[lang]}")
    for fact in one.facts:
        say(f"  {fact.label[lang]} = {fact.value}  ({fact.asserter}, entry {fact.seq})")
    for step in one.steps:
        say(f"  {step.zh if lang == 'zh' else step.en}")
    if one.reverses is not None:
        say(f"  {_TAKES_BACK[lang].format(one.reverses)}")


def tell_due(one: DueExplained, lang: str) -> None:
    """Print what is due beside the lines with its clause, its causes and its arithmetic."""
    say(f"{one.label[lang]}, {one.about[lang]}: {money(one.amount_minor, one.currency)} {one.currency}")
    say(f"  {one.agreement}@{one.version} {one.clause}: {one.clause_text[lang]}")
    causes = "、".join(cause["zh"] for cause in one.causes), ", ".join(cause["en"] for cause in one.causes)
    say(f"  因：{causes[0]}" if lang == "zh" else f"  because of: {causes[1]}")
    for step in one.steps:
        say(f"  {step.zh if lang == 'zh' else step.en}")
    for seq in one.entries:
        say(f"  存证 {seq}" if lang == "zh" else f"  entry {seq}")
