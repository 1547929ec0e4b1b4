"""`tallystick session`: how a live session went, and what a promotion cost and brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, say

if TYPE_CHECKING:
    from fractions import Fraction

    from api.office.opening import Office
    from ledger.registers.items import Item
    from ledger.sessions.promotion import PromotionReport
    from ledger.sessions.report import SessionReport
    from ledger.sessions.sales import Sold


@click.group()
def command() -> None:
    """Report on live sessions and the promotions that they are part of."""


@command.command("report")
@click.argument("session")
@json_option
def report_command(session: str, as_json: bool) -> None:
    """Say how SESSION went: views, interactions, gross and net sales by item, what was said and is kept."""
    from api.office.sessions import report_of_session  # noqa: PLC0415 (loads polars)

    with office() as opened:
        found = report_of_session(opened, session)
        currency = _currency(opened, found.session)
    if as_json:
        print_json(session_json(found, currency))
    else:
        _say_session(found, currency)


@command.command("promotion")
@click.argument("promotion")
@json_option
def promotion_command(promotion: str, as_json: bool) -> None:
    """Say what PROMOTION cost, what each party bears of it, and what its sessions brought for it."""
    from api.office.sessions import report_of_promotion  # noqa: PLC0415 (loads polars)

    with office() as opened:
        found = report_of_promotion(opened, promotion)
        currency = _currency(opened, found.promotion)
    if as_json:
        print_json(promotion_json(found, currency))
    else:
        _say_promotion(found, currency)


def _currency(opened: Office, one: Item) -> str:
    from api.office.agreements import signed_versions  # noqa: PLC0415 (loads the database's libraries)

    return signed_versions(opened, one.agreement or "")[-1].agreement.currency


def session_json(one: SessionReport, currency: str) -> dict[str, Any]:
    """Return the report of a session as JSON; rates are fractions as text, amounts in minor units."""
    return {
        "session": one.session.id,
        "state": one.session.state,
        "basis": one.basis,
        "currency": currency,
        **_sold(one.sold),
        "items": [{"sku": it.sku, "prices": list(it.prices), **_sold(it.sold)} for it in one.items],
        "seconds": one.seconds,
        "figures": dict(one.figures),
        "conversion": _text(one.conversion),
        "interaction": _text(one.interaction),
        "said": [
            {"at_ms": s.at_ms, "kind": s.kind, "speaker": s.speaker, "text": s.text, "entry_seq": s.entry_seq}
            for s in one.said
        ],
        "recording": one.recording,
        "kept_until": one.kept_until,
    }


def promotion_json(one: PromotionReport, currency: str) -> dict[str, Any]:
    """Return the report of a promotion as JSON; rates are fractions as text, amounts in minor units."""
    return {
        "promotion": one.promotion.id,
        "state": one.promotion.state,
        "currency": currency,
        "cost_minor": one.cost_minor,
        "budget_minor": one.budget_minor,
        "gross_minor": one.gross_minor,
        "net_minor": one.net_minor,
        "roi": _text(one.roi),
        "shares": [
            {
                "role": it.role, "rate": str(it.rate), "bears_minor": it.bears_minor,
                "paid_minor": it.paid_minor, "due_minor": it.due_minor,
            }
            for it in one.shares
        ],
        "channels": [
            {"channel": it.channel, "cost_minor": it.cost_minor, **it.results} for it in one.channels
        ],
        "sessions": [{"session": name, **_sold(sold)} for name, sold in one.sessions.items()],
    }  # fmt: skip


def _sold(one: Sold) -> dict[str, int]:
    return {
        "orders": len(one.orders),
        "lines": one.lines,
        "gross_minor": one.gross_minor,
        "refunded_minor": one.refunded_minor,
        "net_minor": one.net_minor,
    }


def _text(rate: Fraction | None) -> str | None:
    return None if rate is None else str(rate)


def _say_session(one: SessionReport, currency: str) -> None:
    say(f"session {one.session.id}: {one.session.state}, {one.seconds or 0:,} seconds on air")
    for name, count in one.figures.items():
        say(f"  {name:<14} {count:>14,}")
    by = {"fact": "by the orders' own session", "window": "by time and items listed"}
    if one.basis == "above":
        say("  what was sold is seen by the parties of the agreement that feeds this one")
    else:
        say(f"  sold, {by[one.basis]}: {len(one.sold.orders):,} orders")
        sold = one.sold
        told = {"gross": sold.gross_minor, "refunded": -sold.refunded_minor, "net": sold.net_minor}
        for name, minor in told.items():
            say(f"  {name:<14} {money(minor, currency):>14} {currency}")
    for it in one.items:
        prices = " → ".join(it.prices) or "not listed"
        say(f"  item {it.sku:<20} {prices:<24} net {money(it.sold.net_minor, currency):>14}")
    said = len([it for it in one.said if it.kind == "spoken"])
    flagged = len([it for it in one.said if it.kind == "flagged"])
    say(f"  transcript of {said:,} parts, {flagged:,} flagged")
    until = one.kept_until or "three years after its end"
    say(f"  recording {one.recording or 'not kept yet'}; kept until {until}")


def _say_promotion(one: PromotionReport, currency: str) -> None:
    from api.worded import rate_text  # noqa: PLC0415 (only where people read)

    say(f"promotion {one.promotion.id}: {one.promotion.state}")
    of_budget = f" of a budget of {money(one.budget_minor, currency)}" if one.budget_minor is not None else ""
    say(f"  spent {money(one.cost_minor, currency)} {currency}{of_budget}")
    for it in one.shares:
        say(
            f"  {it.role:<10} {rate_text(it.rate):>8}  bears {money(it.bears_minor, currency):>14}"
            f"  paid {money(it.paid_minor, currency):>14}  to receive {money(it.due_minor, currency):>14}"
        )
    for channel in one.channels:
        results = ", ".join(f"{count:,} {name}" for name, count in channel.results.items())
        say(f"  {channel.channel:<14} {money(channel.cost_minor, currency):>14}  {results}")
    say(f"  {len(one.sessions)} sessions, net sales {money(one.net_minor, currency)} {currency}")
    say(f"  net sales to cost: {'—' if one.roi is None else rate_text(one.roi)}")
