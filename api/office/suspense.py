"""Order lines in suspense: which they are, who may claim them, and claims made, accepted and decided.

A line is claimed under an agreement one of whose routes might be its. The others who might claim it, and the
sellers under that agreement, accept the claim, or a decided dispute says whether it stands. The next run
settles the line then. Whose a line is by the clauses alone is in ledger.settlement.attributed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from api.office.errors import NotASigner
from api.office.opening import Office
from api.office.settling import deal_documents
from ledger.cases.errors import DisputeUnknown
from ledger.cases.record import case_record
from ledger.database import Session
from ledger.disclosed import DISPUTES
from ledger.entries import NewEntry
from ledger.leaves import instant_of
from ledger.reading import find_entry
from ledger.settlement.attributed import attributed
from ledger.settlement.claims import (
    Claim,
    acceptance_entry,
    claim_entry,
    claims_within,
    read_claims,
    ruling_entry,
)
from ledger.settlement.deal import deal_terms
from ledger.settlement.errors import ClaimUnknown, SuspenseRefused
from ledger.settlement.facts import LineBook, read_lines, read_order
from ledger.settlement.suspense import suspended_lines
from ledger.settlement.terms import Terms
from ledger.statements.contested import REASON_MAX
from policies.agreement import Agreement
from policies.errors import did_you_mean
from policies.fields import Words
from policies.formulas.tree import Name
from policies.splits.attribution import Attributed

AGES = (30, 60, 90)
"""Days up to which lines in suspense are counted together."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who may claim a line: under which version, by which key there, and by global id."""

    agreement: str
    payee: str
    payee_id: str


@dataclass(frozen=True, slots=True)
class SuspendedLine:
    """A line that is nobody's yet: since when it was sold and for how many days, what was paid, and why.

    `reason` is none, tie or unknown. `words` name agreements that others may not know of.
    """

    order: str
    line: str
    sold_at: datetime
    days: int
    amount_minor: int
    reason: str
    words: Words
    missing: tuple[str, ...]
    claimants: tuple[Claimant, ...]
    claims: tuple[Claim, ...]


def suspended(office: Office, agreement_id: str) -> tuple[SuspendedLine, ...]:
    """Return the lines of an agreement in suspense now, oldest first. Raises AgreementUnknown.

    An agreement that another feeds has none: they wait where the money comes in, among the parties there.
    """
    terms = _terms(office, agreement_id)
    if terms.id != agreement_id:
        return ()
    return _lines(office, terms, read_lines(office.log, terms, office.log.size()))


def ages(lines: Sequence[SuspendedLine]) -> list[tuple[str, int, int]]:
    """Return, by age in days, how many lines wait and what was paid for them: `0-30`, …, `91+`."""
    starts = (0, *(one + 1 for one in AGES))
    names = [*(f"{start}-{end}" for start, end in zip(starts, AGES, strict=False)), f"{starts[-1]}+"]
    found = []
    for place, name in enumerate(names):
        end = AGES[place] if place < len(AGES) else None
        mine = [one for one in lines if starts[place] <= one.days and (end is None or one.days <= end)]
        found.append((name, len(mine), sum(one.amount_minor for one in mine)))
    return found


def claims_of(office: Office, agreement_id: str) -> list[Claim]:
    """Return the claims made under an agreement and those beside it, oldest first."""
    terms = _terms(office, agreement_id)
    return read_claims(office.log, (terms.id, *(one.id for one in terms.beside)))


