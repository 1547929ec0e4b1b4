"""A reconciliation made: the book as it stands, the party's own side, the file, and what comes of them.

What it is a function of stands in its content, so that it can be made again from the same file and gives the
same digest: the file's and the layout's digests, the rules, the documents, the log up to an entry, and the
reconciliation before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from ledger.intake.readers import file_sha256
from ledger.log import Log
from ledger.reconciliation.breaks import Reach
from ledger.reconciliation.errors import ReconciliationDiffers, ReconciliationRefused, RowsRejected
from ledger.reconciliation.files import FileRows, read_file
from ledger.reconciliation.knowing import Knowledge
from ledger.reconciliation.layouts import Layout
from ledger.reconciliation.matching import reconcile
from ledger.reconciliation.own import Own, Reached, day_of, own_rows, payment_rows, statements_of
from ledger.reconciliation.recorded import Book, Recorded, State, reconciliations, state_of
from ledger.reconciliation.result import Result
from ledger.reconciliation.rows import frame_of
from ledger.reconciliation.rules import Rules, rules_of
from ledger.settlement.deal import deal_terms
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement
from policies.agreement import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to reconcile: whose file, by which layout; what is None is as the layout says.

    `since` begins a book: statements with an earlier cut-off are left out of it. `until` leaves later ones to
    the next time. `mended` are rows of the file that somebody mended, `rejects` where those that cannot be
    read are written to.
    """

    party: str
    path: Path
    layout: Layout
    tolerance: str | None = None
    days: int | None = None
    legs: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    mended: Path | None = None
    rejects: Path | None = None


@dataclass(frozen=True)
class Made:
    """A reconciliation before it is recorded: its result, both sides, and its content."""

    book: Book
    result: Result
    own: Own
    file: FileRows
    content: dict[str, Any] = field(repr=False)


def make(  # noqa: PLR0913 -- the log and its line files, the documents, what is asked, and as of when
    log: Log,
    store: LineStore,
    agreements: Sequence[Agreement],
    asked: Asked,
    *,
    at: datetime,
    end: int | None = None,
) -> Made:
    """Make a reconciliation, writing nothing.

    Raises ReconciliationRefused, RowsRejected, what read_file raises, and LinesUnavailable.
    """
    terms = deal_terms(log, agreements)
    if asked.party not in terms.party_ids():
        raise ReconciliationRefused("it is no party to the agreement", where=asked.party[:100])
    document = asked.layout.document
    end = log.size() if end is None else end
    book = Book(terms.id, asked.party, document.source)
    state = state_of(log, book, end)
    rules = _rules(asked, terms)
    statements = statements_of(log, asked.party, terms.id, end=end)
    begins = _begins(state, statements, asked.since)
    after = max(begins, state.last.content["through_run"] if state.last else 0)
    if document.level == "payout":
        taken = [
            Reached(one.content["as_of_seq"], _day(one.content["until"]))
            for one in reconciliations(log, book.agreement, book.party, end)
            if one.book == book
        ]
        own = payment_rows(log, asked.party, terms.id, terms.zone, taken=taken, end=end, until=asked.until)
    else:
        own = own_rows(store, statements, document.level, rules, after_run=after, until=asked.until)
    file = _file(asked, terms, state)
    brought = state.brought()
    sides = [
        pl.concat([frame, frame_of(row for row in brought if row.side == side)])
        for frame, side in ((own.frame, "a"), (file.frame, "b"))
    ]
    knowledge = Knowledge(
        log, store, terms, asked.party, document.level, rules, Point(at.replace(microsecond=0), end),
        [(one, begins < one.number <= after) for one in statements if one not in own.statements],
    )  # fmt: skip
    by_hand = [one.by_hand for one in state.by_hand]
    reach = Reach(own.through_day, _last_day(file.frame))
    result = reconcile(sides[0], sides[1], rules, reach, knowledge.look_up, by_hand=by_hand)
    content = _content(asked, terms, book, state, own, file, result)
    content |= {"begins_after_run": begins, "as_of_seq": end, "at": at.replace(microsecond=0).isoformat()}
    return Made(book, result, own, file, content)


def make_again(
    log: Log, store: LineStore, agreements: Sequence[Agreement], recorded: Recorded, asked: Asked
) -> Made:
    """Make a recorded reconciliation again from its file. Raises ReconciliationDiffers where it differs.

    Of `asked` the file and the layout count; all else is as it was recorded.
    """
    told = recorded.content
    known = {one["sha256"] for one in told["versions"]}
    rules = Rules.from_json(told["rules"])
    again = Asked(
        party=told["party"],
        path=asked.path,
        layout=asked.layout,
        tolerance=told["tolerance"],
        days=rules.days,
        legs=rules.legs,
        since=_day(told["since"]),
        until=_day(told["until"]),
        mended=asked.mended,
    )
    made = make(
        log, store, [one for one in agreements if one.id != agreements[-1].id or one.sha256 in known], again,
        at=datetime.fromisoformat(told["at"]), end=told["as_of_seq"],
    )  # fmt: skip
    for name, what in (("files", "file"), ("layout_sha256", "layout"), ("digest", "result")):
        if made.content[name] != told[name]:
            raise ReconciliationDiffers(f"its {what} is not the one that was recorded", where=recorded.id)
    return made


