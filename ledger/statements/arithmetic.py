"""The arithmetic of one line in words, with its figures: how a leg came about, and how a refund reverses it.

Works from the exact reader's split. Which lines and refunds count is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ledger.settlement.terms import VersionTerms
from ledger.statements.figures import Language, posted_text
from policies.formulas.prose import Prose
from policies.formulas.tree import Node, names
from policies.money import exact_text, from_minor, round_minor
from policies.splits.line import Figure, LineSplit, PlanStep, volume_name
from policies.splits.reversal import Reversal

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class ArithmeticStep:
    """One step: what it is called, its sum in both languages, and what comes out in minor units."""

    label: Mapping[str, str]
    zh: str
    en: str
    result_minor: int


@dataclass(frozen=True)
class LineArithmetic:
    """The split of one line under one version, ready to be put into words."""

    terms: VersionTerms
    split: LineSplit

    # ---- earning

    def leg(self, name: str) -> list[ArithmeticStep]:
        """Return the steps that lead to a leg, each name it uses first, the leg last."""
        wanted = self._leads_to(name)
        steps: list[ArithmeticStep] = []
        plan = self.terms.plan
        if "whole" in wanted:
            steps.append(self._fed() if plan.fed else self._formula("whole", plan.whole, self.split.whole))
        if "base" in wanted and plan.base is not None and self.split.base is not None:
            base = Figure(self.split.base, round_minor(self.split.base, plan.rounding))
            steps.append(self._formula("base", plan.base, base))
        steps += [self._step(step) for step in plan.steps if step.name in wanted]
        return steps

    def funding(self, index: int) -> list[ArithmeticStep]:
        """Return the step that says what a funder gave."""
        plan = self.terms.plan
        source = plan.clause.funding[index]
        exact = plan.exact_minor(plan.funding[index], self.split.values, "funding")
        return [self._formula(source.kind, plan.funding[index], Figure(exact, self.split.funding[index]))]

    def _fed(self) -> ArithmeticStep:
        """Say what another agreement brings as the whole."""
        fed, amount = self.terms.plan.clause.fed, self._money(self.split.whole.posted)
        assert fed is not None, "only a fed whole is brought"
        return ArithmeticStep(
            self._labels("whole"),
            f"{fed.from_} 的 {fed.leg} 转入 {amount}",
            f"'{fed.leg}' of {fed.from_} brings {amount}",
            self.split.whole.posted,
        )

    def _leads_to(self, name: str) -> set[str]:
        steps = {step.name: step for step in self.terms.plan.steps}
        found: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in found:
                continue
            found.add(one)
            if one in steps:
                waiting += self._uses(steps[one])
            elif one == "base" and self.terms.plan.base is not None:
                waiting += names(self.terms.plan.base)
        return found

    def _uses(self, step: PlanStep) -> Iterable[str]:
        if step.window is not None:
            measured = names(self.terms.plan.windows[step.window])
            return measured | (names(step.provisional) if step.provisional is not None else frozenset())
        if step.formula is not None:
            return names(step.formula)
        return [step.parent or "whole", *(one.name for one in self._siblings(step))]

    def _siblings(self, step: PlanStep) -> list[PlanStep]:
        return [one for one in self.terms.plan.siblings(step.parent) if one.name != step.name]

    def _step(self, step: PlanStep) -> ArithmeticStep:
        figure = self._figure_of(step)
        if step.window is not None:
            return self._windowed(step, step.window, figure)
        if step.formula is not None:
            return self._formula(step.name, step.formula, figure)
        parts = [
            (step.parent, self._posted(step.parent)),
            *((s.name, self._posted(s.name)) for s in self._siblings(step)),
        ]

        def sentence(language: Language) -> str:
            terms = " − ".join(
                f"{self._label(name or 'whole', language)} {self._money(posted)}" for name, posted in parts
            )
            return f"{terms} = {self._money(figure.posted)}"

        return ArithmeticStep(self._labels(step.name), sentence("zh"), sentence("en"), figure.posted)

    def _windowed(self, step: PlanStep, window: str, figure: Figure) -> ArithmeticStep:
        """Say what a line adds to what is due on its window: due up to and with it, less due before it."""
        plan, agreement = self.terms.plan, self.terms.agreement
        before = self.split.values.get(volume_name(window), Fraction(0))
        assert isinstance(before, Fraction)
        volumes = before, before + plan.measure(window, self.split.values)
        if step.provisional is not None:
            volume = exact_text(volumes[1], agreement.currency)
            return self._formula(step.name, step.provisional, figure, {"volume": volume})
        assert step.formula is not None
        node, dues = step.formula, tuple(plan.due(step, volume) for volume in volumes)

        def sentence(language: Language) -> str:
            said = [
                Prose(
                    language, agreement.labels(), {"volume": exact_text(volume, agreement.currency)}
                ).render(node)
                + f" = {self._ends(due.exact / agreement.scale, due.posted, language)}"
                for volume, due in zip(volumes, dues, strict=True)
            ]
            first, last = (self._money(due.posted) for due in dues)
            return f"{said[1]}; {said[0]}; {last} − {first} = {self._money(figure.posted)}"

        return ArithmeticStep(self._labels(step.name), sentence("zh"), sentence("en"), figure.posted)

    def _formula(
        self, name: str, node: Node, figure: Figure, more: Mapping[str, str] | None = None
    ) -> ArithmeticStep:
        agreement = self.terms.agreement
        exact = figure.exact / agreement.scale
        rounding = self.terms.plan.rounding
        figures = {**self._figures(), **(more or {})}

        def sentence(language: Language) -> str:
            words = Prose(language, agreement.labels(), figures).render(node)
            result = (
                exact_text(exact, agreement.currency)
                if name == "base"
                else posted_text(exact, figure.posted, rounding, agreement.currency, language)
            )
            return f"{words} = {result}"

        return ArithmeticStep(self._labels(name), sentence("zh"), sentence("en"), figure.posted)

    # ---- reversing

    def reversal(
        self, name: str, refunded: int, refundable: int, now: Reversal, before: Reversal | None
    ) -> list[ArithmeticStep]:
        """Return the steps that lead from a refund so far to what is reversed of a leg now.

        `refunded` and `refundable` are minor units, `now` and `before` what has been reversed in all.
        """
        step = next(one for one in self.terms.plan.steps if one.name == name)
        total, earlier = now.legs[name], before.legs[name] if before else 0
        share = self._share(refunded, refundable)
        steps = []
        if step.formula is None:
            steps.append(self._reversed_rest(step, refunded, refundable, total, now))
        elif step.keeps:
            steps.append(
                ArithmeticStep(
                    self._labels(name), "退款时不冲正，留归收款方", "a refund leaves it with its payee", 0
                )
            )
        else:
            exact = Fraction(self._posted(name) * refunded, refundable * self.terms.agreement.scale)

            def sentence(language: Language, refund: str) -> str:
                posted = f"{self._label(name, language)} {self._money(self._posted(name))}"
                return f"{posted} × {refund} {share} = {self._ends(exact, total, language)}"

            words = sentence("zh", "已退"), sentence("en", "refunded")
            steps.append(ArithmeticStep(self._labels(name), *words, total))
        return [*steps, self._difference(name, total, earlier)]

    def returned(self, index: int, total: int, earlier: int, share: tuple[int, int]) -> list[ArithmeticStep]:
        """Return the steps that lead to what goes back to a funder; `share` is refunded and refundable."""
        kind = self.terms.plan.clause.funding[index].kind
        given, part = (
            self._money(self.split.funding[index]),
            f"{self._money(share[0])} ÷ {self._money(share[1])}",
        )
        first = ArithmeticStep(
            self._labels(kind),
            f"{given} × 已退 {part}，返还 {self._money(total)}",
            f"{given} × refunded {part}, returned {self._money(total)}",
            total,
        )
        return [first, self._difference(kind, total, earlier)]

    def _reversed_rest(
        self, step: PlanStep, refunded: int, refundable: int, total: int, now: Reversal
    ) -> ArithmeticStep:
        source = self._posted(step.parent)
        taken = {one.name: self._reversed(one, now) for one in self._siblings(step)}
        exact = Fraction(source * refunded, refundable * self.terms.agreement.scale)
        posted = total + sum(taken.values())
        share = self._share(refunded, refundable)

        brought = self.terms.plan.clause.fed if step.parent is None else None

        def sentence(language: Language, refund: str, already: str) -> str:
            first = f"{self._label(step.parent or 'whole', language)}"
            if brought is not None:
                back = {"zh": f"由 {brought.from_} 冲回", "en": f"taken back by {brought.from_}"}[language]
                first += f" {back} {self._money(posted)}"
            else:
                first += f" {self._money(source)} × {refund} {share} = {self._ends(exact, posted, language)}"
            minus = "".join(
                f" − {self._label(name, language)}{already} {self._money(amount)}"
                for name, amount in taken.items()
            )
            return f"{first}; {self._money(posted)}{minus} = {self._money(total)}"

        return ArithmeticStep(
            self._labels(step.name),
            sentence("zh", "已退", "已冲正"),
            sentence("en", "refunded", " reversed"),
            total,
        )

    def _share(self, refunded: int, refundable: int) -> str:
        """Write which part of a line is taken back; of a fed one as a part alone, without what was paid."""
        if self.terms.plan.fed:
            return str(Fraction(refunded, refundable))
        return f"{self._money(refunded)} ÷ {self._money(refundable)}"

    def _reversed(self, step: PlanStep, now: Reversal) -> int:
        """Return what has been reversed of a step; of a pool, what has been of all that draws from it."""
        if not step.is_pool:
            return now.legs[step.name]
        return sum(self._reversed(one, now) for one in self.terms.plan.siblings(step.name))

    def _difference(self, name: str, total: int, earlier: int) -> ArithmeticStep:
        rest = total - earlier
        return ArithmeticStep(
            self._labels(name),
            f"累计 {self._money(total)} − 此前 {self._money(earlier)} = 本期 {self._money(rest)}",
            f"{self._money(total)} in all − {self._money(earlier)} before = {self._money(rest)} this time",
            rest,
        )

    # ---- names and figures

    def _figure_of(self, step: PlanStep) -> Figure:
        return self.split.pools[step.name] if step.is_pool else self.split.legs[step.name].figure

    def _posted(self, name: str | None) -> int:
        if name is None:
            return self.split.whole.posted
        pool = self.split.pools.get(name)
        return pool.posted if pool else self.split.legs[name].amount_minor

    def _figures(self) -> dict[str, str]:
        """Return every known name with its figure as text; amounts in full, other facts as they are."""
        currency = self.terms.agreement.currency
        kinds = self.terms.agreement.fact_types("order")
        figures: dict[str, str] = {}
        for name, value in self.split.values.items():
            if isinstance(value, Fraction):
                plain = kinds.get(name) == "number"
                figures[name] = str(value) if plain else exact_text(value, currency)
        return figures

    def _ends(self, exact: Fraction, posted: int, language: Language) -> str:
        agreement = self.terms.agreement
        return posted_text(exact, posted, self.terms.plan.rounding, agreement.currency, language)

    def _money(self, amount_minor: int) -> str:
        return from_minor(amount_minor, self.terms.agreement.currency)

    def _labels(self, name: str) -> dict[str, str]:
        return {language: self._label(name, language) for language in LANGUAGES}

    def _label(self, name: str, language: Language) -> str:
        return self.terms.agreement.labels().get(name, {}).get(language, name)
