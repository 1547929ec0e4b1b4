"""Rows of an answer: what entries say, copied out of them and nothing else, so that each can be held to it.

A row is canonical JSON. `entries` are the seqs that it was copied from, whose proofs show it to be true; the
verifier copies them out again (verifier/check_query.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.derive import LINE_EVENTS, ORDER_GROUP
from ledger.disclosed import Disclosed
from ledger.leaves import recorded_text
from ledger.queries.question import Question
from ledger.queries.scope import Scope
from ledger.reading import StoredGroup

Row = dict[str, Any]

Line = tuple[str, str, str]
"""Agreement id, order and line."""


def entry_row(found: Disclosed, scope: Scope) -> Row:
    """Return the row of an entry: its header, and the groups that may be shown."""
    groups = [
        {"content": group.content, "name": group.name, "position": group.position, "postings": group.postings}
        for group in _shown(found, scope)
    ]
    entry = found.entry
    return {
        **_times(found),
        "agreement": entry.agreement,
        "asserter": entry.asserter,
        "groups": groups,
        "id": entry.id,
        "kind": entry.kind,
        "source": entry.source,
    }


def posting_rows(found: Disclosed, scope: Scope, question: Question) -> Iterator[Row]:
    """Yield a row for each shown posting of an entry that is of the clause and the party asked for.

    `position` is that of its group and `n` its number there.
    """
    for group in _shown(found, scope):
        for n, posting in enumerate(group.postings):
            owner = posting["account"].rpartition(".")[0]
            if question.clause in {None, posting["clause"]} and question.party in {None, owner}:
                yield {
                    **_times(found), "entry_kind": found.entry.kind, "n": n, "position": group.position,
                    "posting": posting,
                }  # fmt: skip


def order_row(sale: Disclosed, line: list[Disclosed], scope: Scope, voids: Mapping[int, int]) -> Row:
    """Return the row of a sale: its line, and everything told of the line, in order.

    `voids` gives, for what counts no more, the entry that voided it.
    """
    _, order, number = sold_line(sale, scope)
    told = []
    for one in line:
        group = _order_group(one, scope)
        if group is not None:
            event = {
                **_times(one), "event": LINE_EVENTS[one.entry.kind], "facts": group.content,
                "position": group.position, "source": one.entry.source,
            }  # fmt: skip
            voided = voids.get(one.entry.seq)
            told.append(event if voided is None else {**event, "voided_by": voided})
    return {
        "agreement": sale.entry.agreement,
        "line": number,
        "order": order,
        "seq": sale.entry.seq,
        "told": told,
    }


def sold_line(sale: Disclosed, scope: Scope) -> Line:
    """Return the order line that a sale which may be shown is of."""
    facts = _order_group(sale, scope)
    assert facts is not None, "a sale that was found is shown"
    agreement = (sale.entry.agreement or "").partition("@")[0]
    return agreement, facts.content["order"], facts.content["line"]


def cited(row: Row) -> set[int]:
    """Return the seqs of the entries that a row was copied from."""
    told = row.get("told", ())
    return {
        row["seq"],
        *(one["seq"] for one in told),
        *(one["voided_by"] for one in told if "voided_by" in one),
    }


def _times(found: Disclosed) -> Row:
    entry = found.entry
    return {
        "occurred_at": entry.occurred_at,
        "recorded_at": recorded_text(entry.recorded_us),
        "seq": entry.seq,
    }


def _shown(found: Disclosed, scope: Scope) -> list[StoredGroup]:
    return [group for group in found.groups if scope.shows(found.entry, group)]


def _order_group(found: Disclosed, scope: Scope) -> StoredGroup | None:
    return next((group for group in _shown(found, scope) if group.name == ORDER_GROUP), None)
