"""One order line through agreements that feed each other: split down the chain, and taken back up it.

Every document splits its own whole by the arithmetic of `splits.line`; the whole of a fed document is
exactly what the leg that feeds it posted, so money neither appears nor vanishes between two documents. A
refund takes back the same share of the line in every document of the chain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from policies.agreement import Agreement
from policies.errors import FactError
from policies.formulas.exact import Value
from policies.links import Feed, Linked
from policies.money import round_minor
from policies.splits.line import LineSplit, split_plan
from policies.splits.reversal import Reversal, reverse_share


@dataclass(frozen=True)
class ChainSplit:
    """The split of one line by every document of a chain, by version: a root, and what it feeds after it."""

    linked: Linked
    agreements: tuple[Agreement, ...]
    splits: Mapping[str, LineSplit]

    def net(self, among: Iterable[str]) -> dict[str, int]:
        """Return what each party keeps of the line over these documents, in minor units.

        Legs paid to it, less what it passes on where both documents are among these. Parties go by their ids,
        payees who do not sign by key.
        """
        kept: dict[str, int] = defaultdict(int)
        shown = set(among)
        for one in self.agreements:
            if one.ref not in shown:
                continue
            for leg in self.splits[one.ref].legs.values():
                owner = one.party_id(leg.party) if leg.party in one.parties else leg.party
                kept[owner] += leg.amount_minor
            if one.ref in self.linked.feeds and self.linked.feeds[one.ref].source in shown:
                kept[self.linked.feeds[one.ref].payee] -= self.splits[one.ref].whole.posted
        return dict(kept)


def party_ids(agreement: Agreement) -> frozenset[str]:
    """Return who signs a document: ids across agreements."""
    return frozenset(agreement.party_id(key) for key in agreement.parties)


def split_chain(linked: Linked, root: Agreement, facts: Mapping[str, Mapping[str, Value]]) -> ChainSplit:
    """Split one line by a root and everything it feeds. `facts` are each document's own, by version.

    Where a document counts lines over windows, its facts hold the volumes before the line.
    Raises FactError, naming the document, where one of them cannot split the line.
    """
    chain = linked.chain(root)
    splits: dict[str, LineSplit] = {}
    for one in chain:
        values = dict(facts[one.ref])
        if one.ref in linked.feeds:
            feed = linked.feeds[one.ref]
            values["whole"] = Fraction(_paid(splits[feed.source], feed), one.scale)
        try:
            splits[one.ref] = split_plan(one).split(values)
        except FactError as fault:
            raise FactError(fault.message, where=f"{one.ref}, clause {fault.where}") from None
    return ChainSplit(linked, chain, splits)


def reverse_chain(split: ChainSplit, refunded_minor: int, refundable_minor: int) -> dict[str, Reversal]:
    """Return, by version, what has been taken back after part of the line went back to the buyer.

    A leg kept on refund feeds what stays: then nothing is taken back below it. Raises FactError unless
    0 <= refunded <= refundable and refundable is positive.
    """
    if not 0 <= refunded_minor <= refundable_minor or refundable_minor == 0:
        raise FactError(f"refunded {refunded_minor} of refundable {refundable_minor} is no share of a line")
    shares: dict[str, Fraction] = {}
    done: dict[str, Reversal] = {}
    for one in split.agreements:
        plan, posted = split_plan(one), split.splits[one.ref]
        feed = split.linked.feeds.get(one.ref)
        if feed is None:
            shares[one.ref] = Fraction(refunded_minor, refundable_minor)
            whole = round_minor(posted.whole.posted * shares[one.ref], plan.rounding)
        else:
            kept = _keeps(split, feed)
            shares[one.ref] = Fraction(0) if kept else shares[feed.source]
            whole = sum(done[feed.source].legs[leg] for leg in feed.legs)
        done[one.ref] = reverse_share(plan, posted, shares[one.ref], whole)
    return done


def _paid(split: LineSplit, feed: Feed) -> int:
    return sum(split.legs[leg].amount_minor for leg in feed.legs)


def _keeps(split: ChainSplit, feed: Feed) -> bool:
    """Tell whether every leg that feeds a document stays with its payee on a refund."""
    source = next(one for one in split.agreements if one.ref == feed.source)
    return all(step.keeps for step in split_plan(source).steps if step.name in feed.legs)
