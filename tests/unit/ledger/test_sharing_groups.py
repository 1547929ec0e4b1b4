"""Groups are never too small, whatever the orders; and what answers single out together is found."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from ledger.sharing.groups import buyers_among, parts, singled_out
from ledger.sharing.sales import Sale
from ledger.sharing.seq_ranges import packed, unpacked


def sale(seq: int, region: str, buyer: str) -> Sale:
    facts = {"region": region, "buyer": buyer} if buyer else {"region": region}
    return Sale(seq, f"O{seq}", "1", "a@1", "orders", 0, None, facts, erased=False)


SALES = st.lists(st.tuples(st.sampled_from("NESW"), st.sampled_from(["", *"abcdefgh"])), max_size=40).map(
    lambda rows: [sale(seq, region, buyer) for seq, (region, buyer) in enumerate(rows)]
)


@given(sales=SALES, least=st.integers(3, 6))
def test_every_group_has_enough_buyers_and_together_they_are_all(sales: list[Sale], least: int) -> None:
    found = parts(sales, ["region"], "buyer", least)
    if found is None:
        assert buyers_among(sales, "buyer") < least
        return
    assert all(buyers_among(one.sales, "buyer") >= least for one in found)
    told = [one.seq for part in found for one in part.sales]
    assert sorted(told) == [one.seq for one in sales]
    assert len({sale.facts["region"] for sale in sales}) > 1 or found[0].key is None
    assert singled_out([one.seqs for one in found], [], len, 1) is None


SETS = st.lists(st.frozensets(st.integers(0, 7)), max_size=5)


@given(new=SETS, told=SETS, least=st.integers(2, 4))
def test_no_answer_inside_another_leaves_too_few(
    new: list[frozenset[int]], told: list[frozenset[int]], least: int
) -> None:
    found = singled_out(new, told, len, least)
    every = {one for one in (*new, *told) if one}
    small = [
        whole - part
        for part, whole in combinations(sorted(every, key=len), 2)
        if part < whole and len(whole - part) < least and {part, whole} & set(new)
    ]
    assert not small or found is not None
    assert found is None or 0 < len(found) < least


def test_days_asked_one_by_one_and_then_together_show_what_came_between() -> None:
    days = [frozenset(range(start, start + 10)) for start in (0, 10, 20)]
    assert singled_out([frozenset(range(30))], days, len, 3) is None
    assert singled_out([frozenset(range(31))], days, len, 3) == frozenset({30})


@given(st.frozensets(st.integers(0, 60)))
def test_ranges_say_the_same_set(seqs: frozenset[int]) -> None:
    assert unpacked(packed(seqs)) == seqs


def test_ranges_are_short() -> None:
    assert packed([12, 5, 6, 7, 8, 9]) == "5-9,12"
