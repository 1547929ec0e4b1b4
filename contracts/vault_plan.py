"""What a deposit vault is to do, compiled out of a clause of a signed document.

Everything in the plan follows from the document and from who was chosen to sit among its arbiters. What the
vault cannot carry out of the clause is listed beside it, in both languages; a clause that it cannot carry at
all is refused. Which token stands for the currency is nobody's document: it is added with `terms`.

A window of days of the document becomes seconds that are never fewer: a day more for the day on which it
begins, and for business days, which no chain knows, two days each and ten more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.errors import VaultNotCompiled
from contracts.vault_terms import LONGEST_SECONDS, UNLIMITED, VaultTerms, ascending
from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.parameters import value_of
from policies.clauses.payment import Sources
from policies.money import minor_digits, to_minor

DAY_SECONDS = 86_400
HELD_KINDS = ("deposit", "reserve")
"""Clause kinds that a vault can hold money for."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of the document that the vault does not do, in both languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Seats:
    """Who rules, and who hears appeals, by their keys in the document; more than half of each must sign."""

    arbiters: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VaultPlan:
    """A vault for one clause: parties by their keys in the document, the cap in minor units, None for none.

    `account` is the account of the document whose place the vault takes: `brand.deposit`.
    """

    agreement: Agreement
    clause: str
    account: str
    payer: str
    payees: tuple[str, ...]
    seats: Seats
    cap_minor: int | None
    hold_seconds: int
    after_end: bool
    appeal_seconds: int
    review_seconds: int
    contest_seconds: int
    left_out: tuple[LeftOut, ...]

    def units(self, amount_minor: int, decimals: int) -> int:
        """Return an amount of the document in the token's own units; raises VaultNotCompiled.

        One of the token stands for one of the currency: nobody but its issuer can promise that.
        """
        digits = minor_digits(self.agreement.currency)
        if decimals < digits:
            raise VaultNotCompiled(
                f"the token has {decimals} decimal places, and {self.agreement.currency} has {digits}",
                zh=f"该代币有 {decimals} 位小数，而 {self.agreement.currency} 有 {digits} 位",
                where=self.agreement.ref,
            )
        return amount_minor * int(10 ** (decimals - digits))

    def terms(self, *, token: str, decimals: int, registry: str, agreement_key: bytes) -> VaultTerms:
        """Return the terms of the contract, for a token with so many decimal places.

        Raises VaultNotCompiled where a party has no key, or the token too few places.
        """
        cap = UNLIMITED if self.cap_minor is None else self.units(self.cap_minor, decimals)
        return VaultTerms(
            token=token,
            registry=registry,
            agreement=agreement_key,
            version=self.agreement.version,
            payer=self.address(self.payer),
            payees=self._addresses(self.payees),
            arbiters=self._addresses(self.seats.arbiters),
            quorum=_majority(self.seats.arbiters),
            reviewers=self._addresses(self.seats.reviewers),
            review_quorum=_majority(self.seats.reviewers),
            cap=cap,
            hold_seconds=self.hold_seconds,
            after_end=self.after_end,
            appeal_seconds=self.appeal_seconds,
            review_seconds=self.review_seconds,
            contest_seconds=self.contest_seconds,
        )

    def address(self, party: str) -> str:
        """Return the address that a party of the document signs with; raises VaultNotCompiled."""
        signer = self.agreement.parties[party].signer
        if signer is None:
            raise VaultNotCompiled(
                f"'{party}' has no signing key in the document",
                zh=f"“{party}”在协议中没有签名密钥",
                where=self.agreement.ref,
            )
        return ascending({signer})[0]

    def _addresses(self, parties: Sequence[str]) -> tuple[str, ...]:
        return ascending({self.address(party) for party in parties})


