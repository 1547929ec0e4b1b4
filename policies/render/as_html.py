"""A contract as one HTML file: its own style sheet, nothing to run or to fetch, all text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files

from policies.formulas.prose import Language
from policies.render.layout import Block, Contract
from policies.render.model import Signatory, Table, Term

_SIDE_BY_SIDE = frozenset({"title", "heading", "clause", "words", "note", "terms"})
_TAGS: dict[Language, str] = {"zh": "zh-Hans", "en": "en"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_html(contract: Contract) -> str:
    """Write a contract as a file that any browser shows and prints."""
    first = contract.languages[0]
    body = "\n".join(_row(contract, row) for row in contract.rows)
    columns = "two" if len(contract.languages) > 1 else "one"
    title = escape(" · ".join(one.title for one in contract.rendered))
    return (
        f'<!doctype html>\n<html lang="{_TAGS[first]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_style()}</style>\n</head>\n"
        f'<body class="{columns}">\n{body}\n</body>\n</html>\n'
    )


@cache
def _style() -> str:
    return files("policies.render").joinpath("contract.css").read_text(encoding="utf-8")


def _row(contract: Contract, row: tuple[Block, ...]) -> str:
    side = "side" if row[0].kind in _SIDE_BY_SIDE else "full"
    languages = contract.languages if len(row) == len(contract.languages) else contract.languages[:1]
    cells = "".join(
        f'<div lang="{_TAGS[language]}">{"".join(_block(block))}</div>'
        for language, block in zip(languages, row, strict=True)
    )
    return f'<div class="row {side}">{cells}</div>'


def _block(block: Block) -> Iterator[str]:
    text, number = escape(block.text), escape(block.number)
    match block.kind:
        case "title":
            yield f'<h1>{text}</h1><p class="ref">{number}</p>'
        case "heading":
            yield f"<h2>{text}</h2>"
        case "clause":
            yield f"<h3>{number}　{text}</h3>"
        case "words":
            yield f'<p class="words">{number} {text}</p>' if number else f'<p class="words">{text}</p>'
        case "note":
            yield f'<p class="note">{text}</p>'
        case "terms":
            caption = f'<div class="caption">{text}</div>' if text else ""
            yield f"<dl>{caption}{''.join(_term(term) for term in block.terms)}</dl>"
        case "table":
            assert block.table is not None, "a table block holds one"
            yield _table(block.table)
        case "signatures":
            signing = "".join(_signatory(one, block.labels) for one in block.parties)
            yield f'<div class="signing">{signing}</div>'


def _term(term: Term) -> str:
    to = f' <span class="to">→ {escape(term.to)}</span>' if term.to else ""
    level = min(term.level, 3)
    return f'<div class="level-{level}"><dt>{escape(term.label)}</dt><dd>{escape(term.says)}{to}</dd></div>'


def _table(table: Table) -> str:
    caption = f"<caption>{escape(table.title)}</caption>" if table.title else ""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = "".join(f"<tr>{''.join(_cells(table, row))}</tr>" for row in table.rows)
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(table: Table, row: tuple[str, ...]) -> Iterator[str]:
    for place, cell in enumerate(row):
        figure = ' class="figure"' if place >= table.figures else ""
        yield f"<td{figure}>{escape(cell)}</td>"


def _signatory(party: Signatory, labels: tuple[str, ...]) -> str:
    signer, signature, signed_on = map(escape, labels)
    return (
        f'<div><div class="ordinal">{escape(party.ordinal)}</div>'
        f"<div>{escape(party.name)} ({escape(party.role)})</div>"
        f'<div class="address">{signer}: {escape(party.signer)}</div>'
        f'<div class="line">{signature} <i></i></div><div class="line">{signed_on} <i></i></div></div>'
    )
