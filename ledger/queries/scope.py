"""What a query made for a case may show: groups under some agreements, that name one of some parties.

Never a group with personal data, and of other disputes nothing, though they be between the same parties.
Which groups those are is the caller's to say; a scope is wider than its case by order only (ledger/cases).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ledger.database import Session
from ledger.disclosed import DISPUTES, Sight, case_of, open_to
from ledger.entries import CONCERNS
from ledger.reading import Entry, StoredGroup


@dataclass(frozen=True, slots=True)
class Scope:
    """Agreements by id with no version, parties by global id, the case by the id of its dispute.

    `withheld` are names of groups that are shown to nobody by this way.
    """

    case: str
    agreements: tuple[str, ...]
    parties: tuple[str, ...]
    withheld: frozenset[str]

    def wider(self, agreements: Iterable[str], parties: Iterable[str]) -> Scope:
        """Return this scope with further agreements and parties."""
        return Scope(
            self.case,
            tuple(sorted({*self.agreements, *agreements})),
            tuple(sorted({*self.parties, *parties})),
            self.withheld,
        )

    def shows(self, entry: Entry, group: StoredGroup) -> bool:
        """Say whether a group of an entry may be shown."""
        agreement = (entry.agreement or "").partition("@")[0]
        return (
            agreement in self.agreements
            and group.erased_by is None
            and group.name not in self._closed
            and not set(self.parties).isdisjoint(group.readers)
            and case_of(entry) in {None, self.case}
        )

    def as_json(self) -> dict[str, Any]:
        """Return what the scope holds, as it is saved with a query."""
        return {"agreements": list(self.agreements), "parties": list(self.parties)}

    def of_entries(self) -> tuple[str, list[Any]]:
        """Return the condition that a row `e` of entry is of this scope, and its parameters."""
        versions = " OR ".join(["(e.agreement > ? AND e.agreement < ?)"] * len(self.agreements))
        bounds = [bound for one in self.agreements for bound in (f"{one}@", f"{one}A")]
        ours = "(e.source <> ? OR (e.source_id > ? AND e.source_id < ?))"
        return f"({versions}) AND {ours}", [*bounds, DISPUTES, f"{self.case}/", f"{self.case}0"]

    def of_groups(self, session: Session) -> tuple[str, list[Any]]:
        """Return the condition that a row `d` of disclosure may be shown, and its parameters."""
        named, values = open_to(session, Sight(frozenset(self.parties)))
        closed = session.members("d.name")
        return f"({named} AND NOT {closed})", [*values, session.listed(sorted(self._closed))]

    @property
    def _closed(self) -> frozenset[str]:
        return self.withheld | {CONCERNS}
