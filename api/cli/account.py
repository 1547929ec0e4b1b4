"""`tallystick account`: the movements of one account, with the balance after each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from api.cli.accounts import csv_option, occurred_option, recorded_option
from api.cli.output import json_option, money, office, print_json, say, write_csv

if TYPE_CHECKING:
    from ledger.accounts import Movement
    from ledger.periods import Calendar

_COLUMNS = ("seq", "n", "occurred_at", "recorded_at", "late_from", "kind", "clause", "posting",
            "amount_minor", "balance_minor", "reverses")  # fmt: skip


@click.command()
@click.argument("account", metavar="OWNER.PURPOSE")
@click.option("--agreement", metavar="A", required=True, help="The agreement's id.")
@click.option("--currency", metavar="CUR", help="Where the account is kept in several.")
@occurred_option
@recorded_option
@click.option("--after", metavar="SEQ.N", help="Continue beyond this movement.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Rows to show.")
@json_option
@csv_option
def command(  # noqa: PLR0913, PLR0917 -- one option each
    account: str,
    agreement: str,
    currency: str | None,
    occurred: str | None,
    recorded: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Show the movements of one account, such as mcn.balance, with the balance after each."""
    from api.office.accounts import account_parts, movement_cursor, until_of  # noqa: PLC0415 (as above)
    from api.office.periods import months_of  # noqa: PLC0415 (as above)
    from ledger.accounts import account_statement, balance, find_account  # noqa: PLC0415 (as above)

    with office() as opened:
        owner, purpose = account_parts(account)
        found = find_account(opened.engine, owner, purpose, agreement, currency)
        until = until_of(opened, agreement, occurred, recorded, opened.log.size())
        moves = account_statement(
            opened.engine, found, after=movement_cursor(after), limit=limit + 1, until=until
        )
        closing = balance(opened.engine, found, until)
        months = months_of(opened, agreement)
    rows = [_row(one, months) for one in moves[:limit]]
    if as_json:
        head = {"account": account, "agreement": agreement, "currency": found.currency}
        print_json({**head, "balance_minor": closing, "movements": rows})
    elif as_csv:
        write_csv(rows, _COLUMNS)
    else:
        _tell(rows, found.currency, closing, more=len(moves) > limit)


def _row(one: Movement, months: Calendar | None) -> dict[str, Any]:
    """Return a movement by the names of its columns."""
    from ledger.leaves import recorded_text  # noqa: PLC0415 (loads the database's libraries)

    late = months.belongs(one.seq, one.occurred_us)[1] if months else None
    values = (
        one.seq,
        one.n,
        one.occurred_at,
        recorded_text(one.recorded_us),
        str(late) if late else None,
        one.entry_kind,
        one.clause,
        one.kind,
        one.amount_minor,
        one.balance_minor,
        f"{one.reverses[0]}.{one.reverses[1]}" if one.reverses else None,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _tell(rows: Sequence[Mapping[str, Any]], currency: str, closing: int, *, more: bool) -> None:
    """Print movements for people, and the balance at the end."""
    for row in rows:
        amount, after_it = (money(row[name], currency) for name in ("amount_minor", "balance_minor"))
        back = f" of {row['reverses']}" if row["reverses"] else ""
        came = f" late from {row['late_from']}" if row["late_from"] else ""
        what = f"{row['clause']} {row['posting']}{back}{came}"
        say(
            f"{row['seq']:>9}.{row['n']:<3} {row['occurred_at'][:10]}  {what:<34} {amount:>18} {after_it:>18}"
        )
    if more:
        say(f"… more; --after {rows[-1]['seq']}.{rows[-1]['n']} shows them")
    say(f"balance {money(closing, currency)} {currency}")
