"""`tallystick simulate`: past orders replayed under a proposed version, by party and by clause."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import (
    json_option,
    money,
    office,
    print_json,
    progress,
    read_agreement,
    readable_file,
    say,
)

if TYPE_CHECKING:
    import polars as pl

    from ledger.settlement.simulation import ShareTotal, Simulation
    from policies.agreement import Agreement
    from policies.diff.cases import CaseDifference

    Take = Callable[[pl.DataFrame], None]

_COLUMNS = ("party", "clause", "share", "lines", "before", "after", "difference")


@click.command()
@click.argument("proposed", type=readable_file)
@click.argument("orders", type=readable_file, required=False)
@click.option("--under", type=readable_file, help="The version that the order file is compared with.")
@click.option(
    "--agreement", metavar="ID", help="The orders in the log of this agreement, instead of an order file."
)
@click.option(
    "--case", "cases", type=readable_file, multiple=True, help="A case to decide under both; may be repeated."
)
@click.option(
    "--lines",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every changed line to this CSV file.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print the table as CSV.")
@json_option
def command(  # noqa: PLR0913, PLR0917 (one argument an option)
    proposed: Path,
    orders: Path | None,
    under: Path | None,
    agreement: str | None,
    cases: tuple[Path, ...],
    lines: Path | None,
    as_csv: bool,
    as_json: bool,
) -> int:
    """Replay past orders under PROPOSED and under the version before: what each party would have had.

    ORDERS (CSV or Parquet) has the columns order, line, currency and the facts, and, where it has them,
    confirmed_at, refunded and refunded_at: refunds are reversed within each version's own window. With
    --agreement the orders are those of the log, each under the version it was sold under. Ladders over
    windows count all orders, as though settled at once. Nothing is written. Exit code 1 when lines could not
    be compared.
    """
    if (orders is None) == (agreement is None) or (agreement is None) != (under is not None):
        raise click.UsageError("give ORDERS with --under OLD, or --agreement ID")
    document = read_agreement(proposed)
    with _line_writer(lines, document.currency) as take:
        if agreement is not None:
            names, found, old = _from_log(agreement, document, take)
        else:
            assert orders is not None, "required above"
            assert under is not None, "required above"
            old = read_agreement(under)
            names, found = (old.ref,), _from_file(orders, old, document, take, quiet=as_json or as_csv)
    decided = _decided(old, document, cases)
    if as_json:
        print_json(_as_json(names, document, found, decided))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(_rows(found, document.currency))
    else:
        _tell(names, document, found, decided)
    return int(found.left_out > 0)


def _from_file(orders: Path, old: Agreement, proposed: Agreement, take: Take, *, quiet: bool) -> Simulation:
    from api.office.simulating import simulate_file  # noqa: PLC0415 (loads polars)

    with progress(orders.name, quiet=quiet) as show:
        return simulate_file(orders, old, proposed, take, show)


def _from_log(
    agreement: str, proposed: Agreement, take: Take
) -> tuple[tuple[str, ...], Simulation, Agreement]:
    from api.office.settling import documents  # noqa: PLC0415 (as above)
    from api.office.simulating import simulate_log  # noqa: PLC0415 (as above)

    with office() as opened:
        names, found = simulate_log(opened, agreement, proposed, take)
        return names, found, documents(opened, agreement)[-1]


def _decided(old: Agreement, proposed: Agreement, cases: tuple[Path, ...]) -> list[CaseDifference]:
    if not cases:
        return []
    from api.cli.decide import load_case  # noqa: PLC0415 (only where there are cases)
    from policies.diff.cases import compare_case  # noqa: PLC0415 (as above)

    return [compare_case(old, proposed, load_case(path)) for path in cases]


@contextmanager
def _line_writer(path: Path | None, currency: str) -> Iterator[Take]:
    """Yield what takes changed lines: the writer of a CSV file, or nothing where none is asked for."""
    if path is None:
        yield lambda _frame: None
        return
    from policies.money import from_minor  # noqa: PLC0415 (only where amounts are written)

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("order", "line", "party", "before", "after", "difference"))
        yield lambda frame: writer.writerows(
            (*key, *(from_minor(amount, currency) for amount in amounts))
            for *key, amounts in ((*row[:3], row[3:]) for row in frame.iter_rows())
        )


def _rows(found: Simulation, currency: str) -> Iterator[tuple[object, ...]]:
    from policies.money import from_minor  # noqa: PLC0415 (only where amounts are written)

    for (party, share), one in found.shares.items():
        amounts = (from_minor(amount, currency) for amount in (one.before, one.after, one.difference))
        yield (party, one.clause, share, one.lines, *amounts)


def _as_json(
    names: tuple[str, ...], proposed: Agreement, found: Simulation, decided: list[CaseDifference]
) -> dict[str, Any]:
    return {
        "under": list(names),
        "proposed": proposed.ref,
        "currency": proposed.currency,
        "lines": found.lines,
        "left_out": found.left_out,
        "left_out_lines": [{"order": order, "line": line} for order, line in found.left_out_shown],
        "parties": [{"party": party, **_total(one)} for party, one in found.by_party().items()],
        "shares": [
            {"party": party, "clause": one.clause, "share": share, "lines": one.lines, **_total(one)}
            for (party, share), one in found.shares.items()
        ],
        "cases": [one.as_json() for one in decided],
    }


def _total(one: ShareTotal) -> dict[str, int]:
    return {"before_minor": one.before, "after_minor": one.after, "difference_minor": one.difference}


def _tell(
    names: tuple[str, ...], proposed: Agreement, found: Simulation, decided: list[CaseDifference]
) -> None:
    currency = proposed.currency
    say(
        f"{found.lines:,} lines under {', '.join(names)} and under {proposed.ref},"
        f" {currency}, refunds reversed"
    )
    for party, total in found.by_party().items():
        say(f"  {party:<34}{_amounts(total, currency)}")
        for (owner, share), one in found.shares.items():
            if owner == party and one.difference:
                say(
                    f"    clause {one.clause:<6} {share:<18}{_amounts(one, currency)}  on {one.lines:,} lines"
                )
    if found.left_out:
        shown = ", ".join(f"{order}/{line}" for order, line in found.left_out_shown)
        say(f"  not compared: {found.left_out:,} lines that lack a fact or belong to no version ({shown})")
    for case in decided:
        _tell_case(case, currency)


def _tell_case(one: CaseDifference, currency: str) -> None:
    was, now = one.before, one.after
    say(
        f"{one.case}: {was.outcome} {money(was.amount_minor, currency)}"
        f" → {now.outcome} {money(now.amount_minor, currency)}"
    )
    for owner, (before, after) in one.by_party().items():
        if before != after:
            plus = "+" * (after > before)
            moved = f"{money(before, currency):>18} → {money(after, currency):>18}"
            say(f"  {owner:<16}{moved}  {plus}{money(after - before, currency)}")


def _amounts(total: ShareTotal, currency: str) -> str:
    plus = "+" * (total.difference > 0)
    return (
        f"{money(total.before, currency):>18} → {money(total.after, currency):>18}"
        f"  {plus + money(total.difference, currency):>16}"
    )
