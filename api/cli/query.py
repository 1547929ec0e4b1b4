"""`tallystick query`: search the ledger for a dispute, within what it concerns."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from api.access import Viewer
    from api.queries.schemas import ScopeShown
    from api.queries.service import QueryService
    from ledger.cases.queries import SavedQuery
    from ledger.queries.scope import Scope

_FILE = click.Path(dir_okay=False, path_type=Path)
_by = click.option("--by", required=True, metavar="MEMBER", help="An arbiter who sits in the dispute.")


def _narrowing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that narrow a question, by the names of its parts."""
    texts = {
        "kind": "Only entries of this kind, such as sale.recorded.",
        "clause": "Only what names this clause.",
        "party": "Only what this party asserted, reads or is posted; of postings, its accounts.",
        "sku": "Only what names this SKU.",
        "session": "Only what names this session.",
        "order": "Only what names this order.",
    }
    times = {
        "occurred_from": "Happened from then on.",
        "occurred_to": "Happened by then.",
        "recorded_from": "Recorded from then on.",
        "recorded_to": "Recorded by then.",
        "known_at": "As the log stood then: what was known on that day.",
    }
    for name, words in reversed((texts | times).items()):
        metavar = "T" if name in times else "TEXT"
        command = click.option(f"--{name.replace('_', '-')}", name, metavar=metavar, help=words)(command)
    of = click.Choice(["entries", "postings", "orders"])
    return click.option("--of", type=of, default="entries", show_default=True, help="What to look for.")(
        command
    )


@click.group()
def command() -> None:
    """Search the ledger for a dispute: entries, postings and orders, at both times.

    A query shows what the dispute concerns: its agreement, and of that what one of its two sides may read.
    Personal data is never shown.
    """


