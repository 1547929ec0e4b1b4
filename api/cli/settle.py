"""`tallystick settle`: a settlement run up to a cut-off, and every party's statement."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from api.cli.output import json_option, money, office, print_json, progress, say

if TYPE_CHECKING:
    from ledger.settlement.issued import RunFigures, RunPreview, SettlementReport


@click.command()
@click.argument("agreement", metavar="ID")
@click.option(
    "--until",
    required=True,
    metavar="DAY",
    help="Settle what is due by the start of this day, a month's end, or `now`.",
)
@click.option(
    "--engine",
    type=click.Choice(["columns", "exact", "dask"]),
    default="columns",
    show_default=True,
    help="How to compute; all give the same statements.",
)
@click.option("--scheduler", metavar="ADDRESS", help="With dask: where its scheduler listens.")
@click.option(
    "--exchange",
    metavar="URL",
    help="With dask: a folder or URL that every worker reaches. [default: the data folder]",
)
@click.option("--preview", is_flag=True, help="Say what would be issued; write nothing.")
@json_option
def command(  # noqa: PLR0913 -- its options
    *, agreement: str, until: str, engine: str, scheduler: str | None, exchange: str | None, preview: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Settle agreement ID up to a cut-off and issue statements. The same cut-off again adds nothing.

    DAY is a day such as 2026-04-01 in the agreement's time zone, a month such as 2026-03 for its last
    second, a time with its offset, or `now`.
    """
    from api.office.settling import (  # noqa: PLC0415 (loads polars)
        documents,
        engine_of,
        preview_until,
        settle_until,
    )

    if (engine == "dask") != (scheduler is not None):
        raise click.UsageError("--engine dask and --scheduler ADDRESS go together")
    with (
        office() as opened,
        engine_of(opened, engine, scheduler, exchange) as kernel,
        progress("settling", quiet=as_json) as show,
    ):
        newest = documents(opened, agreement)[-1]
        cutoff = _cutoff(until, newest.zone, opened.clock())
        if preview:
            seen = preview_until(opened, agreement, cutoff, engine=kernel)
            tell_preview(seen, newest.currency, as_json=as_json)
            return
        report = settle_until(
            opened,
            agreement,
            cutoff,
            engine=kernel,
            progress=lambda _what, done, total: show(done, total),
        )
    tell_run(report, newest.currency, as_json=as_json)


def tell_run(report: SettlementReport, currency: str, *, as_json: bool) -> None:
    """Print a run and what each statement comes to."""
    if as_json:
        print_json({"seq": report.seq, "repeated": report.repeated, **_figures(report)})
        return
    note = " (it stood there already; nothing added)" if report.repeated else ""
    _tell(report, note, currency)
    if "held_dues" in report.content:
        held = report.content["held_dues"]
        say(f"  due and not settled: {held:,}; which and why says 'tallystick statement show STATEMENT'")


def tell_preview(seen: RunPreview, currency: str, *, as_json: bool) -> None:
    """Print what a run would be, and that nothing was written."""
    if as_json:
        print_json({"preview": True, "settled": seen.settled, **_figures(seen)})
        return
    _tell(
        seen, " (it stands there already)" if seen.settled else " (a preview; nothing is written)", currency
    )
    if "held_dues" in seen.content:
        say(f"  due and not settled: {seen.content['held_dues']:,}")
    say(f"  digest {seen.digest}")


def _figures(run: RunFigures) -> dict[str, Any]:
    return {
        "agreement": run.agreement,
        "run": run.number,
        "digest": run.digest,
        "cutoff": run.content["cutoff"],
        "held_lines": run.content["held"]["lines"],
        "held_dues": run.content.get("held_dues", 0),
        "second_opinion": run.content.get("second_opinion"),
        "statements": [
            {"statement": one.id, "party": one.party, "payable_minor": one.payable_minor,
             "carried_forward_minor": one.carried_forward_minor, "lines": one.lines,
             "dues": list(one.dues)}
            for one in run.statements
        ],
    }  # fmt: skip


def _tell(run: RunFigures, note: str, currency: str) -> None:
    say(f"run {run.number} of {run.agreement} up to {run.content['cutoff']}{note}")
    for one in run.statements:
        payable = money(one.payable_minor, currency)
        carried = one.carried_forward_minor
        owed = f"  carried forward {money(carried, currency)}" if carried else ""
        say(f"  {one.id:<24} {one.party:<12} {one.lines:>8,} lines  payable {payable:>16}{owed}")
        for due in one.dues:
            moved = money(due["amount_minor"], currency)
            causes = ", ".join(due["causes"])
            say(f"    {due['clause']} {due['leg']}: {due['key']}  {moved}  ({causes})")
    _tell_opinion(run.content.get("second_opinion"))


def _tell_opinion(told: dict[str, Any] | None) -> None:
    if told is None:
        return
    if told["lines"]:
        refunded = f", {told['taken_back']:,} of them with refunds" if told["taken_back"] else ""
        lines = f"{told['lines']:,} line{'s' * (told['lines'] != 1)}"
        say(f"  second opinion on {lines}{refunded}: CommissionSplitter agrees to the unit")
    for one in told["plans"]:
        if "not_compiled" in one:
            say(f"  no second opinion on version {one['version']}: 'tallystick splitter' says why")


def _cutoff(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    if text == "now":
        return now.astimezone(zone).replace(microsecond=0)
    from ledger.periods import Period  # noqa: PLC0415 (loads the database's libraries)

    if len(text) == len("2026-03"):
        return Period.parse(text).last_second(zone)
    try:
        if len(text) == len("2026-04-01"):
            return datetime.combine(date.fromisoformat(text), time(), tzinfo=zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"'{text}' is not a day such as 2026-04-01") from None
    if moment.tzinfo is None:
        raise click.UsageError(f"'{text}' has no offset; write a day, or 2026-04-01T00:00:00+08:00")
    return moment
