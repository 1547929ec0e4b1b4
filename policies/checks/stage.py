"""Holds a document to its stage: a clause that only a later stage unlocks is a warning."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.clauses.templates import template, template_names
from policies.errors import Finding
from policies.fields import Words
from policies.render.words import KIND_WORDS
from policies.stages import STAGES, features, stages, unlocked_at


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each clause that belongs to a later stage than the document's."""
    here = agreement.document.stage
    for index, clause in enumerate(agreement.document.clauses):
        for feature in features(clause):
            needed = unlocked_at(feature)
            if STAGES.index(needed) > STAGES.index(here):
                now, later, used = stages()[here].title, stages()[needed].title, _called(feature)
                yield agreement.finding(
                    "stage.too-early",
                    f"clause {clause.id} uses {used.en} ({feature}), which the stage of {later.en} unlocks;"
                    f" this agreement is at {now.en}: write 'stage: {needed}', or leave the clause for later",
                    ("clauses", index, "kind"),
                    severity="warning",
                    witness={"unlocked_at": needed},
                    message_zh=f"第 {clause.id} 条使用{used.zh}（{feature}），自“{later.zh}”阶段起开放，"
                    f"本协议处于“{now.zh}”阶段：写 'stage: {needed}'，或者留待以后约定",
                )


def _called(feature: str) -> Words:
    """Return what a kind, or a feature of a clause, is called."""
    if feature in template_names():
        return template(feature).title
    return Words(zh=KIND_WORDS[feature]["zh"], en=KIND_WORDS[feature]["en"])
