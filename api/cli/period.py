"""`tallystick period`: close months, list them, and show what each account was, moved and became."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.periods.schemas import CloseCheck
    from api.vouchers.schemas import AccruedRow, ReturnsShown
    from ledger.late import LatePosting
    from ledger.periods import Close, Line


@click.group()
def command() -> None:
    """Close months of an agreement's accounts, and show them."""


@command.command("close")
@click.argument("agreement")
@click.argument("month")
@click.option("--by", default="operator", show_default=True, help="On whose word: a party's id.")
@json_option
def close_command(agreement: str, month: str, by: str, as_json: bool) -> None:
    """Close MONTH, such as 2026-03, of AGREEMENT for good: say every balance at its end.

    Months are those of the agreement's time zone, must be over and follow each other. What comes later and
    occurred in a closed month lands in the open one. A month that is closed is shown as it stands.
    """
    from api.office.closing import close  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        done = close(opened, agreement, month, by)
    if as_json:
        print_json(_closed(done))
        return
    say(f"{agreement} {done.period} is closed by entry {done.seq}, over the first {done.as_of_seq:,} entries")
    say(f"digest of its balances {done.digest}")


@command.command("list")
@click.argument("agreement")
@json_option
def list_command(agreement: str, as_json: bool) -> None:
    """List the closed months of AGREEMENT, oldest first."""
    from api.office.periods import calendar  # noqa: PLC0415 (as above)

    with office() as opened:
        closes = calendar(opened, agreement).closes
    if as_json:
        print_json([_closed(one) for one in closes])
        return
    say_if_none(closes, "no month is closed")
    for one in closes:
        say(f"{one.period}  entry {one.seq}  {one.as_of_seq:,} entries  {one.digest}")


@command.command("show")
@click.argument("agreement")
@click.argument("month", required=False)
@json_option
def show_command(agreement: str, month: str | None, as_json: bool) -> None:
    """Show the accounts of AGREEMENT in MONTH: opening, moved, late from which month, closing.

    Without MONTH, the first that is open.
    """
    from api.office.periods import month as month_of  # noqa: PLC0415 (as above)

    with office() as opened:
        known, period, lines = month_of(opened, agreement, month)
    closed = known.close_of(period)
    if as_json:
        told = {"agreement": agreement, "period": str(period), "closed": _closed(closed) if closed else None}
        print_json({**told, "accounts": [_line(one) for one in lines]})
        return
    say(f"{agreement} {period}, {f'closed by entry {closed.seq}' if closed else 'open'}")
    for one in lines:
        code, name = one.account.currency, f"{one.account.owner}.{one.account.purpose}"
        say(
            f"  {name:<24} {code}  opening {money(one.opening_minor, code):>14}"
            f"  moved {money(one.moved_minor, code):>14}  closing {money(one.closing_minor, code):>14}"
        )
        for origin, amount in one.late_minor.items():
            say(f"  {'':<24} {code}  late from {origin} {money(amount, code):>14}")


@command.command("check")
@click.argument("agreement")
@click.argument("month")
@click.option("--by", default="operator", show_default=True, help="As who would close it, a member or party.")
@json_option
def check_command(agreement: str, month: str, by: str, as_json: bool) -> int:
    """Go through the checklist of MONTH of AGREEMENT: what is ok, what is open, and what to do about it.

    What is open stops the close unless another member has overridden it. Exit code 1 where something does.
    """
    from api.office.closing import checklist  # noqa: PLC0415 (as above)
    from api.periods.checks import checks_of  # noqa: PLC0415 (as above)

    with office() as opened:
        found = checklist(opened, agreement, month)
    checks = checks_of(found, by)
    if as_json:
        print_json([_checked(one) for one in checks])
    else:
        for one in checks:
            _tell_check(one)
        say(_count(checks))
    return int(bool(found.stopping(by)))


