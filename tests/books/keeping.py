"""What is held on the account, and what is kept from being erased, or is erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, initialize, multiple, precondition, rule

from ledger import legal_holds
from ledger.errors import (
    EntryConflict,
    EntryUnknown,
    ErasureRefused,
    HoldBeyondBalance,
    HoldRefused,
    HoldUnknown,
)
from ledger.holds import SOURCE as HOLDS
from ledger.holds import NewHold, available, holds, place_hold, record_expired, release_hold
from tests.books.base import ESCROW, HOUR, Base, amounts
from tests.books.model import AGREEMENT_ID, HoldModel, LegalHoldModel
from tests.ledger_samples import AGREEMENT, PARTIES

COURT = {"reason": "file 17", "asserter": "platform"}

Held = Bundle[str]("held")
"""Holds that were placed, by name."""

Cases = Bundle[str]("cases")
"""Legal holds that were placed, by name."""

lasting = st.none() | st.sampled_from([1, 40, 900])
scopes = st.sampled_from([(None, None), (AGREEMENT_ID, None), (AGREEMENT_ID, "O1"), ("autumn", None)])


class Keeping(Base):
    """Holds with release and expiry; erasures, and the legal holds that stand against them."""

    def looks(self) -> Iterator[Callable[[], None]]:
        yield from super().looks()
        yield self.look_at_holds

    @initialize(target=Held, lasts=lasting)
    def hold_a_part(self, lasts: int | None) -> MultipleResults[str]:
        return self.placed(1, lasts, 0)

    @rule(
        target=Held, amount=st.sampled_from([1, 1, 250, 29_900]), lasts=lasting,
        back=st.sampled_from([0, 0, 2, 60]),
    )  # fmt: skip
    def place_hold(self, amount: int, lasts: int | None, back: int) -> MultipleResults[str]:
        return self.placed(amount, lasts, back)

    def placed(self, amount: int, lasts: int | None, back: int) -> MultipleResults[str]:
        model, name, at = self.model, f"H{len(self.model.holds)}", self.now - back * HOUR
        hold = HoldModel(at, model.recorded(self.now), amount, None if lasts is None else at + lasts * HOUR)
        new = NewHold(
            id=name, account=ESCROW, amount_minor=amount, reason="contested", clause="13.1",
            agreement=AGREEMENT, readers=("platform",), expires_at=hold.expires,
        )  # fmt: skip
        if amount > model.balance(at) - model.held(at):
            with pytest.raises(HoldBeyondBalance):
                place_hold(self.log, new, at=at, by="platform")
            return multiple()
        assert place_hold(self.log, new, at=at, by="platform") == len(model.said)
        assert place_hold(self.log, new, at=at, by="platform") == len(model.said)
        model.say((HOLDS, f"{name}/placed"), "hold.placed", at, self.now)
        model.holds[name] = hold
        return multiple(name)

    @rule(name=Held, amount=st.none() | amounts, back=st.sampled_from([0, 0, 1, 50]))
    def release_hold(self, name: str, amount: int | None, back: int) -> None:
        model, at, hold = self.model, self.now - back * HOUR, self.model.holds[name]
        held = hold.held(at)
        part = held if amount is None else amount
        release = f"{len(hold.released)}"

        def ask() -> int:
            return release_hold(
                self.log, name, amount, release=release, at=at, by="platform", reason="settled"
            )

        if not 0 < part <= held or at < hold.last():
            with pytest.raises(HoldUnknown if at < hold.at else HoldRefused):
                ask()
            return
        seq = model.say((HOLDS, f"{name}/released/{release}"), "hold.released", at, self.now)
        hold.released.append((at, model.said[seq].recorded, part))
        assert ask() == seq
        assert ask() == seq

    @rule(name=Held, before=st.sampled_from([timedelta(0), timedelta(microseconds=1)]))
    def a_hold_comes_to_its_end(self, name: str, before: timedelta) -> None:
        """Time goes by until a hold expires, or to the last moment of it."""
        expires = self.model.holds[name].expires
        if expires is not None:
            self.clock.now = max(self.now, expires - before)
        self.look_at_holds()

    @rule()
    def record_what_expired(self) -> None:
        model, first = self.model, len(self.model.said)
        for name, hold in model.holds.items():
            if hold.left_at_expiry(self.now) and hold.expires is not None:
                model.say((HOLDS, f"{name}/expired"), "hold.expired", hold.expires, self.now)
                hold.expiry_told = True
        assert record_expired(self.log, self.now, "operator") == list(range(first, len(model.said)))

    @rule()
    def look_at_holds(self) -> None:
        model = self.model
        there = available(self.engine, ESCROW, self.now)
        balance, held = model.balance(self.now), model.held(self.now)
        assert (there.balance_minor, there.held_minor) == (balance, held)
        left = {one.id: one.held_minor for one in holds(self.engine, self.now)}
        assert left == {
            name: hold.held(self.now) for name, hold in model.holds.items() if hold.at <= self.now
        }

    @rule(at=st.integers(-2_000, 1_000), known=st.integers(-1_500, 0), place=st.integers(0, 60))
    def ask_of_another_time(self, at: int, known: int, place: int) -> None:
        """Of any pair of times; among them when a hold ends, and the moment at which an entry was taken."""
        model = self.model
        ends = {hold.expires for hold in model.holds.values() if hold.expires}
        for recorded in (self.now + known * HOUR, model.said[place % len(model.said)].recorded):
            for when in sorted({self.now + at * HOUR, *ends}):
                found = available(self.engine, ESCROW, when, recorded)
                assert found.balance_minor == model.balance(when, recorded)
                assert found.held_minor == model.held(when, recorded)

    @precondition(lambda self: self.model.sales)
    @rule(place=st.integers(0, 40))
    def erase_the_buyer(self, place: int) -> None:
        model = self.model
        order = sorted(model.sales)[place % len(model.sales)]
        seq = model.sales[order][0]

        def ask(name: str) -> int:
            return self.log.erase(seq, "buyer", reason="asked", asserter="platform", source="ops", id=name)

        if seq in model.erased:
            assert ask(f"E{seq}") == model.erased[seq]
        if seq in model.erased or model.kept(order):
            with pytest.raises(ErasureRefused):
                ask(f"other {seq}")
            return
        assert ask(f"E{seq}") == len(model.said)
        model.erased[seq] = model.say(("ops", f"E{seq}"), "content.erased", self.now, self.now)

    @precondition(lambda self: self.model.said)
    @rule(place=st.integers(0, 60))
    def nothing_else_is_erased(self, place: int) -> None:
        seq = place % len(self.model.said)
        if self.model.said[seq].kind == "file.imported":  # of which nothing else rests on what it says
            return
        for group in self.log.groups(seq):
            if group.name != "buyer":
                with pytest.raises(ErasureRefused):
                    self.log.erase(seq, group.name, reason="x", asserter="platform", source="ops", id="never")

    @rule(target=Cases, number=st.integers(0, 2), scope=scopes)
    def keep_from_erasing(self, number: int, scope: tuple[str | None, str | None]) -> MultipleResults[str]:
        return self.kept(f"case-{number}", scope)

    @precondition(lambda self: self.model.sales)
    @rule(target=Cases, place=st.integers(0, 40), other=st.integers(0, 40))
    def keep_one_order(self, place: int, other: int) -> MultipleResults[str]:
        """The buyer of an order that a court wants stays; another's may go."""
        order = sorted(self.model.sales)[place % len(self.model.sales)]
        named = self.kept(f"one-{order}", (AGREEMENT_ID, order))
        self.erase_the_buyer(place)
        self.erase_the_buyer(other)
        return named

    def kept(self, name: str, scope: tuple[str | None, str | None]) -> MultipleResults[str]:
        """Place a legal hold, or find that one of the name stands; return it where it is new."""
        model = self.model

        def ask() -> legal_holds.LegalHold:
            return legal_holds.place_hold(
                self.log, name, agreement=scope[0], order=scope[1], readers=PARTIES, now=self.now, **COURT
            )

        standing = model.legal_holds.setdefault(name, LegalHoldModel(*scope))
        if (standing.agreement, standing.order) != scope:
            with pytest.raises(EntryConflict):
                ask()
            return multiple()
        assert ask().stands is standing.stands
        key = (legal_holds.SOURCE, f"{name}/placed")
        if key in {(one.source, one.id) for one in model.said}:
            return multiple()
        model.say(key, "legal_hold.placed", self.now, self.now)
        return multiple(name)

    @rule(name=Cases)
    def let_erase(self, name: str) -> None:
        model = self.model
        with pytest.raises(EntryUnknown):
            legal_holds.lift_hold(self.log, "no such case", now=self.now, **COURT)
        assert not legal_holds.lift_hold(self.log, name, now=self.now, **COURT).stands
        if model.legal_holds[name].stands:
            model.say((legal_holds.SOURCE, f"{name}/lifted"), "legal_hold.lifted", self.now, self.now)
            model.legal_holds[name].stands = False