def _rules(asked: Asked, terms: Terms) -> Rules:
    declared = asked.layout.document.match
    tolerance = declared.tolerance if asked.tolerance is None else asked.tolerance
    days = declared.days if asked.days is None else asked.days
    named = {one.leg for one in asked.layout.document.amounts if one.leg}
    legs = asked.legs or tuple(named)
    known = {step.name for version in terms.versions for step in version.plan.steps}
    known |= {source.kind for version in terms.versions for source in version.plan.clause.funding}
    for leg in legs:
        if leg not in known:
            hint = ", ".join(sorted(known))
            raise ReconciliationRefused(f"no version has a leg '{leg[:64]}'; there are {hint}", where="leg")
    return rules_of(tolerance, days, legs, terms.newest.currency)


def _begins(state: State, statements: Sequence[Statement], since: date | None) -> int:
    """Return the run after which the book's statements begin. Raises ReconciliationRefused."""
    if state.last is not None:
        if since is not None and since.isoformat() != state.last.content["since"]:
            raise ReconciliationRefused("the book has begun already; leave `since` out", where="since")
        return int(state.last.content["begins_after_run"])
    early = [one.number for one in statements if since and day_of(one.content["cutoff"]) < since]
    return max(early, default=0)


def _file(asked: Asked, terms: Terms, state: State) -> FileRows:
    taken = [row.id for row in state.brought() if row.side == "b"]
    found = read_file(
        asked.path,
        asked.layout,
        currency=terms.newest.currency,
        zone=terms.zone,
        mended=asked.mended,
        rejects=asked.rejects,
        taken=taken,
    )
    if found.rejected_rows:
        first = found.rejected[0]
        where = f"row {first.row}" + (f", column {first.column}" if first.column else "")
        raise RowsRejected(
            f"{found.rejected_rows:,} of {found.rows:,} rows cannot be read, and without them the total is"
            f" not known; the first is {where}: {first.message}",
            where=str(asked.path),
            rejected=[one.as_json() for one in found.rejected],
        )
    return found


def _content(  # noqa: PLR0913, PLR0917 -- everything that it is a function of
    asked: Asked, terms: Terms, book: Book, state: State, own: Own, file: FileRows, result: Result
) -> dict[str, Any]:
    document = asked.layout.document
    brought = state.brought()
    tolerance = document.match.tolerance if asked.tolerance is None else asked.tolerance
    since = state.last.content["since"] if state.last else asked.since.isoformat() if asked.since else None
    return {
        "agreement": book.agreement,
        "party": book.party,
        "book": book.name,
        "side": document.side,
        "level": document.level,
        "number": (state.last.number if state.last else 0) + 1,
        "previous": state.last.id if state.last else None,
        "layout": asked.layout.name,
        "layout_sha256": asked.layout.sha256,
        "files": [{"sha256": file.sha256, "rows": file.rows, "idle_rows": file.idle_rows}, *_mended(asked)],
        "tolerance": tolerance,
        "rules": result.rules.as_json(),
        "versions": [
            {"version": one.version, "sha256": one.agreement.sha256}
            for one in sorted(terms.versions, key=lambda one: one.version)
        ],
        "since": since,
        "until": asked.until.isoformat() if asked.until else None,
        "through_run": own.through_run,
        "through": own.through,
        "through_seq": own.through_seq,
        "statements": [one.id for one in own.statements],
        "currency": terms.newest.currency,
        "brought": {
            "rows": len(brought),
            "a_minor": sum(row.amount_minor for row in brought if row.side == "a"),
            "b_minor": sum(row.amount_minor for row in brought if row.side == "b"),
        },
        "totals": {
            "a_minor": result.a_minor,
            "b_minor": result.b_minor,
            "difference_minor": result.a_minor - result.b_minor,
            "rows_a": result.rows_a,
            "rows_b": result.rows_b,
            "matches": result.matches,
            "classes": [
                {"class": one.kind, "count": one.count, "open": one.open, "a_minor": one.a_minor,
                 "b_minor": one.b_minor, "difference_minor": one.difference_minor}
                for one in result.by_class() if one.count
            ],
        },
        "suggested": result.suggested,
        "limited": result.limited,
        "digest": result.digest(),
    }  # fmt: skip


def _mended(asked: Asked) -> list[dict[str, Any]]:
    return [{"sha256": file_sha256(asked.mended)}] if asked.mended else []


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _last_day(frame: pl.DataFrame) -> date | None:
    last = frame["day"].max()
    return last if isinstance(last, date) else None