def claim(office: Office, agreement_id: str, key: tuple[str, str], party: str, reason: str) -> Claim:
    """Claim a line, by order and line, for a party by its key; the same claim again adds nothing.

    Raises SuspenseRefused for a line that is not in suspense or not this party's to claim, NotASigner,
    AgreementUnknown.
    """
    words = _reason(reason, agreement_id)
    terms = _terms(office, agreement_id)
    if terms.id != agreement_id:
        raise SuspenseRefused(
            "another agreement brings what it shares out, and its orders are claimed there",
            where=agreement_id,
        )
    one = _party(terms.newest, party)
    order = read_order(office.log, terms, key[0], office.log.size()).line(key[1])
    line = next(iter(_lines(office, terms, order)), None)
    standing = [each for each in claims_of(office, agreement_id) if (each.order, each.line) == key]
    mine = next((each for each in standing if (each.agreement, each.payee) == (terms.id, one)), None)
    if mine is not None:
        return mine
    where = f"order {key[0][:60]}, line {key[1][:20]}"
    if line is None:
        raise SuspenseRefused(f"it is not in suspense under {terms.id}", where=where)
    if not any(each.payee_id == one and _id(each.agreement) == terms.id for each in line.claimants):
        raise SuspenseRefused(f"no route of {terms.newest.ref} might credit it to {party}", where=where)
    needs = _needed(terms.newest, line, one)
    entry = claim_entry(
        terms.newest.ref,
        key,
        payee=one,
        reason=words,
        needs=needs,
        readers={one, *needs, *terms.keepers()},
        at=office.clock(),
    )
    office.log.append([entry])
    return next(each for each in claims_of(office, agreement_id) if f"{each.id}/claimed" == entry.id)


def find_claim(office: Office, agreement_id: str, claim_id: str) -> Claim:
    """Return a claim made under an agreement, or beside it. Raises ClaimUnknown."""
    found = claims_of(office, agreement_id)
    for one in found:
        if one.id == claim_id:
            return one
    raise ClaimUnknown(
        f"no such claim{did_you_mean(claim_id, [one.id for one in found])}", where=claim_id[:60]
    )


def accept(office: Office, agreement_id: str, claim_id: str, party: str, reason: str) -> Claim:
    """Accept a claim for a party, by its global id. Raises SuspenseRefused, ClaimUnknown."""
    one = find_claim(office, agreement_id, claim_id)
    if party in one.accepted:
        return one
    if not one.is_open or party not in one.needs:
        why = "it waits for nobody" if not one.is_open else f"it waits for {', '.join(one.waiting)}"
        raise SuspenseRefused(f"{party} has nothing to accept: {why}", where=one.id)
    newest = _terms(office, one.agreement).newest
    entry = acceptance_entry(one, newest.ref, party, _reason(reason, one.id), office.clock())
    _append_to_open(office, one, entry)
    return find_claim(office, agreement_id, claim_id)


def rule(  # noqa: PLR0913 -- which claim, by whom, what a decided case means for it, and why
    office: Office, agreement_id: str, claim_id: str, party: str, *, upheld: bool, case: str, reason: str
) -> Claim:
    """Record, for who keeps the escrow, what a decided dispute means for a claim that is not accepted.

    `party` goes by global id. Raises SuspenseRefused where there is no such decision, or it is about other
    orders, and ClaimUnknown.
    """
    one = find_claim(office, agreement_id, claim_id)
    terms = _terms(office, one.agreement)
    if one.decided is not None and one.upheld == upheld:
        return one
    if not one.is_open:
        raise SuspenseRefused("it is settled already", where=one.id)
    if party not in terms.keepers():
        raise SuspenseRefused(f"{party} does not keep the escrow of {terms.id}", where=one.id)
    decided = office.log.find(DISPUTES, f"{case}/decided")
    if decided is None or _id(decided.agreement or "") not in {terms.id, agreement_id}:
        raise SuspenseRefused(f"no dispute {case[:60]} is decided under {terms.id}", where=one.id)
    about = _orders_of(office, case)
    if about and one.order not in about:
        message = f"dispute {case[:60]} is about orders such as {min(about)[:60]}, not {one.order[:60]}"
        raise SuspenseRefused(message, where=one.id)
    words = _reason(reason, one.id)
    at = office.clock()
    entry = ruling_entry(one, terms.newest.ref, party, upheld=upheld, case=case, reason=words, at=at)
    _append_to_open(office, one, entry)
    return find_claim(office, agreement_id, claim_id)


