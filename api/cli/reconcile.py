"""`tallystick reconcile`: hold what runs posted against a bill, a bank's file or a payee's own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, readable_file, say, say_if_none, write_csv
from api.cli.reconcile_acts import COMMANDS, by_member, code_option, party_option

if TYPE_CHECKING:
    from api.office.opening import Office
    from api.reconciliation.schemas import BookShown, BreakShown, ReconciliationDetail
    from ledger.reconciliation.making import Asked

_OPEN_COLUMNS = ("break_class", "about", "own", "file", "difference", "currency", "day", "days_open",
                 "reason_zh", "reason_en", "rows")  # fmt: skip
_AGING_COLUMNS = ("break_class", "ages", "count", "own", "file", "difference", "currency")
_csv = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")


@click.group()
def command() -> None:
    """Hold what runs posted against a platform's bill, a bank's file or a payee's own."""


for one_command in COMMANDS:
    command.add_command(one_command)


@command.command("layouts")
@json_option
def layouts_command(as_json: bool) -> None:
    """List the layouts of files that are shipped, and what each rests on."""
    from api.reconciliation.shown import layouts_shown  # noqa: PLC0415 (loads the readers)

    found = layouts_shown()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        say(f"{one.name:<26} {one.side} by {one.level}: {one.title.en}")
        say(f"{'':<26} rests on {one.rests_on.en}")


@command.command("run")
@click.argument("agreement", metavar="ID")
@click.argument("file", type=readable_file)
@party_option
@click.option("--layout", required=True, help="A shipped layout by name, or a .yaml file of your own.")
@click.option("--tolerance", help="How far amounts may be apart, such as 0.05; else as the layout says.")
@click.option(
    "--days", type=click.IntRange(0, 366), help="How far days may be apart; else as the layout says."
)
@click.option("--leg", "legs", multiple=True, help="Only this leg of the party's lines; may be repeated.")
@click.option("--since", metavar="DAY", help="Begin the book with statements cut off on this day or later.")
@click.option("--until", metavar="DAY", help="Leave statements cut off after this day to the next time.")
@click.option(
    "--mended", type=readable_file, help="Rejected rows of FILE, mended: they stand in for those in it."
)
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path),
    help="Write rows that cannot be read to this .csv or .xlsx, with reasons, to be mended.",
)  # fmt: skip
@click.option("--record", is_flag=True, help="Record it in the log, in the party's name.")
@code_option(required=False)
@json_option
def run_command(  # noqa: PLR0913 (one option each)
    *, agreement: str, file: Path, party: str, layout: str, tolerance: str | None, days: int | None,
    legs: tuple[str, ...], since: str | None, until: str | None, mended: Path | None, rejects: Path | None,
    record: bool, code_file: Any, as_json: bool,
) -> None:  # fmt: skip
    """Reconcile FILE with what runs of agreement ID posted for a party; write nothing without --record.

    Exits with 1 where something stays open or a row cannot be read.
    """
    from api.office.reconciling import day_given  # noqa: PLC0415 (loads polars)
    from ledger.reconciliation.errors import RowsRejected  # noqa: PLC0415 (as above)
    from ledger.reconciliation.layouts import load_layout  # noqa: PLC0415 (as above)
    from ledger.reconciliation.making import Asked  # noqa: PLC0415 (as above)

    if record and code_file is None:
        raise click.UsageError("--record needs --code-file: a party records for itself")
    asked = Asked(
        party=party, path=file, layout=load_layout(layout), tolerance=tolerance, days=days, legs=legs,
        since=day_given(since, "since"), until=day_given(until, "until"), mended=mended, rejects=rejects,
    )  # fmt: skip
    with office() as opened:
        try:
            found = _run(opened, agreement, asked, code_file if record else None)
        except RowsRejected as refused:
            _tell_rejected(refused, rejects, as_json=as_json)
            raise SystemExit(1) from None
    if as_json:
        print_json(asdict(found))
    else:
        tell(found)
    if found.reconciliation.open:
        raise SystemExit(1)


def _run(opened: Office, agreement: str, asked: Asked, code_file: Any) -> ReconciliationDetail:
    from dataclasses import replace  # noqa: PLC0415 (beside its only use)

    from api.office.reconciling import reconcile_file, record_made  # noqa: PLC0415 (loads polars)
    from api.office.settling import documents  # noqa: PLC0415 (as above)
    from api.reconciliation.shown import detail_of_made, recorded_shown  # noqa: PLC0415 (as above)

    member = by_member(opened, code_file, asked.party) if code_file is not None else None
    made = reconcile_file(opened, agreement, asked)
    newest = documents(opened, agreement)[-1]
    found = detail_of_made(newest, made, opened.clock().astimezone(newest.zone).date())
    if member is None:
        return found
    recorded = record_made(opened, made, member)
    return replace(found, reconciliation=recorded_shown(newest, recorded))


