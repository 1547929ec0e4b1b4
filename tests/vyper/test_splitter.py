"""CommissionSplitter refuses what is no plan, no line and no amount, each in words of its own."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from contracts.artifacts import load_artifact
from contracts.contract import call_data, return_value
from contracts.errors import ChainReverted
from contracts.split_code import (
    ADD,
    BASE,
    BRACKET,
    DIVIDE,
    FACT,
    FIGURE,
    FUNDED,
    GREATEST,
    JUMP,
    LOOKUP,
    MULTIPLY,
    OPPOSITE,
    REFUNDABLE,
    REST,
    STEP,
    SUBTRACT,
    WHOLE,
    constant,
    instruction,
)
from contracts.split_plan import CompiledSplit, PlanFact, compile_split
from contracts.splitter import ARTIFACT, ask_splitter, run_here, splitter_code
from policies.splits.opinion import AskedLine, RefundState
from policies.splits.own_answer import own_answer
from tests.splitter_lines import everything, example, random_lines
from tests.vyper.evm import deploy

HERE = run_here(splitter_code())
PAID = PlanFact("paid", "money", 1)
RESTS = 1 << 10


def plan(*code: int, steps: tuple[int, ...] = (RESTS,), **more: Any) -> CompiledSplit:
    """Return a plan over one fact, `paid`, that pays all of it to one leg unless told otherwise."""
    usual = {
        "rounding": 0, "scale": 1, "fed": False, "funders": 1, "facts": (PAID,), "pools": frozenset[str](),
        "steps": tuple(f"step{place}" for place in range(len(steps))), "step_words": steps, "rows": (),
    }  # fmt: skip
    return CompiledSplit(**{**usual, "code": code, **more})


TAKE = (instruction(FACT, 0), instruction(WHOLE))
PAY = (instruction(REST, 0),)
FUND = (instruction(FIGURE, 0), instruction(FUNDED))
BACK = (instruction(FIGURE, 0), instruction(REFUNDABLE))


def ask(made: CompiledSplit, *paid: int, states: tuple[RefundState, ...] = ()) -> list[Any]:
    return list(ask_splitter(made, [AskedLine({"paid": Fraction(one)}, states) for one in paid], run=HERE))


def refused(made: CompiledSplit, paid: int = 10, states: tuple[RefundState, ...] = ()) -> str:
    with pytest.raises(ChainReverted) as fault:
        ask(made, paid, states=states)
    return str(fault.value.data["reason"]).removeprefix("commission_splitter: ")


def test_a_plain_plan_pays_everything_to_the_rest() -> None:
    (answer,) = ask(plan(*TAKE, *PAY, *FUND, *BACK), 10, states=(RefundState(4),))
    assert (answer.whole, answer.refundable, answer.legs) == (10, 10, {"step0": 10})
    assert answer.states[0].legs == {"step0": 4}
    assert answer.states[0].funding == (4,)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ((instruction(FIGURE, 0), instruction(WHOLE)), "figure is not there yet"),
        ((0,), "unknown instruction"),
        ((instruction(FACT, 0), instruction(19)), "unknown instruction"),
        ((instruction(FACT, 0), instruction(38)), "unknown instruction"),
        ((*TAKE, *PAY, *FUND, constant(Fraction(1))), "plan leaves figures over"),
        ((*TAKE, *PAY, *FUND, instruction(JUMP, 1)), "plan jumps past its end"),
        ((*TAKE, *FUND), "plan leaves a step out"),
        ((*TAKE, *PAY), "plan leaves a funder out"),
        ((*TAKE, *PAY, constant(Fraction(9)), instruction(FUNDED)), "funding is not the whole"),
        ((1,), "constant without denominator"),
        ((instruction(FACT, 0), constant(Fraction(0)), instruction(DIVIDE)), "division by zero"),
        ((constant(Fraction(5)), instruction(LOOKUP, 0, 0)), "table has no such row"),
        ((*TAKE, *PAY, *FUND, constant(Fraction(2**63)), instruction(REFUNDABLE)), "amount out of range"),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused(code: tuple[int, ...], words: str) -> None:
    assert refused(plan(*code, rows=(0, 0))) == words


def test_legs_that_do_not_sum_are_refused() -> None:
    leg = (instruction(FIGURE, 0), constant(Fraction(1, 3)), instruction(MULTIPLY), instruction(STEP, 0))
    assert refused(plan(*TAKE, *leg, *FUND, steps=(0,))) == "legs do not sum to the whole"


def test_a_reversal_that_does_not_sum_is_refused() -> None:
    half = (instruction(FIGURE, 0), constant(Fraction(1, 2)), instruction(MULTIPLY))
    legs = (*half, instruction(STEP, 0), *half, instruction(STEP, 1))
    made = plan(*TAKE, *legs, *FUND, *BACK, steps=(0, 0))
    assert refused(made, 2, (RefundState(1),)) == "reversal is not its share of the whole"


def test_facts_beyond_15_bytes_and_figures_beyond_a_word_are_refused() -> None:
    assert refused(plan(*TAKE, *PAY, *FUND), 2**120) == "fact out of range"
    assert refused(plan(*TAKE, *PAY, *FUND), -(2**120)) == "fact out of range"
    large = constant(Fraction(2**127 - 1))
    squared = (large, large, instruction(MULTIPLY), large, instruction(MULTIPLY), instruction(WHOLE))
    assert refused(plan(*squared)).startswith("no reason given")


def test_an_unknown_rounding_and_a_refund_below_zero_are_refused() -> None:
    half = (constant(Fraction(1, 2)), instruction(WHOLE))
    assert refused(plan(*half, rounding=3)) == "unknown rounding"
    assert refused(plan(*TAKE, *PAY, *FUND, *BACK), 10, (RefundState(-1),)) == "refund below zero"


def test_a_line_that_is_cut_short_is_refused() -> None:
    made = plan(*TAKE, *PAY, *FUND)
    with pytest.raises(ChainReverted, match="a line is cut short"):
        HERE(call_data(load_artifact(ARTIFACT), "split_lines", made.argument, [1], 0))


def test_long_fractions_are_brought_to_lowest_terms_and_stay_exact() -> None:
    third = constant(Fraction(1, 3**30))
    code = [instruction(FACT, 0)]
    for _ in range(4):
        code += [third, instruction(MULTIPLY)]
    code += [constant(Fraction(3**30)), instruction(MULTIPLY)] * 4
    half = (constant(Fraction(1, 7)), constant(Fraction(1, 3)), instruction(ADD))
    back = (constant(Fraction(1, 7)), instruction(SUBTRACT), constant(Fraction(1, 3)), instruction(SUBTRACT))
    made = plan(*code, *half, instruction(ADD), *back, instruction(WHOLE), *PAY, *FUND)
    assert ask(made, 10)[0].whole == 10
    zero = (constant(Fraction(0)), third, *(instruction(MULTIPLY), third) * 3, instruction(MULTIPLY))
    assert ask(plan(*zero, instruction(WHOLE), *PAY, *FUND), 10)[0].whole == 0


@pytest.mark.parametrize(
    ("rounding", "halves"),
    [(0, (-3, -2, -1, 1, 2, 3)), (1, (-2, -2, 0, 0, 2, 2)), (2, (-3, -2, -1, 0, 1, 2))],
)
def test_ties_are_rounded_as_the_document_says(rounding: int, halves: tuple[int, ...]) -> None:
    code = (instruction(FACT, 0), constant(Fraction(1, 2)), instruction(MULTIPLY), instruction(WHOLE))
    made = plan(*code, *PAY, *FUND, rounding=rounding)
    assert tuple(one.whole for one in ask(made, -5, -3, -1, 1, 3, 5)) == halves


def test_quarters_are_rounded_to_the_nearest_or_down() -> None:
    code = (instruction(FACT, 0), constant(Fraction(1, 4)), instruction(MULTIPLY), instruction(WHOLE))
    for rounding, found in ((0, (-1, 0, 0, 1)), (1, (-1, 0, 0, 1)), (2, (-1, -1, 0, 0))):
        made = plan(*code, *PAY, *FUND, rounding=rounding)
        assert tuple(one.whole for one in ask(made, -3, -1, 1, 3)) == found


def test_nothing_is_taken_back_of_a_line_of_which_nothing_is_refundable() -> None:
    back = (constant(Fraction(0)), instruction(REFUNDABLE))
    (answer,) = ask(plan(*TAKE, *PAY, *FUND, *back), 10, states=(RefundState(4),))
    assert answer.states[0].legs == {"step0": 0}
    assert answer.states[0].funding == (0,)


def test_a_base_can_be_read_by_later_steps_and_a_truth_turned_round() -> None:
    base = (instruction(FIGURE, 0), instruction(BASE), instruction(FIGURE, 1), instruction(OPPOSITE))
    made = plan(*TAKE, *base, instruction(STEP, 0), instruction(REST, 1), *FUND, steps=(0, RESTS))
    assert ask(made, 1)[0].legs == {"step0": 0, "step1": 1}


def test_numbers_below_zero_are_multiplied_divided_and_compared() -> None:
    below = constant(Fraction(-1, 2))
    code = (
        instruction(FACT, 0),
        below,
        instruction(DIVIDE),
        below,
        instruction(GREATEST),
        instruction(WHOLE),
    )
    assert [one.whole for one in ask(plan(*code, *PAY, *FUND), 10, -10)] == [-1, 20]


def test_a_table_without_steps_gives_nothing() -> None:
    code = (instruction(FACT, 0), instruction(BRACKET, 0, 0), instruction(WHOLE))
    assert ask(plan(*code, *PAY, *FUND), 5)[0].whole == 0


@pytest.mark.parametrize("mode", ["half_up", "half_even", "floor"])
def test_every_construct_of_the_language_gives_what_policies_say(mode: str) -> None:
    agreement = everything(mode)
    lines = list(random_lines(agreement, seed=1, count=8))
    answers = list(ask_splitter(compile_split(agreement), lines, run=HERE))
    assert answers == [own_answer(agreement, line) for line in lines]


def test_a_fed_line_takes_back_what_the_leg_that_feeds_it_took_back() -> None:
    agreement = example("linked/mcn-streamer.yaml")
    lines = list(random_lines(agreement, seed=1, count=5))
    answers = list(ask_splitter(compile_split(agreement), lines, run=HERE))
    assert answers == [own_answer(agreement, line) for line in lines]


def test_the_contract_names_a_plan_as_the_compiler_does() -> None:
    made = compile_split(everything())
    artifact = load_artifact(ARTIFACT)
    output = HERE(call_data(artifact, "plan_digest", made.argument))
    assert return_value(artifact, "plan_digest", output) == made.digest
    assert replace(made, scale=1).digest != made.digest


def test_a_deployed_splitter_says_the_same_as_its_code_by_itself() -> None:
    made = plan(*TAKE, *PAY, *FUND)
    assert deploy(ARTIFACT).split_lines(made.argument, [7, 0], 0) == [7, 0, 7, 7]
