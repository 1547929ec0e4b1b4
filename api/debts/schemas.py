"""What parties owe, and what was given up of it."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money


@dataclass(frozen=True, slots=True)
class Debt:
    """What a party owes on its receivable: it is repaid from its later statements."""

    party: str
    owed: Money


@dataclass(frozen=True, slots=True)
class WriteOffShown:
    """A write-off: of whose debt, at whose cost, why, and who proposed and confirmed it, if anybody did."""

    name: str
    debtor: str
    bearer: str
    amount: Money
    reason: str
    proposed_by: str
    confirmed_by: str | None
    entry_seq: int


@dataclass(frozen=True, slots=True)
class Debts:
    """Debts under an agreement and the write-offs of them, as far as the caller may see."""

    debts: tuple[Debt, ...]
    write_offs: tuple[WriteOffShown, ...]


@dataclass(frozen=True, slots=True)
class WriteOffAsked:
    """A write-off by a name of its own; parties by their keys in the document, the amount like "500.00"."""

    name: str
    debtor: str
    bearer: str
    amount: str
    reason: str