def _tell_rejected(refused: Any, rejects: Path | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"code": refused.code, "message": refused.message, "rejected": refused.data["rejected"]})
        return
    say(f"{refused.where}: {refused.message}")
    for one in refused.data["rejected"][:20]:
        line = f" (line {one['line']})" if one["line"] is not None else ""
        say(f"  row {one['row']}{line}, {one['column'] or 'whole row'}: {one['message']}")
    say(
        f"mend them in {rejects} and add --mended {rejects}"
        if rejects
        else "--rejects FILE writes them to be mended"
    )


def tell(found: ReconciliationDetail) -> None:
    """Print a reconciliation for people: both sides, classes that explain the difference, breaks."""
    one = found.reconciliation
    currency = one.own.currency
    name = one.id or "not recorded"
    say(
        f"{one.agreement} {one.party.id}, {one.book} no. {one.number} ({name}),"
        f" through {one.through or 'nothing yet'}"
    )
    if one.brought_rows:
        say(f"  {one.brought_rows:,} rows brought forward")
    for what, amount, rows in (("own ledger", one.own, one.own_rows), ("file", one.file, one.file_rows)):
        say(f"  {what:<36}{money(amount.amount_minor, currency):>18}  {rows:,} rows")
    say(f"  {'difference':<36}{money(one.difference.amount_minor, currency):>18}  explained by")
    for kind in one.classes:
        words = f"{kind.break_class} ({kind.count:,}, {kind.open:,} open)"
        say(f"    {words:<34}{money(kind.difference.amount_minor, currency):>18}")
    say(
        f"  {one.matches:,} matches; {one.open:,} open; {one.suggested:,} suggestions;"
        f" digest {one.digest[:16]}"
    )
    if one.limited:
        say(f"  {one.limited:,} rows were not searched for: too many others could fit")
    tell_breaks(found.breaks)
    for suggestion in found.suggestions[:20]:
        say(f"  suggested: {' '.join(row.id for row in suggestion.rows)}: {suggestion.reason.en}")


def tell_breaks(breaks: tuple[BreakShown, ...], limit: int = 50) -> None:
    """Print breaks for people, with the rows that a match by hand names."""
    for one in breaks[:limit]:
        state = "" if one.open else ", closed"
        say(f"  {one.break_class:<13}{money(one.difference.amount_minor, one.difference.currency):>14}  "
            f"{one.about}  ({one.day}, {one.days_open} days{state})")  # fmt: skip
        say(f"    {one.reason.en}")
        say(f"    rows {' '.join(row.id for row in one.rows[:10])}{' …' if len(one.rows) > 10 else ''}")
    if len(breaks) > limit:
        say(f"  … {len(breaks) - limit:,} more; --json has them all")


@command.command("list")
@click.argument("agreement", metavar="ID")
@party_option
@json_option
def list_command(agreement: str, party: str, as_json: bool) -> None:
    """List the reconciliations that a party recorded under agreement ID, newest first."""
    from api.office.settling import documents  # noqa: PLC0415 (loads polars)
    from api.reconciliation.shown import recorded_shown  # noqa: PLC0415 (as above)
    from ledger.reconciliation.recorded import reconciliations  # noqa: PLC0415 (as above)

    with office() as opened:
        newest = documents(opened, agreement)[-1]
        found = [recorded_shown(newest, one) for one in reconciliations(opened.log, agreement, party)]
    if as_json:
        print_json([asdict(one) for one in found])
        return
    say_if_none(found, "nothing is reconciled")
    for one in found:
        apart = money(one.difference.amount_minor, one.difference.currency)
        say(
            f"{one.id}  {one.book} no. {one.number}  through {one.through}"
            f"  difference {apart:>14}  {one.open:,} open"
        )


