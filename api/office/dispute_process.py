"""What is done to a dispute once it is filed: served, answered, decided by the rules, ruled on, enforced.

Each step is refused where the process of the document does not allow it (ledger/cases), and may be asked for
again. Who may act for a side is asked before (api/disputes). What passes by itself is written down by `tend`,
which the office runs now and then, and before the rules or a person are asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from api.office.disputes import (
    RULES,
    Dispute,
    book_of,
    case_told,
    dispute,
    disputes,
    file_dispute,
    heard,
)
from api.office.opening import OPERATOR, Office
from api.office.papers import opens_inbox
from ledger.appending import append_entries
from ledger.cases.acts import CaseBook, Doer, Means, turn_notice
from ledger.cases.closing import close, enforce, propose, rule, rule_by_rules, whose_turn, withdraw
from ledger.cases.errors import DisputeState
from ledger.cases.record import step_entry
from ledger.errors import EntryConflict
from ledger.notices.giving import giving
from ledger.notices.notice import NewNotice
from policies.decisions.case import Case, case_facts
from policies.decisions.decide import decide
from policies.errors import TallystickError
from policies.process.days import Deadline
from policies.process.standing import ENDED, Standing, level_of
from policies.process.terms import Side


def acting(office: Office, one: Dispute, side: Side, member: str) -> Doer:
    """Return who acts for a side of a dispute, by a member."""
    return Doer(one.party_of(side), member, office.clock(), side)


def of_house(office: Office, member: str = OPERATOR) -> Doer:
    """Return who acts for no side: the operator, or a member such as an arbiter."""
    return Doer(member, member, office.clock())


def open_dispute(office: Office, case: Case, *, by: str | None = None) -> Dispute:
    """File a case, and serve it at once where somebody of its respondent can open their inbox.

    See file_dispute.
    """
    one = file_dispute(office, case, by=by)
    waits = one.standing(office.clock()).state == "filed"
    return serve_dispute(office, one.id, "inbox") if waits and _opens(office, one) else one


def _opens(office: Office, one: Dispute) -> bool:
    return opens_inbox(office, one.party_of("respondent"))


def serve_dispute(
    office: Office,
    dispute_id: str,
    means: Means,
    *,
    delivered_at: datetime | None = None,
    reference: str | None = None,
) -> Dispute:
    """Record that a dispute reached its respondent; the same means again returns the first record.

    An inbox that nobody of the respondent can open is none. Raises DisputeState.
    """
    one = dispute(office, dispute_id)
    if means == "inbox" and not _opens(office, one):
        raise DisputeState(
            f"nobody of {one.party_of('respondent')} can sign in; enrol a member, or serve it at the address",
            where=dispute_id,
        )
    book_of(office, one).serve(means, of_house(office), delivered_at=delivered_at, reference=reference)
    return dispute(office, dispute_id)


def answer_dispute(
    office: Office, dispute_id: str, facts: Mapping[str, Any], words: str, *, member: str
) -> Dispute:
    """Answer a dispute for its respondent. Raises DisputeState, CaseRejected for facts that do not read."""
    one = dispute(office, dispute_id)
    doer = acting(office, one, "respondent", member)
    case_facts(one.agreement, heard(one, [*one.record.steps, Answered(facts, doer.at, doer.by)]))
    book_of(office, one).answer(facts, words, doer)
    return dispute(office, dispute_id)


class Answered(NamedTuple):
    """An answer before it is in the record, to try whether its facts read."""

    facts: Mapping[str, Any]
    recorded_at: datetime
    by: str
    kind: str = "answered"
    name: str = "answered"

    @property
    def content(self) -> Mapping[str, Any]:
        """What it would say."""
        return {"facts": self.facts}


def rest_dispute(office: Office, dispute_id: str, side: Side, *, member: str) -> Dispute:
    """Say for a side that it has nothing to add. Raises DisputeState."""
    one = dispute(office, dispute_id)
    book_of(office, one).rest(acting(office, one, side, member))
    return dispute(office, dispute_id)


def decide_dispute(office: Office, dispute_id: str) -> Dispute:
    """Decide a dispute by the rules, once both sides were heard; what stands is posted at once.

    Where a person must look the rules only propose, and so they do where the document's ladder has no rules.
    Asking again returns what stands. Raises DisputeState while a side may still be heard.
    """
    one = dispute(office, dispute_id)
    book = book_of(office, one)
    book.record_passed(office.clock())
    if one.shown is None:
        _ask_the_rules(office, book)
    return enforced(office, dispute_id)


def _ask_the_rules(office: Office, book: CaseBook) -> None:
    """Have the rules rule or propose; who is second of two that ask at once leaves what the first got."""
    one, as_of = dispute(office, book.case), office.log.size()
    now = book.standing(one.record)
    if now.state != "deciding":
        raise DisputeState(_not_yet(now), where=book.case)
    decision = decide([one.agreement], case_told(office, one, as_of))
    content = {"as_of_seq": as_of, "filed_seq": one.filed.seq, **decision.as_json()}
    waits = decision.human_review or "rules" not in book.terms.ladder or now.lost_turn("rules")
    try:
        (propose if waits else rule_by_rules)(book, content, of_house(office, RULES))
    except (DisputeState, EntryConflict):
        if dispute(office, book.case).shown is None:
            raise


def _not_yet(now: Standing) -> str:
    window = now.open_deadline
    if now.state == "filed":
        return "it is not served yet; serve it, or let both sides say that they have nothing to add"
    if window is not None:
        return f"the {window.step} is open until {window.last_day}, or until both sides have nothing to add"
    return f"it is {now.state}"


def confirm_dispute(office: Office, dispute_id: str, *, by: str, reason: str) -> Dispute:
    """Confirm the rules' proposal, or on appeal the ruling, in a person's name and with reasons.

    Raises DisputeState when nothing waits for a person, or the rules left it undecided.
    """
    one = dispute(office, dispute_id)
    if one.decided is not None:
        return one
    found = one.ruled or one.proposed
    if found is None:
        raise DisputeState("the rules have not proposed a decision yet", where=dispute_id)
    if one.ruled is not None and whose_turn(one.standing(office.clock())) is None:
        return enforced(office, dispute_id)
    content = {name: found.content[name] for name in found.content if name not in {"dispute", "level"}}
    return rule_dispute(office, dispute_id, content, by=by, reason=reason)


def rule_dispute(
    office: Office, dispute_id: str, content: Mapping[str, Any], *, by: str, reason: str
) -> Dispute:
    """Rule on a proposal or an appeal in a person's name, with reasons; what stands then is posted.

    `content` is a decision as JSON (policies/decisions/decision.py). Raises DisputeState.
    """
    one = dispute(office, dispute_id)
    told = {**content, "confirmed_by": by, "confirmed_because": reason}
    rule(book_of(office, one), told, of_house(office, by))
    return enforced(office, dispute_id)


def appeal_dispute(office: Office, dispute_id: str, side: Side, reason: str, *, member: str) -> Dispute:
    """Appeal the ruling for a side. Raises DisputeState."""
    one = dispute(office, dispute_id)
    book_of(office, one).appeal(reason, acting(office, one, side, member))
    return dispute(office, dispute_id)


def waive_appeal(office: Office, dispute_id: str, side: Side, *, member: str) -> Dispute:
    """Say for a side that it will not appeal; what stands then is posted. Raises DisputeState."""
    one = dispute(office, dispute_id)
    book_of(office, one).waive_appeal(acting(office, one, side, member))
    return enforced(office, dispute_id)


def withdraw_dispute(office: Office, dispute_id: str, reason: str, *, member: str) -> Dispute:
    """Withdraw a dispute for its claimant; what was held is released. Raises DisputeState."""
    one = dispute(office, dispute_id)
    withdraw(book_of(office, one), reason, acting(office, one, "claimant", member))
    return dispute(office, dispute_id)


def close_dispute(office: Office, dispute_id: str, words: str, *, by: str) -> Dispute:
    """Close a dispute whose decision is posted, once what else it asks for was done. Raises DisputeState."""
    one = dispute(office, dispute_id)
    close(book_of(office, one), words, of_house(office, by))
    return dispute(office, dispute_id)


def enforced(office: Office, dispute_id: str) -> Dispute:
    """Post the ruling if it stands by now; return the dispute as it is."""
    one = dispute(office, dispute_id)
    now = one.standing(office.clock())
    if one.decided is not None or (now.state == "ruled" and now.final):
        enforce(book_of(office, one), one.agreement, of_house(office))
        return dispute(office, dispute_id)
    return one


def tend_disputes(office: Office) -> int:
    """Write down what time has brought: services, windows that passed, reminders, rulings that stand.

    Where both sides were heard the rules are asked; a document that gives no time to be heard leaves asking
    to the respondent and arbiters. Returns how many entries were added; again adds nothing. Raises the first
    of the refusals of cases that could not go on, once all others have.
    """
    before, faults = office.log.size(), list[TallystickError]()
    for one in disputes(office).values():
        try:
            _tend(office, one)
        except TallystickError as fault:  # of one case, which keeps no other from going on
            faults.append(fault)
    if faults:
        raise faults[0]
    return office.log.size() - before


def _tend(office: Office, one: Dispute) -> None:
    now, book = one.standing(office.clock()), book_of(office, one)
    if now.state in ENDED:
        if now.turn is not None:  # what stands is still to be carried out
            book.record_passed(office.clock())
            _remind_of_turn(office, book)
        return
    if now.state == "filed" and _opens(office, one):
        serve_dispute(office, one.id, "inbox")
    book.record_passed(office.clock())
    _remind(office, book, one)
    _remind_of_turn(office, book)
    if now.state == "deciding" and (now.terms.days["answer"] or now.terms.days["evidence"]):
        decide_dispute(office, one.id)
    enforced(office, one.id)


def _remind(office: Office, book: CaseBook, one: Dispute) -> None:
    """Remind whom the running window waits for, once, when its end is near: a step, and a notice for them."""
    now = one.standing(office.clock())
    window = now.open_deadline
    if window is None or window.last_day is None or not is_near(now, window):
        return
    waits = sorted({one.party_of(side) for side in window.waits_for})
    record = book.record()
    name = f"reminded/{window.name}/{window.last_day}"
    content = {"of": window.name, "last_day": str(window.last_day), "waits_for": waits}
    step = step_entry(
        record, "reminded", name, content, by=OPERATOR, at=office.clock(), readers=record.readers
    )
    notice = NewNotice(
        id=f"{one.id}.{window.name.replace('/', '.')}.{window.last_day}",
        code=f"{window.step}-window-near",
        agreement=one.agreement.ref,
        clause=one.agreement.process.id if one.agreement.process else None,
        about={"dispute": one.id},
        cites=(one.filed.seq,),
        figures={"ends_on": str(window.last_day)},
        readers=tuple(waits),
        severity="warning",
    )
    append_entries(office.log, [step, giving(notice, at=office.clock(), by=OPERATOR)])


def _remind_of_turn(office: Office, book: CaseBook) -> None:
    """Remind all of a case, once, that the days of who decides or enforces end soon."""
    record = book.record()
    now = book.standing(record)
    turn = now.turn
    if turn is None or turn.last_day is None or turn.is_over(now.today) or not is_near(now, turn):
        return
    waits = "enforcement" if turn.step == "enforcement" else level_of(turn)
    content = {"of": turn.name, "last_day": str(turn.last_day), "waits_for": [waits]}
    name, at = f"reminded/{turn.name}/{turn.last_day}", office.clock()
    step = step_entry(record, "reminded", name, content, by=OPERATOR, at=at)
    append_entries(office.log, [step, turn_notice(record, turn, "near", at)])


def is_near(now: Standing, window: Deadline) -> bool:
    """Tell whether a window ends within the days of which its document reminds."""
    assert window.last_day is not None, "an end that is known"
    return now.today + timedelta(days=now.terms.reminded_days) >= window.last_day