def compile_vault(agreement: Agreement, clause_id: str, seats: Seats | None = None) -> VaultPlan:
    """Compile a plan for a clause; without `seats` all arbiters of the document rule and nobody reviews.

    Raises VaultNotCompiled, saying in both languages what stands in the way.
    """
    clause = next((one for one in agreement.document.clauses if one.id == clause_id), None)
    if clause is None or clause.kind not in HELD_KINDS:
        known = [one.id for one in agreement.document.clauses if one.kind in HELD_KINDS]
        raise VaultNotCompiled(
            f"a vault holds what a clause of kind {' or '.join(HELD_KINDS)} asks for; "
            f"here those are {', '.join(known) or 'none'}",
            zh=f"合约金库只承接 {'、'.join(HELD_KINDS)} 类条款；本协议中有：{'、'.join(known) or '无'}",
            where=f"{agreement.ref}, clause {clause_id}",
        )
    held = _Held(agreement, clause)
    return held.plan(_seated(agreement, seats), _Windows(agreement))


@dataclass(frozen=True, slots=True)
class _Held:
    """A clause of a kind that a vault can hold money for, and what its kind says of time and amount."""

    agreement: Agreement
    clause: Clause

    def plan(self, seats: Seats, windows: _Windows) -> VaultPlan:
        payer = self.value("toward")
        payees, left_out = self.payees()
        for one in (*seats.arbiters, *seats.reviewers):
            if one in {payer, *payees}:
                raise self.refused(
                    f"'{one}' would decide what it is paid or pays", f"“{one}”不能裁决自己收付的款项"
                )
        return VaultPlan(
            agreement=self.agreement,
            clause=self.clause.id,
            account=self.account,
            payer=payer,
            payees=payees,
            seats=seats,
            cap_minor=self.cap_minor(),
            hold_seconds=min(self.hold_days() * DAY_SECONDS, LONGEST_SECONDS),
            after_end=self.clause.kind == "deposit",
            appeal_seconds=windows.appeal_seconds,
            review_seconds=windows.review_seconds,
            contest_seconds=windows.contest_seconds,
            left_out=(*left_out, *self.not_carried(), *windows.left_out(seats)),
        )

    def value(self, name: str) -> Any:
        return value_of(self.clause, name)

    @property
    def account(self) -> str:
        if self.clause.kind == "deposit":
            return f"{self.value('toward')}.deposit"
        return str(self.value("account"))

    def hold_days(self) -> int:
        """Return how many days what is put in stays, the day on which they begin to count included."""
        name = "return_days" if self.clause.kind == "deposit" else "days"
        return int(self.value(name)) + 1

    def cap_minor(self) -> int | None:
        """Return the most that rulings may award: what the document has put up, at its highest."""
        if self.clause.kind == "reserve":
            cap = self.value("cap")
            return None if cap is None else to_minor(cap, self.agreement.currency)
        if self.value("nature") != "security":
            raise self.refused(
                "earnest money is lost or given back by who breaks the contract, for which there is no time",
                "定金因违约而丧失或返还，没有到期可退的时间",
            )
        tiers = self.value("tiers") or ()
        amounts = [one for one in (self.value("amount"), *(tier.amount for tier in tiers)) if one is not None]
        return max(to_minor(one, self.agreement.currency) for one in amounts)

    def payees(self) -> tuple[tuple[str, ...], list[LeftOut]]:
        """Return the parties that the document pays out of this account, and whom a vault cannot pay."""
        found, left_out = {str(self.value("holder")), str(self.value("toward"))}, []
        for clause_id, to in self.paid_from_account():
            owner = to.partition(".")[0]
            if owner in self.agreement.parties:
                found.add(owner)
            else:
                left_out.append(
                    LeftOut(
                        f"clause {clause_id} pays '{owner}', who have no key: the ledger does that",
                        f"条款 {clause_id} 向“{owner}”付款，其没有密钥，由账本办理",
                    )
                )
        return tuple(sorted(found)), left_out

    def paid_from_account(self) -> Iterator[tuple[str, str]]:
        for clause_id, core in self.agreement.clauses.items():
            pools = core.pools or {}
            for remedy in core.remedies:
                if remedy.to is not None and self.account in _accounts(remedy.from_):
                    yield clause_id, remedy.to
            for pool in pools.values():
                if self.account in _accounts(pool.from_):
                    yield clause_id, pool.to

    def not_carried(self) -> Iterator[LeftOut]:
        if self.clause.kind == "reserve":
            yield LeftOut(
                "how much of each settlement is put in is worked out by the ledger",
                "每次结算应存入的数额由账本计算",
            )
        if self.value("late_rate") is not None:
            yield LeftOut("interest on what goes back late is not paid", "逾期退还的利息不由金库支付")

    def refused(self, en: str, zh: str) -> VaultNotCompiled:
        return VaultNotCompiled(en, zh=zh, where=f"{self.agreement.ref}, clause {self.clause.id}")


