"""The reasons of breaks and suggestions in words, Chinese and English, with the figures behind them."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.reconciliation.breaks import Break
from ledger.reconciliation.result import Suggestion
from policies.money import from_minor

_MONEY = frozenset({"a", "b", "apart", "tolerance", "back", "expected"})
"""Figures that are amounts in minor units; the others are counts, days and names."""

_BREAKS: dict[str, tuple[str, str]] = {
    "timing.later_statement": (
        "本方已在 {day} 的结算单 {statement} 中入账，本次对账未包含该结算单",
        "the own side has it on statement {statement} of {day}, which this reconciliation does not take",
    ),
    "timing.not_settled": (
        "订单已入账但尚未结算；按生效版本应得 {expected}，与文件一致",
        "the order is recorded and not settled yet; the version in force gives {expected}, as the file says",
    ),
    "timing.after_cutoff": (
        "日期晚于本方最后结算日 {day}，本方尚未到期",
        "it is of a later day than {day}, the last cut-off of the own side",
    ),
    "timing.not_in_file": (
        "本方于 {day} 入账，距文件截止日（{through}）不足 {days} 天，文件中应在下期出现",
        "the own side posted it on {day}, within {days} days of the end of the file ({through})",
    ),
    "rate_version.other": (
        "文件金额 {b} 等于第 {version} 版条款算得的金额；成交时生效的是第 {in_force} 版",
        "the file's {b} is what version {version} gives; version {in_force} was in force when it was sold",
    ),
    "refund.not_in_file": (
        "本方已冲正 {back}，文件中没有这笔冲正",
        "the own side has reversed {back}, and the file has no such reversal",
    ),
    "refund.not_in_ledger": (
        "文件按退款冲正了 {back}，本方未冲正（退款晚于截止日或超出退货期）",
        "the file takes back {back} for a refund that the own side does not count: it is late or too late",
    ),
    "rounding.per_leg": (
        "相差 {apart}，在每项一个最小单位之内（共 {units} 项），系取整差异",
        "they differ by {apart}, within a minor unit for each of {units} amounts: rounding",
    ),
    "rounding.tolerance": (
        "相差 {apart}，在声明的容差 {tolerance} 之内，系取整差异，已了结",
        "they differ by {apart}, within the tolerance of {tolerance}: rounding, and done with",
    ),
    "unknown.tolerance": (
        "相差 {apart}，在声明的容差 {tolerance} 之内，已了结",
        "they differ by {apart}, within the tolerance of {tolerance}, and that is done with",
    ),
    "missing.in_file": (
        "文件（截至 {through}）中没有这一笔",
        "the file, which reaches to {through}, has nothing of it",
    ),
    "missing.in_ledger": ("本方没有这一笔", "the own side has nothing of it"),
    "duplicate.in_file": (
        "文件中同一引用、同一金额第 {times} 次出现",
        "the file has the same reference and amount {times} times by now",
    ),
    "duplicate.earlier": (
        "该笔已在结算单 {statement} 中对过账，文件再次列出",
        "it was reconciled with statement {statement} before, and the file has it again",
    ),
    "unknown.amount": (
        "本方 {a}，文件 {b}，相差 {apart}；没有版本、退款或取整能解释",
        "the own side says {a} and the file {b}, {apart} apart; no version, refund or rounding gives that",
    ),
    "unknown.not_settled": (
        "订单已入账但尚未结算，文件金额 {b} 与任何版本都不一致",
        "the order is recorded and not settled yet, and no version gives the file's {b}",
    ),
    "unknown.several": (
        "有多种可能的对应，须人工确认；见建议",
        "several rows may be its other side, so a person has to say; see the suggestions",
    ),
    "unknown.limit": (
        "可能的对应过多，超出搜索上限，未搜索",
        "too many rows could be its other side: the search reached its limit and was not made",
    ),
    "unknown.reopened": (
        "人工匹配 {match} 已撤回，重新列为未了结",
        "the match {match} by hand was withdrawn, so it is open again",
    ),
    "by_hand": (
        "人工匹配 {match}，差额由成员归类",
        "matched by hand as {match}; the member says what the difference is",
    ),
}

_HOW = {
    "amount": ("金额相同、日期在窗口之内", "the amounts and days fit"),
    "statement": ("等于一张结算单各行之和", "it is the sum of the rows of one statement"),
    "day": ("等于同一天各行之和", "it is the sum of the rows of one day"),
    "order": ("等于一个订单各行之和", "it is the sum of the rows of one order"),
    "subset": ("等于其中几行之和", "it is the sum of some rows"),
    "unlikely": ("等于其中几行之和", "it is the sum of some rows"),
}
_WHY = {
    "fits": ("没有其他行符合", "nothing else fits"),
    "several": ("但另有其他行也符合", "but others fit too"),
    "named": ("但两边的引用不同", "but the two name different things"),
    "unlikely": (
        "但可能的组合很多，和数相等可能只是巧合",
        "but so many sums are possible that it may be an accident",
    ),
}


def reason(one: Break, currency: str) -> Mapping[str, str]:
    """Return why rows do not match, in both languages."""
    figures = {
        name: from_minor(value, currency) if name in _MONEY and isinstance(value, int) else value
        for name, value in one.figures.items()
    }
    zh, en = _BREAKS[one.cause]
    return {"zh": zh.format(**figures), "en": en.format(**figures)}


def because(one: Suggestion) -> Mapping[str, str]:
    """Return why rows may belong together and are not matched, in both languages."""
    how, why = _HOW[one.how], _WHY[one.why]
    return {"zh": f"{how[0]}，{why[0]}", "en": f"{how[1]}, {why[1]}"}
