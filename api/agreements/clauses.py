"""The clauses of a document as people read them, each beside its exact slice of the signed bytes."""

from __future__ import annotations

from functools import lru_cache

from api.agreements.schemas import ClauseShown, TermShown
from api.reading import Text
from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from policies.render import Section, render


@lru_cache(maxsize=64)
def clauses_shown(agreement: Agreement) -> tuple[ClauseShown, ...]:
    """Return every clause in document order."""
    spoken = zip(render(agreement, "zh").sections, render(agreement, "en").sections, strict=True)
    shown = []
    for clause, (zh, en) in zip(agreement.document.clauses, spoken, strict=True):
        exact = canonical_bytes(clause.model_dump(mode="json", by_alias=True, exclude_none=True))
        offset = agreement.canonical.find(exact)
        assert offset >= 0, "a clause is a slice of the signed bytes"
        shown.append(
            ClauseShown(
                id=clause.id,
                kind=clause.kind,
                heading=Text(zh.heading, en.heading),
                standing=zh.standing,
                text=Text(zh.text, en.text),
                terms=terms_shown(zh, en),
                notes=tuple(Text(one, other) for one, other in zip(zh.notes, en.notes, strict=True)),
                canonical=exact.decode(),
                offset=offset,
            )
        )
    return tuple(shown)


def terms_shown(zh: Section, en: Section) -> tuple[TermShown, ...]:
    """Return the computed terms of one clause in both languages."""
    return tuple(
        TermShown(Text(one.label, other.label), Text(one.says, other.says), Text(one.to, other.to), one.level)
        for one, other in zip(zh.terms, en.terms, strict=True)
    )
