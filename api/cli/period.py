"""`tallystick period`: close months, list them, and show what each account was, moved and became."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none

if TYPE_CHECKING:
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
    from api.office.periods import close  # noqa: PLC0415 (beside its only use)

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
@json_option
def check_command(agreement: str, month: str, as_json: bool) -> int:
    """Look at MONTH of AGREEMENT before it is closed: what would stop it, and what to know first.

    Exit code 1 where something would stop it.
    """
    from api.office.closing import readiness  # noqa: PLC0415 (as above)
    from api.periods.service import checks_of  # noqa: PLC0415 (as above)

    with office() as opened:
        found = readiness(opened, agreement, month)
    checks = checks_of(found)
    if as_json:
        print_json([{"check": one.check, "result": one.result, "says": one.says.en} for one in checks])
    else:
        for one in checks:
            say(f"{one.result:<6} {one.says.en}")
    return int(not found.is_ready)


@command.command("late")
@click.argument("agreement")
@click.argument("month")
@click.option("--out", is_flag=True, help="What is of MONTH and went into later months, instead of into it.")
@json_option
def late_command(agreement: str, month: str, out: bool, as_json: bool) -> None:
    """List the postings of AGREEMENT that came late into MONTH: of which month, and where they count."""
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
