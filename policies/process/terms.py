"""The process of disputes as a document gives it: its windows, its ladder, and what late steps come to.

A document without the clause gives no time for anything: what is filed may be decided, and what is ruled
stands. So does one whose windows are of 0 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from policies.agreement import Agreement
from policies.calendars import load_calendar
from policies.clauses.dispute_process import Deciding
from policies.formulas.days import Calendar

Side = Literal["claimant", "respondent"]
SIDES: tuple[Side, Side] = ("claimant", "respondent")

Window = Literal["answer", "evidence", "appeal"]
WINDOWS: tuple[Window, ...] = ("answer", "evidence", "appeal")

Level = Literal["rules", "panel", "arbitrator"]
"""Who decides, in the order of the document's ladder."""

Turn = Literal["ruling", "enforcement"]
TURNS: tuple[Turn, ...] = ("ruling", "enforcement")
"""What those are given days for who decide, or carry out what stands."""

LateRuling = Literal["reminded", "next_level"]
"""What it comes to that a level did not rule in its days."""

REMINDED_DAYS = 1
"""How many days before its end a step is reminded of, where the document says nothing."""


@dataclass(frozen=True, slots=True)
class ProcessTerms:
    """The process: days of each window, counted by `calendar` or, where that is None, as calendar days.

    `late_answer` and `late_evidence` say what a step after its window is: `refused`, or `heard` until the
    case is ruled on. With `silence_admits` what nobody answers in time is admitted. `ruling_days` of a level
    and `enforcement_days` bind those who decide; where there are none they have no limit.
    """

    zone: ZoneInfo
    days: Mapping[Window, int]
    ladder: tuple[Level, ...] = ("rules",)
    calendar: Calendar | None = None
    late_answer: Literal["refused", "heard"] = "refused"
    late_evidence: Literal["refused", "heard"] = "refused"
    silence_admits: bool = False
    reminded_days: int = REMINDED_DAYS
    ruling_days: Mapping[Level, int] = field(default_factory=dict)
    enforcement_days: int | None = None
    late_ruling: LateRuling = "reminded"

    def above(self, level: Level) -> Level | None:
        """Return who decides after a level, None above the last."""
        place = self.ladder.index(level) + 1 if level in self.ladder else len(self.ladder)
        return self.ladder[place] if place < len(self.ladder) else None

    def effect_of(self, level: Level) -> LateRuling:
        """Return what it comes to that a level did not rule in time; the last keeps its turn."""
        return "reminded" if self.above(level) is None else self.late_ruling


def process_terms(agreement: Agreement) -> ProcessTerms:
    """Return the process of disputes under a document."""
    clause = agreement.process
    if clause is None:
        return ProcessTerms(agreement.zone, dict.fromkeys(WINDOWS, 0))
    windows, late = clause.windows, clause.late
    deciding = clause.deciding or Deciding()
    given: dict[Level, int | None] = {
        "rules": deciding.rules_days,
        "panel": deciding.panel_days,
        "arbitrator": deciding.arbitrator_days,
    }
    by_calendar = windows.counted_in == "business_days"
    assert not by_calendar or agreement.document.calendar is not None, "loading refuses it"
    return ProcessTerms(
        agreement.zone,
        {
            "answer": windows.answer_days,
            "evidence": windows.evidence_days,
            "appeal": windows.appeal_days,
        },
        clause.ladder,
        load_calendar(agreement.document.calendar or "") if by_calendar else None,
        "heard" if late is not None and late.answer == "heard" else "refused",
        "heard" if late is not None and late.evidence == "heard" else "refused",
        late is not None and late.answer == "facts_admitted",
        REMINDED_DAYS if clause.reminded_days is None else clause.reminded_days,
        {level: days for level, days in given.items() if days is not None},
        deciding.enforcement_days,
        deciding.late,
    )
