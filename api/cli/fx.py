"""`tallystick fx`: rates on record, conversions, and the positions that they leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none

Row = TypeVar("Row", bound=Any)
_by = click.option("--by", default="operator", show_default=True, help="On whose word: a party's id.")
_source = click.option("--source", help="Whose rate; else the one that the fx clause names.")


@click.group()
def command() -> None:
    """Record rates of exchange, convert sums, and show what is held of foreign currencies."""


@command.command("rate")
@click.argument("agreement")
@click.argument("base")
@click.argument("quote")
@click.argument("rate")
@click.option("--at", metavar="TIME", help="As of this time, with its offset; else now.")
@_source
@_by
@json_option
def rate_command(  # noqa: PLR0913, PLR0917 -- one option each
    agreement: str,
    base: str,
    quote: str,
    rate: str,
    at: str | None,
    source: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Record that one BASE is worth RATE of QUOTE, such as USD CNY 7.1234 or 50000/7021, under AGREEMENT.

    The same again adds nothing. A rate that was wrong is recorded again as of the same time.
    """
    from api.office.fx import record  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        seq = record(opened, agreement, (base, quote, rate), source=source, at=at, by=by)
    if as_json:
        print_json({"seq": seq, "base": base, "quote": quote, "rate": rate})
        return
    say(f"1 {base} = {rate} {quote}, entry {seq}")


@command.command("convert")
@click.argument("conversion")
@click.option("--agreement", required=True, metavar="ID", help="Under which agreement.")
@click.option("--account", required=True, help="Whose, as the document names it: mcn, brand.deposit.")
@click.option("--amount", required=True, help="How much is given, such as 100.00.")
@click.option("--from", "have", required=True, metavar="CURRENCY", help="The currency that is given.")
@click.option("--to", "into", required=True, metavar="CURRENCY", help="The currency that is taken.")
@click.option("--sum", "of_sum", help="The sum that this is a part of: its parts share one rate.")
@_source
@_by
@json_option
def convert_command(  # noqa: PLR0913 (one option each)
    *, conversion: str, agreement: str, account: str, amount: str, have: str, into: str, of_sum: str | None,
    source: str | None, by: str, as_json: bool,
) -> None:  # fmt: skip
    """Convert part of a balance, at the last rate on record; CONVERSION is its id for ever.

    The same again adds nothing. Who bears exchange is the holder of the agreement's fx clause.
    """
    from api.office.fx import ConversionAsked, convert  # noqa: PLC0415 (as above)

    asked = ConversionAsked(
        id=conversion,
        agreement=agreement,
        account=account,
        amount=amount,
        currency=have,
        into=into,
        sum=of_sum,
        source=source,
    )
    with office() as opened:
        done = convert(opened, asked, by=by)
    if as_json:
        print_json(asdict(done))
        return
    given = money(done.given_minor, into)
    say(f"{amount} {have} = {given} {into} at {done.rate} of {done.rate_as_of}, entry {done.seq}")


@command.command("rates")
@click.argument("agreement")
@json_option
def rates_command(agreement: str, as_json: bool) -> None:
    """List the rates on record under AGREEMENT, newest first."""
    from ledger.fx.reading import told_rates  # noqa: PLC0415 (as above)

    found = _every(told_rates, agreement)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    say_if_none(found, "no rates are recorded")
    for one in found:
        say(f"1 {one.base} = {one.rate} {one.quote} of {one.source} as of {one.as_of}, entry {one.seq}")


@command.command("conversions")
@click.argument("agreement")
@json_option
def conversions_command(agreement: str, as_json: bool) -> None:
    """List the conversions under AGREEMENT, newest first."""
    from ledger.fx.reading import told_conversions  # noqa: PLC0415 (as above)

    found = _every(told_conversions, agreement)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    say_if_none(found, "nothing was converted")
    for one in found:
        gave = f"{money(one.given_minor, one.given_currency)} {one.given_currency}"
        took = f"{money(one.taken_minor, one.taken_currency)} {one.taken_currency}"
        say(f"{one.id}: {one.owner}.{one.purpose}  {gave} = {took} at {one.rate}, entry {one.seq}")


@command.command("gains")
@click.argument("agreement")
@json_option
def gains_command(agreement: str, as_json: bool) -> None:
    """List what was gained and lost by exchange under AGREEMENT, newest first; a loss is below zero."""
    from ledger.fx.reading import told_gains  # noqa: PLC0415 (as above)

    found = _every(told_gains, agreement)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    say_if_none(found, "nothing was gained or lost")
    for one in found:
        what = f"{one.kind} {one.period or one.occurred_at[:10]}"
        say(f"{one.bearer:<12} {money(one.gain_minor, one.home):>14} {one.home}  {one.currency} {what}")


def _every(read: Callable[..., tuple[list[Row], int | None]], agreement: str) -> list[Row]:
    """Return all that one of the log's readers tells of an agreement."""
    from api.office.agreements import signed_versions  # noqa: PLC0415 (as above)

    found: list[Row] = []
    with office() as opened:
        signed_versions(opened, agreement)
        before: int | None = None
        while True:
            rows, before = read(opened.log, None, agreement, before=before, limit=500)
            found += rows
            if before is None:
                return found


@command.command("show")
@click.argument("agreement")
@json_option
def show_command(agreement: str, as_json: bool) -> None:
    """Show what is held of foreign currencies under AGREEMENT, what it cost, and what was gained so far."""
    from api.office.fx import positions  # noqa: PLC0415 (as above)

    with office() as opened:
        found = positions(opened, agreement)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    say_if_none(found, "nothing is held in foreign currencies")
    for one in found:
        held, cost = money(one.quantity_minor, one.currency), money(one.cost_minor, one.home)
        gain = money(one.gain_minor, one.home)
        has = f"{held:>14} {one.currency}  cost {cost:>14} {one.home}"
        say(f"{one.bearer:<12} {has}  gained {gain:>12} {one.home}")
