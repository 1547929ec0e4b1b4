"""The terms by which entries are read, kept for a moment: requests come by the thousand, signatures do not.

A version signed in another process is seen KEPT_SECONDS later at most.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.office.agreements import signed_versions
from api.office.errors import AgreementUnknown
from api.office.opening import Office
from api.office.orders import intake_terms
from ledger.intake.told import Teller
from ledger.settlement.events import recorded_events

KEPT_SECONDS = 2
_KEPT_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Deal:
    """An agreement as entries need it: how to read them, and the global ids of its parties."""

    teller: Teller
    parties: frozenset[str]


class KeptTerms:
    """Signed agreements by id. Safe to share between threads."""

    def __init__(self, office: Office, clock: Callable[[], float] = time.monotonic) -> None:
        """Read from an office; `clock` gives seconds."""
        self._office = office
        self._clock = clock
        self._kept: dict[str, tuple[Deal, float]] = {}
        self._lock = threading.Lock()

    def find(self, agreement: str) -> Deal | None:
        """Return what is kept and fresh, else None; reads no database."""
        deal, until = self._kept.get(agreement, (None, 0))
        return deal if self._clock() < until else None

    def load(self, agreement: str) -> Deal | None:
        """Return an agreement, read where it is not fresh; None where no version of it is signed."""
        with self._lock:
            found = self.find(agreement)
            if found is not None:
                return found
            try:
                versions = signed_versions(self._office, agreement)
            except AgreementUnknown:
                return None
            events = recorded_events(self._office.log, versions[0].agreement)
            parties = {one.agreement.party_id(key) for one in versions for key in one.agreement.parties}
            deal = Deal(Teller(intake_terms(versions, events)), frozenset(parties))
            if len(self._kept) >= _KEPT_MAX:
                self._kept.clear()
            self._kept[agreement] = (deal, self._clock() + KEPT_SECONDS)
            return deal
