"""Holds a document to its stage: a clause that only a later stage unlocks is a warning."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.errors import Finding
from policies.stages import STAGES, feature_words, features, stages, unlocked_at


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each clause that belongs to a later stage than the document's."""
    here = agreement.document.stage
    for index, clause in enumerate(agreement.document.clauses):
        for feature in features(clause):
            needed = unlocked_at(feature)
            if STAGES.index(needed) > STAGES.index(here):
                now, later, used = stages()[here].title, stages()[needed].title, feature_words(feature)
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
