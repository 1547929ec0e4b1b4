"""`tallystick reconcile match, withdraw, check`: what members say of open rows, and making one again.

Who matches does so with an access code of the party's own, read from a file: whoever runs the installation
acts for nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, readable_file, say

if TYPE_CHECKING:
    from api.office.opening import Office
    from ledger.reconciliation.recorded import Match

party_option = click.option("--party", required=True, help="Whose side, by the party's id.")
_reason = click.option("--reason", required=True, help="Why, as it will stand in the log.")
_book = click.option("--book", required=True, help="Of which kind of file: the layout's source.")


def code_option(*, required: bool = True) -> Callable[[Any], Any]:
    """Return the option that names the file with a member's access code."""
    return click.option(
        "--code-file",
        required=required,
        type=click.File(encoding="utf-8"),
        help="File with the access code of a member who may approve for the party; - is standard input.",
    )


def by_member(opened: Office, code_file: Any, party: str) -> str:
    """Return the member that an access code belongs to, who may act for a party. Raises AccessDenied."""
    from api.cli.member import members_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.reconciliation.service import acting_for  # noqa: PLC0415 (as above)

    return acting_for(members_of(opened).viewer_of_code(code_file.read(1_000).strip()), party)


@click.command("match")
@click.argument("agreement", metavar="ID")
@click.argument("rows", nargs=-1, required=True, metavar="ROW...")
@party_option
@_book
@click.option("--class", "kind", help="What the difference is, where they do not come to the same.")
@_reason
@code_option()
@json_option
def match_command(  # noqa: PLR0913 (one option each)
    *, agreement: str, rows: tuple[str, ...], party: str, book: str, kind: str | None, reason: str,
    code_file: Any, as_json: bool,
) -> None:  # fmt: skip
    """Match open ROWs of a book by hand, named by their ids."""
    from api.office.reconciling import match_rows  # noqa: PLC0415 (loads polars)
    from api.reconciliation.service import class_named  # noqa: PLC0415 (as above)
    from ledger.reconciliation.manual import MatchAsked, ids_given  # noqa: PLC0415 (as above)
    from ledger.reconciliation.recorded import Book  # noqa: PLC0415 (as above)

    with office() as opened:
        member = by_member(opened, code_file, party)
        asked = MatchAsked(ids_given(rows), reason, class_named(kind))
        one = match_rows(opened, Book(agreement, party, book), asked, member)
        _show(opened, agreement, one, as_json=as_json)


@click.command("withdraw")
@click.argument("agreement", metavar="ID")
@click.argument("match")
@party_option
@_book
@_reason
@code_option()
@json_option
def withdraw_command(  # noqa: PLR0913 (one option each)
    *, agreement: str, match: str, party: str, book: str, reason: str, code_file: Any, as_json: bool
) -> None:
    """Withdraw a MATCH by hand: its rows are open again."""
    from api.office.reconciling import withdraw_match  # noqa: PLC0415 (loads polars)
    from ledger.reconciliation.recorded import Book  # noqa: PLC0415 (as above)

    with office() as opened:
        member = by_member(opened, code_file, party)
        one = withdraw_match(opened, Book(agreement, party, book), match, reason, member)
        _show(opened, agreement, one, as_json=as_json)


@click.command("check")
@click.argument("reconciliation")
@click.argument("file", type=readable_file)
@click.option("--layout", help="The layout that it was made by, else the shipped one of that name.")
@click.option("--mended", type=readable_file, help="The mended rows that went with it.")
@json_option
def check_command(
    reconciliation: str, file: Path, layout: str | None, mended: Path | None, as_json: bool
) -> None:
    """Make a recorded RECONCILIATION again from its FILE; exit with 1 where it is not what was recorded."""
    from api.office.reconciling import check_recorded  # noqa: PLC0415 (loads polars)
    from ledger.reconciliation import recorded  # noqa: PLC0415 (as above)
    from ledger.reconciliation.errors import ReconciliationDiffers  # noqa: PLC0415 (as above)
    from ledger.reconciliation.layouts import load_layout  # noqa: PLC0415 (as above)

    with office() as opened:
        one = recorded.reconciliation(opened.log, reconciliation)
        found = load_layout(layout or one.content["layout"])
        try:
            check_recorded(opened, one, found, file, mended)
            differs = None
        except ReconciliationDiffers as fault:
            differs = fault.message
    if as_json:
        print_json({"reconciliation": one.id, "digest": one.content["digest"], "differs": differs})
    else:
        say(f"{one.id}: {differs}" if differs else f"{one.id}: the same, digest {one.content['digest']}")
    if differs:
        raise SystemExit(1)


def _show(opened: Office, agreement: str, one: Match, *, as_json: bool) -> None:
    from api.office.settling import documents  # noqa: PLC0415 (loads polars)
    from api.reconciliation.shown import match_shown  # noqa: PLC0415 (as above)

    found = match_shown(one, documents(opened, agreement)[-1].currency)
    if as_json:
        print_json(asdict(found))
        return
    state = f"withdrawn, entry {found.withdrawn_seq}" if found.withdrawn_seq else f"entry {found.entry_seq}"
    apart = money(found.difference.amount_minor, found.difference.currency)
    say(
        f"{found.id}  {len(found.rows)} rows, difference {apart} {found.break_class or ''}".rstrip()
        + f", {state}"
    )


COMMANDS = (match_command, withdraw_command, check_command)
