"""Days so far off that no clock or calendar holds them are refused by name, wherever they stand."""

from __future__ import annotations

import pytest

from policies.errors import AgreementRejected, FormulaError
from policies.loading import load_agreement
from policies.versions.amendment import amendment_findings
from policies.versions.timeline import timeline
from tests.unit.policies.test_remedies import HOST, clause

NOTICE = (
    "  - {id: '2', kind: notice, holder: platform, toward: merchant, days: 999999999, major_days: 999999999,"
    " received_days: 3}\n"
)


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"])
def test_a_document_takes_effect_on_a_day_that_every_time_zone_can_hold(day: str) -> None:
    text = HOST.replace("effective_from: 2026-01-01", f"effective_from: {day}") + clause("1", "when: broken")
    with pytest.raises(AgreementRejected, match="from 1900 to 2999"):
        load_agreement(text, name="edges")


def test_notice_that_runs_past_the_calendar_is_refused() -> None:
    old = load_agreement(HOST + clause("1", "when: broken") + NOTICE, name="old")
    head = HOST.replace("version: 1", "version: 2").replace(
        "effective_from",
        "supersedes: {version: 1, notice: {noticed_on: 2026-01-20, affects: many}}\neffective_from",
    )
    new = load_agreement(head + clause("1", "when: broken"), name="new")
    for read in (lambda: amendment_findings(old, new), lambda: timeline([old, new])):
        with pytest.raises(FormulaError, match="outside the calendar"):
            read()
