"""The notice that a change of terms needs: how many days, and the first day on which it may bind.

The days are those of the version before, whose terms still hold while notice runs, or those of law where
they are more. A day of notice is a calendar day of the agreement; a change noticed on
the 1st with 15 days binds from the 16th.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policies.agreement import Agreement
from policies.formulas.days import shifted

KIND = "notice"
"""The kind of clause that says how long notice is, by `days` and, where many are affected, `major_days`."""


@dataclass(frozen=True, slots=True)
class NoticeDays:
    """Calendar days of notice: for a change that touches `few`, and for one that touches many users.

    `source` and `source_zh` say where the days stand: "clause 14", or an article of law.
    """

    few: int
    many: int
    source: str
    source_zh: str

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
    source_zh: str | None = None

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
                f"{self.noticed_on} 公示，须满 {self.days} 日（{self.source_zh}），即 {self.lawful_from}，"
                f"{verdict[0]}所载的 {self.stated}"
            )
        return (
            f"noticed on {self.noticed_on}, which with the {self.days} days of {self.source} gives"
            f" {self.lawful_from}, {verdict[1]} than the stated {self.stated}"
        )

    @property
    def lawful_from(self) -> date:
        """The first day that notice allows, whatever the document states."""
        return self.stated if self.noticed_on is None else shifted(self.noticed_on, self.days or 0)


def notice_asked(agreement: Agreement) -> NoticeDays | None:
    """Return the notice that a version's `notice` clause asks for, None where it has none."""
    for clause in agreement.document.clauses:
        if clause.kind != KIND or clause.not_enforced is not None:
            continue
        terms = clause.model_dump()
        days, major = (str(terms.get(name)) for name in ("days", "major_days"))
        if days.isdecimal():
            many = int(major) if major.isdecimal() else int(days)
            return NoticeDays(int(days), max(int(days), many), f"clause {clause.id}", f"第 {clause.id} 条")
    return None


def notice_of_law(amendment: Agreement) -> NoticeDays | None:
    """Return the notice that the regulation packs of the document's jurisdiction ask for on its notice day.

    None where the change states no notice day, or no pack asks for any.
    """
    from policies.packs.notice import notice_days  # noqa: PLC0415 (reads pack files)
    from policies.packs.shipped import packs_of  # noqa: PLC0415 (as above)

    supersedes = amendment.document.supersedes
    notice = supersedes.notice if supersedes else None
    if notice is None:
        return None
    packs = packs_of(amendment.document.jurisdiction)
    few = notice_days(packs, affects_many=False, on=notice.noticed_on)
    many = notice_days(packs, affects_many=True, on=notice.noticed_on)
    if many is None:
        return None
    cited = few if few is not None and notice.affects == "few" else many
    return NoticeDays(few.days if few else 0, many.days, cited.citation.en, cited.citation.zh)


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
    day = max(stated, shifted(notice.noticed_on, days))
    return Lawful(day, stated, notice.noticed_on, days, longest.source, longest.source_zh)
