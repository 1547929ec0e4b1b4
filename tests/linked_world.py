"""Brand and agency, agency and streamer, streamer and assistant: each agreement fed by the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from ledger.entries import NewEntry
from ledger.settlement.facts import LineBook
from ledger.settlement.kernels import Kernel
from ledger.settlement.terms import Terms, read_terms
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.settlement_world import book, plain

_HEAD = """
language: 1
agreement: {name}
version: 1
title: {{zh: 下游, en: Downstream}}
links: [{{agreement: {above}, version: 1, as: feeds}}]
effective_from: 2026-02-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: alliance
jurisdiction: CN
parties:
  {one}: {{id: {one}, role: {role}, name: {{zh: 甲, en: One}}}}
  {two}: {{id: {two}, role: streamer, name: {{zh: 乙, en: Two}}}}
clauses:
  - id: "3.1"
    kind: commission
    text: {{zh: 分成。, en: Shares.}}
    whole: {{from: {above}, leg: {leg}}}
    waterfall:
      - {{leg: {share}, to: {two}.balance, amount: {rate} * whole}}
      - {{leg: kept, to: {one}.balance, rest: true}}
    rounding: {{mode: {mode}, at: line}}
"""


@lru_cache(maxsize=8)
def agency_streamer(mode: str = "half_up", *, ladder: bool = False, at: str = "line") -> Agreement:
    """Return how agency and streamer share the agency's part: by a rate, or by a ladder over each month."""
    text = _HEAD.format(name="agency-streamer", above="plain-split", one="mcn", two="streamer", role="mcn",
                        leg="mcn_share", share="streamer_part", rate="70%", mode=mode)  # fmt: skip
    if ladder:
        text = text.replace(
            "    waterfall:", "    windows: {monthly: {by: month, measure: whole}}\n    waterfall:"
        )
        text = text.replace("amount: 70% * whole", f"over: monthly, amount: {_LADDER}")
    return load_agreement(text.replace("at: line", f"at: {at}"), name="agency-streamer.yaml")


_LADDER = '"50% * min(volume, 100.00) + 70% * max(volume - 100.00, 0.00)"'


@lru_cache(maxsize=8)
def streamer_assistant() -> Agreement:
    """Return what the streamer passes on of that to an assistant."""
    text = _HEAD.format(name="streamer-assistant", above="agency-streamer", one="streamer",
                        two="assistant", role="streamer", leg="streamer_part", share="assistant_part",
                        rate="11.1%", mode="half_up")  # fmt: skip
    return load_agreement(text, name="streamer-assistant.yaml")


def chain(
    mode: str = "half_up", *, deep: bool = False, ladder: bool = False, at: str = "line"
) -> tuple[Terms, ...]:
    """Return the terms of a chain, the agreement where the money comes in first."""
    first = read_terms([plain()])
    second = read_terms([agency_streamer(mode, ladder=ladder, at=at)], feeding=first)
    return (first, second, read_terms([streamer_assistant()], feeding=second)) if deep else (first, second)


def chain_book(terms: Terms, entries: Sequence[NewEntry], kernel: Kernel = "columns") -> LineBook:
    """Return the lines that a log of these entries of the first agreement tells an agreement of the chain."""
    return replace(book(terms, entries), kernel=kernel)