@command.command("run")
@click.argument("dispute_id", metavar="DISPUTE")
@_narrowing
@click.option("--after", default=-1, metavar="SEQ", help="Continue beyond this entry.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500), help="Entries to show.")
@json_option
def run_command(dispute_id: str, after: int, limit: int, as_json: bool, **asked: str | None) -> None:
    """Search for DISPUTE, oldest first. Days count whole, in the agreement's time zone."""
    from api.office.disputes import dispute  # noqa: PLC0415 (loads the agreement language)
    from api.office.queries import case_scope, question_of  # noqa: PLC0415 (as above)
    from ledger.queries.answering import ask  # noqa: PLC0415 (as above)

    with office() as opened:
        one = dispute(opened, dispute_id)
        question = question_of(opened, one.agreement.id, {k: v for k, v in asked.items() if v is not None})
        page = ask(opened.log, case_scope(opened, one), question, after=after, limit=limit)
    if as_json:
        found = {"question": question.as_json(), "size": page.size, "rows": page.rows}
        print_json({**found, "next_after": page.next_after})
        return
    say_if_none(page.rows, "nothing that this dispute concerns meets the question")
    for row in page.rows:
        _say(row)
    if page.next_after is not None:
        say(f"… more; --after {page.next_after} shows it")


@command.command("save")
@click.argument("dispute_id", metavar="DISPUTE")
@_narrowing
@_by
@json_option
def save_command(dispute_id: str, by: str, as_json: bool, **asked: str | None) -> None:
    """Run a question for DISPUTE over the log as it stands, sign a checkpoint of it, and save both.

    Whoever runs it again, over as many entries, gets the same answer.
    """
    from api.queries.schemas import QueryRequest  # noqa: PLC0415 (loads the web framework's side of access)

    with _desk(by) as (desk, viewer):
        given = QueryRequest(**{name: text for name, text in asked.items() if text is not None})
        saved = desk.save(viewer, dispute_id, given)
    if as_json:
        print_json(asdict(saved))
        return
    say(f"{saved.query}  {saved.rows} rows over {saved.size} entries, SHA-256 {saved.digest}")


@command.command("list")
@click.argument("dispute_id", metavar="DISPUTE")
@json_option
def list_command(dispute_id: str, as_json: bool) -> None:
    """List the queries saved for DISPUTE, and the orders that opened more to them."""
    from api.office.disputes import dispute  # noqa: PLC0415 (loads the agreement language)
    from api.office.queries import case_scope  # noqa: PLC0415 (as above)
    from ledger.cases.queries import WIDENED, saved_queries  # noqa: PLC0415 (as above)
    from ledger.cases.record import case_record  # noqa: PLC0415 (as above)

    with office() as opened:
        record = case_record(opened.log, dispute_id)
        scope = case_scope(opened, dispute(opened, dispute_id), record)
        found = list(saved_queries(opened.log, record, scope.withheld).values())
    orders = [{**step.content, "by": step.by, "seq": step.seq} for step in record.of(WIDENED)]
    if as_json:
        saved = [_saved_row(one) for one in found]
        print_json({"scope": scope.as_json(), "saved": saved, "widened": orders})
        return
    _say_scope(scope)
    for order in orders:
        opens = ", ".join([*order["agreements"], *order["parties"]])
        say(f"entry {order['seq']}: {order['by']} opened {opens}: {order['reason']}")
    say_if_none(found, "no query was saved")
    for one in found:
        asked = ", ".join(f"{name} {text}" for name, text in one.question.as_json().items())
        say(f"{one.id}  {one.rows} rows over {one.size} entries  {asked}")


@command.command("again")
@click.argument("dispute_id", metavar="DISPUTE")
@click.argument("query")
@json_option
def again_command(dispute_id: str, query: str, as_json: bool) -> None:
    """Run QUERY, saved for DISPUTE, again over the same entries. Exit code 1 where the answer is another."""
    from api.office.disputes import dispute  # noqa: PLC0415 (loads the agreement language)
    from api.office.queries import again  # noqa: PLC0415 (as above)

    with office() as opened:
        saved, now = again(opened, dispute(opened, dispute_id), query)
    if as_json:
        outcome = {"query": saved.id, "same": now.same, "saved_digest": saved.digest}
        outcome |= {"digest": now.answer.digest, "erased": list(now.erased), "differing": list(now.differing)}
        print_json(outcome)
    elif now.same:
        say(f"{saved.id}: the same {saved.rows} rows, SHA-256 {saved.digest}")
    else:
        say(f"{saved.id}: {len(now.answer.rows)} rows where {saved.rows} were saved")
        for words, seqs in (("a group was erased of", now.erased), ("nothing explains", now.differing)):
            if seqs:
                say(f"{words} entry {', '.join(map(str, seqs))}")
    if not now.same:
        sys.exit(1)


@command.command("export")
@click.argument("dispute_id", metavar="DISPUTE")
@click.argument("query")
@click.option("--out", required=True, type=_FILE, help="The file to write.")
def export_command(dispute_id: str, query: str, out: Path) -> None:
    """Export QUERY, saved for DISPUTE, with the proofs of its rows; `tallystick verify` checks it offline."""
    from api.office.disputes import dispute  # noqa: PLC0415 (loads the agreement language)
    from api.office.queries import bundle_of  # noqa: PLC0415 (as above)

    with office() as opened:
        data = bundle_of(opened, dispute(opened, dispute_id), query)
    out.write_bytes(data)
    say(f"{out}: {len(data):,} bytes")


@command.command("widen")
@click.argument("dispute_id", metavar="DISPUTE")
@click.option(
    "--agreement", "agreements", multiple=True, metavar="ID", help="An agreement to open, or several."
)
@click.option("--party", "parties", multiple=True, metavar="ID", help="A party to open; repeat it.")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@_by
@json_option
def widen_command(  # noqa: PLR0913 (one option each)
    *, dispute_id: str, agreements: tuple[str, ...], parties: tuple[str, ...], reason: str, by: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Order that more be open to the queries of DISPUTE. Both sides, and whom it opens, are told."""
    from api.queries.schemas import WideningRequest  # noqa: PLC0415 (loads the web framework's side of access)

    asked = WideningRequest(reason, " ".join(agreements), " ".join(parties))
    with _desk(by) as (desk, viewer):
        scope = desk.widen(viewer, dispute_id, asked).scope
    if as_json:
        print_json(asdict(scope))
        return
    _say_scope(scope)


@contextmanager
def _desk(by: str) -> Iterator[tuple[QueryService, Viewer]]:
    from api.cli.member import members_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.disputes.service import DisputeService  # noqa: PLC0415 (as above)
    from api.queries.service import QueryService  # noqa: PLC0415 (as above)

    with office() as opened:
        yield QueryService(DisputeService(opened)), members_of(opened).viewer_of_member(by)


def _say_scope(scope: Scope | ScopeShown) -> None:
    say(f"open: {', '.join(scope.agreements)}; what {' or '.join(scope.parties)} may read")


def _saved_row(one: SavedQuery) -> dict[str, Any]:
    return {
        "query": one.id,
        "question": one.question.as_json(),
        "scope": one.scope.as_json(),
        "size": one.size,
        "root": one.root,
        "digest": one.digest,
        "rows": one.rows,
        "by": one.step.by,
        "seq": one.step.seq,
    }


def _say(row: Mapping[str, Any]) -> None:
    if "posting" in row:
        one = row["posting"]
        amount = money(one["amount_minor"], one["currency"])
        said = f"{one['account']:<28} {amount:>16} {one['currency']}  {one['clause']} {one['kind']}"
        say(f"{row['seq']:>9}  {row['occurred_at'][:10]}  {said}")
    elif "told" in row:
        say(f"{row['seq']:>9}  {row['agreement']}  order {row['order']} line {row['line']}")
        for one in row["told"]:
            voided = f"  voided by entry {one['voided_by']}" if "voided_by" in one else ""
            days = f"{one['occurred_at'][:10]}, recorded {one['recorded_at'][:10]}"
            say(f"{one['seq']:>13}  {one['event']:<8} {days}{voided}")
    else:
        shown = ", ".join(group["name"] for group in row["groups"])
        say(f"{row['seq']:>9}  {row['occurred_at'][:10]}  {row['kind']:<24} {row['asserter']:<16} {shown}")
