"""Rights and duties: each duty with what answers it, and a document's symmetry as a share of them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from policies.agreement import Agreement
from policies.loading import load_agreement
from policies.mutuality import mutuality

EXAMPLES = Path(__file__).parents[3] / "examples"


def example(path: str) -> Agreement:
    return load_agreement((EXAMPLES / path).read_text("utf-8"), name=path)


def test_a_promise_that_nothing_is_given_for_is_one_sided() -> None:
    found = mutuality(example("disputes/D05/agreement.yaml"))
    owed = found.between("brand", "streamer_co")
    assert {one.clause: one.answer for one in owed} == {"9.1(a)": "one_sided"}
    assert found.symmetry == 0
    assert (found.of("brand"), found.of("streamer_co")) == ((1, 0), (0, 1))


def test_duties_both_ways_mirror_each_other() -> None:
    found = mutuality(example("disputes/D06/agreement.yaml"))
    assert {(one.debtor, one.clause, one.answer) for one in found.duties} == {
        ("brand", "12.3", "mirrored"),
        ("platform", "12.4", "mirrored"),
    }
    assert found.symmetry == 1


def test_who_is_paid_by_a_leg_is_given_something_for_its_duty() -> None:
    found = mutuality(example("agreements/head-streamer.yaml"))
    answers = {one.answer for one in found.duties}
    assert "considered" in answers | {"mirrored"}
    assert found.paid["mcn"] == ("mcn_share",)
    assert found.symmetry is not None
    assert Fraction(0) <= found.symmetry <= 1
