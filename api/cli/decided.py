"""How a decision is told in a terminal, from the JSON that is on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.cli.output import money, say
from api.worded import account_label, label
from policies.agreement import Agreement
from policies.money import grouped

_WORDS = {
    "en": {
        "rejected": "rejected", "granted": "granted", "granted_in_part": "granted in part",
        "granted_with_set_off": "granted with set-off", "undecided": "undecided: facts are missing",
        "conflict": "conflict: exceptions contradict each other", "agreed": "settled by consent",
        "clauses": "clauses", "missing": "missing", "review": "a person must look", "at most": "at most",
        "at least": "at least", "colon": ": ", "by rows": "({0}), summed over {1:,}",
        "settled": "settled", "open": "open", "uncovered": "covered by no account",
        "settlement": "settlement", "next_settlement": "next settlement",
        "holds": "holds", "fails": "does not hold", "unknown": "unknown",
        "confirmed": "confirmed by {who}: {why}", "ruled": "ruled by {who}: {why}",
    },
    "zh": {
        "rejected": "驳回", "granted": "支持", "granted_in_part": "部分支持",
        "granted_with_set_off": "抵销后支持",
        "undecided": "未决：事实不足", "conflict": "冲突：例外条款相互矛盾",
        "agreed": "和解",
        "clauses": "条款", "missing": "待证事实", "review": "须人工复核", "at most": "上限",
        "at least": "下限", "colon": "：", "by rows": "({0})，逐行合计 {1:,} 行",
        "settled": "已结", "open": "挂账", "uncovered": "无账户可支取",
        "settlement": "结算", "next_settlement": "下期结算",
        "holds": "成立", "fails": "不成立", "unknown": "未知",
        "confirmed": "由 {who} 确认：{why}", "ruled": "由 {who} 裁决：{why}",
    },
}  # fmt: skip


def outcome_words(outcome: str, lang: str) -> str:
    """Return what people call an outcome."""
    return _WORDS[lang][outcome]


def tell_decision(decision: Mapping[str, Any], agreement: Agreement, lang: str) -> None:
    """Print a decision: outcome, clauses, what moves, effects, reasons, and who must look or did."""
    words, currency = _WORDS[lang], decision["currency"]
    say(f"{words[decision['outcome']]}: {money(decision['amount_minor'], currency)} {currency}")
    say(f"  {words['clauses']}: {', '.join(decision['clauses'])}")
    for posting in decision["postings"]:
        say(f"  {_posting(posting, agreement, lang)}")
    for kind, minor in decision.get("uncovered", {}).items():
        say(f"  {words['uncovered']}: {money(minor, currency)}  {label(agreement, kind).spoken(lang)}")
    for effect in decision["effects"]:
        say(f"  * {effect['text'][lang]}")
    for step in decision["trace"]:
        phrase = step.get("formula", step.get("if", step))
        if lang in phrase:
            say(f"  {step['clause']}: {_headed(step, phrase[lang], lang)}{_figures(step, currency, lang)}")
    if decision["missing"]:
        say(f"  {words['missing']}: {_listed(decision['missing'], agreement, lang)}")
    if "confirmed_by" in decision:
        who, why = decision["confirmed_by"], decision["confirmed_because"]
        said = words["ruled" if "ruling" in decision else "confirmed"]
        say(f"  {said.format(who=who, why=why)}")
        return
    for reason in decision["review"]:
        say(f"  {words['review']}: {reason[lang]}")


def _posting(posting: Mapping[str, Any], agreement: Agreement, lang: str) -> str:
    words, phase = _WORDS[lang], posting.get("phase", "decision")
    amount, status = money(posting["amount_minor"], posting["currency"]), words[posting["status"]]
    when = f"{words[phase]}: " if phase != "decision" else ""
    memo = f" - {posting['memo'][lang]}" if "memo" in posting else ""
    source, target = (account_label(agreement, posting[one]).spoken(lang) for one in ("from", "to"))
    kind = label(agreement, posting["kind"]).spoken(lang)
    return f"{when}{source} -> {target}  {amount}  {kind} ({status}){memo}"


def _listed(names: Sequence[str], agreement: Agreement, lang: str) -> str:
    """Name facts in words, each with the name it has in a case file."""
    said = [(label(agreement, one).spoken(lang), one) for one in names]
    return ", ".join(one if words == one else f"{words} ({one})" for words, one in said)


def _headed(step: Mapping[str, Any], phrase: str, lang: str) -> str:
    """Put what a figure is called before how it came, and for how many rows."""
    words = _WORDS[lang]
    name = f"{step['text'][lang]}{words['colon']}" if "text" in step else ""
    if "rows" not in step:
        return f"{name}{phrase}"
    if "each" in step:
        return f"{name}({phrase}) × {step['rows']:,}"
    return f"{name}{words['by rows'].format(phrase, step['rows'])}"


def _figure(text: str) -> str:
    """Write a figure worked out by name: thousands set apart, a day or a word as it is."""
    return grouped(text) if text.partition(".")[0].lstrip("-").isdecimal() else text


def _figures(step: Mapping[str, Any], currency: str, lang: str) -> str:
    words = _WORDS[lang]
    if step["step"] == "figure":
        return f" = {_figure(step['value'])}" if "value" in step else ""
    if step.get("applies") is False:
        return f"  [{words['fails']}]"
    if "amount_minor" not in step or step["step"] in {"draw", "pool"}:
        return f"  [{words[step['result']]}]" if "result" in step else ""
    limits = [
        f"; {words[word]} {step[limit][lang]}"
        for limit, word in (("cap", "at most"), ("floor", "at least"))
        if limit in step
    ]
    return f"{''.join(limits)} = {money(step['amount_minor'], currency)}"
