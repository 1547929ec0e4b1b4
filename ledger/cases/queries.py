"""Queries of the ledger on a case's record: saved with checkpoint and digest, run again, widened by order.

    dispute.query_saved     in group `case` the question, its scope and the checkpoint;
                            in group `query` the digest of the answer and a mark of each row
    dispute.query_widened   an order that opens further agreements or parties to the queries of a case

Both sides read what was asked and every order; whom an order opens reads it too. What was found may be of one
side alone, and a digest of it could be guessed back, so it stands in a group of its own that names no side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs

from ledger.appending import append_entries
from ledger.cases.errors import QueryUnknown
from ledger.cases.record import KIND, CaseRecord, Step, step_entry
from ledger.checkpoints import Checkpoint
from ledger.database import Session, reading
from ledger.entries import AUDITOR, Group
from ledger.leaves import read_content
from ledger.log import Log
from ledger.notices.giving import giving
from ledger.notices.notice import NewNotice
from ledger.queries.answering import Answer, answer
from ledger.queries.question import Question, read_question
from ledger.queries.rows import cited
from ledger.queries.scope import Scope
from ledger.reading import read_told
from policies.canonical import canonical_bytes

SAVED, WIDENED = "query_saved", "query_widened"
QUERY_GROUP = "query"
"""The group of what a saved query found: it names auditors, and is opened to the arbiters of the case."""

_MARK = 16


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query as it was saved: what was asked, in which scope, over how many entries, and what came of it.

    `agreement` is the version (id@version) that its case is under.
    `root` is the tree's root over those entries (hex), which a checkpoint signs; `marks` has, for each row in
    order, a mark of its text and the entries that it was copied from.
    """

    id: str
    step: Step
    agreement: str
    question: Question
    scope: Scope
    size: int
    root: str
    digest: str
    marks: tuple[tuple[str, tuple[int, ...]], ...] = field(repr=False)

    @property
    def rows(self) -> int:
        """How many rows the answer has."""
        return len(self.marks)


@dataclass(frozen=True, slots=True)
class RunAgain:
    """A saved query run again: its answer now, and the entries behind rows that are not as they were.

    `erased` are those of which a group was erased since; `differing` those that nothing explains.
    """

    answer: Answer
    erased: tuple[int, ...]
    differing: tuple[int, ...]
    same: bool


def scope_of(record: CaseRecord, base: Scope) -> Scope:
    """Return what queries of a case may show: what it concerns, and what orders opened to it."""
    for step in record.of(WIDENED):
        base = base.wider(step.content["agreements"], step.content["parties"])
    return base


def widen(  # noqa: PLR0913 -- what is opened, why, to whose knowledge, on whose word
    log: Log,
    record: CaseRecord,
    *,
    agreements: Sequence[str],
    parties: Sequence[str],
    reason: str,
    readers: Collection[str],
    by: str,
    at: datetime,
    require: Callable[[Session], None],
) -> int:
    """Record an order that opens agreements (ids) and parties to the queries of a case; return its seq.

    `readers` learn of it beside the sides: they read the order and are given a notice, in one transaction.
    The same order again adds nothing.
    """
    said = {"agreements": sorted(set(agreements)), "parties": sorted(set(parties)), "reason": reason}
    name = f"widened/{_short(said)}"
    opens = sorted({*record.readers, *readers})
    order = step_entry(record, WIDENED, name, said, by=by, at=at, readers=opens)
    notice = NewNotice(
        id=f"{record.id}-{name.replace('/', '-')}",
        code="query-widened",
        agreement=record.agreement,
        clause=None,
        about={"dispute": record.id, "opened": ", ".join([*said["agreements"], *said["parties"]])},
        cites=(),
        figures={"why": reason},
        readers=tuple(opens),
        severity="info",
    )
    return append_entries(log, [order, giving(notice, at=at, by=by)], require)[0]


