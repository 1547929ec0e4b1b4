"""What a document says of those who decide its disputes: read, said in both languages, and kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from api.office.arbiters import bench_terms
from policies.errors import AgreementRejected
from policies.loading import load_agreement
from policies.render import render

TEXT = (Path(__file__).parents[3] / "examples/agreements/head-streamer.yaml").read_text("utf-8")
SAID = "    arbiters: {challenge_days: 5, fee_at_most: 2_000.00, costs: halves}\n"


def with_arbiters(said: str) -> str:
    """Return the worked example with a line added to its dispute process."""
    head, kind, rest = TEXT.partition("    kind: dispute_process\n")
    assert kind
    return head + kind + said + rest


def test_days_fee_and_costs_are_terms_of_the_document() -> None:
    agreement = load_agreement(with_arbiters(SAID), name="arbiters.yaml")
    terms = bench_terms(agreement)
    assert (terms.challenge_days, terms.fee_minor, terms.costs) == (5, 200_000, "halves")
    assert terms.counted(date(2026, 11, 2), 5) == date(2026, 11, 7)
    languages: tuple[tuple[Literal["zh", "en"], str], ...] = (
        ("zh", "双方各半"),
        ("en", "each side bears half"),
    )
    for language, words in languages:
        said = str(render(agreement, language).sections)
        assert words in said
        assert "2,000.00" in said


def test_a_document_that_says_nothing_limits_nothing_and_has_who_lost_bear_the_costs() -> None:
    terms = bench_terms(load_agreement(TEXT, name="silent.yaml"))
    assert (terms.challenge_days, terms.fee_minor, terms.costs) == (None, None, "loser")
    assert "rules" not in terms.levels


@pytest.mark.parametrize(
    "said", ["{challenge_days: 0}", "{fee_at_most: two}", "{costs: winner}", "{seats: 3}"]
)
def test_what_it_cannot_say_is_refused_with_its_place(said: str) -> None:
    with pytest.raises(AgreementRejected) as refused:
        load_agreement(with_arbiters(f"    arbiters: {said}\n"), name="wrong.yaml")
    assert any("arbiters" in finding.path for finding in refused.value.findings)
