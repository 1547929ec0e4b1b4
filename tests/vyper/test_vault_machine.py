"""Whatever parties, arbiters, time and an odd token do, the vault never owes more than it holds.

A plain model beside it says what each call must give; of the token it believes the balance alone.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.signing import SigningKey
from tests.vyper.evm import MORE, fresh_chain, now, refusal, wait
from tests.vyper.vault_world import BRAND, DAY, PARTIES, STRANGER, STREAMER, VaultWorld, a_vault, salted

amounts = st.integers(0, 400)
credited_to = st.sampled_from([BRAND, STREAMER, STRANGER])


@dataclass
class Awarded:
    """A ruling as the model has it."""

    payee: SigningKey
    amount: int
    drawable_from: int
    open_to_appeal: bool = True
    over: bool = False


@dataclass
class Books:
    """What the vault must say: lots by the time at which they unlock, rulings, a contest, credits."""

    lots: list[tuple[int, int]] = field(default_factory=list)
    rulings: dict[str, Awarded] = field(default_factory=dict)
    contest: tuple[int, int] = (0, 0)
    credits: dict[str, int] = field(default_factory=dict)

    @property
    def reserved(self) -> int:
        return sum(each.amount for each in self.rulings.values() if not each.over)

    @property
    def credited(self) -> int:
        return sum(self.credits.values())

    def held(self, balance: int) -> int:
        return max(balance - self.credited, 0)

    def releasable(self, balance: int) -> int:
        locked = sum(amount for unlocks, amount in self.lots if unlocks > now())
        until, contested = self.contest
        claimed = self.reserved + (contested if until > now() else 0)
        return max(self.held(balance) - max(locked, claimed), 0)

    def credit(self, payee: SigningKey, amount: int) -> None:
        self.credits[payee.address] = self.credits.get(payee.address, 0) + amount


class DepositVaults(RuleBasedStateMachine):
    """One vault over an odd token, and everybody who may do something with it."""

    def __init__(self) -> None:
        super().__init__()
        self.leaving = ExitStack()
        self.leaving.enter_context(fresh_chain())
        self.books = Books()
        self.came_in = self.went_out = 0
        self.honest = True

    def teardown(self) -> None:
        self.leaving.close()

    @initialize()
    def begin(self) -> None:
        self.world: VaultWorld = a_vault()
        self.vault: Any = self.world.vault

    @property
    def balance(self) -> int:
        return int(self.world.token.balanceOf(self.vault.address))

    @rule(amount=amounts, by=st.sampled_from(PARTIES))
    def put_in(self, amount: int, by: SigningKey) -> None:
        if amount == 0:
            assert refusal(self.world.put_in, 0, by) == "deposit_vault: nothing came in"
            return
        self.world.token.mint(by.address, 1_000)  # a changed balance may round what was minted to less
        arrived = self.world.put_in(amount, by)
        self.came_in += arrived
        self.books.lots.append((now() + 30 * DAY, arrived))

    @rule(amount=amounts)
    def somebody_sends_something(self, amount: int) -> None:
        self.world.token.mint(self.vault.address, amount)
        self.came_in += amount

    @rule(days=st.sampled_from([1, 9, 11, 31]))
    def time_passes(self, days: int) -> None:
        wait(days * DAY)

    @rule(percent=st.sampled_from([40, 90, 120]))
    def the_token_changes_balances(self, percent: int) -> None:
        self.world.token.rebase(percent)
        self.honest = False

    @rule(fee=st.sampled_from([0, 0, 7]))
    def the_token_changes_its_fee(self, fee: int) -> None:
        self.world.token.misbehave(fee, 0, True, False)

    @precondition(lambda self: self.books.contest == (0, 0))
    @rule(amount=st.integers(1, 500))
    def contest(self, amount: int) -> None:
        left = self.world.terms.cap - self.vault.awarded()
        call = (STREAMER.address, salted("C"), amount)
        if amount > left:
            assert refusal(self.vault.contest, *call, sender=STREAMER.address)
            return
        self.vault.contest(*call, sender=STREAMER.address)
        self.books.contest = (now() + 15 * DAY, amount)

    @rule(amount=st.integers(1, 400), payee=st.sampled_from([BRAND, STREAMER]))
    def award(self, amount: int, payee: SigningKey) -> None:
        name = f"R-{len(self.books.rulings)}"
        allowed = min(
            self.world.terms.cap - self.vault.awarded(), self.books.held(self.balance) - self.books.reserved
        )
        if amount > allowed:
            assert refusal(self.world.rule, name, amount, payee=payee).startswith("deposit_vault: more than ")
            return
        self.world.rule(name, amount, payee=payee)
        self.books.rulings[name] = Awarded(payee, amount, now() + 10 * DAY)

    @precondition(lambda self: self.books.rulings)
    @rule(data=st.data(), stands=st.sampled_from([None, True, False]))
    def appeal(self, data: st.DataObject, *, stands: bool | None) -> None:
        name = data.draw(st.sampled_from(sorted(self.books.rulings)))
        found = self.books.rulings[name]
        if found.over or not found.open_to_appeal or now() >= found.drawable_from:
            assert refusal(self.vault.appeal, BRAND.address, salted(name), sender=BRAND.address)
            return
        self.vault.appeal(BRAND.address, salted(name), sender=BRAND.address)
        found.open_to_appeal = False
        found.drawable_from = now() + 20 * DAY
        if stands is not None:
            self.world.decide(name, stands=stands)
            found.drawable_from = now()
            found.over = not stands

    @precondition(lambda self: self.books.rulings)
    @rule(data=st.data())
    def draw(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.books.rulings)))
        found = self.books.rulings[name]
        if found.over or now() < found.drawable_from:
            assert refusal(self.vault.draw, salted(name)).startswith("deposit_vault: ")
            return
        there = min(found.amount, self.books.held(self.balance))
        assert self.vault.draw(salted(name)) == there
        found.over = True
        self.books.credit(found.payee, there)

    @rule()
    def release(self) -> None:
        due = self.books.releasable(self.balance)
        locked = [lot for lot in self.books.lots if lot[0] > now()]
        if due == 0 and locked == self.books.lots:
            assert refusal(self.vault.release) == "deposit_vault: nothing to release"
            return
        assert self.vault.release() == due
        self.books.lots = locked
        self.books.credit(BRAND, due)

    @rule(amount=st.integers(1, 300), payee=credited_to)
    def all_parties_agree(self, amount: int, payee: SigningKey) -> None:
        if amount > self.books.held(self.balance) - self.books.reserved:
            words = refusal(self.world.release_by_all, (payee.address, amount))
            assert words == "deposit_vault: more than is free"
            return
        self.world.release_by_all((payee.address, amount))
        self.books.credit(payee, amount)

    @rule(payee=credited_to)
    def withdraw(self, payee: SigningKey) -> None:
        credit = self.books.credits.get(payee.address, 0)
        if credit == 0:
            assert refusal(self.world.withdraw, payee) == "deposit_vault: nothing is credited"
            return
        before = self.balance
        due = credit if before >= self.books.credited else credit * before // self.books.credited
        assert self.world.withdraw(payee) == due
        self.books.credits[payee.address] = 0
        self.went_out += before - self.balance

    @invariant()
    def it_never_owes_more_than_it_holds(self) -> None:
        owed = [self.vault.owed(each.address) for each in (BRAND, STREAMER, STRANGER)]
        assert sum(owed) + self.vault.held() <= self.balance
        assert self.vault.credited() == self.books.credited
        assert self.vault.reserved() == self.books.reserved
        assert self.vault.awarded() <= self.world.terms.cap
        if self.honest:
            assert owed == [self.books.credits.get(e.address, 0) for e in (BRAND, STREAMER, STRANGER)]
            assert self.went_out + self.balance == self.came_in, "no more goes out than was put in"


TestDepositVaults = DepositVaults.TestCase
TestDepositVaults.settings = settings(max_examples=6 * MORE, stateful_step_count=25)