def save_query(  # noqa: PLR0913 -- what is asked, where, over what, on whose word
    log: Log,
    record: CaseRecord,
    scope: Scope,
    question: Question,
    checkpoint: Checkpoint,
    *,
    by: str,
    at: datetime,
    require: Callable[[Session], None],
) -> str:
    """Run a query over the entries of a checkpoint and save it; return its id. The same again adds nothing.

    Raises QueryTooWide.
    """
    asked = {
        "question": question.as_json(),
        "root": checkpoint.root.hex(),
        "scope": scope.as_json(),
        "size": checkpoint.size,
    }
    query = f"Q-{_short(asked)}"
    if record.named(f"query/{query}") is not None:
        return query
    found = answer(log, scope, question, checkpoint.size)
    entry = step_entry(record, SAVED, f"query/{query}", {"query": query, **asked}, by=by, at=at)
    outcome = {"digest": found.digest, "query": query, "rows": [_mark(row) for row in found.rows]}
    group = Group(QUERY_GROUP, (AUDITOR,), outcome)
    append_entries(log, [structs.replace(entry, groups=(*entry.groups, group))], require)
    return query


def saved_queries(log: Log, record: CaseRecord, withheld: frozenset[str]) -> dict[str, SavedQuery]:
    """Return the saved queries of a case by id, oldest first; `withheld` groups are never shown again."""
    steps = {one.seq: one for one in record.of(SAVED)}
    with reading(log.engine) as session:
        told = [
            (entry.seq, opened)
            for entry, opened in read_told(session, [f"{KIND}{SAVED}"], QUERY_GROUP, record.agreement)
            if entry.seq in steps
        ]
    found = (_saved(record, steps[seq], read_content(opened), withheld) for seq, opened in told)
    return {one.id: one for one in found}


def saved_query(log: Log, record: CaseRecord, query: str, withheld: frozenset[str]) -> SavedQuery:
    """Return one saved query. Raises QueryUnknown."""
    found = saved_queries(log, record, withheld)
    if query not in found:
        raise QueryUnknown("no query of that id was saved for this dispute", where=query[:40])
    return found[query]


def run_again(log: Log, saved: SavedQuery) -> RunAgain:
    """Run a saved query again, in its own scope over its own entries, and hold it against what was saved."""
    now = answer(log, saved.scope, saved.question, saved.size)
    if now.digest == saved.digest:
        return RunAgain(now, (), (), same=True)
    marks = {_marked(row) for row in now.rows}
    changed = {seq for mark, entries in saved.marks if mark not in marks for seq in entries}
    before = {mark for mark, _ in saved.marks}
    fresh = {seq for row in now.rows if _marked(row) not in before for seq in cited(row)}
    gone = _erased(log, changed | fresh)
    lost = [entries for mark, entries in saved.marks if mark not in marks and gone.intersection(entries)]
    explained = {seq for entries in lost for seq in entries}
    return RunAgain(now, tuple(sorted(gone)), tuple(sorted((changed | fresh) - explained)), same=False)


def _erased(log: Log, seqs: Collection[int]) -> set[int]:
    with reading(log.engine) as session:
        sql = f"SELECT DISTINCT seq FROM erasure WHERE {session.members('seq')}"  # noqa: S608 -- own text
        return {row[0] for row in session.rows(sql, (session.listed(sorted(seqs)),))}


def _saved(record: CaseRecord, step: Step, outcome: bytes, withheld: frozenset[str]) -> SavedQuery:
    told: dict[str, Any] = msgspec.json.decode(outcome)
    asked = step.content
    scope = Scope(record.id, tuple(asked["scope"]["agreements"]), tuple(asked["scope"]["parties"]), withheld)
    marks = tuple((one["mark"], tuple(one["entries"])) for one in told["rows"])
    question = read_question(asked["question"])
    return SavedQuery(
        asked["query"],
        step,
        record.agreement,
        question,
        scope,
        asked["size"],
        asked["root"],
        told["digest"],
        marks,
    )


def _mark(row: dict[str, Any]) -> dict[str, Any]:
    return {"entries": sorted(cited(row)), "mark": _marked(row)}


def _marked(row: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_bytes(row)).hexdigest()[:_MARK]


def _short(value: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_bytes(value)).hexdigest()[:10]