def _orders_of(office: Office, case: str) -> frozenset[str]:
    """Return the orders that a dispute names; none where it names none, or stands in no record of steps."""
    try:
        filed = case_record(office.log, case).filed.content.get("case", {})
    except DisputeUnknown:
        return frozenset()
    order = (filed.get("about") or {}).get("order")
    return frozenset([*(filed.get("order_list") or ()), *([order] if order else [])])


def _append_to_open(office: Office, claim: Claim, entry: NewEntry) -> None:
    """Append what becomes of a claim, unless it was settled meanwhile: what stands, stands."""

    def require(session: Session) -> None:
        now = next(one for one in claims_within(session, [claim.agreement]) if one.id == claim.id)
        if not now.is_open and find_entry(session, entry.source, entry.id) is None:
            raise SuspenseRefused("it was settled meanwhile; look again", where=claim.id)

    office.log.append([entry], require=require)


def _terms(office: Office, agreement_id: str) -> Terms:
    return deal_terms(office.log, deal_documents(office, agreement_id)).root


def _lines(office: Office, terms: Terms, book: LineBook) -> tuple[SuspendedLine, ...]:
    sales = suspended_lines(book, book.end) if terms.attributes else book.sales.clear()
    made: dict[tuple[str, str], list[Claim]] = {}
    if not sales.is_empty():
        for one in read_claims(office.log, (terms.id, *(one.id for one in terms.beside))):
            made.setdefault((one.order, one.line), []).append(one)
    now = office.clock()
    return tuple(_line(terms, sales[place], made, now) for place in range(sales.height))


def _line(
    terms: Terms, sale: pl.DataFrame, made: Mapping[tuple[str, str], list[Claim]], now: datetime
) -> SuspendedLine:
    row = sale.row(0, named=True)
    found = attributed(terms, row)
    assert found is not None, "only what is attributed waits in suspense"
    sold = terms.local(instant_of(row["us:sold"]))
    return SuspendedLine(
        row["order"],
        row["line"],
        sold,
        (terms.local(now).date() - sold.date()).days,
        sum(row[name] or 0 for name in _paid(terms) if name in row),
        found.reason,
        found.words,
        tuple(sorted(found.missing)),
        _claimants(found),
        tuple(made.get((row["order"], row["line"]), ())),
    )


def _claimants(found: Attributed) -> tuple[Claimant, ...]:
    return tuple(Claimant(one.agreement, one.payee, one.payee_id) for one in found.claims)


def _paid(terms: Terms) -> list[str]:
    """Return the facts that say what came in with a sale, under any version."""
    return sorted({
        node.name
        for one in terms.versions
        for source, node in zip(one.plan.clause.funding, one.plan.funding, strict=True)
        if source.at == "sale" and isinstance(node, Name)
    })  # fmt: skip


def _needed(agreement: Agreement, line: SuspendedLine, claimant: str) -> set[str]:
    """Return who must accept a claim: the others who may claim the line, and the sellers, who pay for it."""
    sellers = {agreement.party_id(key) for key, one in agreement.parties.items() if one.role == "merchant"}
    needed = ({one.payee_id for one in line.claimants} | sellers) - {claimant}
    trading = {
        agreement.party_id(key)
        for key, one in agreement.parties.items()
        if one.role not in {"arbiter", "auditor"}
    }
    return needed or trading - {claimant}


def _party(agreement: Agreement, key: str) -> str:
    if key not in agreement.parties:
        hint = did_you_mean(key, agreement.parties)
        raise NotASigner(f"'{key[:60]}' is no party to {agreement.ref}{hint}", where=agreement.ref)
    return agreement.party_id(key)


def _reason(text: str, where: str) -> str:
    words = " ".join(text.split())
    if not words or len(words) > REASON_MAX:
        raise SuspenseRefused(f"give a reason of at most {REASON_MAX} letters", where=where)
    return words


def _id(reference: str) -> str:
    return reference.partition("@")[0]
