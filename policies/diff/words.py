"""A change of terms as a sentence in Chinese or English: where it stands, what was there and what is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.agreement import Agreement
from policies.diff.terms import Change
from policies.errors import FormulaError
from policies.formulas.prose import Language, Prose
from policies.render.words import KIND_WORDS, WORDS

_KEYS: dict[str, tuple[str, str]] = {
    "agreement": ("协议编号", "agreement"),
    "title": ("标题", "title"),
    "effective_from": ("生效日", "in force from"),
    "prevailing_language": ("解释语言", "prevailing language"),
    "prevailing_source": ("优先数据来源", "prevailing source"),
    "stage": ("合作阶段", "stage"),
    "model": ("经营模式", "operating model"),
    "jurisdiction": ("法域", "jurisdiction"),
    "parties": ("当事人", "party"),
    "payees": ("收款人类别", "class of payees"),
    "facts": ("事实", "fact"),
    "tests": ("用例", "test"),
    "tables": ("表", "table"),
    "windows": ("期间", "window"),
    "links": ("关联协议", "link"),
    "events": ("事件", "events"),
    "opening": ("期初", "opening"),
    "accepted_findings": ("签署接受的警示", "warning signed over"),
    "code": ("代码", "code"),
    "clause": ("条款", "clause"),
    "reason": ("理由", "reason"),
    "order_facts_where": ("订单前提", "what every order satisfies"),
    "waterfall": ("分配顺序", "order of sharing"),
    "funding": ("资金来源", "funding"),
    "remedies": ("救济", "remedies"),
    "effects": ("其他后果", "other consequences"),
    "whole": ("分配总额", "the whole"),
    "base": ("基数", "base"),
    "amount": ("金额", "amount"),
    "each": ("每笔", "each"),
    "for": ("范围", "for"),
    "from": ("来自", "from"),
    "to": ("付给", "to"),
    "rest": ("余额", "rest"),
    "when": ("适用条件", "applies when"),
    "if": ("条件", "if"),
    "cap": ("上限", "cap"),
    "cap_if": ("上限适用条件", "cap binds if"),
    "floor": ("下限", "floor"),
    "text": ("文本", "text"),
    "kind": ("类型", "kind"),
    "law": ("法律依据", "law"),
    "days": ("天数", "days"),
    "window_days": ("退款期限天数", "refund window in days"),
    "rounding": ("取整", "rounding"),
    "mode": ("方式", "mode"),
    "on_refund": ("退款时", "on refund"),
    "role": ("角色", "role"),
    "name": ("名称", "name"),
    "tax_id": ("纳税人识别号", "taxpayer's number"),
    "signer": ("签署地址", "signing address"),
    "id": ("编号", "id"),
    "type": ("类型", "type"),
    "default": ("缺省值", "default"),
    "of": ("所属", "of"),
    "valid_from": ("自", "valid from"),
    "valid_until": ("至", "valid until"),
    "review_when": ("须人工复核的情形", "a person reviews when"),
    "falls_due": ("到期结算", "settled"),
    "invoicing": ("开票", "invoicing"),
    "payment_waits_for": ("付款等待", "payment waits for"),
    "by": ("按", "by"),
    "on": ("当日", "on"),
    "rates": ("汇率", "rates of exchange"),
    "after_days": ("再满天数", "days later"),
    "recovery": ("追扣顺序", "recovered from"),
    "refundable": ("可退金额", "refundable"),
    "given": ("给定", "given"),
    "expect": ("应得", "expects"),
    "balances": ("余额", "balances"),
    "volumes": ("累计额", "volumes"),
}
_WHAT: dict[str, tuple[str, str]] = {
    "added": ("新增", "added"),
    "removed": ("删除", "removed"),
    "changed": ("变更", "changed"),
    "reordered": ("顺序变更", "put in another order"),
}
_FIXED = frozenset(
    {"role", "stage", "model", "type", "mode", "on_refund", "affects", "of", "prevailing_language"}
)
"""Keys whose value is one of the language's own words, never a name of the document."""

_PLAIN = frozenset({"code", "clause"})
"""Keys whose value is a code or a number of a clause, which read as formulas would be something else."""

_ACCOUNTS = frozenset({"from", "to", "account", "rest"})


