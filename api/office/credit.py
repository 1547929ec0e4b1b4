"""Credit under the agreements the office keeps: who keeps whose, and points by a clause or from the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.office.agreements import held, held_versions
from api.office.errors import NotASigner
from api.office.opening import Office
from ledger.credit.errors import CreditRefused
from ledger.credit.following import follow
from ledger.credit.points import Points, Standing, all_points, standing, standings
from ledger.credit.record import NewPoints, give
from policies.agreement import Agreement
from policies.credit.model import standard_model
from policies.errors import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRequest:
    """Points to be given: their id for ever, `agreement` as id@version, `party` its key there."""

    id: str
    agreement: str
    party: str
    rule: str
    clause: str
    reason: str
    severity: int = 1
    cites: tuple[int, ...] = ()


def give_points(office: Office, asked: PointsRequest, by: str) -> Points:
    """Give points on the word of `by`; the same again adds nothing.

    Raises AgreementUnknown, NotASigner, CreditRefused.
    """
    one = held(office, asked.agreement)
    agreement = one.agreement
    if not one.is_signed:
        raise CreditRefused(f"{agreement.ref} is not signed by all its parties yet", where=asked.id)
    if asked.party not in agreement.parties:
        hint = did_you_mean(asked.party, agreement.parties)
        raise NotASigner(f"'{asked.party}' is no party to {agreement.ref}{hint}", where=asked.id)
    if asked.clause not in agreement.clauses:
        hint = did_you_mean(asked.clause, agreement.clauses)
        raise CreditRefused(f"{agreement.ref} has no clause '{asked.clause}'{hint}", where=asked.id)
    keeper = keeper_of(agreement)
    if keeper is None:
        raise CreditRefused(f"{agreement.ref} has no platform to keep credit", where=asked.id)
    new = NewPoints(
        id=asked.id,
        party=agreement.party_id(asked.party),
        keeper=keeper,
        rule=asked.rule,
        clause=asked.clause,
        agreement=agreement.ref,
        reason=asked.reason,
        severity=asked.severity,
        cites=asked.cites,
    )
    return give(office.log, standard_model(), new, at=office.clock(), by=by)


def follow_log(office: Office) -> int:
    """Give the points that the log gives rise to by itself; return how many. A duty of `tallystick tend`."""
    versions = {ref: one.agreement for ref, one in held_versions(office).items()}

    def who(ref: str, party: str) -> tuple[str, str] | None:
        return party_and_keeper(versions, ref, party)

    return follow(office.log, standard_model(), who)


def party_and_keeper(versions: Mapping[str, Agreement], ref: str, party: str) -> tuple[str, str] | None:
    """Return the global ids of a party, however told, and of who keeps its credit; None without one."""
    agreement = versions.get(ref)
    keeper = keeper_of(agreement) if agreement is not None else None
    if agreement is None or keeper is None:
        return None
    found = party_meant(agreement, party)
    return (found, keeper) if found is not None and found != keeper else None


def party_meant(agreement: Agreement, told: str) -> str | None:
    """Return the global id of a party told by its key, by its id, or by a role that it alone has."""
    if told in agreement.parties:
        return agreement.party_id(told)
    ids = {agreement.party_id(key): one.role for key, one in agreement.parties.items()}
    alike = [party for party, role in ids.items() if told in {party, role}]
    return alike[0] if len(alike) == 1 else None


def keeper_of(agreement: Agreement) -> str | None:
    """Return the global id of the platform that keeps its partners' credit, None where there is none."""
    platforms = (key for key, one in agreement.parties.items() if one.role == "platform")
    key = next(platforms, None)
    return None if key is None else agreement.party_id(key)


def credit(office: Office, at: datetime | None = None, end: int | None = None) -> list[Standing]:
    """Return the credit of every party and keeper at a time, as the entries before `end` tell.

    A party with no points has the score that everybody begins with.
    """
    when = office.clock() if at is None else at
    found = {
        (one.party, one.keeper): one
        for one in standings(standard_model(), all_points(office.log).values(), when, end)
    }
    for one in held_versions(office).values():
        keeper = keeper_of(one.agreement) if one.is_signed else None
        for key in one.agreement.parties if keeper else ():
            pair = one.agreement.party_id(key), keeper or ""
            if pair[0] != keeper:
                found.setdefault(pair, standing(standard_model(), *pair, (), when))
    return [found[pair] for pair in sorted(found)]
