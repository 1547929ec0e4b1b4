"""A contract as plain text: one column, tables aligned by the width characters take on a screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from policies.render.layout import Block, Contract
from policies.render.model import Table, Term

_RULE = 72


def write_text(contract: Contract) -> str:
    """Write a contract as plain text; of two languages, each block in one and then in the other."""
    lines: list[str] = []
    for row in contract.rows:
        for block in row:
            lines += _block(block)
    return "\n".join(lines).strip("\n") + "\n"


def width(text: str) -> int:
    """Return the columns a text takes on a screen: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _block(block: Block) -> Iterator[str]:
    match block.kind:
        case "title":
            yield from ("", _line(block.text), block.number, "=" * _RULE)
        case "heading":
            yield from ("", "", block.text, "-" * max(width(block.text), 8))
        case "clause":
            yield from ("", f"{block.number}  {block.text}")
        case "words":
            yield from _paragraphs(f"{block.number} {block.text}" if block.number else block.text)
        case "note":
            yield f"    * {_line(block.text)}"
        case "terms":
            if block.text:
                yield f"    [{_line(block.text)}]"
            yield from (f"    {_term(term)}" for term in block.terms)
        case "table":
            assert block.table is not None, "a table block holds one"
            yield from _table(block.table)
        case "signatures":
            yield from _signatures(block)


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the lines of a text, each set in, so that none passes for a line of the contract's own."""
    yield from (f"    {line.strip()}" for line in text.split("\n") if line.strip())


def _line(text: str) -> str:
    return " ".join(text.split())


def _term(term: Term) -> str:
    to = f" → {term.to}" if term.to else ""
    return f"{'  ' * term.level}· {_line(f'{term.label}: {term.says}{to}')}"


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"    [{table.title}]"
    rows = [[cell.replace("\n", " ") for cell in row] for row in (table.head, *table.rows)]
    widths = [max(width(row[place]) for row in rows) for place in range(len(table.head))]
    for number, row in enumerate(rows):
        cells = [_padded(cell, widths[place], right=place >= table.figures) for place, cell in enumerate(row)]
        yield f"    {'  '.join(cells)}".rstrip()
        if number == 0:
            yield f"    {'  '.join('-' * one for one in widths)}"


def _padded(text: str, wide: int, *, right: bool) -> str:
    room = " " * (wide - width(text))
    return room + text if right else text + room


def _signatures(block: Block) -> Iterator[str]:
    signer, signature, signed_on = block.labels
    for party in block.parties:
        yield from (
            "",
            f"    {party.ordinal}  {_line(party.name)} ({party.role})",
            f"    {signer}: {party.signer}",
            f"    {signature}: ____________________    {signed_on}: ____________",
        )
