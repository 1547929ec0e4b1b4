"""A document reads the same from somebody's file and from its signed bytes, whose keys are sorted."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from policies.check import check
from policies.decisions.case import read_case
from policies.decisions.decide import decide
from policies.errors import AgreementRejected
from policies.loading import agreement_from_canonical, load_agreement
from policies.render import contract, write_text
from tests.unit.policies.test_remedies import clause, document

EXAMPLES = Path(__file__).parents[3] / "examples"
DOCUMENTS = [
    *sorted(EXAMPLES.glob("agreements/**/*.yaml")),
    *sorted(EXAMPLES.glob("disputes/*/agreement.yaml")),
]
EFFECT = "{id: told, text: {zh: 告知, en: told}}"
CASE = 'clause: "1"\nclaim: {claimant: streamer, respondent: merchant}\nfacts: {loss: 50.00}\n'


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_example_is_printed_and_checked_alike_from_file_and_signed_bytes(path: Path) -> None:
    written = load_agreement(path.read_text(encoding="utf-8"), name=path.name)
    signed = agreement_from_canonical(written.canonical, name=path.name)
    assert signed.canonical == written.canonical
    assert write_text(contract(signed, "both")) == write_text(contract(written, "both"))
    assert [(one.code, one.path, one.message) for one in check(signed)] == [
        (one.code, one.path, one.message)
        for one in sorted(check(written), key=lambda one: (one.path, one.code))
    ]


def test_figures_are_worked_out_in_the_order_in_which_they_read_each_other() -> None:
    body = (
        "figures: {z: {value: 2 * loss}, a: {value: z + 1.00}, m: {value: a + z}}\n"
        "remedies: [{kind: r, from: merchant, to: streamer, amount: m}]"
    )
    written = document(clause("1", body))
    signed = agreement_from_canonical(written.canonical, name="signed")
    both = [decide([one], read_case(CASE, name="case")).as_json() for one in (written, signed)]
    assert both[0] == both[1]
    assert list(both[0]["figures"].items()) == [("z", "100.00"), ("a", "101.00"), ("m", "201.00")]


def test_many_figures_are_worked_out_in_moments() -> None:
    clauses = []
    for number in range(1, 31):
        figures = ", ".join(f"f{number}_{at}: {{value: loss + {at}.00}}" for at in range(20))
        follows = f"follows: '{number - 1}'\n" if number > 1 else ""
        clauses.append(clause(str(number), f"{follows}figures: {{{figures}}}\neffects: [{EFFECT}]"))
    agreement, case = document(*clauses), read_case(CASE, name="case")
    started = process_time()
    assert len(decide([agreement], case).figures) == 600
    assert process_time() - started < 5


def test_figures_that_read_each_other_in_a_circle_are_refused() -> None:
    with pytest.raises(AgreementRejected, match="'b' is not declared"):
        document(clause("1", "when: broken\nfigures: {a: {value: b + loss}, b: {value: a + loss}}"))


def test_a_document_that_has_no_canonical_form_is_refused_when_it_is_read() -> None:
    tests = (
        "tests:\n  - name: t\n    case: {clause: '1', claim: {claimant: streamer, respondent: merchant},"
        " orders: [{实付: 1.00}]}\n    expect: {outcome: rejected}\n"
    )
    with pytest.raises(AgreementRejected, match="cannot be signed"):
        document(clause("1", "when: broken"), tests=tests)
