"""An agreement as people read it: sections of clauses with what is computed said in words, in one language.

Plain data out; the page, the PDF and the text writer here lay it out. The words of the parties (the
clauses' text) and the words made from the formulas stand side by side, so that a reader can hold one
against the other. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from policies.agreement import Agreement
from policies.clauses.clearing import Clearing
from policies.clauses.commission import Commission, FedWhole, Step
from policies.clauses.core import Clause, Effect, Remedy
from policies.clauses.data_grant import DataGrant
from policies.clauses.dispute_process import DisputeProcess
from policies.clauses.payment import Draw
from policies.clauses.price_parity import PriceParity
from policies.clauses.returns import Returns
from policies.clauses.templates import Templated
from policies.fields import Words
from policies.formulas.prose import Language, Prose
from policies.render.words import KIND_WORDS, WORDS, days


@dataclass(frozen=True, slots=True)
class Term:
    """One computed term in words: a label, what it says, and for a step of the split its depth and payee."""

    label: str
    says: str
    to: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """One clause, or the heading of the document. `standing` is computed, text_only or not_enforced."""

    id: str
    heading: str
    text: str
    kind: str
    standing: str
    terms: tuple[Term, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A whole agreement in one language."""

    title: str
    facts: tuple[tuple[str, str], ...]
    parties: tuple[tuple[str, str, str], ...]
    sections: tuple[Section, ...] = field(default_factory=tuple)


def render(agreement: Agreement, language: Language) -> Rendered:
    """Return the agreement in `zh` or `en`: title, particulars, parties, and a section a clause."""
    reading = _Reading(agreement, language)
    document, words = agreement.document, WORDS[language]
    facts = (
        (words["ref"], agreement.ref),
        (words["effective"], document.effective_from.isoformat()),
        (words["currency"], document.currency),
        (words["time_zone"], document.time_zone),
        (words["prevailing"], words[document.prevailing_language]),
        (words["digest"], agreement.sha256),
    )
    parties = tuple(
        (getattr(party.name, language), words[party.role], party.signer or "—")
        for party in agreement.parties.values()
    )
    sections = tuple(reading.section(clause) for clause in document.clauses)
    return Rendered(getattr(document.title, language), facts, parties, sections)


def write_text(rendered: Rendered) -> str:
    """Lay a rendered agreement out as plain text."""
    lines = [rendered.title, "=" * 40, ""]
    lines += [f"{label}: {value}" for label, value in rendered.facts]
    lines += ["", *(f"- {name} ({role}) {signer}" for name, role, signer in rendered.parties), ""]
    for section in rendered.sections:
        lines += [f"{section.id}  {section.heading}", f"    {section.text}"]
        for term in section.terms:
            to = f" → {term.to}" if term.to else ""
            lines.append(f"    {'  ' * term.level}· {term.label}: {term.says}{to}")
        lines += [f"    * {note}" for note in section.notes]
        lines.append("")
    return "\n".join(lines)


