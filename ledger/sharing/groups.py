"""Sales in groups of enough buyers, and whether what is told of them singles out too few of another answer.

The smallest groups are put together, and with them the next smallest until they are enough: so the total
stays true, and what one group holds back is not the rest of a sum. Pure: sets in, sets out.

What this protects against: reading a small group, working it out from the total, subtracting one answer from
another that contains it, and subtracting from an answer all the answers inside it. What it does not: sums and
differences of answers that overlap without one containing the other; several recipients who put their answers
together; what somebody knows of buyers from elsewhere; a group whose sum is nearly all one buyer's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.sharing.sales import Sale

Seqs = frozenset[int]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A group: the values that its orders have in common, None for what was put together, and its sales."""

    key: Key | None
    sales: tuple[Sale, ...]

    @property
    def seqs(self) -> Seqs:
        """The entries that it is made of."""
        return frozenset(sale.seq for sale in self.sales)


def buyers_among(sales: Iterable[Sale], apart: str | None) -> int:
    """Return how many buyers there are for certain: those of whom the fact says nothing may all be one."""
    return len({buyer_of(sale, apart) for sale in sales})


def buyer_of(sale: Sale, apart: str | None) -> str:
    """Return what tells a sale's buyer apart: a fact, or without one the order; "" where it says nothing."""
    return sale.order if apart is None else sale.facts.get(apart, "")


def parts(sales: Sequence[Sale], by: Sequence[str], apart: str | None, least: int) -> list[Part] | None:
    """Return groups of sales by facts, each of `least` buyers or more, by key, what was put together last.

    None where all of them together are not as many. One group alone is told without its values, which would
    be those of every buyer in it.
    """
    found: dict[Key, list[Sale]] = defaultdict(list)
    for sale in sales:
        found[tuple(sale.facts.get(name, "") for name in by)].append(sale)
    sizes = {key: buyers_among(group, apart) for key, group in found.items()}
    large = sorted((key for key in found if sizes[key] >= least), key=lambda key: (sizes[key], key))
    together = [sale for key in sorted(found.keys() - set(large)) for sale in found[key]]
    while large and ((together and buyers_among(together, apart) < least) or (by and len(found) == 1)):
        together += found.pop(large.pop(0))
    told = [Part(key, tuple(found[key])) for key in sorted(large)]
    if together and buyers_among(together, apart) < least:
        return None
    return [*told, Part(None, tuple(together))] if together else told or None


def singled_out(
    new: Sequence[Seqs],
    told: Sequence[Seqs],
    buyers: Callable[[Seqs], int],
    least: int,
    wholes: Collection[Seqs] = (),
) -> Seqs | None:
    """Return sales of too few buyers that new answers, beside those told before, would single out, or None.

    Each group of an answer, and each whole that its groups make up, is a set; `wholes` are the latter. They
    are subtracted by themselves too, since groups of another answer may hide what they leave. `buyers` counts
    the buyers of one.
    """
    fresh = {one for one in new if one}
    every = sorted(fresh | {one for one in told if one}, key=len)
    for whole in every:
        if whole not in fresh and not any(one < whole for one in fresh):
            continue
        inside = [one for one in every if one < whole]
        covered: Seqs = frozenset().union(*inside)
        by_wholes: Seqs = frozenset().union(*(one for one in inside if one in wholes))
        differences = [whole - one for one in inside if whole in fresh or one in fresh]
        for left in [*differences, whole - covered, whole - by_wholes]:
            if left and left != whole and buyers(left) < least:
                return left
    return None


def summed(
    sales: Iterable[Sale], names: Sequence[str], value: Callable[[str, str], int]
) -> Mapping[str, int]:
    """Return the sum of each fact over the sales that state it; `value` reads a fact's text by its name."""
    totals = dict.fromkeys(names, 0)
    for sale in sales:
        for name in names:
            if name in sale.facts:
                totals[name] += value(name, sale.facts[name])
    return totals