def _tell_check(one: CloseCheck) -> None:
    marks = {"ok": "ok", "open": "open", "not_applicable": "n/a"}
    say(f"{marks[one.result]:<6} {one.check:<15} {one.says.en}")
    let = one.overridden
    if let is not None:
        others = "; another member closes" if one.stops else ""
        say(f"{'':<22} overridden by {let.by}, entry {let.entry_seq}: {let.reason}{others}")
    elif one.todo is not None:
        say(f"{'':<22} {one.todo.en}")


def _count(checks: Sequence[CloseCheck]) -> str:
    opened = [one for one in checks if one.result == "open"]
    stopping = [one for one in opened if one.stops]
    if stopping:
        return f"{len(stopping)} of {len(checks)} items stop the close"
    return f"nothing stops the close; {len(opened)} overridden" if opened else "nothing stops the close"


def _checked(one: CloseCheck) -> dict[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415 (beside its only use)

    told = {"check": one.check, "result": one.result, "says": one.says.en, "found": dict(one.found)}
    todo = one.todo.en if one.todo else None
    overridden = asdict(one.overridden) if one.overridden else None
    return {**told, "todo": todo, "must": one.must, "stops": one.stops, "overridden": overridden}


@command.command("override")
@click.argument("agreement")
@click.argument("month")
@click.argument("item")
@click.option("--by", required=True, help="A member with the role pay for the platform, or operator.")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@json_option
def override_command(  # noqa: PLR0913, PLR0917 -- which item of which month, who, why
    agreement: str, month: str, item: str, by: str, reason: str, as_json: bool
) -> None:
    """Let the open ITEM of the checklist of MONTH stand as it is found now; another member closes.

    It counts for as long as the item finds the same; when more comes, it is asked for again.
    """
    from dataclasses import asdict  # noqa: PLC0415 (beside its only use)

    from api.cli.member import members_of  # noqa: PLC0415 (beside its only use)
    from api.periods.service import PeriodService  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        viewer = members_of(opened).viewer_of_member(by)
        made = PeriodService(opened).override(viewer, agreement, month, item, reason)
    if as_json:
        print_json(asdict(made))
        return
    say(f"{made.by} lets '{made.item}' stand for {agreement} {month} (entry {made.entry_seq}): {made.reason}")
    say("another member closes the month")


@command.command("accruals")
@click.argument("agreement")
@click.argument("month")
@click.option(
    "--history", type=click.IntRange(1, 120), default=12, show_default=True, help="Months of return history."
)
@json_option
def accruals_command(agreement: str, month: str, history: int, as_json: bool) -> None:
    """Show what of AGREEMENT is earned at the end of MONTH and not settled, and what returns are expected."""
    from dataclasses import asdict  # noqa: PLC0415 (beside its only use)

    from api.vouchers.service import shown_accruals  # noqa: PLC0415 (loads polars)

    with office() as opened:
        found = shown_accruals(opened, agreement, month, history)
    if as_json:
        print_json(asdict(found))
        return
    say(f"{agreement} {found.period}, earned and not settled, over the first {found.as_of_seq:,} entries")
    _tell_accrued(found.rows)
    if found.held_dues:
        say(f"  {found.held_dues:,} dues lack a fact or wait for a person, and are not in it")
    returns = found.returns
    if returns is not None:
        _tell_returns(returns)


def _tell_returns(returns: ReturnsShown) -> None:
    """Print the rate of recorded returns, what it makes of lines that can still come back, and by account."""
    from fractions import Fraction  # noqa: PLC0415 (beside its only use)

    from policies.money import round_minor  # noqa: PLC0415 (as above)

    past, running = returns.history, returns.running
    if not past.lines:
        say("expected returns: no line has its return window behind it, so no rate is stated")
        return
    hundredths = round_minor(Fraction(returns.rate) * 10_000, "half_up")
    say(
        f"expected returns: {hundredths // 100}.{hundredths % 100:02}% of what could be refunded was"
        f" ({returns.rate}), of {past.lines:,} lines received from {past.first} to {past.last}"
    )
    if not running.lines:
        say("  no line can still be returned")
        return
    left = running.refundable.amount_minor - running.refunded.amount_minor
    currency = running.refundable.currency
    more = money(round_minor(Fraction(returns.share) * left, "half_up"), currency)
    told = (money(one.amount_minor, currency) for one in (running.refundable, running.refunded))
    say("  {:,} lines can still be returned: of {} refundable {} was refunded".format(running.lines, *told))
    if Fraction(returns.share):
        say(f"  {more} more is expected to come back ({returns.share} of what is left of them):")
        _tell_accrued(returns.rows)
    else:
        say("  no more is expected to come back: as much of them was refunded as the rate says, or more")


def _tell_accrued(rows: Sequence[AccruedRow]) -> None:
    for one in rows:
        name, amount = f"{one.owner}.{one.purpose}", money(one.amount.amount_minor, one.amount.currency)
        say(f"  {name:<28} {one.clause:<8} {amount:>16} {one.amount.currency}")
    if not rows:
        say("  nothing")


@command.command("late")
@click.argument("agreement")
@click.argument("month", required=False)
@click.option("--out", is_flag=True, help="What is of MONTH and went into later months, instead of into it.")
@json_option
def late_command(agreement: str, month: str | None, out: bool, as_json: bool) -> None:
    """List the postings of AGREEMENT that came late into MONTH: of which month, and where they count.

    Without MONTH, everything that came late, summed by month and account.
    """
    if month is None:
        if out:
            raise click.UsageError("--out is of one MONTH")
        _late_months(agreement, as_json=as_json)
        return
    from api.office.periods import calendar  # noqa: PLC0415 (as above)
    from ledger.late import every_late_posting  # noqa: PLC0415 (as above)
    from ledger.periods import Period  # noqa: PLC0415 (as above)

    with office() as opened:
        known, period = calendar(opened, agreement), Period.parse(month)
        found = list(every_late_posting(opened.engine, known, period, "out" if out else "in"))
    if as_json:
        print_json([_late(one) for one in found])
        return
    for one in found:
        code, name = one.account.currency, f"{one.account.owner}.{one.account.purpose}"
        say(
            f"{one.seq:>9}.{one.n:<3} {one.occurred_at[:10]}  {name:<28} {money(one.amount_minor, code):>16}"
            f" {code}  of {one.origin}, in {one.into}"
        )
    if not found:
        say("nothing came late")


def _late_months(agreement: str, *, as_json: bool) -> None:
    from dataclasses import asdict  # noqa: PLC0415 (beside its only use)

    from api.periods.service import late_months  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        found = late_months(opened, agreement)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        name, amount = f"{one.owner}.{one.purpose}", money(one.amount.amount_minor, one.amount.currency)
        say(
            f"of {one.period}, in {one.into}  {name:<28} {one.postings:>8,} postings {amount:>16}"
            f" {one.amount.currency}"
        )
    if not found:
        say("nothing came late")


def _late(one: LatePosting) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "n": one.n,
        "kind": one.entry_kind,
        "occurred_at": one.occurred_at,
        "account": f"{one.account.owner}.{one.account.purpose}",
        "currency": one.account.currency,
        "amount_minor": one.amount_minor,
        "period": str(one.origin),
        "into": str(one.into),
    }


def _closed(one: Close) -> dict[str, Any]:
    return {"period": str(one.period), "seq": one.seq, "as_of_seq": one.as_of_seq, "digest": one.digest}


def _line(one: Line) -> dict[str, Any]:
    return {
        "account": f"{one.account.owner}.{one.account.purpose}",
        "currency": one.account.currency,
        "opening_minor": one.opening_minor,
        "moved_minor": one.moved_minor,
        "late_minor": {str(origin): amount for origin, amount in one.late_minor.items()},
        "closing_minor": one.closing_minor,
    }
