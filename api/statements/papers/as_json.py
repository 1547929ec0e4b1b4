"""A statement and its lines as one canonical JSON object, just as both are committed to in the log.

Beside them stand the subtotals by class, which nothing commits to: they are read off the statement.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.statements.papers.paper import Paper
from ledger.statements.lines import line_texts
from policies.canonical import canonical_bytes


def write_json(paper: Paper) -> Iterator[bytes]:
    """Yield the file in pieces: `classes`, `entry_seq`, `lines`, and `statement` as its entry says it."""
    classes = [
        {"amount_minor": one.amount_minor, "class": one.name, "figures": list(one.figures)}
        for one in paper.classes()
    ]
    yield b'{"classes":' + canonical_bytes(classes)
    yield f',"entry_seq":{paper.statement.seq},"lines":['.encode()
    between = ""
    for frame in paper.frames():
        for texts in line_texts(frame):
            yield f"{between}{','.join(texts)}".encode()
            between = ","
    yield b'],"statement":' + canonical_bytes(paper.statement.content) + b"}\n"
