"""What a monitor is: which entries it watches, what it holds them against, and what it then says.

Clause kinds declare theirs under `monitors` of their files, regulation packs likewise. In a kind's file
`{name}` is a parameter of the clause, as in its formulas; without a parameter that it names a monitor falls
away.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from policies.fields import Day, FactName, Formula, Model, Name, WholeNumber, YesNo

FieldType = Literal["money", "rate", "count", "bool", "text", "date", "instant"]
Severity = Literal["info", "warning", "breach"]
EntryKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Place = Annotated[str, StringConstraints(pattern=r"^(watch|beside)\.[a-z][a-z0-9_]{0,39}$")]
"""A field of what is watched or of what stands beside it; `on` is the day, `by` who said it."""


class Told(Model):
    """Entries of some kinds under the agreement; of one of their `groups` the fields it `takes` are read.

    `as` is what the document's facts call them: a fact `later.price` is the field `price` of what is told
    `as: later.sku` or `as: later`. With `next_version` it is what is told of the version after this one.
    """

    kinds: tuple[EntryKind, ...] = Field(min_length=1)
    groups: tuple[Name, ...] = ("register",)
    takes: dict[Name, FieldType] = Field(default_factory=dict)
    as_: FactName | None = Field(default=None, alias="as")
    next_version: YesNo = False

    @property
    def prefix(self) -> str | None:
        """What the names of facts begin with that are fields of it."""
        return None if self.as_ is None else self.as_.partition(".")[0]


class Beside(Told):
    """What was told last, before what is watched, with the same values of the fields `by`.

    `item_from` are kinds that told other fields of the same item of a register before.
    """

    by: tuple[Name, ...] = Field(min_length=1)
    item_from: tuple[EntryKind, ...] = ()


class Phrases(Model):
    """Phrases that a text may not hold, and what right before or after them makes something else of them.

    `of` names a list of the pack's rule, instead of `phrases` of its own.
    """

    in_: Name = Field(alias="in")
    of: Name | None = None
    phrases: tuple[str, ...] = ()
    unless_before: tuple[str, ...] = ()
    unless_after: tuple[str, ...] = ()


class ReturnRate(Model):
    """More than a share of an item's lines sold in a month were returned; of too few lines none counts."""

    by: FactName
    above: str
    at_least: WholeNumber


class Ends(Model):
    """A day comes near: said so many days before it, and not once it is over."""

    day: Day
    days_before: WholeNumber


class Monitor(Model):
    """One monitor. It has one way to find what it says: a condition, words, a rate, a day, or a reader.

    A condition is `when`, else the clause's own; `where` says beforehand what is meant. `facts` says which
    fact of the document a field is, where `as` does not. `permitted` holds what was shared against every data
    grant of the version, `payable` what statements leave to be paid against its day. `once` are the fields
    that make it one thing to say, the entry itself where there are none. `about` and `figures` are told, and
    `readers` names the parameters that say whom.
    """

    code: Code
    severity: Severity
    watch: Told | None = None
    beside: Beside | None = None
    facts: dict[Place, FactName] = Field(default_factory=dict)
    where: Formula | None = None
    when: Formula | None = None
    words: Phrases | None = None
    rate: ReturnRate | None = None
    permitted: YesNo = False
    ends: Ends | None = None
    payable: YesNo = False
    once: tuple[Place, ...] = ()
    about: dict[Name, Place] = Field(default_factory=dict)
    figures: dict[Name, Place] = Field(default_factory=dict)
    readers: tuple[Name, ...] = ("holder", "toward")

    @model_validator(mode="after")
    def _one_way(self) -> Monitor:
        readers = [self.words, self.rate, self.ends, self.permitted or None, self.payable or None]
        ways = sum(one is not None for one in readers)
        if ways > 1 or (ways and self.when is not None):
            raise ValueError("a monitor has one way to find what it says")
        watches = self.rate is None and self.ends is None and not self.payable
        if watches != (self.watch is not None):
            raise ValueError("'watch' goes with a condition, with 'words' and with 'permitted'")
        return self


class PackMonitor(Monitor):
    """A monitor of a regulation pack: of which of its rules, and under which clause of a document if any.

    `under` is a kind of clause and a parameter, and what it names where it lists amounts by name:
    `conduct.fines.absolute_terms`.
    """

    rule: str
    under: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+(\.[a-z_]+)?$")] | None = None
