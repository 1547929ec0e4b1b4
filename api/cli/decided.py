"""How a decision is told in a terminal, from the JSON that is on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.cli.output import money, say

_WORDS = {
    "en": {
        "rejected": "rejected", "granted": "granted", "granted_in_part": "granted in part",
        "granted_with_set_off": "granted with set-off", "undecided": "undecided: facts are missing",
        "conflict": "conflict: exceptions contradict each other",
        "clauses": "clauses", "missing": "missing", "review": "a person must look", "at most": "at most",
        "settled": "settled", "open": "open", "uncovered": "covered by no account",
        "settlement": "settlement", "next_settlement": "next settlement",
        "holds": "holds", "fails": "does not hold", "unknown": "unknown",
        "confirmed": "confirmed by {who}: {why}",
    },
    "zh": {
        "rejected": "驳回", "granted": "支持", "granted_in_part": "部分支持",
        "granted_with_set_off": "抵销后支持",
        "undecided": "未决：事实不足", "conflict": "冲突：例外条款相互矛盾",
        "clauses": "条款", "missing": "待证事实", "review": "须人工复核", "at most": "上限",
        "settled": "已结", "open": "挂账", "uncovered": "无账户可支取",
        "settlement": "结算", "next_settlement": "下期结算",
        "holds": "成立", "fails": "不成立", "unknown": "未知",
        "confirmed": "由 {who} 确认：{why}",
    },
}  # fmt: skip


def outcome_words(outcome: str, lang: str) -> str:
    """Return what people call an outcome."""
    return _WORDS[lang][outcome]


def tell_decision(decision: Mapping[str, Any], lang: str) -> None:
    """Print a decision: outcome, clauses, what moves, effects, reasons, and who must look or did."""
    words, currency = _WORDS[lang], decision["currency"]
    say(f"{words[decision['outcome']]}: {money(decision['amount_minor'], currency)} {currency}")
    say(f"  {words['clauses']}: {', '.join(decision['clauses'])}")
    for posting in decision["postings"]:
        say(f"  {_posting(posting, currency, lang)}")
    for kind, minor in decision.get("uncovered", {}).items():
        say(f"  {words['uncovered']}: {money(minor, currency)}  {kind}")
    for effect in decision["effects"]:
        say(f"  * {effect['text'][lang]}")
    for step in decision["trace"]:
        phrase = step.get("formula", step.get("if", step))
        if lang in phrase:
            each = f"({phrase[lang]}) × {step['rows']:,}" if "rows" in step else phrase[lang]
            say(f"  {step['clause']}: {each}{_figures(step, currency, lang)}")
    if decision["missing"]:
        say(f"  {words['missing']}: {', '.join(decision['missing'])}")
    if "confirmed_by" in decision:
        who, why = decision["confirmed_by"], decision["confirmed_because"]
        say(f"  {words['confirmed'].format(who=who, why=why)}")
        return
    for reason in decision["review"]:
        say(f"  {words['review']}: {reason[lang]}")


def _posting(posting: Mapping[str, Any], currency: str, lang: str) -> str:
    words, phase = _WORDS[lang], posting.get("phase", "decision")
    amount, status = money(posting["amount_minor"], currency), words[posting["status"]]
    when = f"{words[phase]}: " if phase != "decision" else ""
    memo = f" - {posting['memo'][lang]}" if "memo" in posting else ""
    return f"{when}{posting['from']} -> {posting['to']}  {amount}  {posting['kind']} ({status}){memo}"


def _figures(step: Mapping[str, Any], currency: str, lang: str) -> str:
    words = _WORDS[lang]
    if step["step"] == "figure":
        return f" = {step['value']}" if "value" in step else ""
    if step.get("applies") is False:
        return f"  [{words['fails']}]"
    if "amount_minor" not in step or step["step"] in {"draw", "pool"}:
        return f"  [{words[step['result']]}]" if "result" in step else ""
    cap = f"; {words['at most']} {step['cap'][lang]}" if "cap" in step else ""
    return f"{cap} = {money(step['amount_minor'], currency)}"
