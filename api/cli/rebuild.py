"""`tallystick rebuild`: drop everything derived and make it again from the log."""

from __future__ import annotations

import click

from api.cli.output import json_option, office, print_json, say
from ledger.rebuild import rebuild


@click.command()
@json_option
def command(as_json: bool) -> int:
    """Rebuild accounts, postings, indexes and the lines behind statements from the log.

    Exit code 1 when anything came back different from what stood there.
    """
    from api.office.settling import rebuild_lines  # noqa: PLC0415 (loads polars)

    with office() as opened:
        report = rebuild(opened.owner_engine)
        statements = rebuild_lines(opened)
    if as_json:
        erased = [{"seq": one.seq, "group": one.name, "by_seq": one.by_seq} for one in report.erased]
        print_json(
            {
                "unchanged": report.unchanged,
                "entries": report.entries,
                "erased": erased,
                "statements": statements,
                "digests": report.after,
            }
        )
        return int(not report.unchanged)
    outcome = "every derived row came back as it was" if report.unchanged else "derived rows had been CHANGED"
    say(f"{report.entries:,} entries read; {outcome}")
    for table, digest in report.after.items():
        mark = "" if report.before.get(table) == digest else "  <- differs"
        say(f"  {table:<12} {digest}{mark}")
    say(f"  {statements:,} statements recomputed, each as it was issued")
    for one in report.erased:
        say(f"  erased: entry {one.seq}, group '{one.name}', by entry {one.by_seq}: {one.reason}")
    return int(not report.unchanged)
