"""An agreement as a contract: its parties, recitals, definitions, clauses and worked examples, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from policies.agreement import Agreement
from policies.document import Fact, Party, Role
from policies.formulas.prose import Language
from policies.render.examples import examples
from policies.render.model import Rendered, Signatory, Term
from policies.render.schedules import schedules
from policies.render.terms import Reading
from policies.render.words import WORDS, ordinal
from policies.versions.transition import Supersedes

_ROLES: tuple[str, ...] = get_args(Role)


def render(agreement: Agreement, language: Language) -> Rendered:
    """Return the agreement in `zh` or `en`. Both have the same shape."""
    reading = Reading(agreement, language)
    document, words = agreement.document, WORDS[language]
    return Rendered(
        language=language,
        title=reading.of(document.title),
        ref=agreement.ref,
        particulars=tuple(_particulars(reading)),
        recitals=tuple(_recitals(reading)),
        parties=tuple(_parties(reading)),
        definitions=tuple(_definitions(reading)),
        sections=tuple(reading.section(clause) for clause in document.clauses),
        tables=tuple(schedules(reading)),
        examples=tuple(examples(reading)),
        digests=((words["digest"], agreement.sha256), ("Keccak-256", agreement.keccak256)),
    )


def _particulars(reading: Reading) -> Iterator[tuple[str, str]]:
    document, word = reading.agreement.document, reading.word
    yield word("ref"), reading.agreement.ref
    yield word("effective"), document.effective_from.isoformat()
    yield word("stage"), word(document.stage)
    yield word("model"), word(f"model_{document.model}")
    yield word("currency"), document.currency
    yield word("time_zone"), document.time_zone
    yield word("jurisdiction"), document.jurisdiction
    if document.calendar is not None:
        yield word("calendar"), document.calendar
    yield word("prevailing"), word(document.prevailing_language)
    if document.prevailing_source is not None:
        yield word("source"), document.prevailing_source
    for link in document.links or ():
        pinned = f" (SHA-256 {link.sha256})" if link.sha256 else ""
        yield word("links"), f"{link.ref}: {word(link.as_)}{pinned}"


def _recitals(reading: Reading) -> Iterator[str]:
    document, word = reading.agreement.document, reading.word
    yield word("recital_stage").format(
        word(document.stage), word(f"model_{document.model}"), document.jurisdiction
    )
    yield word("recital_money").format(document.currency, document.time_zone)
    yield word("recital_effective").format(document.effective_from.isoformat())
    if document.supersedes is not None:
        yield _transition(reading, document.supersedes)
    if document.opening is not None:
        paper = document.opening.from_
        yield word("recital_opening").format(document.opening.on, reading.of(paper.title), paper.sha256)
    yield word("recital_prevailing").format(word(document.prevailing_language))
    if document.prevailing_source is not None:
        yield word("recital_source").format(document.prevailing_source)
    yield word("recital_reading")


def _transition(reading: Reading, supersedes: Supersedes) -> str:
    match supersedes.transition:
        case "by_event":
            event = reading.word_or(supersedes.event or "")
            return reading.word("recital_by_event").format(supersedes.version, event)
        case "retroactive":
            return reading.word("recital_retroactive").format(supersedes.version, supersedes.from_)
        case _:
            return reading.word("recital_supersedes").format(supersedes.version)


def _parties(reading: Reading) -> Iterator[Signatory]:
    """Yield the parties by role, then key: what is signed knows no order in which they were written."""
    parties = sorted(reading.agreement.parties.items(), key=lambda one: (_ROLES.index(one[1].role), one[0]))
    for place, (key, party) in enumerate(parties):
        yield Signatory(
            ordinal=ordinal(place, reading.language),
            name=reading.of(party.name),
            role=reading.word(party.role),
            id=_identity(reading, key, party),
            service_address=party.service_address or reading.word("not_given"),
            signer=party.signer or reading.word("not_given"),
        )


def _identity(reading: Reading, key: str, party: Party) -> str:
    identity = party.id or key
    return f"{identity} ({reading.word('tax_id')} {party.tax_id})" if party.tax_id else identity


def _definitions(reading: Reading) -> Iterator[Term]:
    document = reading.agreement.document
    for payee in document.payees.values():
        yield Term(reading.of(payee.name), reading.word("payees"))
    for events in (document.events or {}).values():
        yield Term(reading.of(events.text), reading.word("events"))
    for name, fact in document.facts.items():
        yield Term(f"{reading.of(fact.text)} [{name}]", _meaning(reading, fact))
    for formula in document.order_facts_where:
        yield Term(reading.word("order_facts_where"), reading.say(formula))


def _meaning(reading: Reading, fact: Fact) -> str:
    place = WORDS[reading.language].get(f"of_{fact.of}")
    options = ", ".join(reading.word_or(option) for option in fact.options or ())
    parts = [
        reading.word("one_of").format(options) if options else reading.word(f"type_{fact.type}"),
        place or reading.word("of_rows").format(reading.label(fact.of)),
    ]
    if fact.default:
        parts.append(reading.word("default").format(_value(reading, fact.default)))
    return ("，" if reading.language == "zh" else ", ").join(parts)


def _value(reading: Reading, text: str) -> str:
    return {"true": reading.word("yes"), "false": reading.word("no")}.get(text, text)
