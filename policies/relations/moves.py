"""How an agreement came to its stage, and what its parties should know of a version that moves it on.

A relationship moves by a version that all its parties sign, so that both sides sign every move. A version
that goes back, or that skips a stage, is a finding; nothing here forbids what parties sign over by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from policies.agreement import Agreement
from policies.document import Stage
from policies.errors import Finding
from policies.relations.entry import Assessed, Figures, assess, read_text
from policies.stages import STAGES, stages
from policies.versions.timeline import Period


@dataclass(frozen=True, slots=True)
class Stay:
    """A time at one stage, under one version after another; `end` is None for the present one."""

    stage: Stage
    start: datetime
    end: datetime | None
    versions: tuple[Agreement, ...]


def stays(periods: Iterable[Period]) -> tuple[Stay, ...]:
    """Return the stages of an agreement in order, from the periods in which its versions are in force."""
    found: list[Stay] = []
    for one in periods:
        stage = one.agreement.document.stage
        if found and found[-1].stage == stage:
            last = found.pop()
            found.append(Stay(stage, last.start, one.end, (*last.versions, one.agreement)))
        else:
            found.append(Stay(stage, one.start, one.end, (one.agreement,)))
    return tuple(found)


def moves_to(previous: Agreement | None, agreement: Agreement) -> Stage | None:
    """Return the later stage that a version moves to, None where it stays or goes back."""
    if previous is None:
        return None
    here, there = (STAGES.index(one.document.stage) for one in (previous, agreement))
    return agreement.document.stage if there > here else None


def move_findings(previous: Agreement | None, agreement: Agreement, figures: Figures) -> list[Finding]:
    """Return what the parties of a version should know of its move to another stage."""
    if previous is None:
        return []
    return [*_skipped(previous, agreement), *_unready(previous, agreement, figures)]


def _skipped(previous: Agreement, agreement: Agreement) -> Iterator[Finding]:
    here, there = (STAGES.index(one.document.stage) for one in (previous, agreement))
    if there in {here, here + 1}:
        return
    now, then = (stages()[one.document.stage].title for one in (previous, agreement))
    way, way_zh = ("goes back", "退回") if there < here else ("skips a stage", "跳过阶段")
    yield agreement.finding(
        "amendment.stage-out-of-order",
        f"it {way}: from {now.en} to {then.en}",
        ("stage",),
        severity="warning",
        witness={"from": previous.document.stage, "to": agreement.document.stage},
        message_zh=f"{way_zh}：由“{now.zh}”至“{then.zh}”",
    )


def _unready(previous: Agreement, agreement: Agreement, figures: Figures) -> Iterator[Finding]:
    stage = moves_to(previous, agreement)
    unmet = [one for one in assess(stage, figures) if one.holds is not True] if stage else []
    if not unmet or stage is None:
        return
    title = stages()[stage].title
    yield agreement.finding(
        "amendment.stage-not-ready",
        f"{len(unmet)} condition(s) of entry of {title.en} do not hold: "
        + "; ".join(f"{one.text.en} ({_shown(one, 'en')})" for one in unmet),
        ("stage",),
        severity="warning",
        witness={"unmet": [one.id for one in unmet]},
        message_zh=f"“{title.zh}”的进入条件有 {len(unmet)} 项未满足："
        + "；".join(f"{one.text.zh}（{_shown(one, 'zh')}）" for one in unmet),
    )


def _shown(one: Assessed, language: str) -> str:
    return read_text(one, language) or "?"
