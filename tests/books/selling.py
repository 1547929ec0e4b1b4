"""What is sold, refunded and taken back: repeats, conflicts, cumulative totals, reversals by name."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, initialize, multiple, precondition, rule
from msgspec import structs

from ledger.entries import NewEntry
from ledger.errors import EntryConflict, ReversalRefused
from tests.books.base import HOUR, Base, Posted, amounts, hours_back
from tests.books.model import AGREEMENT_ID, yuan
from tests.ledger_samples import pair, refund, reversal_of_sale, sale

orders = st.integers(0, 30).map("O{}".format)


class Selling(Base):
    """Sales and refunds of one shop, and what takes them back."""

    @initialize(target=Posted)
    def begin(self) -> MultipleResults[int]:
        first = [("O1", 29_900, 1_700), ("O2", 29_900, 30), ("O3", 250, 700)]
        return multiple(*(self.sold(order, amount, self.now - back * HOUR) for order, amount, back in first))

    def sold(self, order: str, amount: int, at: datetime) -> int:
        """Sell an order for the first time."""
        seq = self.model.say(("shop", f"{order}/1/sale/"), "sale.recorded", at, self.now, amount)
        self.model.sales[order] = (seq, amount)
        assert self.log.append([sale(order, paid_minor=amount, occurred_at=at)]).accepted == [seq]
        return seq

    @rule(
        target=Posted,
        wanted=st.lists(
            st.tuples(orders, amounts, hours_back), min_size=1, max_size=4, unique_by=lambda one: one[0]
        ),
    )
    def sell(self, wanted: list[tuple[str, int, int]]) -> MultipleResults[int]:
        model, entries, fresh = self.model, [], []
        for order, amount, back in wanted:
            at = model.said[model.sales[order][0]].at if order in model.sales else self.now - back * HOUR
            entries.append(sale(order, paid_minor=amount, occurred_at=at))
            if order not in model.sales:
                fresh.append((order, amount, at))
        if any(order in model.sales and model.sales[order][1] != amount for order, amount, _ in wanted):
            with pytest.raises(EntryConflict):
                self.log.append(entries)
            return multiple()
        report = self.log.append(entries)
        assert report.accepted == list(range(len(model.said), len(model.said) + len(fresh)))
        for order, amount, at in fresh:
            seq = model.say(("shop", f"{order}/1/sale/"), "sale.recorded", at, self.now, amount)
            model.sales[order] = (seq, amount)
        return multiple(*report.accepted)

    @precondition(lambda self: self.model.closed)
    @rule(target=Posted, amount=amounts, months=st.integers(0, 1))
    def sell_late(self, amount: int, months: int) -> int:
        """A sale of a month that is closed already."""
        order = f"L{len(self.model.said)}"
        year, month = self.model.closed[max(len(self.model.closed) - 1 - months, 0)][0]
        return self.sold(order, amount, self.now.replace(year=year, month=month, day=15))

    @precondition(lambda self: self.model.sales)
    @rule(target=Posted, place=st.integers(0, 40), part=st.integers(1, 4), back=hours_back)
    def refund(self, place: int, part: int, back: int) -> MultipleResults[int]:
        """A refund tells the total so far; a total that is told already adds nothing."""
        model = self.model
        order = sorted(model.sales)[place % len(model.sales)]
        seq, paid = model.sales[order]
        total, told = max(paid * part // 4, 1), model.refunds.setdefault(order, [])
        key = ("shop", f"{order}/1/refund/{yuan(total)}")
        if total in told:
            earlier = model.said[model.seq(*key)]
            assert not self.log.append([_refund(order, total, -earlier.minor, earlier.at)]).accepted
            return multiple()
        if told and total < told[-1]:
            return multiple()
        before = told[-1] if told else 0
        at = max(model.said[seq].at, self.now - back * HOUR)
        assert self.log.append([_refund(order, total, total - before, at)]).accepted == [len(model.said)]
        told.append(total)
        return multiple(model.say(key, "refund.recorded", at, self.now, before - total))

    @rule(
        target=Posted, of=Posted, back=hours_back, times=st.sampled_from([1, 1, 2]),
        part=st.sampled_from(["rest", "half", "unit", "more"]),
    )  # fmt: skip
    def take_back(self, of: int, part: str, times: int, back: int) -> MultipleResults[int]:
        """A reversal of what an entry posted; of two in one request both count."""
        model, at = self.model, self.now - back * HOUR
        sign, left = 1 if model.said[of].minor > 0 else -1, model.left(of)
        amount = {"rest": left, "half": abs(left) // 2 * sign, "unit": sign, "more": left + sign}[
            part
        ] or sign
        first = len(model.said)
        wanted = [reversal_of_sale(of, amount, id=f"R{first + n}", occurred_at=at) for n in range(times)]
        if abs(amount * times) > abs(left) or model.is_voided(of):
            with pytest.raises(ReversalRefused):
                self.log.append(wanted)
            return multiple()
        assert self.log.append(wanted).accepted == list(range(first, first + times))
        assert not self.log.append(wanted).accepted
        for n in range(times):
            model.say(("ops", f"R{first + n}"), "sale.reversed", at, self.now, -amount, of)
        return multiple(*range(first, first + times))

    @rule(of=Posted, wrong=st.sampled_from(["sign", "account", "number", "later"]))
    def take_back_what_cannot_be(self, of: int, wrong: str) -> None:
        sign = 1 if self.model.said[of].minor > 0 else -1
        plain = reversal_of_sale(of, -sign if wrong == "sign" else sign, id="never", occurred_at=self.now)
        named = {"account": (of, 1), "number": (of, 2), "later": (len(self.model.said), 0)}.get(
            wrong, (of, 0)
        )
        (group,) = plain.groups
        first, second = group.postings
        changed = structs.replace(group, postings=(structs.replace(first, reverses=named), second))
        with pytest.raises(ReversalRefused):
            self.log.append([structs.replace(plain, groups=(changed,))])

    @precondition(lambda self: self.model.sales)
    @rule(place=st.integers(0, 40))
    def ask_of_an_order(self, place: int) -> None:
        model = self.model
        order = sorted(model.sales)[place % len(model.sales)]
        seq = model.sales[order][0]
        told = [(event, of) for of, _, _, event, *_ in self.log.line(AGREEMENT_ID, order, "1")]
        totals = model.refunds.get(order, [])
        refunds = [("refund", model.seq("shop", f"{order}/1/refund/{yuan(total)}")) for total in totals]
        assert told == [("sale", seq), *refunds]
        (buyer,) = [one for one in self.log.groups(seq) if one.name == "buyer"]
        assert buyer.erased_by == model.erased.get(seq)
        assert seq in model.erased or buyer.content == {"buyer": f"buyer of {order}"}


def _refund(order: str, total: int, part: int, at: datetime) -> NewEntry:
    """A refund by its total so far, with postings of what this one adds."""
    plain = refund(order, total=yuan(total), occurred_at=at)
    (group,) = plain.groups
    return structs.replace(plain, groups=(structs.replace(group, postings=pair(-part, kind="refund")),))
