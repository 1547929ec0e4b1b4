"""Answers to questions: page by page, or whole with their digest, as of one size of the log.

A page looks at so many entries at most, found any or not, and says where to go on; a whole answer is of so
many rows at most. The same question in the same scope, at the same size, gives the same bytes for ever,
erasures apart: what was erased can be found no more.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

import msgspec

from ledger.accounts import Until, end_of
from ledger.database import Session, reading
from ledger.disclosed import Disclosed, disclosed_at
from ledger.log import Log
from ledger.queries.errors import QueryTooWide
from ledger.queries.matching import matching
from ledger.queries.question import Question
from ledger.queries.rows import Line, Row, cited, entry_row, order_row, posting_rows, sold_line
from ledger.queries.scope import Scope
from ledger.voids import read_voids
from policies.canonical import canonical_bytes

ROWS_MAX = 5_000
"""The most rows of a whole answer."""

BYTES_MAX = 16 << 20
"""The most bytes of a whole answer."""

CITED_MAX = 10_000
"""The most entries that a whole answer is copied from: their proofs are to fit into one file."""

PAGE_MAX = 500
"""The most entries that one page finds."""

SCANNED_MAX = 200_000
"""The most entries that one page looks at."""

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of an answer as of a size of the log; `next_after` goes on, None where there is no more."""

    rows: tuple[Row, ...]
    size: int
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its rows in order, as of a size of the log."""

    rows: tuple[Row, ...]
    size: int

    @property
    def text(self) -> bytes:
        """The rows as canonical JSON, each on a line."""
        return b"".join(canonical_bytes(row) + b"\n" for row in self.rows)

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text).hexdigest()

    @property
    def entries(self) -> list[int]:
        """The seqs of all entries that the rows were copied from, ascending."""
        return sorted(set(chain.from_iterable(cited(row) for row in self.rows)))


def ask(  # noqa: PLR0913 -- where a page begins and ends
    log: Log,
    scope: Scope,
    question: Question,
    *,
    after: int = -1,
    limit: int = PAGE_MAX,
    size: int | None = None,
) -> Page:
    """Return a page of an answer: what is found beyond seq `after`, up to `limit` entries, oldest first.

    `size` reads the first so many entries of the log, all of them when None; pages of one answer are to be
    asked for with the size of the first.
    """
    with reading(log.engine) as session:
        return _page(session, scope, question, after, min(limit, PAGE_MAX), size)


def answer(log: Log, scope: Scope, question: Question, size: int) -> Answer:
    """Return the whole answer as of a size of the log. Raises QueryTooWide."""
    rows: list[Row] = []
    entries: set[int] = set()
    taken, after = 0, -1
    with reading(log.engine) as session:
        while True:
            page = _page(session, scope, question, after, PAGE_MAX, size)
            rows += page.rows
            taken += sum(len(msgspec.json.encode(row)) for row in page.rows)
            entries.update(chain.from_iterable(cited(row) for row in page.rows))
            if len(rows) > ROWS_MAX or taken > BYTES_MAX or len(entries) > CITED_MAX:
                limits = f"{ROWS_MAX:,} rows, {CITED_MAX:,} entries or {BYTES_MAX >> 20} MiB"
                raise QueryTooWide(f"the answer has more than {limits}; narrow the question", where="query")
            if page.next_after is None:
                return Answer(tuple(rows), size)
            after = page.next_after


def _page(  # noqa: PLR0913, PLR0917 -- where a page begins and ends
    session: Session, scope: Scope, question: Question, after: int, limit: int, size: int | None
) -> Page:
    size = end_of(session, Until(end=size))
    stop = end_of(session, Until(recorded=question.known_at, end=size))
    after, last = max(after, _first(session, question) - 1), _last(session, question, stop)
    window = min(last, after + 1 + SCANNED_MAX)
    seqs = matching(session, scope, question, after=after, stop=window, limit=limit)
    found = disclosed_at(session, seqs)
    rows = _rows(session, scope, question, found, stop)
    following = seqs[-1] if len(seqs) == limit else window - 1
    return Page(tuple(rows), size, following if following < last - 1 else None)


def _first(session: Session, question: Question) -> int:
    """Return the first seq that was recorded late enough for the question."""
    since = question.recorded_from
    return 0 if since is None else end_of(session, Until(recorded=since - _TICK))


def _last(session: Session, question: Question, stop: int) -> int:
    """Return the seq below which entries were recorded early enough for the question."""
    return end_of(session, Until(recorded=question.recorded_to, end=stop))


def _rows(
    session: Session, scope: Scope, question: Question, found: Sequence[Disclosed], stop: int
) -> list[Row]:
    if question.of == "entries":
        return [entry_row(one, scope) for one in found]
    if question.of == "postings":
        return [row for one in found for row in posting_rows(one, scope, question)]
    return _order_rows(session, scope, found, stop)


def _order_rows(session: Session, scope: Scope, sales: Sequence[Disclosed], stop: int) -> list[Row]:
    """Return a row a sale, with everything told of its line before seq `stop`."""
    lines = {one.entry.seq: sold_line(one, scope) for one in sales}
    told: dict[Line, list[int]] = defaultdict(list)
    voids: dict[int, int] = {}
    for agreement in {line[0] for line in lines.values()}:
        orders = sorted({order for of, order, _ in lines.values() if of == agreement})
        sql = "SELECT order_id, line_id, seq FROM line_event WHERE agreement = ? AND seq < ?"
        for order, line, seq in session.rows(*session.of_each(sql, [agreement, stop], "order_id", orders)):
            told[agreement, order, line].append(seq)
        voided = read_voids(session, agreement).before(stop)
        seqs = chain.from_iterable(found for line, found in told.items() if line[0] == agreement)
        voids |= {seq: by for seq in seqs if (by := voided.voided_by(seq)) is not None}
    wanted = sorted(set(chain.from_iterable(told[line] for line in lines.values())))
    entries = {one.entry.seq: one for one in disclosed_at(session, wanted)}
    return [
        order_row(one, [entries[seq] for seq in sorted(told[lines[one.entry.seq]])], scope, voids)
        for one in sales
    ]
