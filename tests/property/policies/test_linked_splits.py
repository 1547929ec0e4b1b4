"""Random chains of up to four documents: money neither appears nor vanishes, and refunds end at zero."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.agreement import Agreement
from policies.formulas.exact import Value
from policies.links import Linked, link_agreements
from policies.loading import load_agreement
from policies.splits.chain import reverse_chain, split_chain
from policies.splits.line import split_plan

HEAD = """\
language: 1
agreement: doc-{place}
version: 1
title: {{zh: 随机, en: Random}}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
{links}
parties:
  p{place}: {{role: platform, name: {{zh: 甲, en: Giver}}}}
  p{next}: {{role: mcn, name: {{zh: 乙, en: Taker}}}}
facts:
  paid: {{type: money, of: order, text: {{zh: 实付, en: paid}}}}
clauses:
  - id: "1"
    kind: commission
    text: {{zh: 分佣, en: Shares}}
    {whole}
    rounding: {{mode: {mode}, at: line}}
    waterfall:
{steps}
      - {{leg: last, to: p{last}, rest: true}}
"""

rates = st.integers(0, 5_000).map(lambda ppm: f"{ppm // 100}.{ppm % 100:02d}%")
amounts = st.sampled_from(["{} * whole", "{} * paid", "max(0.03, {} * whole)"])


@st.composite
def chains(draw: Any) -> Linked:
    length = draw(st.integers(1, 4))
    return link_agreements([_document(draw, place) for place in range(length)])


def _document(draw: Any, place: int) -> Agreement:
    feeds_from_rest = draw(st.booleans())
    steps = []
    for leg in range(draw(st.integers(1, 3))):
        to = f"p{place + 1}" if leg == 0 and not feeds_from_rest else f"p{place}"
        amount = draw(amounts).format(draw(rates))
        steps.append(f'      - {{leg: leg{leg}, to: {to}, amount: "{amount}"}}')
    feeding = "last" if feeds_from_rest else "leg0"
    whole = "whole: paid\n    funding: [{from: p0.in, kind: paid, amount: paid}]"
    links = ""
    if place:
        whole = f"whole: {{from: doc-{place - 1}, leg: {_FEEDING[place - 1]}}}"
        links = f"links: [{{agreement: doc-{place - 1}, version: 1, as: feeds}}]"
    _FEEDING[place] = feeding
    text = HEAD.format(
        place=place,
        next=place + 1,
        last=place + 1 if feeds_from_rest else place,
        links=links,
        whole=whole,
        mode=draw(st.sampled_from(["half_up", "half_even", "floor"])),
        steps="\n".join(steps),
    )
    return load_agreement(text, name=f"doc-{place}")


_FEEDING: dict[int, str] = {}
"""Which leg of the document before feeds the next, while one chain is drawn."""


@given(chains(), st.integers(1, 10**8) | st.integers(1, 300), st.lists(st.integers(1, 100), max_size=5))
def test_any_refunds_of_any_chain_end_at_exactly_zero(linked: Linked, paid: int, shares: list[int]) -> None:
    (root,) = linked.roots()
    facts: dict[str, dict[str, Value]] = {one.ref: {"paid": Fraction(paid, 100)} for one in linked.agreements}
    split = split_chain(linked, root, facts)
    assert sum(split.net(split.splits).values()) == paid
    total = sum(shares) + 1
    states = sorted({paid * sum(shares[: i + 1]) // total for i in range(len(shares))} | {paid})
    left = {
        (ref, leg): one.amount_minor for ref, part in split.splits.items() for leg, one in part.legs.items()
    }
    before = reverse_chain(split, 0, paid)
    for refunded in states:
        now = reverse_chain(split, refunded, paid)
        for ref, part in now.items():
            assert sum(part.legs.values()) == part.whole == sum(part.funding)
            feed = linked.feeds.get(ref)
            if feed is not None:
                assert part.whole == sum(now[feed.source].legs[leg] for leg in feed.legs)
            for leg in part.legs:
                left[ref, leg] -= part.legs[leg] - before[ref].legs[leg]
        before = now
    assert not any(left.values())


def test_a_leg_kept_on_refund_feeds_what_stays() -> None:
    texts = [
        HEAD.format(place=0, next=1, last=0, links="", mode="half_up",
                    whole="whole: paid\n    funding: [{from: p0.in, kind: paid, amount: paid}]",
                    steps="      - {leg: fee, to: p1, amount: 10% * whole, on_refund: keep}"),
        HEAD.format(place=1, next=2, last=1, mode="half_up",
                    links="links: [{agreement: doc-0, version: 1, as: feeds}]",
                    whole="whole: {from: doc-0, leg: fee}",
                    steps="      - {leg: part, to: p2, amount: 50% * whole}"),
    ]  # fmt: skip
    linked = link_agreements([load_agreement(text, name="kept") for text in texts])
    (root,) = linked.roots()
    facts: dict[str, dict[str, Value]] = {one.ref: {"paid": Fraction(100)} for one in linked.agreements}
    done = reverse_chain(split_chain(linked, root, facts), 10_000, 10_000)
    assert done["doc-0@1"].legs == {"fee": 0, "last": 10_000}
    assert done["doc-1@1"].legs == {"part": 0, "last": 0}
    assert split_plan(root).siblings(None)[0].keeps
