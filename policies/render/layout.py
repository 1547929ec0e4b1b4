"""The order in which a contract is set: rows of blocks, one a language, for every way of writing it.

Columns have the same rows, so that two languages stand side by side.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal

from policies.agreement import Agreement
from policies.formulas.prose import Language
from policies.render.contract import render
from policies.render.model import Rendered, Section, Signatory, Table, Term
from policies.render.words import WORDS

Kind = Literal["title", "heading", "clause", "words", "note", "terms", "table", "signatures"]
Reader = Literal["zh", "en", "both"]


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its `text`, and by kind a clause's number, terms, a table, or those who sign.

    Who sign do it once: `labels` are those of signing address, signature and date.
    """

    kind: Kind
    text: str = ""
    number: str = ""
    terms: tuple[Term, ...] = ()
    table: Table | None = None
    parties: tuple[Signatory, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract ready to be written: its languages, the prevailing one first, and rows of a block in each.

    The last row, where the parties sign, is one block for all languages.
    """

    languages: tuple[Language, ...]
    rendered: tuple[Rendered, ...]
    rows: tuple[tuple[Block, ...], ...]


def contract(agreement: Agreement, reader: Reader) -> Contract:
    """Lay an agreement out in Chinese, in English, or in both with the prevailing language first."""
    both: tuple[Language, ...] = (
        ("zh", "en") if agreement.document.prevailing_language == "zh" else ("en", "zh")
    )
    languages = both if reader == "both" else (reader,)
    rendered = tuple(render(agreement, language) for language in languages)
    columns = [[visible(block) for block in _blocks(one)] for one in rendered]
    signing = (visible(_signing(rendered)),)
    return Contract(languages, rendered, (*zip(*columns, strict=True), signing))


def visible(value: Any) -> Any:
    """Return text, or what holds text, without the characters that are not seen and change what is.

    A document may hold control characters and marks that turn the direction of writing; on a contract they
    could show another amount than the one that is signed.
    """
    if isinstance(value, str):
        return "".join(
            char for char in value if char == "\n" or unicodedata.category(char) not in {"Cc", "Cf"}
        )
    if isinstance(value, tuple):
        return tuple(visible(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: visible(getattr(value, one.name)) for one in fields(value)})
    return value


def _blocks(one: Rendered) -> Iterator[Block]:
    word = WORDS[one.language]
    yield Block("title", one.title, one.ref)
    yield Block("terms", word["particulars"], terms=tuple(Term(*pair) for pair in one.particulars))
    yield Block("heading", word["parties"])
    yield Block("table", table=_parties(one))
    yield Block("heading", word["recitals"])
    for place, sentence in enumerate(one.recitals, 1):
        yield Block("words", sentence, f"({place})")
    yield Block("heading", word["definitions"])
    yield Block("terms", terms=one.definitions)
    yield from (Block("table", table=table) for table in one.tables)
    yield Block("heading", word["clauses"])
    for section in one.sections:
        yield from _section(section, word["clause"].format(section.id), word["computed"])
    if one.examples:
        yield Block("heading", word["examples"])
        yield Block("note", word["examples_lead"])
    for example in one.examples:
        yield Block("terms", example.name, terms=example.given)
        yield Block("table", table=example.shares)
    yield Block("heading", word["digests"])
    yield Block("note", word["digests_lead"])
    yield Block("terms", terms=tuple(Term(*pair) for pair in one.digests))
    yield Block("heading", word["signatures"])


def _section(section: Section, number: str, computed: str) -> Iterator[Block]:
    yield Block("clause", section.heading, number)
    yield Block("words", section.text)
    if section.terms:
        yield Block("terms", computed, terms=section.terms)
    yield from (Block("note", note) for note in section.notes)


def _parties(one: Rendered) -> Table:
    word = WORDS[one.language]
    head = ("", word["name"], word["role"], word["identity"], word["service_address"])
    rows = tuple((who.ordinal, who.name, who.role, who.id, who.service_address) for who in one.parties)
    return Table("", head, rows, figures=len(head))


def _signing(rendered: tuple[Rendered, ...]) -> Block:
    """Return the one place where each party signs, named in every language."""
    words = [WORDS[one.language] for one in rendered]
    labels = tuple(" / ".join(word[key] for word in words) for key in ("signer", "signature_of", "signed_on"))
    sides = zip(*(one.parties for one in rendered), strict=True)
    parties = tuple(
        replace(
            side[0],
            ordinal=" / ".join(who.ordinal for who in side),
            name=" / ".join(dict.fromkeys(who.name for who in side)),
            role=" / ".join(who.role for who in side),
        )
        for side in sides
    )
    return Block("signatures", parties=parties, labels=labels)
