"""The record of a dispute as people read it: what happened, what is due, and whom it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from api.access import AUDITOR, Viewer
from api.disputes.schemas import TimelineEvent, Window
from api.language import catalogue
from api.office.disputes import Dispute
from api.reading import PartyName, Text
from api.worded import both, party_name, who
from ledger.cases.record import Step
from policies.agreement import Agreement
from policies.process.days import Deadline
from policies.process.standing import Standing, level_of
from policies.process.terms import Side


def events(viewer: Viewer, one: Dispute, now: Standing) -> Iterator[TimelineEvent]:
    """Yield the steps that a viewer may read, in order, and the windows that are open."""
    for step in one.record.steps:
        if opens(viewer, one, step):
            yield TimelineEvent(
                at=when(one.agreement, step.recorded_at),
                kind=step.kind,
                by=who(one.agreement, step.by),
                text=_words(one, step),
                entry_seq=step.seq,
                due=False,
            )
    if now.turn is not None and now.turn.last_day is not None:
        last = now.turn.last_day.isoformat()
        by = both(f"level.{_waits(now.turn)}")
        yield TimelineEvent(last, now.turn.step, by, both(f"timeline.due-{now.turn.step}"), None, due=True)
    for window in windows(one, now):
        if window.open and window.waits_for and window.last_day is not None:
            by = Text(
                "、".join(each.name.zh for each in window.waits_for),
                ", ".join(each.name.en for each in window.waits_for),
            )
            yield TimelineEvent(
                window.last_day, window.step, by, both(f"timeline.due-{window.step}"), None, due=True
            )


def windows(one: Dispute, now: Standing) -> tuple[Window, ...]:
    """Return the windows that opened so far: those of the sides, then of who decides and enforces."""
    return tuple(
        Window(
            name=each.name,
            step=each.step,
            waits_for=tuple(side_name(one, side) for side in each.waits_for),
            last_day=each.last_day.isoformat() if each.last_day else None,
            open=each in {now.open_deadline, now.turn},
        )
        for each in (*now.deadlines, *now.turns)
    )


def _waits(turn: Deadline) -> str:
    """Return whose days those of a turn are: a level, or `enforcement`."""
    return level_of(turn) if turn.step == "ruling" else turn.step


def opens(viewer: Viewer, one: Dispute, step: Step) -> bool:
    """Tell whether a viewer may read a step: what all of the case read, or what names one of theirs."""
    if set(step.readers) >= set(one.record.readers):
        return True
    judges = viewer.sits_in(one.id) or AUDITOR in viewer.roles
    return judges or not viewer.parties.isdisjoint(step.readers)


def side_name(one: Dispute, side: Side) -> PartyName:
    """Return a side of a dispute by name."""
    return party_name(one.agreement, one.case[side])


def when(agreement: Agreement, instant: datetime) -> str:
    """Return a time where the agreement counts its days, to the second."""
    return instant.astimezone(agreement.zone).isoformat(timespec="seconds")


def _words(one: Dispute, step: Step) -> Text:
    """Return what a step says in words; of a kind that has none of its own, what it is called."""
    told: dict[str, Any] = {
        name: value for name, value in step.content.items() if isinstance(value, str | int)
    }
    side = step.content.get("side")
    if side in {"claimant", "respondent"}:
        told["who"] = side_name(one, side).name
    key = f"timeline.{step.kind}"
    match step.kind:
        case "filed":
            told["who"] = side_name(one, "claimant").name
        case "served":
            key = f"timeline.served-{step.content['means']}"
        case "extension_asked" | "extended" | "deadline_passed" | "reminded":
            told["of"] = both(f"window.{str(step.content['of']).partition('/')[0]}")
            if step.kind == "deadline_passed":
                told["effect"] = both(f"effect.{step.content['effect']}")
        case "ruled":
            told["level"] = both(f"level.{step.content['level']}")
            key = "timeline.ruled-by-person" if "confirmed_by" in step.content else "timeline.ruled"
            told["reason"] = step.content.get("confirmed_because", "")
        case "appealed":
            told["level"] = both(f"level.{step.content['level']}")
        case "closed":
            key = f"timeline.closed-{step.content['how']}"
    if not catalogue("en").has(key):
        return Text(*(catalogue(one).term("entry-kind", f"dispute.{step.kind}") for one in ("zh", "en")))
    return both(key, **told)
