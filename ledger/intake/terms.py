"""What intake needs to know of an agreement, and no more.

Whoever holds a parsed agreement builds these; intake itself never reads an agreement document. The terms of
a line are those in force when it was sold, so its receipts and refunds name the same version as its sale.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

FactType = Literal["money", "rate", "count", "text", "enum", "instant", "date", "bool"]
"""Types a fact may be declared with; they are those of the agreement language that a cell can hold."""


@dataclass(frozen=True, slots=True)
class Funding:
    """Money that a sale puts on an account: one posting pair, of the amount that a money fact states.

    `source` and `target` are accounts as OWNER.PURPOSE ("buyers.payment", "escrow.balance"); the amount is
    taken from the first and added to the second. `clause` and `kind` name them in the posting.
    """

    source: str
    target: str
    fact: str
    clause: str
    kind: str


@dataclass(frozen=True, slots=True)
class VersionTerms:
    """One version of an agreement as intake sees it.

    `reference` is "id@version". `readers` are the global ids of every party and see the order itself;
    `personal_readers` (as a rule the platform alone) see what the mapping marks as personal. `facts` are the
    facts that the document declares, by type. `prevailing` is the source whose reports count over others'.
    """

    reference: str
    effective_from: datetime
    readers: tuple[str, ...]
    personal_readers: tuple[str, ...]
    funding: tuple[Funding, ...] = ()
    facts: Mapping[str, FactType] | None = None
    prevailing: str | None = None


@dataclass(frozen=True)
class IntakeTerms:
    """All versions of one agreement, oldest first, with what does not change between them.

    `agreement` is its id, `currency` and `time_zone` those of the document. `asserter` is the global id of
    the party whose word an order file is, as a rule the platform. `overtaken` are signed versions that no
    line falls under, since a later one starts first; events may have been told under them before that.
    From `ends` on nothing is sold under the agreement, since all parties have ended it.
    """

    agreement: str
    currency: str
    time_zone: str
    asserter: str
    versions: tuple[VersionTerms, ...]
    overtaken: tuple[VersionTerms, ...] = ()
    ends: datetime | None = None

    def __post_init__(self) -> None:
        """Hold the versions to their order: a resolver over unsorted versions would answer wrongly."""
        starts = [version.effective_from for version in self.versions]
        if not starts or starts != sorted(set(starts)):
            raise ValueError("versions must be given, oldest first, each with its own start")
        if any(start.tzinfo is None for start in starts):
            raise ValueError("effective_from must be an aware time")

    def version_at(self, sold_at: datetime) -> VersionTerms | None:
        """Return the version in force at an aware time, None before the first."""
        place = bisect_right(self._starts, sold_at)
        return self.versions[place - 1] if place else None

    def sold_under(self, sold_at: datetime) -> VersionTerms | None:
        """Return the version under which something is sold at an aware time, None before and after all."""
        return None if self.ends is not None and sold_at >= self.ends else self.version_at(sold_at)

    def out_of_force(self, at: datetime) -> str:
        """Return in words why no version holds at a time."""
        if self.ends is not None and at >= self.ends:
            return f"lies after the parties of {self.agreement} have ended it"
        return f"lies before the first version of {self.agreement} takes effect"

    def fact_types(self) -> dict[str, FactType]:
        """Return every fact that any version declares; a later version's type wins."""
        return {name: kind for version in self.versions for name, kind in (version.facts or {}).items()}

    @cached_property
    def _starts(self) -> list[datetime]:
        return [version.effective_from for version in self.versions]
