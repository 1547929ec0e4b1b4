"""How a statement stands, as its party reads it: when it was served, until when to contest, what is held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.office.opening import Office
from api.reading import Money, Text
from api.statements.schemas import ContestItem, ContestShown, ServiceShown, StatementLife
from api.worded import both, label, local_time, party_by_id
from ledger.database import reading
from ledger.holds import holds
from ledger.leaves import recorded_text
from ledger.payouts.reading import PaidOf, paid_by_statement
from ledger.reading import Entry
from ledger.statements.contested import figures_of
from ledger.statements.life import Contest, Life, contents_of, life_of
from ledger.statements.reading import Statement
from policies.agreement import Agreement

Contents = Mapping[int, dict[str, Any]]


def life_shown(office: Office, agreement: Agreement, statement: Statement) -> StatementLife:
    """Return what became of a statement so far, and how it stands now."""
    life, now = life_of(office.log, statement.id), office.clock()
    steps = [*life.services, *(entry for one in life.contests for entry in (one.entry, one.ended) if entry)]
    steps += [life.corrected] if life.corrected else []
    contents = contents_of(office.log, steps)
    contests = tuple(contest_shown(office, agreement, statement, one, contents) for one in life.contests)
    open_ones = [one for one in contests if one.status == "open"]
    currency = statement.content["currency"]
    paid = paid_of(office).get(statement.id, PaidOf())
    return StatementLife(
        statement=statement.id,
        status=status_of(life, agreement, statement, paid, now),
        services=tuple(_service(agreement, one, contents[one.seq]) for one in life.services),
        contest_until=until_text(life, agreement),
        days_left=_days_left(life, agreement, now),
        accepted=_accepted(life, agreement, now),
        accepted_at=_when(agreement, life.accepted) if life.accepted else None,
        accepted_seq=life.accepted.seq if life.accepted else None,
        contests=contests,
        contested=Money(sum(one.amount.amount_minor for one in open_ones), currency),
        held=Money(sum(one.held.amount_minor for one in contests), currency),
        corrected_by=contents[life.corrected.seq]["correction"] if life.corrected else None,
        paid=Money(paid.paid_minor, currency),
        on_its_way=Money(paid.on_its_way_minor, currency),
    )


def status_of(life: Life, agreement: Agreement, statement: Statement, paid: PaidOf, now: datetime) -> str:
    """Return how a statement stands, and once banks have confirmed something of it, whether it is paid."""
    if not paid.paid_minor:
        return life.standing(agreement, now)
    return "paid" if paid.paid_minor >= statement.content["payable_minor"] else "part_paid"


def paid_of(office: Office) -> Mapping[str, PaidOf]:
    """Return what of each statement is paid and on its way; those of which nothing is are left out."""
    with reading(office.engine) as session:
        return paid_by_statement(session)


def contest_shown(
    office: Office, agreement: Agreement, statement: Statement, contest: Contest, contents: Contents
) -> ContestShown:
    """Return one contest with what is held of it now."""
    content, currency = contents[contest.entry.seq], statement.content["currency"]
    ended = contents[contest.ended.seq] if contest.ended else None
    now = office.clock()
    held = sum(
        one.held_minor
        for placed in content["holds"]
        for one in holds(office.engine, now, hold=placed["hold"])
    )
    return ContestShown(
        statement=statement.id,
        agreement=statement.agreement,
        party=party_by_id(agreement, statement.party),
        number=contest.number,
        status=contest.ended.kind.partition(".")[2] if contest.ended else "open",
        whole=content["whole"],
        items=(*_lines(agreement, content, currency), *_figures(agreement, statement, content)),
        reason=content["reason"],
        contested_at=_when(agreement, contest.entry),
        contested_by=content["contested_by"],
        amount=Money(content["amount_minor"], currency),
        held=Money(held, currency),
        entry_seq=contest.entry.seq,
        ended_seq=contest.ended.seq if contest.ended else None,
        end_reason=ended["reason"] if ended else None,
        correction=ended.get("correction") if ended else None,
    )


def contested_places(contests: tuple[ContestShown, ...]) -> tuple[dict[int, int], dict[str, int], int | None]:
    """Return the open contest of each line and each figure that one names, and that of the whole."""
    lines: dict[int, int] = {}
    figures: dict[str, int] = {}
    whole = None
    for one in contests:
        if one.status == "open":
            lines |= {item.line: one.number for item in one.items if item.line is not None}
            figures |= {item.figure: one.number for item in one.items if item.figure is not None}
            whole = one.number if one.whole else whole
    return lines, figures, whole


def until_text(life: Life, agreement: Agreement) -> str | None:
    """Return the last day on which a statement may be contested, None where there is none."""
    until = life.deadline(agreement)
    return until.last_day.isoformat() if until and until.last_day else None


def figure_label(agreement: Agreement, figure: str, content: Mapping[str, Any]) -> Text:
    """Return a figure of a statement in words, by its place in the content."""
    if figure == "/opening_minor":
        return both("statement.opening")
    one = figures_of(content)[figure]
    return label(agreement, one.get("leg") or one["kind"])


def _service(agreement: Agreement, entry: Entry, content: Mapping[str, Any]) -> ServiceShown:
    return ServiceShown(
        content["means"],
        _when(agreement, entry),
        content["delivered_at"],
        content["address"],
        content["reference"],
        entry.seq,
    )


def _lines(agreement: Agreement, content: Mapping[str, Any], currency: str) -> list[ContestItem]:
    return [
        ContestItem(
            one["number"],
            None,
            one["order"],
            label(agreement, one["leg"]),
            Money(one["amount_minor"], currency),
        )
        for one in content["lines"]
    ]


def _figures(agreement: Agreement, statement: Statement, content: Mapping[str, Any]) -> list[ContestItem]:
    return [
        ContestItem(
            None,
            one["figure"],
            None,
            figure_label(agreement, one["figure"], statement.content),
            Money(one["amount_minor"], statement.content["currency"]),
        )
        for one in content["figures"]
    ]


def _accepted(life: Life, agreement: Agreement, now: datetime) -> str | None:
    if life.accepted is not None:
        return "act"
    return "silence" if life.expired(agreement, now) else None


def _days_left(life: Life, agreement: Agreement, now: datetime) -> int | None:
    until = life.deadline(agreement)
    if until is None or until.last_day is None or life.is_closed(agreement, now):
        return None
    return (until.last_day - now.astimezone(agreement.zone).date()).days


def _when(agreement: Agreement, entry: Entry) -> str:
    return local_time(agreement, recorded_text(entry.recorded_us))
