"""What a rendered agreement is made of, in one language: plain data, which every way of laying it out reads.

The same agreement has the same shape in both languages, so that two of these stand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.formulas.prose import Language


@dataclass(frozen=True, slots=True)
class Term:
    """One computed term in words: a label, what it says, and for a step of the split its depth and payee."""

    label: str
    says: str
    to: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table in words. Columns from `figures` on hold amounts and are set to the right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """One clause. `standing` is computed, text_only or not_enforced."""

    id: str
    heading: str
    text: str
    kind: str
    standing: str
    terms: tuple[Term, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signatory:
    """One party as the contract introduces it and as it signs: `ordinal` is 甲方, Party A."""

    ordinal: str
    name: str
    role: str
    id: str
    service_address: str
    signer: str


@dataclass(frozen=True, slots=True)
class Example:
    """One test of the document as a worked example: what is given, and what each share comes to."""

    name: str
    given: tuple[Term, ...]
    shares: Table


@dataclass(frozen=True, slots=True)
class Rendered:
    """A whole agreement in one language.

    `particulars` are label and value, `recitals` sentences, `definitions` the facts in words.
    """

    language: Language
    title: str
    ref: str
    particulars: tuple[tuple[str, str], ...]
    recitals: tuple[str, ...]
    parties: tuple[Signatory, ...]
    definitions: tuple[Term, ...]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...] = ()
    examples: tuple[Example, ...] = ()
    digests: tuple[tuple[str, str], ...] = field(default_factory=tuple)
