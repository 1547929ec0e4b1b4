"""Debts as one viewer may see them: who owes and the platform, or an auditor; written off by who bears it."""

from __future__ import annotations

from collections.abc import Iterable

from api.access import AUDITOR, Viewer, demand_role
from api.books import demand_party, platforms, signed
from api.debts.schemas import Debt, Debts, WriteOffAsked, WriteOffShown
from api.office.debts import confirm, debts_of, newest_of, party_of, propose
from api.office.opening import Office
from api.reading import Money
from ledger.settlement.errors import DebtRefused
from ledger.settlement.write_offs import WriteOff


class DebtService:
    """Shows and writes off debts. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over the log of an office."""
        self.office = office

    def debts(self, viewer: Viewer, agreement: str) -> Debts:
        """Return what the viewer may see of debts under an agreement."""
        versions = signed(self.office, agreement)
        demand_party(viewer, versions)
        owed, given_up = debts_of(self.office, agreement)
        keeps = AUDITOR in viewer.roles or not viewer.parties.isdisjoint(platforms(versions))
        currency = versions[-1].currency
        mine = viewer.parties

        def seen(parties: Iterable[str]) -> bool:
            return keeps or not mine.isdisjoint(parties)

        return Debts(
            tuple(Debt(party, Money(minor, currency)) for party, minor in owed.items() if seen((party,))),
            tuple(_shown(one, currency) for one in given_up if seen((one.debtor, one.bearer))),
        )

    def propose(self, viewer: Viewer, agreement: str, asked: WriteOffAsked) -> WriteOffShown:
        """Propose to write off a debt. Raises DebtRefused, MoneyError."""
        demand_party(viewer, signed(self.office, agreement))
        newest = newest_of(self.office, agreement)
        demand_role(viewer, "pay", party_of(newest, asked.bearer))
        made = propose(
            self.office,
            agreement,
            asked.name,
            debtor=asked.debtor,
            bearer=asked.bearer,
            amount=asked.amount,
            by=viewer.member,
            reason=asked.reason,
        )
        return _shown(made, newest.currency)

    def confirm(self, viewer: Viewer, agreement: str, name: str) -> WriteOffShown:
        """Write off what another member proposed. Raises DebtRefused."""
        demand_party(viewer, signed(self.office, agreement))
        _, given_up = debts_of(self.office, agreement)
        for bearer in (one.bearer for one in given_up if one.name == name):
            demand_role(viewer, "pay", bearer)
            break
        else:
            raise DebtRefused("nobody has proposed a write-off of that name; propose it first", where=name)
        made = confirm(self.office, agreement, name, by=viewer.member)
        return _shown(made, newest_of(self.office, agreement).currency)


def _shown(one: WriteOff, currency: str) -> WriteOffShown:
    return WriteOffShown(
        one.name,
        one.debtor,
        one.bearer,
        Money(one.amount_minor, currency),
        one.reason,
        one.proposed_by,
        one.confirmed_by,
        one.seq,
    )
