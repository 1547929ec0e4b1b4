"""A decision as people read it: what it awards, under which clauses, how it was worked out, what it moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.agreements.clauses import clauses_shown
from api.disputes.schemas import ClauseCited, Component, DecisionPosting, DecisionShown, TraceStep
from api.office.disputes import Dispute
from api.reading import Money, Text, plain
from api.worded import account_label, both, label, of_words, readable
from policies.agreement import Agreement
from policies.money import from_minor
from policies.render.words import WORDS


def decision_shown(dispute: Dispute) -> DecisionShown | None:
    """Return the decision that stands, the ruling that is open to appeal, or what the rules propose."""
    entry = dispute.shown
    if entry is None:
        return None
    content = entry.content
    agreement, currency = dispute.agreement, content["currency"]
    stands = entry.kind == "decided"
    return DecisionShown(
        outcome=content["outcome"],
        stands=stands,
        level=content.get("level"),
        decided_at=entry.recorded_at.astimezone(agreement.zone).isoformat(timespec="seconds"),
        awarded=Money(content["amount_minor"], currency),
        components=tuple(
            Component(label(agreement, kind), _sums(agreement, content, kind), Money(minor, currency))
            for kind, minor in content["components"].items()
        ),
        clauses=_cited(agreement, content["clauses"]),
        law=tuple(content["law"]),
        trace=tuple(_step(agreement, step) for step in content["trace"]),
        postings=tuple(posting_shown(agreement, one) for one in content["postings"]),
        effects=tuple(of_words(one["text"]) for one in content["effects"]),
        missing=tuple(label(agreement, name) for name in content["missing"]),
        human_review=content["human_review"],
        review_reasons=tuple(of_words(one) for one in content["review"]),
        reviewers=_reviewers(agreement) if content["human_review"] else (),
        confirmed_by=content.get("confirmed_by"),
        confirmed_because=content.get("confirmed_because"),
        entry_seq=entry.seq,
    )


def _reviewers(agreement: Agreement) -> tuple[Text, ...]:
    process = agreement.process
    steps = [step for step in process.ladder if step != "rules"] if process else []
    return tuple(Text(WORDS["zh"][step], WORDS["en"][step]) for step in steps)


def _cited(agreement: Agreement, ids: list[str]) -> tuple[ClauseCited, ...]:
    """Return the clauses cited, each with the parts of it that are cited by numbers of their own."""
    shown = {clause.id: clause for clause in clauses_shown(agreement)}
    parts: dict[str, list[str]] = {one: [] for one in ids if one in shown}
    owner = {
        part: clause.id
        for clause in agreement.clauses.values()
        for remedy in clause.remedies
        for part in (remedy.id, remedy.cap_id)
        if part
    }
    for one in ids:
        if one not in shown and one in owner:
            parts.setdefault(owner[one], []).append(one)
    return tuple(
        ClauseCited(one, shown[one].heading, shown[one].text, tuple(within), agreement.version)
        for one, within in parts.items()
    )


def _sums(agreement: Agreement, content: Mapping[str, Any], kind: str) -> Text:
    steps = [step for step in content["trace"] if step["step"] == "remedy" and step["remedy"] == kind]
    worded = [_remedy(agreement, step) for step in steps]
    return Text("；".join(one.zh for one in worded), "; ".join(one.en for one in worded))


def _step(agreement: Agreement, step: dict[str, Any]) -> TraceStep:
    match step["step"]:
        case "split":
            due = [
                (label(agreement, name), readable(from_minor(minor, agreement.currency)))
                for name, minor in step["due_minor"].items()
            ]
            words = both(
                "trace.split",
                parts=Text(
                    "、".join(f"{name.zh} {amount}" for name, amount in due),
                    ", ".join(f"{name.en} {amount}" for name, amount in due),
                ),
            )
        case "condition":
            condition = of_words(step) if "zh" in step else both("trace.always")
            words = both("trace.condition", condition=condition, result=both(f"trace.{step['result']}"))
        case "rule":
            words = both("trace.rule-stands" if step["stands"] else "trace.rule-overridden")
            if step["overridden_by"]:
                words = both("trace.overridden-by", by=plain(", ".join(step["overridden_by"])))
            if step["conflicts_with"]:
                words = both("trace.conflicts-with", by=plain(", ".join(step["conflicts_with"])))
        case "remedy":
            words = both("trace.remedy", kind=label(agreement, step["remedy"]), sums=_remedy(agreement, step))
        case "figure":
            words = both("trace.remedy", kind=label(agreement, step["figure"]), sums=of_words(step))
        case _:
            words = of_words(step)
    facts = ", ".join(step["facts"]) if step["step"] == "rule" else ""
    return TraceStep(step["clause"], step["step"], facts, words)


def _remedy(agreement: Agreement, step: dict[str, Any]) -> Text:
    if "formula" not in step:
        return both("trace.condition", condition=of_words(step["if"]), result=both("trace.fails"))
    sums = of_words(step["formula"])
    if "rows" in step:
        each = plain(f" = {readable(step['each'])}") if "each" in step else plain("")
        sums = both("trace.each", sums=sums, each=each, count=f"{step['rows']:,}")
    if "cap" in step:
        sums = both(
            "trace.capped", sums=sums, cap=of_words(step["cap"]), amount=readable(step["cap"]["amount"])
        )
        if step["cap"]["amount"] == from_minor(step["amount_minor"], agreement.currency):
            return sums
    total = readable(from_minor(step["amount_minor"], agreement.currency))
    return Text(f"{sums.zh} = {total}", f"{sums.en} = {total}")


def posting_shown(agreement: Agreement, one: Mapping[str, Any]) -> DecisionPosting:
    """Return a posting of a decision as people read it."""
    return DecisionPosting(
        source=one["from"],
        source_label=account_label(agreement, one["from"]),
        target=one["to"],
        target_label=account_label(agreement, one["to"]),
        kind=one["kind"],
        label=label(agreement, one["kind"]),
        phase=one["phase"],
        status=one["status"],
        amount=Money(one["amount_minor"], one["currency"]),
    )
