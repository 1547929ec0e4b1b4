"""The notice that a change of terms needs: how many days, and the first day on which it may bind.

The days are those of the version before, whose terms still hold while notice runs, or those of law where
they are more. A day of notice is a calendar day of the agreement; a change noticed on
the 1st with 15 days binds from the 16th.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from policies.agreement import Agreement


@dataclass(frozen=True, slots=True)
class NoticeDays:
    """Calendar days of notice: for a change that touches `few`, and for one that touches many users.

    `source` says where the days stand: "clause 14", or an article of law.
    """

    few: int
    many: int
    source: str

    def of(self, affects: str) -> int:
        """Return the days that a change needs by whom it affects, `few` or `many`."""
        return self.many if affects == "many" else self.few


@dataclass(frozen=True, slots=True)
class Lawful:
    """From which day a change of terms binds: the day it states itself, or a later one that notice asks for.

    `days` and `source` are the notice it needed, None where none is asked for or none was stated.
    """

    day: date
    stated: date
    noticed_on: date | None = None
    days: int | None = None
    source: str | None = None

    @property
    def delayed(self) -> bool:
        """Tell whether notice moves the change to a later day than it states."""
        return self.day > self.stated

    def reason(self, language: str) -> str:
        """Say in `zh` or `en` why the change binds from that day."""
        if self.noticed_on is None or self.days is None:
            return "文件所载生效日" if language == "zh" else "the day the document states"
        verdict = (("晚于" if self.delayed else "不晚于"), ("later" if self.delayed else "no later"))
        if language == "zh":
            return (
                f"{self.noticed_on} 公示，须满 {self.days} 日（{self.source}），即 {self.lawful_from}，"
                f"{verdict[0]}所载的 {self.stated}"
            )
        return (
            f"noticed on {self.noticed_on}, which with the {self.days} days of {self.source} gives"
            f" {self.lawful_from}, {verdict[1]} than the stated {self.stated}"
        )

    @property
    def lawful_from(self) -> date:
        """The first day that notice allows, whatever the document states."""
        return self.stated if self.noticed_on is None else self.noticed_on + timedelta(days=self.days or 0)


def lawful_effective(amendment: Agreement, *asking: NoticeDays) -> Lawful:
    """Return from which day an amendment binds, and why.

    `asking` is every notice that a clause or law asks for; the longest counts. Where no notice is stated
    the signatures alone carry the change and it binds from the day it states.
    """
    stated = amendment.document.effective_from
    supersedes = amendment.document.supersedes
    notice = supersedes.notice if supersedes else None
    if notice is None:
        return Lawful(stated, stated)
    longest = max(asking, key=lambda one: one.of(notice.affects), default=None)
    if longest is None:
        return Lawful(stated, stated, notice.noticed_on)
    days = longest.of(notice.affects)
    day = max(stated, notice.noticed_on + timedelta(days=days))
    return Lawful(day, stated, notice.noticed_on, days, longest.source)
