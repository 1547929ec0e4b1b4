"""`tallystick import`: an order file into the log, streamed, as often as one likes."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import json_option, office, print_json, progress, readable_file, say
from ledger.intake.report import ImportReport


@click.command()
@click.argument("orders", type=readable_file)
@click.option("--agreement", required=True, metavar="ID", help="The agreement the orders fall under.")
@click.option(
    "--mapping", default="tallystick-orders", show_default=True, help="A shipped mapping, or a file."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the rows not taken here, with reasons: mend them in place and import FILE.",
)
@json_option
def command(  # noqa: PLR0913, PLR0917 -- one parameter an option
    orders: Path, agreement: str, mapping: str, dry_run: bool, rejects: Path | None, as_json: bool
) -> int:
    """Import ORDERS (CSV, XLSX, NDJSON, Parquet or Arrow).

    The same file again adds nothing, a later export what has happened since.

    Exit code 1 when rows were rejected or contradict what is on record; the rest is taken.
    """
    from api.office.orders import import_orders  # noqa: PLC0415 (loads polars)

    with office() as opened, progress(orders.name, quiet=as_json) as show:
        report = import_orders(
            opened, orders, mapping, agreement, progress=show, dry_run=dry_run, rejects=rejects
        )
    if as_json:
        print_json(report.as_json())
    else:
        _tell(report)
        if rejects is not None and not report.clean:
            say(
                f"  the rows not taken stand in {rejects}: mend them there, and import that file the same way"
            )
    return int(not report.clean)


def _tell(report: ImportReport) -> None:
    say(f"{report.file}: {report.rows:,} rows{' (dry run, nothing written)' if report.dry_run else ''}")
    for name, counts in (("new", report.new), ("already on record", report.repeated)):
        worded = ", ".join(f"{count:,} {kind}" for kind, count in counts.as_json().items() if count)
        say(f"  {name}: {worded or 'none'}")
    for conflict in report.conflicts:
        at = f"row {conflict.row}" + (f" (line {conflict.line})" if conflict.line else "")
        named = (field.removeprefix("groups.order.content.") for field in conflict.fields)
        fields = ", ".join(field for field in named if not field.startswith("groups."))
        standing = f"entry {conflict.seq}, which stands" if conflict.seq is not None else "an earlier row"
        say(f"  contradicts the record, not taken: {at}, {conflict.id}: another {fields} than {standing}")
    if report.attested:
        say(f"  told by another source too: {report.attested:,} sales, {report.difference_count:,} otherwise")
    for difference in report.differences:
        at = f"row {difference.row}" + (f" (line {difference.line})" if difference.line else "")
        fields = ", ".join(difference.fields)
        say(
            f"  sources differ: {at}, {difference.id}: another {fields} than {difference.other} told (entry"
            f" {difference.seq}); {difference.counts} counts"
        )
    for finding in report.rejected:
        at = f"row {finding.row}" + (f" (line {finding.line})" if finding.line else "")
        say(f"  rejected: {at}, column {finding.column}: {finding.message} [{finding.code}]")
    if report.hidden_rows:
        say(f"  {report.hidden_rows:,} rows are hidden in the sheet and were read like all others")
    for notice in report.notices:
        at = f"row {notice.row}" + (f" (line {notice.line})" if notice.line else "")
        say(f"  taken, but look at it: {at}, column {notice.column}: {notice.message} [{notice.code}]")
    for kept, count, name in (
        (report.conflicts, report.conflict_count, "contradictions"),
        (report.differences, report.difference_count, "sales that sources tell otherwise"),
        (report.rejected, report.rejected_rows, "rejected rows"),
        (report.notices, report.notice_count, "rows to look at"),
    ):
        if count > len(kept):
            say(f"  and {count - len(kept):,} more {name}")
