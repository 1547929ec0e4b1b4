"""Stages are entered by conditions that read declared figures; moves and successors are drafted, not done."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from policies.agreement import Agreement
from policies.formulas.parse import parse
from policies.formulas.tree import names
from policies.formulas.types import Type, check_type
from policies.loading import load_agreement
from policies.relations.draft import DraftRefused, Successor, next_version
from policies.relations.entry import assess, figure_text
from policies.relations.moves import move_findings, stays
from policies.stages import STAGES, after, stage_figures, stages
from policies.versions.timeline import timeline

EXAMPLE = Path(__file__).parents[3] / "examples" / "agreements" / "head-streamer.yaml"
READY = {
    "days_at_stage": Fraction(200), "days_in_all": Fraction(400), "received_lines": Fraction(2_000),
    "refunded_lines": Fraction(100), "refund_share": Fraction(1, 20), "statements": Fraction(40),
    "contests": Fraction(1), "open_disputes": Fraction(0), "disputes": Fraction(2),
    "disputes_in_10000": Fraction(10),
}  # fmt: skip


@pytest.fixture(scope="module")
def first() -> Agreement:
    return load_agreement(EXAMPLE.read_text(encoding="utf-8"), name="head-streamer.yaml")


def test_conditions_read_declared_figures_and_each_stage_but_the_first_has_some() -> None:
    types: dict[str, Type] = dict.fromkeys(stage_figures(), "number")
    for stage in STAGES:
        assert bool(stages()[stage].entry) == (stage != STAGES[0])
        for one in stages()[stage].entry:
            check_type(parse(one.holds), types, {}, "bool")
            assert names(parse(one.holds)) <= stage_figures().keys()
    assert READY.keys() == stage_figures().keys()
    assert [after(one) for one in STAGES] == [*STAGES[1:], None]


def test_each_condition_is_told_with_what_it_read_and_unknown_is_not_a_yes() -> None:
    assert all(one.holds for one in assess("strategic_alliance", READY))
    refunded = {**READY, "refund_share": Fraction(1, 6)}
    (unmet,) = [one for one in assess("strategic_alliance", refunded) if not one.holds]
    assert (unmet.id, dict(unmet.figures)) == ("refunds", {"refund_share": Fraction(1, 6)})
    assert {one.holds for one in assess("deep_binding", {})} == {None}
    texts = [figure_text(*one) for one in (("refund_share", Fraction(1, 6)), ("disputes", Fraction(1_234)))]
    assert texts == ["16.7%", "1,234"]
    assert figure_text("disputes_in_10000", Fraction(37, 2)) == "18.5"


def test_a_move_too_early_back_or_over_a_stage_is_told_before_it_is_signed(first: Agreement) -> None:
    def told(stage: str, figures: dict[str, Fraction]) -> list[str]:
        text = EXAMPLE.read_text(encoding="utf-8").replace("stage: deep_binding", f"stage: {stage}")
        return [one.code for one in move_findings(first, load_agreement(text, name="x"), figures)]

    assert told("strategic_alliance", READY) == []
    assert told("strategic_alliance", {}) == ["amendment.stage-not-ready"]
    assert told("initial", {}) == ["amendment.stage-out-of-order"]
    assert told("full_integration", {}) == ["amendment.stage-out-of-order", "amendment.stage-not-ready"]
    assert told("deep_binding", {}) == []
    assert move_findings(None, first, {}) == []


def test_the_next_version_stands_at_the_stage_or_has_the_newcomer_in_the_place(first: Agreement) -> None:
    moved = load_agreement(next_version(first, date(2027, 1, 1), stage="strategic_alliance"), name="2")
    assert (moved.ref, moved.document.stage) == ("head-streamer@2", "strategic_alliance")
    before, since = stays(timeline([first, moved]))
    assert (before.stage, since.stage, before.end) == ("deep_binding", "strategic_alliance", since.start)

    successor = Successor("mcn-b", {"zh": "新机构", "en": "New agency"}, "0x" + "ab" * 20)
    text = next_version(first, date(2027, 1, 1), successors={"mcn": successor}, noticed_on=date(2026, 12, 1))
    novated = load_agreement(text, name="2")
    assert novated.party_id("mcn") == "mcn-b"
    assert json.loads(text)["supersedes"]["notice"]["noticed_on"] == "2026-12-01"
    assert [one.id for one in novated.document.clauses] == [one.id for one in first.document.clauses]


def test_a_draft_that_changes_nothing_or_nobody_is_refused(first: Agreement) -> None:
    somebody = Successor("streamer", {"zh": "甲", "en": "A"})
    for stage, successors, said in (
        (None, {}, "say to which stage"),
        ("deep_binding", {}, "already"),
        (None, {"mcm": Successor("x", somebody.name)}, "did you mean 'mcn'"),
        (None, {"mcn": somebody}, "is a party of head-streamer@1 already"),
    ):
        with pytest.raises(DraftRefused, match=said):
            next_version(first, date(2027, 1, 1), stage=stage, successors=successors)  # type: ignore[arg-type]