@dataclass(frozen=True)
class _Reading:
    agreement: Agreement
    language: Language

    def say(self, formula: str) -> str:
        return self.prose().render(self.agreement.formula(formula))

    def prose(self) -> Prose:
        fixed: dict[str, Mapping[str, str]] = {
            key: {self.language: word} for key, word in WORDS[self.language].items()
        }
        return Prose(self.language, {**fixed, **self.agreement.labels()})

    def word(self, key: str) -> str:
        return WORDS[self.language][key]

    def of(self, words: Words) -> str:
        return str(getattr(words, self.language))

    def label(self, name: str) -> str:
        return self.agreement.labels().get(name, {}).get(self.language, name)

    def account(self, account: str) -> str:
        owner, _, purpose = account.partition(".")
        if owner == "escrow":
            return self.word("escrow")
        return f"{self.label(owner)}·{self.word_or(purpose)}" if purpose else self.label(owner)

    def sources(self, source: str | tuple[Draw, ...]) -> str:
        """Say where money comes from: an account, or draws in their order."""
        if isinstance(source, str):
            return self.account(source.removesuffix(":order"))
        return " → ".join(self.account(draw.account.removesuffix(":order")) for draw in source)

    def word_or(self, key: str) -> str:
        return WORDS[self.language].get(key, self.label(key))

    def section(self, clause: Clause) -> Section:
        heading = KIND_WORDS.get(clause.kind, {}).get(self.language, clause.kind.replace("_", " "))
        if isinstance(clause, Templated):
            heading = self.of(clause.template.title)
        standing = "computed" if clause.computed else "text_only"
        notes = [f"{self.word('law')}: {', '.join(clause.law)}"] if clause.law else []
        if clause.not_enforced is not None:
            standing = "not_enforced"
            notes.append(f"{self.word('not_enforced')}: {self.of(clause.not_enforced)}")
        elif standing == "text_only":
            notes.append(self.word("text_only"))
        terms = tuple(self.terms(clause))
        return Section(clause.id, heading, self.of(clause.text), clause.kind, standing, terms, tuple(notes))

    def terms(self, clause: Clause) -> Iterator[Term]:
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
        for remedy in core.remedies:
            yield from self.remedy(remedy)
        for effect in core.effects:
            yield self.effect(effect)
        if core.review_when is not None:
            yield Term(self.word("review_when"), self.say(core.review_when))

    def own(self, clause: Clause) -> Iterator[Term]:
        """Yield the terms that a named kind adds to the core clause."""
        match clause:
            case Commission():
                yield from self.commission(clause)
            case Clearing():
                yield Term(self.word("clearing"), days(clause.days, self.language))
            case Returns():
                yield Term(self.word("window"), days(clause.window_days, self.language))
                yield Term(self.word("refundable"), self.say(clause.refundable))
                order = " → ".join(self.word_or(one) for one in clause.recovery)
                yield Term(self.word("recovery"), order or self.word("none"))
            case PriceParity():
                yield Term(
                    self.word("channels"), ", ".join(self.word_or(one) for one in clause.scope.channels)
                )
                yield Term(self.word("valid_until"), clause.scope.until.isoformat())
            case DataGrant():
                yield Term(self.word("recipients"), ", ".join(self.label(one) for one in clause.recipients))
                yield Term(self.word("fields"), ", ".join(self.label(one) for one in clause.fields))
                yield Term(self.word("purpose"), self.of(clause.purpose))
                kept = f"{days(clause.retention.days, self.language)}, {self.word(clause.retention.then)}"
                yield Term(self.word("retention"), kept)
            case DisputeProcess():
                yield from self.process(clause)
            case _:
                return

    def process(self, clause: DisputeProcess) -> Iterator[Term]:
        windows = clause.windows
        yield Term(self.word("answer"), days(windows.answer_days, self.language))
        yield Term(self.word("evidence"), days(windows.evidence_days, self.language))
        yield Term(self.word("appeal"), days(windows.appeal_days, self.language))
        yield Term(self.word("hold"), self.word(clause.hold))
        yield Term(self.word("ladder"), " → ".join(self.word(step) for step in clause.ladder))

    def commission(self, clause: Commission) -> Iterator[Term]:
        """Yield the money path of an order line, step by step."""
        yield Term(self.label("whole"), self.whole(clause.whole))
        for source in clause.funding:
            yield Term(self.word("funding"), self.say(source.amount), self.account(source.from_), 1)
        if clause.base is not None:
            yield Term(self.label("base"), self.say(clause.base))
        for step in clause.waterfall:
            yield self.step(step)
        yield Term(self.word("rounding"), self.word(clause.rounding.mode))

    def whole(self, whole: str | FedWhole) -> str:
        if isinstance(whole, str):
            return self.say(whole)
        return self.word("fed_by").format(whole.from_, whole.leg)

    def step(self, step: Step) -> Term:
        source = self.label(step.from_ or "whole")
        says = self.say(step.amount) if step.amount else self.word("rest").format(source)
        keeps = f" ({self.word('keep')})" if step.on_refund == "keep" else ""
        to = self.account(step.to) if step.to else ""
        return Term(self.label(step.name), f"{says}{keeps}", to, 1 if step.from_ else 0)

    def remedy(self, remedy: Remedy) -> Iterator[Term]:
        figure = self.say(remedy.amount or remedy.each or "0")
        if remedy.for_ is not None:
            rows = self.agreement.rows_formula(remedy.for_)
            among = f" ({self.prose().render(rows.where)})" if rows.where is not None else ""
            figure = self.word("each").format(f"{self.label(rows.name)}{among}", figure)
        name = self.of(remedy.text) if remedy.text else self.word_or(remedy.kind)
        label = f"{remedy.id} {name}" if remedy.id else name
        if remedy.into is not None:
            yield Term(label, figure, self.word_or(remedy.into))
        elif remedy.from_ is not None and remedy.to is not None:
            source = self.word("paid_from").format(self.sources(remedy.from_))
            yield Term(label, f"{figure} ({source})", self.account(remedy.to.removesuffix(":order")))
        limits = (
            ("if", remedy.if_),
            ("cap", remedy.cap),
            ("cap_if", remedy.cap_if),
            ("floor_amount", remedy.floor),
        )
        for key, formula in limits:
            if formula is not None:
                yield Term(self.word(key), self.say(formula), "", 1)

    def effect(self, effect: Effect) -> Term:
        condition = f" ({self.word('if')} {self.say(effect.if_)})" if effect.if_ else ""
        review = f" [{self.word('review')}]" if effect.review else ""
        return Term(self.word("effect"), f"{self.of(effect.text)}{condition}{review}")
