"""Every cause of a break has its words, and figures of amounts are written in the major unit."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import ledger.reconciliation
from ledger.reconciliation.aging import aged, days_open
from ledger.reconciliation.breaks import Break, BreakClass
from ledger.reconciliation.layouts import load_layout, shipped_layouts
from ledger.reconciliation.rows import Row
from ledger.reconciliation.words import _BREAKS, reason

PACKAGE = Path(ledger.reconciliation.__file__).parent
ROW = Row("b", "f1", "A1", "A1", "1", "share", "earned", 1_250, date(2026, 3, 2), "#1", "")


def test_every_cause_has_words_in_both_languages() -> None:
    causes = set()
    for source in PACKAGE.glob("*.py"):
        if source.name != "words.py":
            pattern = r'"((?:timing|rate_version|refund|rounding|missing|duplicate|unknown)\.[a-z_]+)"'
            causes |= set(re.findall(pattern, source.read_text(encoding="utf-8")))
    assert len(causes) > 12
    assert causes <= _BREAKS.keys()
    assert all(all(words) for words in _BREAKS.values())


def test_a_reason_holds_its_figures_in_the_major_unit() -> None:
    figures = {"version": 2, "in_force": 1, "b": 1_391}
    one = Break("rate_version", "rate_version.other", (), (ROW,), figures)
    said = reason(one, "CNY")
    assert said["en"] == "the file's 13.91 is what version 2 gives; version 1 was in force when it was sold"
    assert "13.91" in said["zh"]


def test_what_is_open_ages_by_calendar_days() -> None:
    def opened(kind: BreakClass, day: str, amount: int) -> Break:
        told = Row("b", day, "", "", "", "", "", amount, date.fromisoformat(day), "#1", "")
        return Break(kind, "missing.in_ledger", (), (told,))

    days = ("2026-03-31", "2026-03-24", "2026-03-23", "2026-03-01", "2026-02-28", "2025-12-31", "2025-12-30")
    breaks = [opened("missing", day, 100) for day in days] + [opened("timing", "2026-04-02", 7)]
    found = [(one.kind, one.ages, one.count, one.difference_minor) for one in aged(breaks, date(2026, 3, 31))]
    assert found == [
        ("timing", "0-7", 1, -7),
        ("missing", "0-7", 2, -200),
        ("missing", "8-30", 2, -200),
        ("missing", "31-90", 2, -200),
        ("missing", "91+", 1, -100),
    ]
    assert days_open(breaks[-1], date(2026, 3, 31)) == 0


def test_every_shipped_layout_is_sound_and_says_what_it_rests_on() -> None:
    found = [load_layout(name) for name in shipped_layouts()]
    assert len(found) >= 6
    assert len({one.document.source for one in found}) == len(found)
    for one in found:
        assert one.document.rests_on.keys() == {"zh", "en"}, one.name
        assert one.document.title.keys() == {"zh", "en"}, one.name
