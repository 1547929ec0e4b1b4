"""Reads accounts for who asks: those of their own parties, and every account for auditors. Never writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass

from api.access import AUDITOR, Viewer, demand_read
from api.accounts.schemas import AccountPage, AccountRow, MovementPage, MovementRow
from api.errors import RequestUnusable
from api.office.accounts import account_parts, movement_cursor, until_of
from api.office.agreements import held_versions
from api.office.opening import Office
from api.office.periods import months_of
from api.reading import Money, PartyName, Text, plain
from api.worded import label, local_time, party_by_id, party_name
from ledger.accounts import Account, Movement, Until, account_statement, balance, chart, find_account
from ledger.leaves import recorded_text
from ledger.periods import Calendar
from policies.agreement import Agreement
from policies.chart import CHART, side_of

ROWS_PER_PAGE = 100
_ROWS_AT_ONCE = 1_000
_CURSOR_PARTS = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked: up to which times, days counting to their end, and of which agreement, by id.

    `owner` narrows the chart, `currency` says which of an account that is kept in several.
    """

    agreement: str | None = None
    occurred: str | None = None
    recorded: str | None = None
    owner: str | None = None
    currency: str | None = None


class AccountService:
    """Balances and movements of accounts. Raises AccessDenied, AccountUnknown, RequestUnusable."""

    def __init__(self, office: Office) -> None:
        """Read the accounts of an office."""
        self.office = office

    def accounts(self, viewer: Viewer, limits: Limits, after: str | None, limit: int) -> AccountPage:
        """Return the accounts that the viewer may read, of one owner or all, beyond a cursor."""
        owner = limits.owner
        if owner is not None:
            demand_read(viewer, (owner,), "account")
        every = None if AUDITOR in viewer.roles else viewer.parties
        found, follows = chart(
            self.office.engine,
            owners=every if owner is None else {owner},
            agreement=limits.agreement,
            after=_account_after(after),
            limit=limit,
            until=self._until(limits),
        )
        known = self._agreements()
        rows = tuple(self._row(one, minor, known.get(one.agreement)) for one, minor in found.items())
        cursor = "/".join(astuple(follows)) if follows else None
        return AccountPage(rows, limits.occurred, limits.recorded, cursor)

    def every_account(self, viewer: Viewer, limits: Limits) -> Iterator[AccountRow]:
        """Yield all of the accounts that the viewer may read, for a file."""
        after: str | None = None
        while True:
            page = self.accounts(viewer, limits, after, _ROWS_AT_ONCE)
            yield from page.accounts
            after = page.next_after
            if after is None:
                return

    def movements(
        self, viewer: Viewer, account: str, limits: Limits, after: str | None, limit: int
    ) -> MovementPage:
        """Return movements of an account, written OWNER.PURPOSE, beyond a cursor."""
        owner, purpose = account_parts(account)
        demand_read(viewer, (owner,), "account")
        assert limits.agreement is not None, "the routes ask for it"
        found = find_account(self.office.engine, owner, purpose, limits.agreement, limits.currency)
        until, agreement = self._until(limits), self._agreements().get(found.agreement)
        months = months_of(self.office, found.agreement)
        moves = account_statement(
            self.office.engine, found, after=movement_cursor(after), limit=limit + 1, until=until
        )
        shown, more = moves[:limit], len(moves) > limit
        total = balance(self.office.engine, found, until)
        opening = moves[0].balance_minor - moves[0].amount_minor if moves else total
        closing = shown[-1].balance_minor if shown else opening
        return MovementPage(
            self._row(found, total, agreement),
            Money(opening, found.currency),
            tuple(_movement(one, found, agreement, months) for one in shown),
            Money(closing, found.currency),
            f"{shown[-1].seq}.{shown[-1].n}" if more else None,
        )

    def every_movement(self, viewer: Viewer, account: str, limits: Limits) -> Iterator[MovementRow]:
        """Yield all of an account's movements, for a file."""
        after: str | None = None
        while True:
            page = self.movements(viewer, account, limits, after, _ROWS_AT_ONCE)
            yield from page.movements
            after = page.next_after
            if after is None:
                return

    def _until(self, limits: Limits) -> Until:
        # An agreement that is not held here must read like one that the viewer may not know of.
        known = limits.agreement if limits.agreement in self._agreements() else None
        return until_of(self.office, known, limits.occurred, limits.recorded)

    def _agreements(self) -> Mapping[str, Agreement]:
        return {one.agreement.id: one.agreement for one in held_versions(self.office).values()}

    @staticmethod
    def _row(account: Account, minor: int, agreement: Agreement | None) -> AccountRow:
        return AccountRow(
            f"{account.owner}.{account.purpose}",
            _owner(agreement, account.owner),
            account.agreement,
            account.purpose,
            purpose_label(agreement, account.purpose),
            side_of(account.purpose),
            Money(minor, account.currency),
        )


def _owner(agreement: Agreement | None, owner: str) -> PartyName:
    if agreement is None:
        return PartyName(owner, owner, "party", plain(owner))
    if any(agreement.party_id(key) == owner for key in agreement.parties):
        return party_by_id(agreement, owner)
    return party_name(agreement, owner)


def purpose_label(agreement: Agreement | None, purpose: str) -> Text:
    """Return what a purpose is called: by the chart of accounts, by the document, else by its own name."""
    if purpose in CHART:
        return Text(CHART[purpose].zh, CHART[purpose].en)
    return plain(purpose.replace("_", " ")) if agreement is None else label(agreement, purpose)


def account_words(agreement: Agreement | None, owner: str, purpose: str) -> Text:
    """Return an account in words: whose, and what for."""
    parts = _owner(agreement, owner).name, purpose_label(agreement, purpose)
    zh, en = (" · ".join(part.spoken(language) for part in parts) for language in ("zh", "en"))
    return Text(zh, en)


def _movement(
    one: Movement, account: Account, agreement: Agreement | None, months: Calendar | None
) -> MovementRow:
    recorded = recorded_text(one.recorded_us)
    late_from = months.belongs(one.seq, one.occurred_us)[1] if months else None
    return MovementRow(
        one.seq,
        one.n,
        one.occurred_at,
        recorded if agreement is None else local_time(agreement, recorded),
        None if late_from is None else str(late_from),
        one.entry_kind,
        one.clause,
        one.kind,
        plain(one.kind) if agreement is None else label(agreement, one.kind),
        Money(one.amount_minor, account.currency),
        Money(one.balance_minor, account.currency),
        f"{one.reverses[0]}.{one.reverses[1]}" if one.reverses else None,
    )


def _account_after(text: str | None) -> Account | None:
    if text is None:
        return None
    parts = text.split("/")
    if len(parts) != _CURSOR_PARTS:
        raise RequestUnusable("is no cursor that a page gave", where="after")
    return Account(*parts)
