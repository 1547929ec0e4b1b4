"""Why a due on a statement is what it is: clause, version, arithmetic and causes, in Chinese and English.

Works from what the statement commits to, its figures, and the documents it was issued under. That the figures
are those of the log is for a rebuild to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger.settlement.errors import SettlementRefused, StatementUnknown
from ledger.statements.arithmetic import LANGUAGES, ArithmeticStep
from ledger.statements.figures import Language, posted_text
from ledger.statements.reading import Statement
from policies.agreement import Agreement
from policies.formulas.prose import Prose
from policies.formulas.tree import Lookup, Name, Node
from policies.money import exact_text, from_minor, grouped, to_minor
from policies.splits.line import PlanStep, SplitPlan, split_plan
from policies.splits.series import due_on
from policies.words.labels import PURPOSES

CAUSES: Mapping[str, Mapping[str, str]] = {
    "late_line": {"zh": "有订单行迟到", "en": "lines that came late"},
    "refund": {"zh": "有退款", "en": "refunds"},
    "provisional": {"zh": "逐单暂付，期满补足", "en": "lines paid provisionally"},
    "correction": {"zh": "订单数据更正", "en": "lines told otherwise since"},
    "rounding": {"zh": "按结算单取整", "en": "rounding once per statement"},
    "fell_due": {"zh": "到期", "en": "it fell due"},
    "owed": {"zh": "欠款由自有账户抵偿", "en": "a debt recovered from the party's own account"},
    "repaid": {"zh": "以本期应付款偿还挂账", "en": "what was owed, repaid from what was earned since"},
}
"""What people call the causes of a due."""

_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DueExplained:
    """A due on a statement: `number` is its place there from 0, `steps` end in the amount of the run."""

    number: int
    agreement: str
    version: int
    clause: str
    clause_text: Mapping[str, str]
    leg: str
    label: Mapping[str, str]
    kind: str
    about: Mapping[str, str]
    amount_minor: int
    currency: str
    causes: tuple[Mapping[str, str], ...]
    entries: tuple[int, ...]
    steps: tuple[ArithmeticStep, ...]


def explain_due(agreements: Iterable[Agreement], statement: Statement, number: int) -> DueExplained:
    """Explain the due numbered `number` of a statement.

    Raises StatementUnknown for a number it does not have, SettlementRefused when its version was not given.
    """
    dues = statement.content.get("dues", [])
    if not 0 <= number < len(dues):
        raise StatementUnknown(f"it has no due {number}", where=statement.id)
    due = dues[number]
    agreement = _version(agreements, statement, due["version"])
    clause = agreement.clauses.get(due["clause"])
    labels = agreement.labels().get(due["leg"], {})
    return DueExplained(
        number,
        agreement.id,
        due["version"],
        due["clause"],
        clause.text.model_dump() if clause else {},
        due["leg"],
        {language: labels.get(language, due["leg"]) for language in LANGUAGES},
        due["kind"],
        about_due(agreement, due),
        due["amount_minor"],
        agreement.currency,
        tuple(CAUSES.get(cause, {"zh": cause, "en": cause}) for cause in due["causes"]),
        tuple(due["entries"]),
        tuple(_Words(agreement, due).steps()),
    )


def about_due(agreement: Agreement, due: Mapping[str, Any]) -> Mapping[str, str]:
    """Say what a due of a statement is for, in both languages: its key, where nobody has words for it."""
    figures = due["figures"]
    if due["kind"] == "rounding":
        return {"zh": "历次结算单取整", "en": "rounding over all statements"}
    if due["kind"] == "recovery":
        zh, en = PURPOSES.get(due["key"], (due["key"], due["key"]))
        return {"zh": f"以{zh}抵偿", "en": f"recovered from the {en.lower()}"}
    if due["kind"] != "window":
        clause, _, about = due["key"].partition(" ")
        return period_words(about or clause)
    step = agreement.labels().get(figures["step"], {})
    zh, en = (step.get(language, figures["step"]) for language in LANGUAGES)
    period = period_words(figures["period"])
    return {"zh": f"{period['zh']} {zh}", "en": f"{en} over {period['en']}"}


def period_words(period: str) -> Mapping[str, str]:
    """Return a period as people write it (2026-05 is May 2026); what is no period stays as it is."""
    found = _PERIOD.fullmatch(period)
    if period == "term":
        return {"zh": "整个合同期", "en": "the whole term"}
    if found is None:
        return {"zh": period, "en": period}
    year, month, quarter = found.groups()
    if month:
        return {"zh": f"{year} 年 {int(month)} 月", "en": f"{_MONTHS[int(month) - 1]} {year}"}
    if quarter:
        return {"zh": f"{year} 年第 {quarter} 季度", "en": f"quarter {quarter} of {year}"}
    return {"zh": f"{year} 年", "en": year}


def _version(agreements: Iterable[Agreement], statement: Statement, version: int) -> Agreement:
    issued = {one["version"]: one["sha256"] for one in statement.content["versions"]}
    for one in agreements:
        if one.version == version and one.sha256 == issued.get(version):
            return one
    raise SettlementRefused(
        f"version {version}, under which it was issued, was not given", where=statement.id
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """Puts one due of one version into words."""

    agreement: Agreement
    due: Mapping[str, Any]

    def steps(self) -> list[ArithmeticStep]:
        """Return the steps that lead to what the run moved."""
        found = {"window": self.window, "rounding": self.rounding}.get(self.due["kind"], self.listed)()
        before, amount = self.due["before_minor"], self.due["amount_minor"]
        total = before + amount
        zh, en = "累计 {0} − 此前 {1} = 本期 {2}", "{0} in all − {1} before = {2} this time"
        return [*found, self.said(self.due["leg"], zh, en, amount, total, before, amount)]

    def window(self) -> list[ArithmeticStep]:
        figures, plan = self.due["figures"], split_plan(self.agreement)
        step = next(one for one in plan.steps if one.name == figures["step"])
        due, posted = self.minor("due"), self.minor("posted")
        period = period_words(figures["period"])
        zh, en = f"{period['zh']}扣除退款后累计 {{0}}", f"{period['en']}, net of refunds, comes to {{0}}"
        if Fraction(figures["opening"]):
            zh, en = f"{zh}（含期初 {{1}}）", f"{en} with {{1}} carried over"
        given = (*(self.shown(Fraction(figures[name])) for name in ("volume", "opening")),)
        found = [
            self.text("volume", zh.format(*given), en.format(*given), 0),
            self.tiers(plan, step, due),
            self.said(
                step.name,
                "应计 {0} − 逐单已计 {1} = {2}",
                "{0} due − {1} posted on lines = {2}",
                due - posted,
                due,
                posted,
                due - posted,
            ),
        ]
        if "share" in figures:
            share, own = self.minor("share"), self.minor("own")
            zh, en = "其中本项应计 {0} − 逐单已计 {1} = {2}", "of it {0} due here − {1} posted on lines = {2}"
            found.append(self.said(self.due["leg"], zh, en, share - own, share, own, share - own))
        return found

    def tiers(self, plan: SplitPlan, step: PlanStep, due: int) -> ArithmeticStep:
        """Say what the step's formula gives on the volume, tier by tier where it is a ladder."""
        figures = self.due["figures"]
        volume, opening = Fraction(figures["volume"]), Fraction(figures["opening"])
        if due_on(plan, step, opening, volume - opening) != due:
            zh, en = "期间未满，逐单暂付合计 {0}", "while it runs, lines pay provisionally: {0}"
            return self.said(step.name, zh, en, due, due)
        assert step.formula is not None
        node = step.formula

        def sentence(language: Language) -> str:
            said = self.formula(node, volume, language, plan, step)
            if opening:
                carried = self.formula(node, opening, language, plan, step)
                return f"{said}; {carried}; {self.money(due)}"
            return said

        return self.text(step.name, sentence("zh"), sentence("en"), due)

    def formula(
        self, node: Node, volume: Fraction, language: Language, plan: SplitPlan, step: PlanStep
    ) -> str:
        currency = self.agreement.currency
        words = Prose(language, self.agreement.labels(), {"volume": self.shown(volume)}).render(node)
        parts = _marginal_parts(node, volume, currency)
        figure = plan.due(step, volume)
        ends = self.money(figure.posted)
        if figure.exact != figure.posted:
            ends = posted_text(figure.exact / plan.scale, figure.posted, plan.rounding, currency, language)
        return f"{words} = {parts} = {ends}" if parts else f"{words} = {ends}"

    def rounding(self) -> list[ArithmeticStep]:
        figures, leg = self.due["figures"], self.due["leg"]
        if "exact" not in figures:
            return []
        due, posted = self.minor("due"), self.minor("posted")
        plan, currency = split_plan(self.agreement), self.agreement.currency
        exact = Fraction(figures["exact"])

        def sentence(language: Language, of: str) -> str:
            return f"{of} {posted_text(exact, due, plan.rounding, currency, language)}"

        zh, en = "{0} − 逐单已计 {1} = {2}", "{0} − {1} posted on lines = {2}"
        first = self.text(leg, sentence("zh", "各单精确合计"), sentence("en", "all lines come to"), due)
        if next(step for step in plan.steps if step.name == leg).formula is None:
            rest = "取整后各项之余 {0}", "what the rounded sums beside it leave, {0}"
            first = self.said(leg, *rest, due, due)
        return [
            first,
            self.said(leg, zh, en, due - posted, due, posted, due - posted),
        ]

    def listed(self) -> list[ArithmeticStep]:
        labels = self.agreement.labels()
        found = []
        for name, text in self.due["figures"].items():
            words = {str(language): labels.get(name, {}).get(language, name) for language in LANGUAGES}
            found.append(ArithmeticStep(words, f"{words['zh']} = {text}", f"{words['en']} = {text}", 0))
        return found

    def minor(self, name: str) -> int:
        return to_minor(self.due["figures"][name], self.agreement.currency)

    def money(self, amount_minor: int) -> str:
        return grouped(from_minor(amount_minor, self.agreement.currency))

    def shown(self, amount: Fraction) -> str:
        return grouped(exact_text(amount, self.agreement.currency))

    def said(self, name: str, zh: str, en: str, result: int, *amounts: int) -> ArithmeticStep:
        shown = [self.money(amount) for amount in amounts]
        return self.text(name, zh.format(*shown), en.format(*shown), result)

    def text(self, name: str, zh: str, en: str, result: int) -> ArithmeticStep:
        labels = self.agreement.labels().get(name, {})
        return ArithmeticStep(
            {language: labels.get(language, name) for language in LANGUAGES}, zh, en, result
        )


def _marginal_parts(node: Node, volume: Fraction, currency: str) -> str:
    """Write a volume part by part at the steps of a ladder: "1,000,000.00 × 15% + …"; else nothing."""
    if not isinstance(node, Lookup) or node.function != "marginal" or node.key != Name("volume"):
        return ""
    table, low = node.table, Fraction(0)
    parts: list[str] = []
    for upto, rate in table.steps if table else ():
        high = volume if upto is None else min(volume, upto.value)
        if high > low or not parts:
            parts.append(f"{grouped(exact_text(high - low, currency))} × {rate.text}")
        low = max(low, high)
    return " + ".join(parts)
