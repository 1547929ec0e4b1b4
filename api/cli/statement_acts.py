"""`tallystick statement serve, accept, contest, withdraw, contests, export`: the life of a statement.

Who accepts or contests does so with an access code of the party's own, read from a file: whoever runs the
installation acts for nobody.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, say

if TYPE_CHECKING:
    from api.access import Viewer
    from api.office.opening import Office
    from api.statements.service import StatementService

_code = click.option(
    "--code-file",
    required=True,
    type=click.File(encoding="utf-8"),
    help="File with the access code of a member who may approve for the party; - is standard input.",
)
_reason = click.option("--reason", required=True, help="Why, as it will stand in the log.")


@click.command("serve")
@click.argument("statements", nargs=-1, metavar="[STATEMENT]...")
@click.option("--agreement", metavar="ID", help="Every statement of this agreement that is not served yet.")
@click.option("--means", type=click.Choice(["inbox", "address"]), default="inbox", show_default=True)
@click.option("--delivered-at", metavar="TIME", help="When it arrived at the address, with its offset.")
@click.option("--reference", help="What shows that it arrived, such as the number of a waybill.")
@json_option
def serve_command(  # noqa: PLR0913 (one option each)
    *, statements: tuple[str, ...], agreement: str | None, means: str, delivered_at: str | None,
    reference: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Record that each STATEMENT was served on its party. The same means again adds nothing.

    The inbox is the product itself, and somebody of the party must be able to sign in.
    """
    from api.statements.acting import serve  # noqa: PLC0415 (loads the agreement language)
    from api.statements.schemas import ServiceRequest  # noqa: PLC0415 (as above)
    from ledger.statements.life import life_of  # noqa: PLC0415 (as above)
    from ledger.statements.reading import list_statements, read_statement  # noqa: PLC0415 (as above)

    if bool(statements) == bool(agreement):
        raise click.UsageError("name statements, or an agreement with --agreement")
    with office() as opened:
        found = [read_statement(opened.log, one) for one in statements]
        if agreement is not None:
            every = list_statements(opened.log, agreement=agreement)
            found = [one for one in every if not life_of(opened.log, one.id).services]
        for one in found:
            serve(opened, one, ServiceRequest(means, delivered_at, reference))
        rows = [_row(opened, one.id) for one in found]
    _show(rows, as_json=as_json)


@click.command("accept")
@click.argument("statement")
@_code
@json_option
def accept_command(statement: str, code_file: Any, as_json: bool) -> None:
    """Accept STATEMENT for its party. Accepting again adds nothing; what is contested stays contested."""
    with office() as opened:
        viewer, service = _member(opened, code_file)
        service.accept(viewer, statement)
        _show([_row(opened, statement)], as_json=as_json)


@click.command("contest")
@click.argument("statement")
@click.option("--line", "lines", type=click.IntRange(min=0), multiple=True, help="A line by its number.")
@click.option("--figure", "figures", multiple=True, help="A figure by its place, such as /totals/0.")
@click.option("--whole", is_flag=True, help="All of it.")
@_reason
@_code
@json_option
def contest_command(  # noqa: PLR0913 (one option each)
    *, statement: str, lines: tuple[int, ...], figures: tuple[str, ...], whole: bool, reason: str,
    code_file: Any, as_json: bool,
) -> None:  # fmt: skip
    """Contest lines, figures or the whole of STATEMENT for its party; what of it is above zero is held."""
    from api.statements.schemas import ContestRequest  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        viewer, service = _member(opened, code_file)
        service.contest(viewer, statement, ContestRequest(reason, lines, figures, whole))
        _show([_row(opened, statement)], as_json=as_json)


@click.command("withdraw")
@click.argument("statement")
@click.argument("number", type=click.IntRange(min=1))
@_reason
@_code
@json_option
def withdraw_command(statement: str, number: int, reason: str, code_file: Any, as_json: bool) -> None:
    """Withdraw contest NUMBER of STATEMENT for its party; what it held is released."""
    from api.statements.schemas import EndRequest  # noqa: PLC0415 (as above)

    with office() as opened:
        viewer, service = _member(opened, code_file)
        service.end_contest(viewer, statement, number, "withdrawn", EndRequest(reason))
        _show([_row(opened, statement)], as_json=as_json)


@click.command("contests")
@click.argument("statement")
@json_option
def contests_command(statement: str, as_json: bool) -> None:
    """Show how STATEMENT stands: served when, until when to contest, what is contested and held."""
    with office() as opened:
        _show([_row(opened, statement)], as_json=as_json)


