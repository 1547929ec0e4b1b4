"""Settlement and intake read the version in force from the same function as everybody else."""

from __future__ import annotations

from datetime import datetime

import pytest

from api.office.orders import intake_terms
from ledger.settlement.terms import read_terms
from policies.agreement import Agreement
from policies.versions.timeline import in_force
from tests.settlement_world import plain
from tests.signing import held_as

FIRST = plain()
BACK = "version: 1, transition: retroactive, consents: each_party"
WHEN = "2026-01-01T00:00:00Z"


def amended(supersedes: str, day: str) -> Agreement:
    """The second version, with its transition as YAML in braces."""
    return plain(
        was_1="version: 1\n", now_1=f"version: 2\nsupersedes: {supersedes}\n",
        was_2="2026-02-01", now_2=day, was_3="20% * paid", now_3="30% * paid",
    )  # fmt: skip


@pytest.mark.parametrize(
    "second",
    [
        amended("{version: 1}", "2026-03-10"),
        amended(f"{{{BACK}, from: 2026-02-20}}", "2026-03-10"),
        amended(f"{{{BACK}, from: 2026-01-20}}", "2026-03-10"),
        amended("{version: 1, transition: by_event, event: side_letter_signed}", "2026-03-10"),
    ],
    ids=["by order time", "retroactive", "retroactive before the first", "by an event not recorded"],
)
def test_intake_settlement_and_the_language_agree_on_the_version_of_an_order(second: Agreement) -> None:
    versions = (FIRST, second)
    intake = intake_terms(tuple(held_as(one, WHEN) for one in versions))
    settlement = read_terms(versions)
    for day in ("01-19", "01-20", "02-01", "02-19", "02-20", "03-09", "03-10", "12-31"):
        for moment in ("00:00:00", "23:59:59"):
            at = datetime.fromisoformat(f"2026-{day}T{moment}+08:00")
            expected = in_force(versions, at)
            taken = intake.version_at(at)
            started = [one.agreement for one in settlement.versions if one.starts <= at]
            assert (taken.reference if taken else None) == (expected.ref if expected else None)
            assert (started[-1] if started else None) == expected
