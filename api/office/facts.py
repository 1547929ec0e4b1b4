"""Facts that parties record about what falls due: told or contested, each with its standing.

What follows from them is worked out by the next settlement run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from api.office.agreements import signed_versions
from api.office.errors import NotASigner
from api.office.opening import Office
from ledger.settlement.errors import FactsRefused
from ledger.settlement.recorded_facts import FactsGiven, Said, facts_entry, read_recorded_facts
from policies.agreement import Agreement
from policies.errors import PolicyError, did_you_mean
from policies.facts import read_fact

FACTS_SOURCE = "tallystick.facts"
"""Source of what parties record through the office itself."""

_PERIOD = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])|-Q[1-4])?")
_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class FactShown:
    """What counts of a fact: of which clause, set of rows and period or case, its text, and who said what."""

    clause: str
    rows: str
    about: str
    fact: str
    value: str | None
    standing: str
    said: tuple[Said, ...]


def record_facts(  # noqa: PLR0913 -- of which agreement, on whose word, what, from which source, when
    office: Office,
    agreement_id: str,
    party: str,
    given: FactsGiven,
    *,
    source: str = FACTS_SOURCE,
    at: datetime | None = None,
) -> int:
    """Record what a party (by its key) says of facts; return the seq of the entry.

    `at` is when it was so, else now. Raises AgreementUnknown, NotASigner, and FactsRefused for a fact that is
    not declared or does not read, or a period, case or row that is not named as one.
    """
    agreement = signed_versions(office, agreement_id)[-1].agreement
    if party not in agreement.parties:
        names = ", ".join(agreement.parties)
        raise NotASigner(f"'{party}' is no party to {agreement.ref}; its parties are {names}")
    _require_meant(agreement, given)
    entry = facts_entry(
        agreement, given, source=source, asserter=agreement.party_id(party), occurred_at=at or office.clock()
    )
    report = office.log.append([entry])
    return (*report.accepted, *report.repeated)[0]


def declared_facts(agreement: Agreement, said: Mapping[str, str]) -> dict[str, str]:
    """Return those of some facts that a document declares of a case or period. Raises FactsRefused."""
    declared = agreement.document.facts
    found = {name: text for name, text in said.items() if name in declared and declared[name].of == "case"}
    for name, text in found.items():
        try:
            read_fact(text, declared[name].type, agreement.currency, declared[name].options)
        except PolicyError as fault:
            raise FactsRefused(f"{name}: {fault.message}", where=agreement.ref) from None
    return found


def facts_shown(office: Office, agreement_id: str) -> Iterator[FactShown]:
    """Yield what counts of every fact recorded of an agreement, with all that was said of it."""
    agreement = signed_versions(office, agreement_id)[-1].agreement
    for one in read_recorded_facts(office.log, agreement.id, office.log.size()).standing(agreement):
        yield FactShown(*one.subject, one.name, one.told.text, one.told.standing, one.said)


def _require_meant(agreement: Agreement, given: FactsGiven) -> None:
    declared = agreement.document.facts
    of = given.rows or "case"
    known = {name for name, fact in declared.items() if fact.of == of}
    if not given.facts and not given.contested:
        raise FactsRefused("say at least one fact, or contest one", where=agreement.ref)
    if given.rows is not None and given.rows not in (agreement.document.events or {}):
        hint = did_you_mean(given.rows, agreement.document.events or {})
        raise FactsRefused(f"'{given.rows}' is no set of events here{hint}", where=agreement.ref)
    for name in (*given.facts, *given.contested):
        if name not in known:
            hint = did_you_mean(name, known)
            raise FactsRefused(f"'{name}' is no declared fact of a {of}{hint}", where=agreement.ref)
    for name, text in given.facts.items():
        try:
            read_fact(text, declared[name].type, agreement.currency, declared[name].options)
        except PolicyError as fault:
            raise FactsRefused(f"{name}: {fault.message}", where=agreement.ref) from None
    _require_subject(agreement, given)


def _require_subject(agreement: Agreement, given: FactsGiven) -> None:
    """Refuse a case of no clause, a clause that goes by no case, and what is no period."""
    due = None
    if given.clause is not None:
        if given.clause not in agreement.clauses:
            hint = did_you_mean(given.clause, agreement.clauses)
            raise FactsRefused(f"there is no clause {given.clause}{hint}", where=agreement.ref)
        due = agreement.clauses[given.clause].falls_due
        if due is None:
            raise FactsRefused(f"nothing of clause {given.clause} falls due", where=agreement.ref)
    named = given.rows is not None or (due is not None and due.by == "case")
    if named and (given.about is None or not _CASE.fullmatch(given.about)):
        raise FactsRefused("name the case or row: letters, digits and . _ -, at most 64", where=agreement.ref)
    if not named and given.about is not None and not _PERIOD.fullmatch(given.about):
        raise FactsRefused(
            f"'{given.about[:40]}' is no period such as 2026-05, 2026-Q2 or 2026; a case is named together"
            " with the clause that goes by case",
            where=agreement.ref,
        )
