"""`tallystick settle`: a settlement run up to a cut-off, and every party's statement."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import click

from api.cli.output import json_option, money, office, print_json, progress, say


@click.command()
@click.argument("agreement", metavar="ID")
@click.option(
    "--until", required=True, metavar="DAY", help="Settle what is due by the start of this day, or `now`."
)
@click.option("--engine", type=click.Choice(["columns", "exact"]), default="columns", show_default=True)
@json_option
def command(agreement: str, until: str, engine: str, as_json: bool) -> None:
    """Settle agreement ID up to a cut-off and issue statements. The same cut-off again adds nothing.

    DAY is a day such as 2026-04-01 in the agreement's time zone, a time with its offset, or `now`.
    """
    from api.office.settling import documents, settle_until  # noqa: PLC0415 (loads polars)

    with office() as opened, progress("settling", quiet=as_json) as show:
        newest = documents(opened, agreement)[-1]
        cutoff = _cutoff(until, newest.zone, opened.clock())
        report = settle_until(
            opened,
            agreement,
            cutoff,
            engine="exact" if engine == "exact" else "columns",
            progress=lambda _what, done, total: show(done, total),
        )
    if as_json:
        print_json({
            "agreement": report.agreement,
            "run": report.number,
            "seq": report.seq,
            "repeated": report.repeated,
            "cutoff": report.content["cutoff"],
            "held_lines": report.content["held"]["lines"],
            "statements": [
                {"statement": one.id, "party": one.party, "payable_minor": one.payable_minor,
                 "carried_forward_minor": one.carried_forward_minor, "lines": one.lines}
                for one in report.statements
            ],
        })  # fmt: skip
        return
    note = " (it stood there already; nothing added)" if report.repeated else ""
    say(f"run {report.number} of {report.agreement} up to {report.content['cutoff']}{note}")
    for one in report.statements:
        payable = money(one.payable_minor, newest.currency)
        carried = one.carried_forward_minor
        owed = f"  carried forward {money(carried, newest.currency)}" if carried else ""
        say(f"  {one.id:<24} {one.party:<12} {one.lines:>8,} lines  payable {payable:>16}{owed}")


def _cutoff(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    if text == "now":
        return now.astimezone(zone).replace(microsecond=0)
    try:
        if len(text) == len("2026-04-01"):
            return datetime.combine(date.fromisoformat(text), time(), tzinfo=zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"'{text}' is not a day such as 2026-04-01") from None
    if moment.tzinfo is None:
        raise click.UsageError(f"'{text}' has no offset; write a day, or 2026-04-01T00:00:00+08:00")
    return moment
