"""A document is held to the cases that it carries itself: what each remedy of it comes to."""

from __future__ import annotations

import pytest

from policies.check import check
from policies.errors import AgreementRejected
from tests.unit.policies.test_remedies import SET_OFF, clause, document

CASES = """\
tests:
  - name: fined
    case:
      clause: "1"
      claim: {claimant: merchant, respondent: streamer, amount: 100.00}
      facts: {loss: 60.00}
    expect: {outcome: granted_with_set_off, amount: 40.00, awarded.fee: 60.00, review: 'false'}
"""


def failing(old: str, new: str) -> list[tuple[str, str]]:
    assert old in CASES
    under = document(clause("1", SET_OFF), tests=CASES.replace(old, new))
    return [(one.code, one.message) for one in check(under) if one.code.startswith("test.")]


def test_a_document_is_held_to_its_own_cases() -> None:
    assert failing("fined", "again") == []
    ((code, said),) = failing("amount: 40.00", "amount: 41.00")
    assert (code, said) == ("test.failed", "'fined' expects amount to be 41.00; the terms give 40.00")
    ((code, said),) = failing("loss: 60.00", "lost: 60.00")
    assert code == "test.unusable"
    assert "did you mean 'loss'" in said
    with pytest.raises(AgreementRejected, match="nothing that a decision says"):
        failing("awarded.fee", "awarded.fees")
