"""The days in which a statement may be contested: signed with the document, said in words, counted."""

from __future__ import annotations

import pytest

from policies.agreement import Agreement
from policies.errors import AgreementRejected
from policies.loading import load_agreement
from policies.render import render
from tests.settlement_world import PLAIN

PROCESS = """
  - id: "13.1"
    kind: dispute_process
    text: {zh: 争议。, en: Disputes.}
    windows: {answer_days: 5, evidence_days: 7, appeal_days: 10}
"""


def document(window: str = "", head: str = "") -> Agreement:
    return load_agreement(head + PLAIN.strip() + PROCESS + window, name="window.yaml")


def test_a_document_without_the_window_has_the_bytes_it_always_had() -> None:
    assert b"statements" not in document().canonical


def test_the_window_is_signed_and_said_in_both_languages() -> None:
    agreement = document("    statements: {contest_days: 6, counted_in: business_days}\n", "calendar: CN\n")
    assert b'"statements":{"contest_days":6,"counted_in":"business_days"}' in agreement.canonical
    said = {
        language: next(
            term.says
            for section in render(agreement, language).sections
            for term in section.terms
            if section.id == "13.1" and "6" in term.says
        )
        for language in ("zh", "en")
    }
    assert "视为确认" in said["zh"]
    assert "6 days (business days)" in said["en"]


@pytest.mark.parametrize(
    ("window", "word"),
    [
        ("{contest_days: 0}", "contest_days"),
        ("{contest_days: 6, counted_in: weeks}", "counted_in"),
        ("{contest_days: 6, counted_in: business_days}", "calendar: CN"),
        ("{counted_in: calendar_days}", "contest_days"),
    ],
)
def test_a_window_that_cannot_be_counted_is_refused_at_its_place(window: str, word: str) -> None:
    with pytest.raises(AgreementRejected) as refused:
        document(f"    statements: {window}\n")
    assert any(word in f"{one.path} {one.message}" for one in refused.value.findings)