@command.command("show")
@click.argument("reconciliation")
@json_option
def show_command(reconciliation: str, as_json: bool) -> None:
    """Show a recorded RECONCILIATION, with the breaks that were open after it."""
    from api.office.settling import documents  # noqa: PLC0415 (loads polars)
    from api.reconciliation.shown import detail_of_recorded  # noqa: PLC0415 (as above)
    from ledger.reconciliation import recorded  # noqa: PLC0415 (as above)

    with office() as opened:
        one = recorded.reconciliation(opened.log, reconciliation)
        newest = documents(opened, one.book.agreement)[-1]
        today = opened.clock().astimezone(newest.zone).date()
        found = detail_of_recorded(newest, one, recorded.carried(opened.log, one), today)
    if as_json:
        print_json(asdict(found))
        return
    tell(found)


@command.command("open")
@click.argument("agreement", metavar="ID")
@party_option
@click.option("--book", required=True, help="Of which kind of file: the layout's source, such as bill-lines.")
@click.option("--on", metavar="DAY", help="How old it is on this day, else today.")
@click.option("--aging", is_flag=True, help="Print sums by class and age, not each.")
@_csv
@json_option
def open_command(  # noqa: PLR0913, PLR0917 -- one option each
    agreement: str, party: str, book: str, on: str | None, aging: bool, as_csv: bool, as_json: bool
) -> None:
    """Show what is open in a book of a party, how old it is, and what may belong together."""
    from api.sending import flat  # noqa: PLC0415 (loads the server's library)

    with office() as opened:
        found = _book(opened, agreement, party, book, on)
    if as_json:
        print_json(asdict(found))
    elif as_csv and aging:
        write_csv([flat(one) for one in found.aging], _AGING_COLUMNS)
    elif as_csv:
        rows = [flat(one) | {"rows": " ".join(row.id for row in one.rows)} for one in found.open]
        write_csv(rows, _OPEN_COLUMNS)
    else:
        _tell_book(found, aging=aging)


def _book(opened: Office, agreement: str, party: str, name: str, on: str | None) -> BookShown:
    from api.office.reconciling import day_given, demand_begun  # noqa: PLC0415 (loads polars)
    from api.office.settling import documents  # noqa: PLC0415 (as above)
    from api.reconciliation.shown import book_shown  # noqa: PLC0415 (as above)
    from ledger.reconciliation.recorded import Book, matches, state_of  # noqa: PLC0415 (as above)

    newest = documents(opened, agreement)[-1]
    book = Book(agreement, party, name)
    demand_begun(opened, book)
    day = day_given(on, "on") or opened.clock().astimezone(newest.zone).date()
    return book_shown(newest, book, state_of(opened.log, book), matches(opened.log, book), day)


@command.command("three-ways")
@click.argument("agreement", metavar="ID")
@party_option
@click.option("--bill", required=True, help="The book of a bill about order lines, such as bill-lines.")
@click.option("--bank", required=True, help="The book of a bank or of the payee, such as bank-account.")
@json_option
def three_ways_command(agreement: str, party: str, bill: str, bank: str, as_json: bool) -> None:
    """Lead from what a bill told of a party to what a bank told, step by step over its own ledger."""
    from api.office.settling import documents  # noqa: PLC0415 (loads polars)
    from api.reconciliation.shown import step_shown  # noqa: PLC0415 (as above)
    from ledger.reconciliation.recorded import Book  # noqa: PLC0415 (as above)
    from ledger.reconciliation.three_ways import three_ways  # noqa: PLC0415 (as above)

    with office() as opened:
        currency = documents(opened, agreement)[-1].currency
        books = (Book(agreement, party, name) for name in (bill, bank))
        found = [step_shown(one, currency) for one in three_ways(opened.log, *books)]
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        lead = "" if one.kind == "total" else "  + "
        say(f"{lead + one.label.en:<52}{money(one.amount.amount_minor, currency):>18}")


def _tell_book(found: BookShown, *, aging: bool) -> None:
    currency = found.difference.currency
    total = money(found.difference.amount_minor, currency)
    say(f"{found.agreement} {found.party.id}, {found.book} on {found.on}: {total} {currency} open")
    for one in found.aging:
        words = f"{one.break_class}, {one.ages} days ({one.count:,})"
        say(f"  {words:<36}{money(one.difference.amount_minor, currency):>18}")
    if aging:
        return
    tell_breaks(found.open)
    for suggestion in found.suggestions[:20]:
        say(f"  suggested: {' '.join(row.id for row in suggestion.rows)}: {suggestion.reason.en}")
    for match in found.matches:
        state = f"withdrawn by entry {match.withdrawn_seq}" if match.withdrawn_seq else "holds"
        say(f"  matched by hand: {match.id} {state}: {match.reason}")
