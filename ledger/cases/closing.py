"""How a case ends: proposed and ruled on, the decision that stands posted, settled, withdrawn, closed.

A ruling moves nothing. What stands is posted once, under the one id `CASE/decided`, in the same transaction
that releases what was held for the case and, where nothing is left to be done, closes it: so a ruling that is
overturned never posted, and no appeal pays twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ledger.accounts import Until
from ledger.appending import append_entries
from ledger.cases.acts import HOUSE, CaseBook, Doer
from ledger.cases.bench import bench, require_presiding
from ledger.cases.costs import with_costs
from ledger.cases.errors import DisputeState
from ledger.cases.record import CaseRecord, Step, append_step, record_within, step_entry
from ledger.database import Session, reading
from ledger.entries import NewEntry
from ledger.holds import held_at, releasing, require_releasable
from ledger.settlement.decisions import DECISION_GROUP, decision_entry
from policies.agreement import Agreement
from policies.process.standing import Standing
from policies.process.terms import Level

DECIDED_HOLD = "decided"
"""The name of the release of what was held for a case."""

UNTOLD = frozenset({"undecided", "conflict"})
"""Outcomes that decide nothing, so that a person must."""


def propose(book: CaseBook, content: Mapping[str, Any], doer: Doer) -> int:
    """Record what the rules propose, for a person to look at. Raises DisputeState; see rule_by_rules."""
    return append_step(
        book.log, book.record(), "proposed", "proposed", content, by=doer.by, at=doer.at,
        group=DECISION_GROUP, require=_ready(book, content),
    )  # fmt: skip


def rule_by_rules(book: CaseBook, content: Mapping[str, Any], doer: Doer) -> int:
    """Record what the rules decide; it stands once no appeal can come.

    `content` names the log's size at which they were asked (`as_of_seq`). Raises DisputeState before the time
    for evidence is over, where a window's end is not in the record, and where the case moved on since.
    """
    told, ready = {**content, "level": "rules"}, _ready(book, content)

    def require(session: Session) -> None:
        ready(session)
        if book.standing_within(session).lost_turn("rules"):
            raise DisputeState("the rules are late and may only propose", where=book.case)

    return append_step(
        book.log, book.record(), "ruled", "ruled/rules", told, by=doer.by, at=doer.at, group=DECISION_GROUP,
        require=require,
    )  # fmt: skip


def _ready(book: CaseBook, content: Mapping[str, Any]) -> Callable[[Session], None]:
    def require(session: Session) -> None:
        steps = record_within(session, book.case).steps
        now = book.standing_within(session)
        if now.state != "deciding":
            raise DisputeState(
                f"the rules are asked once both sides were heard; it is {now.state}", where=book.case
            )
        if now.unrecorded or steps[-1].seq >= content["as_of_seq"]:
            raise DisputeState("the case moved on meanwhile; ask the rules again", where=book.case)

    return require


def rule(book: CaseBook, content: Mapping[str, Any], doer: Doer) -> int:
    """Record what a person rules on a proposal or an appeal, with reasons; return the seq.

    `content` is a decision as JSON with who ruled and why. It is of the level whose turn it is, and stands
    once no appeal can come. Raises DisputeState where nothing waits for a person or nothing is decided, and
    SeatRefused where arbiters sit in the case and another presides at that level.
    """
    book.record_passed(doer.at)
    record = book.record()
    level, last = whose_turn(book.standing(record)), record.last("ruled")
    if level is None:
        if last is not None and last.content == {**last.content, **content}:
            return last.seq
        raise DisputeState(
            "nothing waits for a person: the rules have not proposed, it is ruled on, or it has ended",
            where=book.case,
        )
    if content["outcome"] in UNTOLD:
        raise DisputeState(
            f"the rules left it {content['outcome']}; rule on it with a decision of your own", where=book.case
        )

    def require(session: Session) -> None:
        if whose_turn(book.standing_within(session)) != level:
            raise DisputeState("it was ruled on meanwhile, or has ended", where=book.case)
        require_presiding(record_within(session, book.case), level, doer.by)

    return append_step(
        book.log, record, "ruled", f"ruled/{level}", {**content, "level": level}, by=doer.by, at=doer.at,
        group=DECISION_GROUP, require=require,
    )  # fmt: skip


def whose_turn(now: Standing) -> Level | None:
    """Return the level at which a person is to rule, None where nobody is."""
    return now.level if now.state in {"proposed", "appealed"} else None


def enforce(book: CaseBook, agreement: Agreement, doer: Doer) -> int:
    """Post the ruling that stands, release what was held, and close the case where nothing is left to do.

    Asking again returns the first. Raises DisputeState while an appeal can come.
    """
    book.record_passed(doer.at)
    record = book.record()
    decided = record.named("decided")
    if decided is not None:
        _release_left(book, doer)
        return decided.seq
    ruled = record.last("ruled")
    if ruled is None or not _stands(book.standing(record)):
        raise DisputeState("no ruling stands: none was made, or an appeal can come", where=book.case)
    content = with_costs(record, agreement, {**ruled.content, "ruled_seq": ruled.seq})
    entry = decision_entry(
        agreement,
        case=record.id,
        decision=content,
        decided_at=doer.at,
        asserter=ruled.by,
        parties=record.readers,
        clause=ruled.content["clause"],
    )

    def require(session: Session) -> None:
        now = record_within(session, book.case)
        last = now.last("ruled")
        if bench(now).costs != bench(record).costs:
            raise DisputeState("costs were ruled on meanwhile; ask again", where=book.case)
        if last is None or last.seq != ruled.seq or not _stands(book.standing_within(session)):
            raise DisputeState("the ruling was appealed meanwhile", where=book.case)

    closing = () if left_to_do(content) else (_closed(record, "enforced", doer),)
    return _ended(book, [entry], closing, doer, require)


def left_to_do(decision: Mapping[str, Any]) -> list[str]:
    """Return what somebody has still to do about a posted decision: effects, and what no account gave."""
    return [*(one["id"] for one in decision["effects"]), *decision["uncovered"]]


def _stands(now: Standing) -> bool:
    return now.state == "ruled" and now.final


def settle(book: CaseBook, accepted: Mapping[str, Any], decision: NewEntry, doer: Doer) -> int:
    """Record that a proposal to settle was accepted, post what was agreed, and close the case.

    `accepted` names the `offer`, `decision` is the entry of the decision by consent. Raises DisputeState,
    also where the other side has made another proposal since.
    """
    assert doer.side is not None, "a side accepts"
    record = book.record()
    step = step_entry(record, "settlement_accepted", "settlement_accepted", accepted, by=doer.by, at=doer.at)
    allowed = book.require("settle", doer.side)

    def require(session: Session) -> None:
        allowed(session)
        offers = record_within(session, book.case).of("settlement_offered")
        theirs = [one.content["offer"] for one in offers if one.content["side"] != doer.side]
        if theirs and theirs[-1] != accepted["offer"]:
            raise DisputeState("its side has made another proposal since", where=book.case)

    return _ended(book, [step, decision], (_closed(record, "settled", doer),), doer, require)


def withdraw(book: CaseBook, reason: str, doer: Doer) -> int:
    """Withdraw the claim, release what was held, and close the case. Raises DisputeState once ruled on."""
    assert doer.side is not None, "a side withdraws"
    record = book.record()
    step = step_entry(record, "withdrawn", "withdrawn", doer.told(reason=reason), by=doer.by, at=doer.at)
    return _ended(
        book, [step], (_closed(record, "withdrawn", doer),), doer, book.require("withdraw", doer.side)
    )


def close(book: CaseBook, words: str, doer: Doer) -> int:
    """Close a case whose decision is posted, once what else it asks for was done; `words` say so.

    Raises DisputeState while nothing stands.
    """

    def require(session: Session) -> None:
        if not book.standing_within(session).ended:
            raise DisputeState("nothing stands yet that could be enforced", where=book.case)

    content = doer.told(how="enforced", words=words)
    record = book.record()
    if (closed := record.named("closed")) is not None:
        return closed.seq
    book.record_passed(doer.at)
    return append_step(book.log, record, "closed", "closed", content, by=doer.by, at=doer.at, require=require)


def _closed(record: CaseRecord, how: str, doer: Doer) -> NewEntry:
    return step_entry(record, "closed", "closed", {"how": how}, by=HOUSE, at=doer.at)


def _ended(
    book: CaseBook,
    steps: Sequence[NewEntry],
    closing: Sequence[NewEntry],
    doer: Doer,
    require: Callable[[Session], None],
) -> int:
    """Append what ends a case, with the release of all that is held for it; return the seq of the first."""
    held = _held(book, doer)
    releases = [_release(book, held, doer)] if held else []

    def asked(session: Session) -> None:
        require(session)
        if held:
            require_releasable(session, book.case, held, doer.at)

    return append_entries(book.log, [*steps, *releases, *closing], asked)[0]


def _held(book: CaseBook, doer: Doer) -> int:
    with reading(book.log.engine) as session:
        return sum(one.held_minor for one in held_at(session, doer.at, Until(), hold=book.case))


def _release(book: CaseBook, amount_minor: int, doer: Doer) -> NewEntry:
    return releasing(
        book.log, book.case, amount_minor, release=DECIDED_HOLD, at=doer.at, by=HOUSE, reason=DECIDED_HOLD
    )


def _release_left(book: CaseBook, doer: Doer) -> None:
    """Release what is held for a case that was decided by an older house, which did so apart."""
    held = _held(book, doer)
    if held:
        append_entries(
            book.log,
            [_release(book, held, doer)],
            lambda session: require_releasable(session, book.case, held, doer.at),
        )


def standing_decision(record: CaseRecord) -> Step | None:
    """Return the decision that stands, else the last ruling, else the proposal; None before any."""
    return record.last("decided") or record.last("ruled") or record.last("proposed")
