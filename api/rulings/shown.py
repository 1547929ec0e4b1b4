"""Counterfactuals, departures, replays, like cases and anchors as they are read, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from api.office.disputes import Dispute
from api.office.opening import Office
from api.office.ruling_anchors import anchored
from api.office.rulings import DEPARTS, RULING, Weighed, replay
from api.reading import Money, Text, plain
from api.rulings.schemas import (
    AnchoredShown,
    CounterfactualShown,
    DepartedShown,
    DepartureShown,
    LeftShown,
    ReplayedShown,
    SimilarShown,
    WeighedShown,
)
from api.worded import both, label, of_words, readable
from ledger.cases.record import Step
from ledger.leaves import instant_of
from policies.agreement import Agreement
from policies.counterfactuals.answer import Counterfactual
from policies.counterfactuals.wording import place_words, worded
from policies.decisions.similar import Likeness


def weighed_shown(agreement: Agreement, found: Weighed) -> WeighedShown:
    """Return what a dispute hangs on as it is shown."""
    searched = found.searched
    told = tuple(_counterfactual(agreement, one) for one in searched.found)
    would: dict[str, list[Text]] = {}
    for one, shown in zip(searched.found, told, strict=True):
        if one.place.text is None:
            would.setdefault(one.place.name, []).append(shown.text)
    steady = dict.fromkeys(of_words(place_words(agreement, one)) for one in searched.steady)
    left = tuple(
        LeftShown(
            one.cause,
            one.clause,
            of_words(one.text),
            tuple(label(agreement, name) for name in one.facts),
            tuple(text for name in one.facts for text in would.get(name, ())),
        )
        for one in found.left
    )
    return WeighedShown(told, tuple(steady), searched.complete, left)


def _counterfactual(agreement: Agreement, one: Counterfactual) -> CounterfactualShown:
    reach = one.reach
    return CounterfactualShown(
        fact=one.place.name,
        label=of_words(place_words(agreement, one.place)),
        given=one.place.text,
        values=one.texts,
        from_value=reach.low if reach else None,
        to_value=reach.high if reach else None,
        anything_but=one.apart or (),
        standing=one.standing,
        outcome=one.outcome,
        amount=Money(one.amount_minor, agreement.currency),
        text=of_words(worded(agreement, one)),
    )


def departed_shown(one: Dispute) -> DepartedShown | None:
    """Return where the last ruling departs from what was decided before it; None where nobody ruled so."""
    step = one.ruled
    if step is None or RULING not in step.content:
        return None
    departs = step.content[DEPARTS]
    return DepartedShown(
        ruled_seq=step.seq,
        by=step.content["confirmed_by"],
        reasons=step.content["confirmed_because"],
        from_seq=departs["from_seq"],
        from_sha256=departs["from_sha256"],
        parts=tuple(_departures(one.agreement, step)),
    )


def _departures(agreement: Agreement, step: Step) -> Iterator[DepartureShown]:
    texts = {
        effect.id: Text(effect.text.zh, effect.text.en)
        for clause in agreement.clauses.values()
        for effect in clause.effects
    }
    for part in step.content[DEPARTS]["in"]:
        kind, name = part["part"], part["name"]
        match kind:
            case "effect":
                called = texts.get(name, plain(name))
            case "fact" | "component":
                called = label(agreement, name)
            case _:
                called = both(f"departure.{kind}")
        before, after = (_side(kind, part[side]) for side in ("before", "after"))
        yield DepartureShown(kind, called, before, after, part["because"])


def _side(kind: str, text: str | None) -> Text | None:
    if text is None:
        return None
    if kind == "outcome":
        return both(f"outcome.{text}")
    if kind == "effect":
        return both("departure.follows")
    if text in {"true", "false"}:
        return both(f"word.{text}")
    return plain(readable(text))


def replayed_shown(office: Office, one: Dispute) -> tuple[ReplayedShown, ...]:
    """Return every decision of a dispute made again, as it is shown."""
    return tuple(
        ReplayedShown(
            each.step, both(f"replay.{each.step}"), each.seq, each.as_of_seq, each.recorded, each.again,
            each.same, each.differs, each.erased,
        )
        for each in replay(office, one)
    )  # fmt: skip


def similar_shown(like: Likeness, one: Dispute) -> SimilarShown:
    """Return a like case as it is shown."""
    step = one.shown
    assert step is not None, "only decided cases are held against others"
    return SimilarShown(
        dispute=one.id,
        agreement=one.agreement.ref,
        clause=like.profile.clause,
        same_clause=like.same_clause,
        alike=len(like.alike),
        of=len(like.alike) + len(like.apart),
        apart=tuple(_point(one.agreement, name) for name in like.apart),
        outcome=step.content["outcome"],
        awarded=Money(step.content["amount_minor"], step.content["currency"]),
        by_person="confirmed_by" in step.content,
        decided_at=step.recorded_at.astimezone(one.agreement.zone).isoformat(timespec="seconds"),
    )


def _point(agreement: Agreement, name: str) -> Text:
    """Return a point by which cases are held against each other, in words."""
    of, _, rest = name.partition(" ")
    if of == "clause":
        return both("similar.clause", id=rest)
    return label(agreement, rest) if of == "fact" else both("similar.standing", fact=label(agreement, rest))


def anchored_shown(office: Office, one: Dispute) -> AnchoredShown | None:
    """Return where the digest of what was last decided stands, as it is shown."""
    found = anchored(office, one)
    if found is None:
        return None
    anchor = found.anchor
    return AnchoredShown(
        sha256=found.sha256,
        seq=found.seq,
        leaf_hash=found.leaf_hash.hex(),
        size=anchor.size if anchor else None,
        chain_id=anchor.chain_id if anchor else None,
        embedded=anchor.chain_kind == "embedded" if anchor else None,
        contract=anchor.contract if anchor else None,
        transaction=anchor.transaction if anchor else None,
        block=anchor.block if anchor else None,
        anchored_at=instant_of(anchor.recorded_us).isoformat(timespec="seconds") if anchor else None,
    )
