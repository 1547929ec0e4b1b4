"""A whole agreement of sixty clauses, with every kind that ships, is checked to the end, alike each time."""

from __future__ import annotations

import pytest

from benchmarks.check import large_agreement, measure
from policies.agreement import Agreement
from policies.check import check
from policies.clauses.templates import template_names


@pytest.fixture(scope="module")
def large() -> Agreement:
    return large_agreement(60)


def test_it_has_sixty_clauses_and_every_kind_that_ships(large: Agreement) -> None:
    kinds = [clause.kind for clause in large.document.clauses]
    assert len(kinds) >= 60
    assert template_names() < set(kinds)


def test_every_question_about_it_is_settled_and_twice_the_same(large: Agreement, example: Agreement) -> None:
    found = check(large)
    assert [one for one in found if one.severity == "error" or one.code == "check.unknown"] == []
    check(example)
    assert check(large) == found, "what was checked before changes nothing"


def test_the_benchmark_counts_its_questions_and_the_solver_s_own_time() -> None:
    figures = measure(20)
    assert figures["questions"] > 0
    assert figures["z3_seconds"] < figures["seconds"]