def says(change: Change, old: Agreement, new: Agreement, language: Language) -> str:
    """Return a change as one sentence: "clause 6.1, streamer share, amount: 14% × base → 15% × base"."""
    before, after = _Wording(old, language), _Wording(new, language)
    place = (before if change.what == "removed" else after).place(change)
    if change.what == "added":
        return _joined(
            f"{place}{_gap(language)}{_of(_WHAT['added'], language)}",
            after.value(change, change.new),
            language,
        )
    if change.what == "removed":
        return _joined(
            f"{place}{_gap(language)}{_of(_WHAT['removed'], language)}",
            before.value(change, change.old),
            language,
        )
    was, now = before.value(change, change.old), after.value(change, change.new)
    if change.what == "reordered":
        place = f"{place}{_gap(language)}{_of(_WHAT['reordered'], language)}"
    return _joined(place, f"{was} → {now}", language)


def _joined(place: str, value: str, language: Language) -> str:
    return f"{place}：{value}" if language == "zh" else f"{place}: {value}"


def _gap(language: Language) -> str:
    return "" if language == "zh" else " "


def _of(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language == "zh" else pair[1]


class _Wording:
    """The words of one document in one language."""

    def __init__(self, agreement: Agreement, language: Language) -> None:
        self.agreement = agreement
        self.language = language
        fixed: dict[str, Mapping[str, str]] = {key: {language: word} for key, word in WORDS[language].items()}
        self.labels = {**fixed, **agreement.labels()}

    def place(self, change: Change) -> str:
        comma = "，" if self.language == "zh" else ", "
        parts = [self.item(change)] + [self.key(one) for one in change.path if one != "waterfall"]
        return comma.join(part for part in parts if part)

    def item(self, change: Change) -> str:
        zh = self.language == "zh"
        if change.part == "clauses":
            kind = self.kind(change)
            return f"第 {change.item} 条（{kind}）" if zh else f"clause {change.item} ({kind})"
        part = self.key(change.part)
        if not change.item:
            return part
        name = self.label(change.item)
        return f"{part}“{name}”" if zh else f"{part} {name}"

    def kind(self, change: Change) -> str:
        clause = self.agreement.clauses.get(change.item)
        kind = clause.kind if clause else ""
        return self.kind_word(kind)

    def kind_word(self, kind: str) -> str:
        return KIND_WORDS.get(kind, {}).get(self.language, kind.replace("_", " "))

    def key(self, key: str) -> str:
        if key in self.agreement.labels():
            return self.label(key)
        return _of(_KEYS[key], self.language) if key in _KEYS else self.label(key).replace("_", " ")

    def label(self, name: str) -> str:
        return self.labels.get(name, {}).get(self.language, name)

    def account(self, account: str) -> str:
        owner, _, purpose = account.partition(".")
        return f"{self.label(owner)}·{self.label(purpose)}" if purpose else self.label(owner)

    def value(self, change: Change, value: Any) -> str:
        if change.part == "clauses" and not change.path and isinstance(value, dict):
            return str(value["text"][self.language])
        key = change.path[-1] if change.path else change.part
        return self.text(key, value)

    def text(self, key: str, value: Any) -> str:
        """Return a value as people read it: formulas in words, accounts by owner, lists set apart."""
        if value is None:
            return "无" if self.language == "zh" else "none"
        if isinstance(value, bool):
            return self.label("true" if value else "false")
        if isinstance(value, dict):
            if value.keys() == {"zh", "en"}:
                return f"“{value[self.language]}”"
            shown = (
                f"{self.key(name)} {self.text(name, one)}" for name, one in value.items() if name != "text"
            )
            return ("；" if self.language == "zh" else "; ").join(shown)
        if isinstance(value, list):
            apart = "、" if self.language == "zh" else ", "
            return apart.join(self.text(key, one) for one in value) or self.text(key, None)
        if key in _FIXED:
            return WORDS[self.language].get(str(value), str(value).replace("_", " "))
        if key in _PLAIN:
            return str(value)
        if key == "kind":
            return self.kind_word(str(value))
        if key in _ACCOUNTS and isinstance(value, str):
            return self.account(value)
        return self.formula(str(value))

    def formula(self, text: str) -> str:
        """Return text that reads as a formula in words; any other text as it is."""
        try:
            return Prose(self.language, self.labels).render(self.agreement.formula(text))
        except FormulaError:
            return text
