"""Acceptance of a statement by its party: one entry, so that what was agreed to pay stands in the log.

    statement.accepted   who accepted which statement, readable by its party and by the platform that pays

No figure is in it: those stand in the statement, which the platform has no need to read.
"""

from __future__ import annotations

from api.office.agreements import signed_versions
from api.office.opening import Office
from ledger.entries import Group, NewEntry
from ledger.reading import Entry
from ledger.statements.reading import Statement

SOURCE = "tallystick.acceptances"
ACCEPTED = "statement.accepted"
ACCEPTANCE_GROUP = "acceptance"


def acceptance_of(office: Office, statement_id: str) -> Entry | None:
    """Return the entry by which a statement was accepted, None while it is not."""
    return office.log.find(SOURCE, f"{statement_id}/accepted")


def accept_statement(office: Office, statement: Statement, *, by: str) -> Entry:
    """Accept a statement in its party's name, by a member; accepting again returns the first acceptance."""
    standing = acceptance_of(office, statement.id)
    if standing is not None:
        return standing
    newest = signed_versions(office, statement.agreement)[-1].agreement
    platforms = [newest.party_id(key) for key, party in newest.parties.items() if party.role == "platform"]
    readers = tuple(sorted({statement.party, *platforms}))
    content = {
        "statement": statement.id,
        "statement_seq": statement.seq,
        "party": statement.party,
        "accepted_by": by,
    }
    entry = NewEntry(
        source=SOURCE,
        id=f"{statement.id}/accepted",
        kind=ACCEPTED,
        occurred_at=office.clock(),
        asserter=statement.party,
        agreement=newest.ref,
        concerns=readers,
        groups=(Group(ACCEPTANCE_GROUP, readers, content),),
    )
    report = office.log.append([entry])
    return office.log.entry((*report.accepted, *report.repeated)[0])
