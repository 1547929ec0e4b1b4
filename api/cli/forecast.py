"""`tallystick forecast ID` says what will be payable by day, of what is in flight."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none, write_csv

if TYPE_CHECKING:
    from ledger.settlement.forecast import Expected, Forecast

_COLUMNS = (
    "day", "party", "payable_minor", "adds_minor", "given_minor", "taken_minor", "lines", "kept", "currency",
)  # fmt: skip


@click.command()
@click.argument("agreement", metavar="ID")
@click.option("--party", help="Only what one party may expect, by its id.")
@click.option("--days", default=45, show_default=True, help="How many days ahead to look.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the answer.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the days as CSV.")
@json_option
def command(  # noqa: PLR0913, PLR0917 (one argument an option)
    agreement: str, party: str | None, days: int, lang: str, as_csv: bool, as_json: bool
) -> None:
    """Say what the next run of agreement ID would pay, day by day, if nothing more happened.

    Lines that are received and within their clearing days come in on their day, holds when they expire, and
    what falls due when it does. Lines whose day nobody knows stand apart.
    """
    from api.office.settling import forecast_of  # noqa: PLC0415 (loads polars)

    with office() as opened:
        found = forecast_of(opened, agreement, days)
    rows = [one for one in found.days if party is None or one.party == party]
    if as_json:
        print_json(_as_json(found, rows))
    elif as_csv:
        write_csv((_row(one, found.currency) for one in rows), _COLUMNS)
    else:
        _tell(found, rows, party, lang)


def _tell(found: Forecast, rows: list[Expected], party: str | None, lang: str) -> None:
    from api.language import catalogue  # noqa: PLC0415 (only for people)
    from api.worded import rate_text  # noqa: PLC0415 (as above)
    from policies.money import round_minor  # noqa: PLC0415 (as above)

    words = catalogue("zh" if lang == "zh" else "en")
    say(words.text("forecast.assumption"))
    if found.rate is not None and found.history is not None:
        past, lines = found.history, f"{found.history.lines:,}"
        rate = rate_text(found.rate)
        say(words.text("forecast.rate", rate=rate, lines=lines, first=past.first, last=past.last))
    else:
        say(words.text("forecast.no-rate"))
    say_if_none(rows, words.text("forecast.none"))
    for one in rows:
        plus, adds = "+" * (one.adds_minor > 0), money(one.adds_minor, found.currency)
        payable = money(one.payable_minor, found.currency)
        kept = money(round_minor(one.kept, "floor"), found.currency) if one.kept is not None else "—"
        say(f"{one.day}  {one.party:<16} {payable:>18}  {plus + adds:>16}  {kept:>16}")
    for undated in found.undated:
        label = words.text(f"forecast.undated-{undated.because}")
        say(f"{label}: {undated.lines:,}")
        for owner, amount in (undated.amounts or {}).items():
            if party is None or owner == party:
                say(f"  {owner:<26} {money(amount, found.currency):>18}")


def _as_json(found: Forecast, rows: list[Expected]) -> dict[str, Any]:
    past = found.history
    return {
        "agreement": found.agreement,
        "currency": found.currency,
        "at": found.at.isoformat(),
        "as_of_seq": found.as_of_seq,
        "rate": str(found.rate) if found.rate is not None else None,
        "history_lines": past.lines if past else 0,
        "refundable_days": found.refundable_days,
        "days": [_row(one, found.currency) for one in rows],
        "undated": [
            {"because": one.because, "lines": one.lines, "amounts_minor": one.amounts and dict(one.amounts)}
            for one in found.undated
        ],
    }


def _row(one: Expected, currency: str) -> dict[str, Any]:
    kept = str(one.kept) if one.kept is not None else None
    return {**asdict(one), "day": one.day.isoformat(), "kept": kept, "currency": currency}
