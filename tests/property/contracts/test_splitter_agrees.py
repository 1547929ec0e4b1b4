"""CommissionSplitter and `policies` agree on every unit of random order lines with refunds.

The two share the document and its parsed formulas, and no arithmetic. Lines run on revm, which takes a
quarter of a millisecond for one; a part of them runs on py-evm too, which the product asks, and on anvil
(tests/chains/test_splitter_on_anvil.py). `make soak` asks about many more.
"""

from __future__ import annotations

import os

import pytest

from contracts.split_plan import compile_split
from contracts.splitter import ask_splitter, run_here, splitter_code
from policies.splits.own_answer import own_answer
from tests.splitter_lines import DOCUMENTS, differing, on_revm, random_lines

HERE = run_here(splitter_code())
LINES = int(os.environ.get("TALLYSTICK_SPLITTER_LINES_TRIED", "10000"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_ten_thousand_lines_with_refunds_agree_on_every_unit(document: str) -> None:
    agreement = DOCUMENTS[document]()
    lines = list(random_lines(agreement, seed=7, count=LINES // len(DOCUMENTS) + 1))
    asked = list(ask_splitter(compile_split(agreement), lines, run=on_revm()))
    own = [own_answer(agreement, line) for line in lines]
    assert differing(lines, asked, own) == []
    assert any(any(state.legs.values()) for answer in own for state in answer.states), (
        "refunds are among them"
    )


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_same_code_run_by_itself_in_this_process_says_the_same(document: str) -> None:
    agreement = DOCUMENTS[document]()
    lines = list(random_lines(agreement, seed=8, count=6))
    own = [own_answer(agreement, line) for line in lines]
    assert differing(lines, list(ask_splitter(compile_split(agreement), lines, run=HERE)), own) == []