class _Windows:
    """The times of the document's process of disputes, in seconds."""

    def __init__(self, agreement: Agreement) -> None:
        process = agreement.process
        self.levels = _levels(agreement)
        self.appeal_seconds = self.review_seconds = self.contest_seconds = 0
        if process is None or not self.levels:
            return
        windows = process.windows
        business = windows.counted_in == "business_days"

        def days_of(level: str) -> int | None:
            return getattr(process.deciding, f"{level}_days", None)

        self.appeal_seconds = _seconds(windows.appeal_days, business=business)
        self.review_seconds = _seconds(days_of(self.levels[-1]), business=business)
        if process.hold == "contested_amount":
            parts = (
                windows.answer_days,
                windows.evidence_days,
                days_of("rules") or 0,
                days_of(self.levels[0]),
            )
            times = [_seconds(each, business=business) for each in parts]
            self.contest_seconds = min(sum(times), LONGEST_SECONDS)

    def left_out(self, seats: Seats) -> Iterator[LeftOut]:
        if not seats.arbiters:
            yield LeftOut(
                "no person with a key decides under this document: there are no rulings",
                "本协议没有持密钥的裁决人，金库不执行裁决",
            )
        elif LONGEST_SECONDS in {self.contest_seconds, self.review_seconds if seats.reviewers else 0}:
            yield LeftOut(
                "no days are given to those who decide: what is contested or appealed waits up to ten years",
                "本协议未规定裁决期限：有争议或上诉的款项最长等待十年",
            )


def _levels(agreement: Agreement) -> tuple[str, ...]:
    """Return the levels of the document's ladder on which people decide."""
    process = agreement.process
    return () if process is None else tuple(level for level in process.ladder if level != "rules")


def _seated(agreement: Agreement, seats: Seats | None) -> Seats:
    """Return who sits, held against the document."""
    known = tuple(sorted(key for key, party in agreement.parties.items() if party.role == "arbiter"))
    levels = _levels(agreement)
    if seats is None:
        return Seats(arbiters=known if levels else ())
    chosen = (*seats.arbiters, *seats.reviewers)
    strangers = sorted(set(chosen) - set(known))
    if strangers:
        raise VaultNotCompiled(
            f"{', '.join(strangers)}: not an arbiter of the document; those are {', '.join(known) or 'none'}",
            zh=f"{'、'.join(strangers)} 不是本协议的裁决人；裁决人为：{'、'.join(known) or '无'}",
            where=agreement.ref,
        )
    if len(set(chosen)) != len(chosen):
        raise VaultNotCompiled("nobody sits twice", zh="同一人不得占两席", where=agreement.ref)
    needed = bool(seats.arbiters) + bool(seats.reviewers)
    if needed > len(levels):
        raise VaultNotCompiled(
            f"people decide on {len(levels)} levels of the document's ladder, not on {needed}",
            zh=f"本协议的争议层级中有 {len(levels)} 级由人裁决，而非 {needed} 级",
            where=agreement.ref,
        )
    return seats


def _majority(seats: Sequence[str]) -> int:
    return len(seats) // 2 + 1 if seats else 0


def _seconds(days: int | None, *, business: bool) -> int:
    """Return seconds that are not fewer than a window of days; the longest time where there is no window."""
    if days is None:
        return LONGEST_SECONDS
    if days == 0:
        return 0
    calendar_days = 2 * days + 10 if business else days
    return min((calendar_days + 1) * DAY_SECONDS, LONGEST_SECONDS)


def _accounts(sources: Sources | None) -> tuple[str, ...]:
    if sources is None:
        return ()
    return (sources,) if isinstance(sources, str) else tuple(draw.account for draw in sources)
