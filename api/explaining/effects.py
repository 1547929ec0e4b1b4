"""What a version changes of the same orders, as it is shown: party by party, each changed term in words."""

from __future__ import annotations

from collections.abc import Sequence

from api.explaining.schemas import EffectsShown, PartyEffect, TermCause
from api.reading import Money
from api.worded import party_by_id, terms_changed
from ledger.settlement.version_causes import VersionChange
from policies.agreement import Agreement


def effects_shown(
    agreement: Agreement, found: VersionChange, against: int, parties: Sequence[str]
) -> EffectsShown:
    """Return what a version changes for some parties (global ids)."""
    return EffectsShown(
        agreement.id,
        agreement.version,
        against,
        found.lines,
        found.left_out,
        tuple(_party(agreement, found, party) for party in parties),
    )


def _party(agreement: Agreement, found: VersionChange, party: str) -> PartyEffect:
    before, after = found.before.get(party, 0), found.after.get(party, 0)
    return PartyEffect(
        party_by_id(agreement, party),
        Money(before, found.currency),
        Money(after, found.currency),
        Money(after - before, found.currency),
        tuple(
            TermCause(
                terms_changed(agreement, one.changes),
                tuple(dict.fromkeys(change.clause for change in one.changes)),
                Money(one.by_party[party], found.currency),
            )
            for one in found.causes
            if one.by_party.get(party)
        ),
    )
