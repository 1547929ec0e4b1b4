"""A run asks CommissionSplitter about a sample of its lines before it writes anything, on both databases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from api.office.second_opinion import SplitterOpinion
from api.statements.opinion import opinion_shown
from contracts.compile import SOURCES, compile_source
from contracts.splitter import splitter_code
from ledger.settlement.deal import deal_terms
from ledger.settlement.errors import SecondOpinionDiffers
from ledger.settlement.issue import correct, preview
from ledger.settlement.sample import sample
from ledger.settlement.state import Point
from ledger.settlement.whole_run import compute_whole_run
from policies.agreement import Agreement
from policies.loading import load_agreement
from policies.money import Rounding
from policies.splits.opinion import AnsweredLine, AskedLine
from policies.splits.own_answer import own_answer
from tests.linked_world import agency_streamer
from tests.settlement_world import EXAMPLES, World, instant, plain, receipt, refund, sale

SPLITTER = SplitterOpinion(6, splitter_code())


class Policies:
    """Gives the opinion of `policies` itself: for what is asked, rather than who answers."""

    name = "policies"

    def __init__(self, lines: int = 100) -> None:
        self.lines = lines
        self.asked: list[AskedLine] = []

    def plan(self, agreement: Agreement) -> str | None:
        return agreement.sha256

    def answers(self, agreement: Agreement, lines: Sequence[AskedLine]) -> list[AnsweredLine | str]:
        self.asked += lines
        return [own_answer(agreement, line) for line in lines]


def tell(world: World, *orders: str, paid: str = "99.90") -> None:
    for order in orders:
        world.tell(sale(plain(), order, paid=paid), receipt(plain(), order, "2026-02-22"))


def test_the_record_of_a_run_says_how_many_lines_were_asked_about_and_by_which_code(world: World) -> None:
    tell(world, "A", "B", "C")
    world.tell(refund(world.agreement, "B", "33.33", "2026-02-25"))
    seen = preview(world.log, world.agreements, instant("2026-04-01"), data=world.data, opinion=SPLITTER)
    made = world.settle("2026-04-01", opinion=SPLITTER)
    assert seen.content == made.content
    told = made.content["second_opinion"]
    assert (told["lines"], told["taken_back"]) == (3, 1)
    assert told["by"] == SPLITTER.name
    assert told["plans"] == [{"version": 1, "plan": SPLITTER.plan(world.agreement)}]
    shown = opinion_shown(world.log, world.agreement, world.statement("mcn"))
    assert shown is not None
    assert (shown.lines, shown.taken_back, shown.beyond) == (3, 1, None)
    assert "second_opinion" not in world.settle("2026-05-01").content, "who is not asked says nothing"
    assert opinion_shown(world.log, world.agreement, world.statement("mcn")) is None


def test_what_is_asked_covers_what_later_runs_take_back_and_what_corrections_change(world: World) -> None:
    asked = Policies()
    tell(world, "A", "B", "C")
    world.settle("2026-04-01", opinion=asked)
    world.tell(refund(world.agreement, "A", "10.01", "2026-03-01"))
    world.settle("2026-04-02", opinion=asked)
    assert [state.refunded_minor for state in asked.asked[-1].states] == [1001]
    world.tell(refund(world.agreement, "A", "99.90", "2026-03-02"))
    correct(world.log, world.agreements, reason="late", data=world.data, asserter="platform", opinion=asked)
    assert [state.refunded_minor for state in asked.asked[-1].states] == [9990, 1001]


def test_a_fed_line_is_asked_about_with_what_the_other_agreement_brings_and_takes_back(world: World) -> None:
    tell(world, "A", "B")
    world.tell(refund(plain(), "A", "50.00", "2026-02-25"))
    below = replace(world, agreements=[plain(), agency_streamer()])
    asked = Policies()
    below.settle("2026-04-01", opinion=asked)
    world.tell(refund(plain(), "A", "99.90", "2026-03-02"))
    assert below.settle("2026-05-01", opinion=SPLITTER).content["second_opinion"]["taken_back"] == 1
    refunded = next(line for line in asked.asked if line.states)
    assert refunded.facts == {"whole": Fraction("5.39")}
    assert refunded.refundable_minor == 9990
    assert (refunded.states[0].refunded_minor, refunded.states[0].whole_back_minor) == (5000, 270)


def test_a_document_that_cannot_be_compiled_is_settled_and_the_record_says_so(world: World) -> None:
    path = EXAMPLES / "month-ladder.yaml"
    ladder = load_agreement(path.read_text("utf-8"), name=path.name)
    world.agreements = [ladder]
    world.tell(sale(ladder, "A", paid="100.00"), receipt(ladder, "A", "2026-02-22"))
    told = world.settle("2026-04-01", opinion=SPLITTER).content["second_opinion"]
    assert told["plans"] == [{"version": 1, "not_compiled": True}]
    assert told["lines"] == 0
    shown = opinion_shown(world.log, ladder, world.statement("mcn"))
    assert shown is not None
    assert shown.beyond is not None
    assert "the window 'monthly' counts over many lines" in shown.beyond.en
    assert "期间“monthly”按多笔订单累计" in shown.beyond.zh


@pytest.fixture(scope="module")
def rounding_down(tmp_path_factory: pytest.TempPathFactory) -> SplitterOpinion:
    """A splitter whose ties are rounded down: its source is changed in one sign and compiled."""
    path = tmp_path_factory.mktemp("mutated") / "CommissionSplitter.vy"
    source = (SOURCES / path.name).read_text("utf-8")
    assert source.count("rest >= parts - rest") == 1
    path.write_text(source.replace("rest >= parts - rest", "rest > parts - rest"), encoding="utf-8")
    return SplitterOpinion(6, bytes.fromhex(json.loads(compile_source(path))["bytecode_runtime"][2:]))


def test_a_splitter_that_rounds_otherwise_stops_the_run_and_names_line_leg_and_both_figures(
    world: World, rounding_down: SplitterOpinion
) -> None:
    tell(world, "A", paid="0.10")
    before = world.log.size()
    with pytest.raises(SecondOpinionDiffers) as fault:
        world.settle("2026-04-01", opinion=rounding_down)
    assert world.log.size() == before
    told = fault.value
    assert told.where == "plain-split@1, order A, line 1"
    assert told.data == {
        "order": "A", "line": "1", "leg": "tech_fee", "kind": "earned", "posted_minor": 1,
        "second_opinion_minor": 0,
    }  # fmt: skip
    assert "'tech_fee' (earned) comes to 0.01 CNY, and by the second opinion to 0.00" in told.message
    assert world.settle("2026-04-01", opinion=SPLITTER).content["second_opinion"]["lines"] == 1


def test_policies_that_round_otherwise_are_seen_by_the_splitter(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def downwards(exact: Fraction, _rounding: Rounding) -> int:
        return exact.numerator // exact.denominator

    tell(world, "A")
    monkeypatch.setattr("policies.splits.line.round_minor", downwards)
    with pytest.raises(SecondOpinionDiffers) as fault:
        world.settle("2026-04-01", opinion=SPLITTER, engine="exact")
    assert (fault.value.data["posted_minor"], fault.value.data["second_opinion_minor"]) == (499, 500)


def test_a_line_that_the_second_opinion_refuses_stops_the_run_with_its_reason(world: World) -> None:
    class Refusing(Policies):
        def answers(self, agreement: Agreement, lines: Sequence[AskedLine]) -> list[AnsweredLine | str]:
            return ["division by zero" for _ in super().answers(agreement, lines)]

    tell(world, "A")
    with pytest.raises(SecondOpinionDiffers, match="no figures for it: division by zero"):
        world.settle("2026-04-01", opinion=Refusing())


def test_a_sample_is_the_same_whoever_draws_it_and_covers_refunds(world: World) -> None:
    tell(world, *(f"O{number}" for number in range(40)))
    world.tell(*(refund(world.agreement, f"O{number}", "1.00", "2026-02-25") for number in (3, 17, 31)))
    terms = deal_terms(world.log, world.agreements)
    point = Point(terms.local(instant("2026-04-01")), world.log.size())
    result = compute_whole_run(world.log, terms, point, (), folder=world.data)
    one = sample(result, "seed", 8, {1})
    assert one == sample(result, "seed", 8, {1})
    assert {line.order for line in one if line.taken_back} == {"O3", "O17", "O31"}
    assert len({line.order for line in one}) == 8
    other = sample(result, "another seed", 8, {1})
    assert {line.order for line in other} != {line.order for line in one}
    assert len(sample(result, "seed", 1_000, {1})) == 40, "all lines where there are fewer"
    assert sample(result, "seed", 8, {2}) == ()
