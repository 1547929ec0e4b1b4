"""Read models of a bench, and what its routes take."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class DeclarationShown:
    """What an arbiter declared: what might be held against them, None for nothing. `at` is RFC 3339."""

    conflicts: str | None
    at: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class ChallengeShown:
    """What a side holds against an arbiter, and what was decided: `upheld` is None while that waits."""

    party: PartyName
    reason: str
    at: str
    entry_seq: int
    upheld: bool | None
    decided_by: str | None
    decided_because: str | None


@dataclass(frozen=True, slots=True)
class SeatShown:
    """A seat: `state` is appointed, sitting, challenged, removed or replaced; `presides` rules at its level.

    `may_challenge` names those parties of the viewer's that still may, `may_decide` those whose challenge
    waits for the viewer's word.
    """

    arbiter: str
    level: str
    level_name: Text
    state: str
    presides: bool
    appointed_at: str
    entry_seq: int
    declared: tuple[DeclarationShown, ...]
    challenges: tuple[ChallengeShown, ...]
    replaced_by: str | None
    fee: Money | None
    may_challenge: tuple[str, ...]
    may_declare: bool
    may_decide: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CostsShare:
    """What one side bears of the costs."""

    party: PartyName
    amount: Money


@dataclass(frozen=True, slots=True)
class CostsShown:
    """What was ruled on costs; `by_document` says that the shares are those of the document's rule."""

    total: Money
    shares: tuple[CostsShare, ...]
    reason: str
    by: str
    by_document: bool
    at: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class BenchShown:
    """Who decides a dispute. `levels` are those of the document at which an arbiter can sit."""

    dispute: str
    clause: str
    agreement: str
    version: int
    levels: tuple[tuple[str, Text], ...]
    sides: tuple[PartyName, ...]
    seats: tuple[SeatShown, ...]
    fees: Money
    costs: CostsShown | None
    may_appoint: bool
    may_rule_on_costs: bool
    may_query: bool


@dataclass(frozen=True, slots=True)
class DocketRow:
    """A dispute in which an arbiter sits and where it stands; `waits` says that they are to rule on it."""

    dispute: str
    title: Text
    agreement: str
    status: str
    level: str
    seat: str
    presides: bool
    waits: bool
    deadline: str | None
    claimed: Money


@dataclass(frozen=True, slots=True)
class AppointmentRequest:
    """A member with the role arbiter, and the level; the document's first one where it is left out."""

    arbiter: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class DeclarationRequest:
    """What might be held against the caller as an arbiter; nothing where it is left out."""

    conflicts: str = ""


@dataclass(frozen=True, slots=True)
class ChallengeRequest:
    """What a side holds against an arbiter; the party, where the caller is of both sides."""

    reason: str
    party: str = ""


@dataclass(frozen=True, slots=True)
class ChallengeDecision:
    """Whether a challenge is upheld (`yes` or `no`), and why."""

    upheld: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReplacementRequest:
    """Who takes an arbiter's seat, and why."""

    successor: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeeRequest:
    """What an arbiter is paid for the case, in major units: 2000.00."""

    amount: str


@dataclass(frozen=True, slots=True)
class CostsRequest:
    """Why costs are borne so, and what each side bears in major units; both left out, by the document."""

    reason: str
    claimant: str = ""
    respondent: str = ""
