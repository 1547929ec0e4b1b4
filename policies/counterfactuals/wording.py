"""Counterfactuals in words, in both languages: had the price been 299.00 or more, nothing would be due."""

from __future__ import annotations

from policies.agreement import Agreement
from policies.counterfactuals.answer import Counterfactual, Reach
from policies.counterfactuals.places import Place
from policies.formulas.prose import Language
from policies.money import from_minor, grouped
from policies.render.words import WORDS

_PHRASES: dict[Language, dict[str, str]] = {
    "zh": {
        "is": "{fact}若为 {low}",
        "up": "{fact}若为 {low} 或以上",
        "down": "{fact}若为 {high} 或以下",
        "later": "{fact}若为 {low} 或之后",
        "earlier": "{fact}若为 {high} 或之前",
        "between": "{fact}若在 {low} 至 {high} 之间",
        "any": "无论{fact}为何",
        "other": "{fact}若不是 {given}",
        "shown": "{fact}若得到说明",
        "true": "若属实：{fact}",
        "false": "若不属实：{fact}",
        "proven": "{fact}若得到证明",
        "asserted": "{fact}若未得到证明",
        "or": " 或 ",
        "row": "第 {row} 行{rows}的{fact}",
        "rows": "第 {row} 行（{alike} 笔相同）{rows}的{fact}",
        "whole": "{condition}，则{result}。",
        "nothing": "无须支付",
        "amount": "裁决结果为{outcome}，金额 {amount} {currency}",
        "amount_at": "裁决结果为{outcome}，取 {nearest} 时金额为 {amount} {currency}",
        "outcome": "裁决结果为{outcome}",
        "undecided": "规则无法裁决",
        "conflict": "两项例外相互冲突，规则无法裁决",
    },
    "en": {
        "is": "Had {fact} been {low}",
        "up": "Had {fact} been {low} or more",
        "down": "Had {fact} been {high} or less",
        "later": "Had {fact} been {low} or later",
        "earlier": "Had {fact} been {high} or earlier",
        "between": "Had {fact} been from {low} to {high}",
        "any": "Whatever {fact} had been",
        "other": "Had {fact} been anything but {given}",
        "shown": "Had anything been shown of {fact}",
        "true": "Had it been so: {fact}",
        "false": "Had it not been so: {fact}",
        "proven": "Had {fact} been proven",
        "asserted": "Had {fact} not been proven",
        "or": " or ",
        "row": "{fact} in row {row} of {rows}",
        "rows": "{fact} in row {row} of {rows} ({alike} alike)",
        "whole": "{condition}, {result}.",
        "nothing": "nothing would be due",
        "amount": "the claim would be {outcome}: {amount} {currency}",
        "amount_at": "the claim would be {outcome}: {amount} {currency} at {nearest}",
        "outcome": "the claim would be {outcome}",
        "undecided": "the rules could not decide",
        "conflict": "two exceptions would contradict each other",
    },
}


def worded(agreement: Agreement, one: Counterfactual) -> dict[str, str]:
    """Return a counterfactual as a sentence, in both languages."""
    return {
        language: phrases["whole"].format(
            condition=_condition(agreement, one, language), result=_result(agreement, one, language)
        )
        for language, phrases in _PHRASES.items()
    }


def place_words(agreement: Agreement, place: Place) -> dict[str, str]:
    """Return what people call a fact of a case, with its row where it stands in one."""
    return {language: _place(agreement, place, language) for language in _PHRASES}


def _condition(agreement: Agreement, one: Counterfactual, language: Language) -> str:
    phrases, fact = _PHRASES[language], _place(agreement, one.place, language)
    if one.standing is not None:
        return phrases["proven" if one.standing == "proven" else "asserted"].format(fact=fact)
    if one.reach is not None:
        return _range(agreement, one, one.reach, language).format(fact=fact)
    if one.place.type == "bool":
        return phrases[one.texts[0]].format(fact=fact)
    listed = one.apart if one.apart is not None else one.texts
    said = phrases["or"].join(_value(agreement, one.place, text, language) for text in listed)
    if one.apart is None:
        return phrases["is"].format(fact=fact, low=said)
    return phrases["other" if said else "shown"].format(fact=fact, given=said)


def _range(agreement: Agreement, one: Counterfactual, reach: Reach, language: Language) -> str:
    phrases = _PHRASES[language]
    low, high = (
        _value(agreement, one.place, text, language) if text is not None else None
        for text in (reach.low, reach.high)
    )
    if low == high:
        return phrases["any" if low is None else "is"].replace("{low}", low or "")
    dated = one.place.type in {"date", "instant"}
    if high is None:
        return phrases["later" if dated else "up"].replace("{low}", low or "")
    if low is None:
        return phrases["earlier" if dated else "down"].replace("{high}", high)
    return phrases["between"].replace("{low}", low).replace("{high}", high)


def _result(agreement: Agreement, one: Counterfactual, language: Language) -> str:
    phrases = _PHRASES[language]
    if one.outcome in {"undecided", "conflict"}:
        return phrases[one.outcome]
    if not one.amount_minor and one.outcome != "granted":
        return phrases["nothing"]
    outcome = WORDS[language][one.outcome]
    if not one.amount_minor:
        return phrases["outcome"].format(outcome=outcome)
    amount = grouped(from_minor(one.amount_minor, agreement.currency))
    words = {"outcome": outcome, "amount": amount, "currency": agreement.currency}
    if one.reach is None or one.reach.low == one.reach.high:
        return phrases["amount"].format(**words)
    nearest = _value(agreement, one.place, one.texts[0], language)
    return phrases["amount_at"].format(**words, nearest=nearest)


def _place(agreement: Agreement, place: Place, language: Language) -> str:
    labels = agreement.labels()
    fact = labels.get(place.name, {}).get(language, place.name)
    match place.path:
        case ("orders", int(index), _):
            return _in_row(place, "orders", index, fact, agreement, language)
        case ("events", str(of), int(index), _):
            return _in_row(place, of, index, fact, agreement, language)
        case _:
            return fact


def _in_row(  # noqa: PLR0913, PLR0917 (a fact, its row, and in which words)
    place: Place, of: str, index: int, fact: str, agreement: Agreement, language: Language
) -> str:
    rows = agreement.labels().get(of, {}).get(language, of)
    form = _PHRASES[language]["rows" if place.alike > 1 else "row"]
    return form.format(row=index + 1, rows=rows, fact=fact, alike=f"{place.alike:,}")


def _value(agreement: Agreement, place: Place, text: str, language: Language) -> str:
    if place.type in {"money", "count"}:
        return grouped(text)
    if place.name.rpartition(".")[2] == "channel":
        return agreement.labels().get(text, {}).get(language) or WORDS[language].get(text, text)
    return agreement.labels().get(text, {}).get(language, text)