@click.command("correct")
@click.argument("agreement", metavar="ID")
@_reason
@json_option
def correct_command(agreement: str, reason: str, as_json: bool) -> None:
    """Correct the statements of the last run of agreement ID by new ones, which give what differs.

    What the log says of the same period now is taken; asked again with nothing new, nothing is added.
    """
    from api.cli.settle import tell_run  # noqa: PLC0415 (beside its only use)
    from api.office.settling import correct_statements, documents  # noqa: PLC0415 (loads polars)

    with office() as opened:
        currency = documents(opened, agreement)[-1].currency
        tell_run(correct_statements(opened, agreement, reason), currency, as_json=as_json)


@click.command("answer")
@click.argument("statement")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--correction", required=True, metavar="STATEMENT", help="The statement that corrects it.")
@_reason
@json_option
def answer_command(statement: str, number: int, correction: str, reason: str, as_json: bool) -> None:
    """Answer contest NUMBER of STATEMENT by the statement that corrects it; what it held is released."""
    from api.statements.acting import answer  # noqa: PLC0415 (loads the agreement language)
    from api.statements.schemas import EndRequest  # noqa: PLC0415 (as above)
    from ledger.statements.reading import read_statement  # noqa: PLC0415 (as above)

    with office() as opened:
        answer(opened, read_statement(opened.log, statement), number, EndRequest(reason, correction))
        _show([_row(opened, statement)], as_json=as_json)


@click.command("export")
@click.argument("statement")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; its ending says the form: .pdf, .xlsx, .csv or .json.",
)  # fmt: skip
@click.option("--form", type=click.Choice(["csv", "json"]), help="What to print without -o. [default: csv]")
def export_command(statement: str, lang: str, out: Path | None, form: str | None) -> None:
    """Write STATEMENT as a file, in the form that its ending says. It is the same bytes each time.

    Without -o it is printed, as CSV or JSON.
    """
    from api.language import LANGUAGES  # noqa: PLC0415 (loads polars and the agreement language)
    from api.office.papers import agreement_of  # noqa: PLC0415 (as above)
    from api.statements.papers.file import paper_file  # noqa: PLC0415 (as above)
    from api.statements.papers.paper import FORMS, Paper  # noqa: PLC0415 (as above)
    from ledger.statements.lines import LineStore  # noqa: PLC0415 (as above)
    from ledger.statements.reading import read_statement  # noqa: PLC0415 (as above)

    if out is not None and form is not None:
        raise click.UsageError("the ending of the file says its form; --form is for what is printed")
    ending = out.suffix.removeprefix(".") if out else form or "csv"
    wanted = next((one for one in FORMS if one == ending), None)
    if wanted is None:
        raise click.UsageError(f"{out} ends in none of .{', .'.join(FORMS)}")
    language = next(one for one in LANGUAGES if one == lang)
    with office() as opened:
        one = read_statement(opened.log, statement)
        paper = Paper(one, agreement_of(opened, one), LineStore(opened.files))
        pieces = paper_file(paper, wanted, language)
        if out is None:
            sys.stdout.writelines(piece.decode() for piece in pieces)
            return
        _write(out, pieces)
    say(f"{out}: {out.stat().st_size:,} bytes")


def _write(out: Path, pieces: Iterator[bytes]) -> None:
    """Write a file whole or not at all."""
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _member(opened: Office, code_file: Any) -> tuple[Viewer, StatementService]:
    """Return who an access code belongs to, and the statements as they may see them."""
    from api.cli.member import viewer_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.statements.service import StatementService  # noqa: PLC0415 (as above)

    return viewer_of(opened, code_file), StatementService(opened)


def _row(opened: Office, statement: str) -> dict[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415 (beside its only use)

    from api.office.papers import agreement_of  # noqa: PLC0415 (loads the agreement language)
    from api.statements.life import life_shown  # noqa: PLC0415 (as above)
    from ledger.statements.reading import read_statement  # noqa: PLC0415 (as above)

    one = read_statement(opened.log, statement)
    return asdict(life_shown(opened, agreement_of(opened, one), one))


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    for one in rows:
        until = f", may be contested until {one['contest_until']}" if one["contest_until"] else ""
        say(f"{one['statement']}  {one['status']}{until}")
        for service in one["services"]:
            say(f"  served: {service['means']} (entry {service['entry_seq']})")
        for contest in one["contests"]:
            held = money(contest["held"]["amount_minor"], contest["held"]["currency"])
            amount = money(contest["amount"]["amount_minor"], contest["amount"]["currency"])
            say(f"  contest {contest['number']} {contest['status']}: {amount}, {held} held")
            say(f"    {contest['reason']}")


COMMANDS = (
    serve_command,
    accept_command,
    contest_command,
    withdraw_command,
    contests_command,
    correct_command,
    answer_command,
    export_command,
)
