"""A clause as people read it: the words of the parties, and what is computed said in words, in one language.

The two stand side by side, so that a reader can hold one against the other. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from policies.agreement import Agreement
from policies.clauses.attribution import Attribution
from policies.clauses.clearing import Clearing
from policies.clauses.commission import Commission, FedWhole, Step
from policies.clauses.core import Clause, Effect
from policies.clauses.data_grant import DataGrant
from policies.clauses.dispute_process import Arbiters, Deciding, DisputeProcess
from policies.clauses.payout import Payout
from policies.clauses.returns import Returns
from policies.clauses.templates import template, template_names
from policies.fields import Words
from policies.formulas.prose import Language, Prose
from policies.formulas.tree import Node, names
from policies.render.amounts import contract_prose
from policies.render.model import Section, Term
from policies.render.payments import falling_due, payments
from policies.render.words import KIND_WORDS, WORDS, days


@dataclass(frozen=True)
class Reading:
    """Says the clauses of one agreement in one language."""

    agreement: Agreement
    language: Language

    def say(self, formula: str, *, money: bool = False) -> str:
        """Say a formula in words; `money` tells that it gives an amount."""
        return self.say_node(self.agreement.formula(formula), money=money)

    def say_node(self, node: Node, *, money: bool = False) -> str:
        """Say a formula's tree in words."""
        prose = self.prose()
        derived: dict[str, Mapping[str, str]] = {
            name: {self.language: self.figure(name)} for name in names(node) - prose.labels.keys()
        }
        known = replace(prose, labels={**prose.labels, **derived})
        return contract_prose(self.agreement, known, node, money=money).render(node)

    def figure(self, name: str) -> str:
        """Name a figure that a place offers: awarded.late_fee, due.LEG, balance.ACCOUNT, proven.FACT."""
        owner, _, rest = name.partition(".")
        form = WORDS[self.language].get(f"{owner}.")
        if not rest or form is None:
            return self.figures().get(name, self.label(name))
        return form.format(self.account(rest) if owner == "balance" else self.word_or(rest))

    def figures(self) -> dict[str, str]:
        """Return the words of the named figures of every clause."""
        return {
            name: self.of(figure.text)
            for clause in self.agreement.clauses.values()
            for name, figure in (clause.figures or {}).items()
            if figure.text is not None
        }

    def prose(self) -> Prose:
        """Return prose with the words of the document, and the fixed ones below them."""
        fixed: dict[str, Mapping[str, str]] = {
            key: {self.language: word} for key, word in WORDS[self.language].items()
        }
        return Prose(self.language, {**fixed, **self.agreement.labels()})

    def word(self, key: str) -> str:
        """Return a fixed word."""
        return WORDS[self.language][key]

    def of(self, words: Words) -> str:
        """Return the document's own words."""
        return str(getattr(words, self.language))

    def label(self, name: str) -> str:
        """Return what people call a name of the document, else the name."""
        return self.agreement.labels().get(name, {}).get(self.language, name)

    def account(self, account: str) -> str:
        """Name an account: its owner, and what it is kept for."""
        owner, _, purpose = account.partition(".")
        if owner.removesuffix(":order") == "escrow":
            return self.word("escrow")
        purpose = purpose.removesuffix(":order")
        return f"{self.label(owner)}·{self.word_or(purpose)}" if purpose else self.label(owner)

    def word_or(self, key: str) -> str:
        """Return a fixed word, else what the document calls it."""
        return WORDS[self.language].get(key, self.label(key))

    def section(self, clause: Clause) -> Section:
        """Return one clause."""
        heading = KIND_WORDS.get(clause.kind, {}).get(self.language, clause.kind.replace("_", " "))
        if clause.kind in template_names():
            heading = self.of(template(clause.kind).title)
        standing = "computed" if clause.computed else "text_only"
        law = clause.core().law
        notes = [f"{self.word('law')}: {', '.join(law)}"] if law else []
        if clause.not_enforced is not None:
            standing = "not_enforced"
            notes.append(f"{self.word('not_enforced')}: {self.of(clause.not_enforced)}")
        elif standing == "text_only":
            notes.append(self.word("text_only"))
        terms = tuple(self.terms(clause))
        return Section(clause.id, heading, self.of(clause.text), clause.kind, standing, terms, tuple(notes))

    def terms(self, clause: Clause) -> Iterator[Term]:
        """Yield what is computed of a clause, in the order in which it is."""
        core = clause.core()
        if clause.holder is not None:
            toward = f" → {self.label(clause.toward)}" if clause.toward else ""
            yield Term(self.word("holder"), f"{self.label(clause.holder)}{toward}")
        for day, key in ((clause.valid_from, "valid_from"), (clause.valid_until, "valid_until")):
            if day is not None:
                yield Term(self.word(key), day.isoformat())
        yield from self.own(clause)
        if core.when is not None:
            yield Term(self.word("when"), self.say(core.when))
        if core.exception_of is not None:
            yield Term(self.word("exception_of"), core.exception_of)
        yield from self.proof(core)
        for name, figure in (core.figures or {}).items():
            label = self.of(figure.text) if figure.text else name
            yield Term(label, self.say(figure.value, money=figure.gives == "money"))
        if core.falls_due is not None:
            yield from falling_due(self, core.falls_due)
        if core.invoicing is not None:
            waits = self.word(f"waits_for_{core.invoicing.payment_waits_for}")
            yield Term(self.word("invoicing"), f"{core.invoicing.rate} ({waits})")
        yield from payments(self, core)
        for effect in core.effects:
            yield self.effect(effect)
        if core.review_when is not None:
            yield Term(self.word("review_when"), self.say(core.review_when))
        if core.review_reason is not None:
            yield Term(self.word("review_reason"), self.of(core.review_reason))

    def proof(self, core: Clause) -> Iterator[Term]:
        """Yield what the clause follows, what is presumed until shown, and what must be proven."""
        if core.follows is not None:
            yield Term(self.word("follows"), core.follows)
        for name, value in (core.presume or {}).items():
            says = {"true": self.word("yes"), "false": self.word("no")}.get(value, value)
            yield Term(self.word("presumed"), f"{self.label(name)}: {says}")
        if core.needs_proof:
            yield Term(self.word("needs_proof"), ", ".join(self.label(name) for name in core.needs_proof))

    def own(self, clause: Clause) -> Iterator[Term]:
        """Yield the terms that a named kind adds to the core clause."""
        match clause:
            case Commission():
                yield from self.commission(clause)
            case Attribution():
                for route in sorted(clause.routes, key=lambda one: one.priority):
                    host = f" ({self.word(f'host_{route.host}')})" if route.host else ""
                    label = f"{route.priority}. {self.word(f'by_{route.by}')}{host}"
                    yield Term(label, self.say(route.when), self.label(route.payee))
            case Clearing():
                yield Term(self.word("clearing"), days(clause.days, self.language))
                if clause.open_after_sale is not None:
                    yield Term(self.word("open_after_sale"), self.word(clause.open_after_sale))
            case Returns():
                yield Term(self.word("window"), days(clause.window_days, self.language))
                yield Term(self.word("refundable"), self.say(clause.refundable, money=True))
                order = " → ".join(self.word_or(one) for one in clause.recovery)
                yield Term(self.word("recovery"), order or self.word("none"))
            case DataGrant():
                yield from self.grant(clause)
            case DisputeProcess():
                yield from self.process(clause)
            case Payout():
                yield from self.payout(clause)
            case _:
                return

    def grant(self, clause: DataGrant) -> Iterator[Term]:
        """Yield who is given what, why and for how long."""
        yield Term(self.word("recipients"), ", ".join(self.label(one) for one in clause.recipients))
        yield Term(self.word("fields"), ", ".join(self.label(one) for one in clause.fields))
        yield Term(self.word("purpose"), self.of(clause.purpose))
        kept = f"{days(clause.retention.days, self.language)}, {self.word(clause.retention.then)}"
        yield Term(self.word("retention"), kept)
        if clause.retention.at_least is not None:
            yield Term(self.word("at_least"), days(clause.retention.at_least, self.language))
        if clause.aggregates is not None:
            said = self.word("groups_of").format(clause.aggregates.at_least)
            apart = clause.aggregates.told_apart_by
            if apart is not None:
                said += self.word("told_apart_by").format(self.label(apart))
            if clause.aggregates.only:
                said += self.word("groups_only")
            yield Term(self.word("aggregates"), said)
        if clause.opt_outs:
            yield Term(
                self.word("opt_outs"), ", ".join(self.word(f"opt_out_{one}") for one in clause.opt_outs)
            )

    def process(self, clause: DisputeProcess) -> Iterator[Term]:
        """Yield how disputes run."""
        windows = clause.windows
        yield Term(self.word("answer"), days(windows.answer_days, self.language))
        yield Term(self.word("evidence"), days(windows.evidence_days, self.language))
        yield Term(self.word("appeal"), days(windows.appeal_days, self.language))
        if windows.counted_in is not None:
            yield Term(self.word("counted"), self.word(f"in_{windows.counted_in}"))
        for step, effect in clause.late.model_dump(exclude_none=True).items() if clause.late else ():
            yield Term(self.word(f"late_{step}"), self.word(f"late_{effect}"))
        if clause.reminded_days is not None:
            yield Term(self.word("reminded"), days(clause.reminded_days, self.language))
        yield Term(self.word("hold"), self.word(clause.hold))
        yield Term(self.word("ladder"), " → ".join(self.word(step) for step in clause.ladder))
        if clause.arbiters is not None:
            yield from self.arbiters(clause.arbiters)
        if clause.deciding is not None:
            yield from self.deciding(clause.deciding)
        if clause.statements is not None:
            window = clause.statements
            says = self.word(window.counted_in).format(days(window.contest_days, self.language))
            yield Term(self.word("contest_statement"), says)

    def arbiters(self, said: Arbiters) -> Iterator[Term]:
        """Yield what is said of those who decide."""
        if said.challenge_days is not None:
            yield Term(self.word("challenge"), days(said.challenge_days, self.language))
        if said.fee_at_most is not None:
            yield Term(self.word("fee_at_most"), self.say(said.fee_at_most, money=True))
        yield Term(self.word("arbiters_costs"), self.word(f"costs_{said.costs}"))

    def deciding(self, said: Deciding) -> Iterator[Term]:
        """Yield how long those have who decide, and what it comes to that they are late."""
        for name in ("rules", "panel", "arbitrator", "enforcement"):
            given: int | None = getattr(said, f"{name}_days")
            if given is not None:
                yield Term(self.word(f"deciding_{name}"), days(given, self.language))
        yield Term(self.word("late_ruling"), self.word(f"late_{said.late}"))

    def payout(self, clause: Payout) -> Iterator[Term]:
        """Yield when statements are paid, and what a change of account waits for."""
        change = clause.account_change
        yield Term(self.word("payout_days"), days(clause.days, self.language))
        if clause.minimum is not None:
            yield Term(self.word("payout_minimum"), self.say(clause.minimum, money=True))
        yield Term(self.word("account_change"), days(change.cooling_days, self.language))
        yield Term(self.word("account_meanwhile"), self.word(change.meanwhile))

    def commission(self, clause: Commission) -> Iterator[Term]:
        """Yield the money path of an order line, step by step."""
        yield Term(self.label("whole"), self.whole(clause.whole))
        for source in clause.funding:
            yield Term(
                self.word("funding"), self.say(source.amount, money=True), self.account(source.from_), 1
            )
        if clause.base is not None:
            yield Term(self.label("base"), self.say(clause.base, money=True))
        for name, window in (clause.windows or {}).items():
            label = self.word("counted_over").format(self.label(name), self.word(window.by))
            yield Term(label, self.say(window.measure, money=True))
        for step in clause.waterfall:
            yield self.step(step)
        at = "" if clause.rounding.at == "line" else "_statement"
        yield Term(self.word("rounding"), self.word(f"{clause.rounding.mode}{at}"))

    def whole(self, whole: str | FedWhole) -> str:
        """Say what is shared out: a figure of the order, or what a leg of another agreement pays."""
        if isinstance(whole, str):
            return self.say(whole, money=True)
        return self.word("fed_by").format(whole.from_, whole.leg)

    def step(self, step: Step) -> Term:
        """Say one step of the split."""
        source = self.label(step.from_ or "whole")
        says = self.say(step.amount, money=True) if step.amount else self.word("rest").format(source)
        if step.over is not None:
            says = self.word("over").format(self.label(step.over), says)
        if step.provisional is not None:
            says = self.word("meanwhile").format(says, self.say(step.provisional, money=True))
        keeps = f" ({self.word('keep')})" if step.on_refund == "keep" else ""
        to = self.account(step.to) if step.to else ""
        return Term(self.label(step.name), f"{says}{keeps}", to, 1 if step.from_ else 0)

    def effect(self, effect: Effect) -> Term:
        """Say a consequence that is not money."""
        condition = f" ({self.word('if')} {self.say(effect.if_)})" if effect.if_ else ""
        review = f" [{self.word('review')}]" if effect.review else ""
        return Term(self.word("effect"), f"{self.of(effect.text)}{condition}{review}")
