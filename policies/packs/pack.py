"""The shape of a regulation pack: sources with their days in force, rules, and what it cannot check."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, model_validator

from policies.canonical import canonical_bytes
from policies.fields import Day, Formula, Identifier, Model, Name, WholeNumber, Words, YesNo
from policies.monitors.declared import PackMonitor

TermType = Literal["bool", "count", "date", "list", "money", "rate", "text"]
"""How a rule reads a clause's parameter; of a `list` it reads the number of items."""

BLOCK: Literal["block"] = "block"
Severity = Literal["block", "warning", "info"]


class LawSource(Model):
    """A law, regulation or guide: its title, its number or date of issue, and when it is in force."""

    title: Words
    number: str | None = Field(default=None, max_length=200)
    in_force: Day
    until: Day | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether it is in force on a day."""
        return self.in_force <= day and (self.until is None or day <= self.until)


class Cite(Model):
    """An article of a source, as people cite it: `22(4)`, `12-14`."""

    source: Identifier
    article: str = Field(min_length=1, max_length=60)


class RuleTest(Model):
    """Clauses, and what else a document says, with how often the rule must speak of them (once: 1)."""

    finds: WholeNumber
    clauses: tuple[dict[str, Any], ...] = ()
    document: dict[str, Any] = Field(default_factory=dict)


class Rule(Model):
    """What the law asks of a clause of some kinds, or of the document as a whole.

    Where `where` holds, `must` has to hold; without `must`, being there is enough to be told. `terms` types
    the clause's parameters that the conditions read, `words` lists phrases that `says.NAME` looks for.
    """

    id: Identifier
    cites: tuple[Cite, ...] = Field(min_length=1)
    of: Literal["clause", "document"] = "clause"
    kinds: tuple[Name, ...] = ()
    terms: dict[Name, TermType] = Field(default_factory=dict)
    words: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    where: Formula | None = None
    must: Formula | None = None
    severity: Severity
    text: Words
    do: Words
    tests: tuple[RuleTest, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _tells_apart(self) -> Rule:
        if self.of == "document" and self.kinds:
            raise ValueError("'kinds' chooses clauses; a rule of the document asks 'any(… for clauses)'")
        if self.where is None and self.must is None:
            raise ValueError("a rule has 'where', 'must' or both; this one would always speak")
        found = {bool(one.finds) for one in self.tests}
        if found != {True, False}:
            raise ValueError("a rule has a test that it speaks of and one that it does not")
        return self


class NoticePeriod(Model):
    """Days for which a change of terms is shown ahead; with `affects_many`, one that touches many users."""

    cites: tuple[Cite, ...] = Field(min_length=1)
    days: WholeNumber
    affects_many: YesNo = False


class NotCheckable(Model):
    """What a source asks that no document can show, and why."""

    cites: tuple[Cite, ...] = Field(min_length=1)
    text: Words
    because: Words


class Pack(Model):
    """One regulation pack. `jurisdictions` are the two-letter codes of the documents it applies to.

    `rules` ask something of documents, `monitors` of what is told under them.
    """

    pack: Identifier
    title: Words
    jurisdictions: tuple[str, ...] = Field(min_length=1)
    as_of: Day
    sources: dict[Identifier, LawSource] = Field(min_length=1)
    rules: tuple[Rule, ...] = ()
    notice: tuple[NoticePeriod, ...] = ()
    not_checkable: tuple[NotCheckable, ...] = ()
    monitors: tuple[PackMonitor, ...] | None = None

    @model_validator(mode="after")
    def _names(self) -> Pack:
        parts: tuple[Rule | NoticePeriod | NotCheckable, ...] = (
            *self.rules,
            *self.notice,
            *self.not_checkable,
        )
        cited = [one for part in parts for one in part.cites]
        unknown = sorted({one.source for one in cited} - self.sources.keys())
        if unknown:
            raise ValueError(f"cites {', '.join(unknown)}, which 'sources' does not list")
        ids = [rule.id for rule in self.rules]
        if len(set(ids)) != len(ids):
            raise ValueError("two rules have one id")
        lacking = sorted({one.rule for one in self.monitors or ()} - set(ids))
        if lacking:
            raise ValueError(f"a monitor is of the rule {', '.join(lacking)}, which is not there")
        return self

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the pack's canonical bytes, its tests left out, hex.

        Of its monitors only what the file says counts, so that a new way to watch leaves it as it is.
        """
        plain = self.model_dump(
            mode="json",
            by_alias=True,
            exclude_none=True,
            exclude={"rules": {"__all__": {"tests"}}, "monitors": True},
        )
        if self.monitors:
            said = [one.model_dump(mode="json", by_alias=True, exclude_unset=True) for one in self.monitors]
            plain["monitors"] = said
        return hashlib.sha256(canonical_bytes(plain)).hexdigest()

    def in_force(self, cites: tuple[Cite, ...], day: date) -> tuple[Cite, ...]:
        """Return those articles whose source is in force on a day."""
        return tuple(one for one in cites if self.sources[one.source].holds_on(day))

    def cited(self, cites: tuple[Cite, ...], language: Literal["zh", "en"]) -> str:
        """Write articles as people cite them, each with the day since when its source is in force."""
        written = []
        for one in cites:
            source = self.sources[one.source]
            since = source.in_force.isoformat()
            if language == "zh":
                written.append(f"《{source.title.zh}》{one.article}（自 {since} 起施行）")
            else:
                written.append(f"{source.title.en}, {one.article} (in force since {since})")
        return "、".join(written) if language == "zh" else "; ".join(written)


class PackPin(Model):
    """A pack, by its digest, that a document was checked against; part of what is signed."""

    id: Identifier
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
