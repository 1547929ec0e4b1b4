"""A statement as PDF: the sum in words, and the digest of its lines, which it lists where they are few."""

from __future__ import annotations

from importlib.resources import files

import msgspec

from api.language import Language, catalogue
from api.pages import money
from api.reading import Money
from api.statements.papers.paper import Paper
from policies.render.typesetting import set_pdf

LINES_SHOWN = 200
"""A statement of more lines than this only says where they are."""


def write_pdf(paper: Paper, language: Language) -> bytes:
    """Write the statement as PDF/A-2: the same statement and language give the same bytes."""
    source = files("api.statements.papers").joinpath("statement.typ").read_bytes()
    return set_pdf(source, {"statement": _data(paper, language)}, paper.cutoff)


def _data(paper: Paper, language: Language) -> str:
    words = catalogue(language)
    shown = paper.statement.count if paper.statement.count <= LINES_SHOWN else 0
    data = {
        "language": language,
        "title": words.text("paper.title"),
        "id": paper.statement.id,
        "heading": paper.heading(language),
        "head": [words.text(key) for key in ("paper.item", "paper.clause", "paper.lines", "word.amount")],
        "parts": _parts(paper, language),
        "classes_title": words.text("statement.by-class"),
        "classes": [
            [
                words.text(f"statement-class.{one.name}"),
                money(Money(one.amount_minor, paper.currency)),
            ]
            for one in paper.classes()
        ],
        "held_title": words.text("statement.held-dues"),
        "held": [
            f"{words.text('word.clause', id=one.clause)} {one.about}".strip()
            + f" · {one.reason.spoken(language)}"
            for one in paper.held_dues()
        ],
        "lines_title": words.text("statement.lines"),
        "line_head": [words.text(key) for key in ("word.order", "word.item", "paper.clause", "word.amount")],
        "lines": _lines(paper, language) if shown else [],
        "lines_are": words.text(
            "paper.lines-are", count=f"{paper.statement.count:,}", root=paper.statement.root
        ),
        "exact": words.text("paper.of-record", seq=paper.statement.seq),
    }
    return msgspec.json.encode(data).decode()


def _parts(paper: Paper, language: Language) -> list[dict[str, object]]:
    words = catalogue(language)
    rows: list[dict[str, object]] = []
    for one in paper.parts():
        if one.what == "carried_forward" and not one.amount_minor:
            continue
        count = words.text("statement.lines-count", count=f"{one.lines:,}") if one.lines else ""
        entry = "" if one.entry is None else words.text("log.entry-number", seq=one.entry)
        rows.append(
            {
                "label": one.label.spoken(language),
                "kind": words.term("total-kind", one.kind) if one.kind else "",
                "clause": one.clause or "",
                "lines": count or entry,
                "amount": money(Money(one.amount_minor, paper.currency)),
                "what": one.what,
            }
        )
    return rows


def _lines(paper: Paper, language: Language) -> list[list[str]]:
    return [
        [
            f"{row['order']} · {row['line']}",
            f"{row['label']} · {row['kind_word']}",
            row["clause"],
            money(Money(row["amount_minor"], paper.currency)),
        ]
        for frame in paper.frames(language)
        for row in frame.iter_rows(named=True)
    ]
