"""`tallystick data`: ask for data of orders under a grant, see who received what, say that it is gone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, readable_file, say, say_if_none

if TYPE_CHECKING:
    from api.office.sharing import Answered
    from ledger.sharing.record import Sharing

_DENIED = 1


@click.group()
def command() -> None:
    """Ask for data of orders under the data grants of agreements, and see who received what."""


@command.command("access")
@click.argument("agreement")
@click.option("--for", "party", required=True, help="Which party asks: its id, or its key in the document.")
@click.option("--purpose", required=True, help="For what, in the words of the grant.")
@click.option("--field", "fields", multiple=True, required=True, help="A fact of orders; once for each.")
@click.option("--order", "orders", multiple=True, help="An order by its id; once for each.")
@click.option("--from", "from_day", metavar="DAY", help="Instead of orders: those paid from this day.")
@click.option("--to", "to_day", metavar="DAY", help="To this day, which is part of it.")
@click.option("--groups", is_flag=True, help="Counts and sums over groups of orders instead of orders.")
@click.option("--by", multiple=True, help="With --groups: a field that groups them; at most two.")
@json_option
def access_command(  # noqa: PLR0913 (one option each)
    *, agreement: str, party: str, purpose: str, fields: tuple[str, ...], orders: tuple[str, ...],
    from_day: str | None, to_day: str | None, groups: bool, by: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Ask for data of AGREEMENT's orders. The answer is on record before it is shown; exit code 1: denied."""
    from api.office.agreements import signed_versions  # noqa: PLC0415 (loads the agreement language)
    from api.office.data_requests import DataAsked  # noqa: PLC0415 (as above)
    from api.office.opening import OPERATOR  # noqa: PLC0415 (as above)
    from api.office.sharing import share  # noqa: PLC0415 (as above)

    asked = DataAsked(
        agreement=agreement,
        purpose=purpose,
        fields=fields,
        level="aggregate" if groups else "order",
        orders=orders,
        from_day=from_day,
        to_day=to_day,
        by=by,
    )
    with office() as opened:
        document = signed_versions(opened, agreement)[-1].agreement
        recipient = document.party_id(party) if party in document.parties else party
        if recipient not in {document.party_id(key) for key in document.parties}:
            raise click.UsageError(f"'{party}' is no party of {agreement}: {', '.join(document.parties)}")
        done = share(opened, asked, recipient=recipient, member=OPERATOR)
    if as_json:
        print_json(_row(done))
    else:
        _say(done)
    raise SystemExit(0 if done.permitted else _DENIED)


def _row(done: Answered) -> dict[str, Any]:
    access = done.access
    return {
        "decision": "permit" if done.permitted else "deny",
        "id": access.id,
        "entry_seq": done.seq,
        "agreement": access.agreement,
        "clause": access.clause,
        "reason": access.reason,
        "outside": list(access.outside),
        "rows": list(done.given.rows),
        "groups": list(done.given.groups),
        "withheld": dict(access.withheld),
        "sha256": access.sha256,
    }


def _say(done: Answered) -> None:
    access = done.access
    if not done.permitted:
        from api.language import catalogue  # noqa: PLC0415 (beside its only use)

        key = "none" if access.clause is None else access.reason
        words = catalogue("en").text(
            f"data.denied-{key}", clause=access.clause, fields=", ".join(access.outside)
        )
        say(f"denied under {access.agreement}: {words}  (entry {done.seq})")
        return
    for row in done.given.rows:
        values = "  ".join(f"{name} {text}" for name, text in row["values"].items())
        until = f"  until {row['kept_until'][:10]}" if row["kept_until"] else ""
        say(f"{row['order']} {row['line']}  {values}{until}")
    for group in done.given.groups:
        named = "the others" if group["values"] is None else " ".join(group["values"].values()) or "all"
        sums = "".join(f"  {name} {text}" for name, text in group["sums"].items())
        say(f"{named}  {group['orders']} orders, {group['buyers']} buyers{sums}")
    left = "".join(f", {count} {why.replace('_', ' ')}" for why, count in access.withheld.items())
    say(f"{access.given} given under clause {access.clause} of {access.agreement}{left}  (entry {done.seq})")


@command.command("list")
@click.option("--agreement", metavar="ID", help="Only those of one agreement.")
@click.option("--order", help="Only who received this order of the agreement.")
@json_option
def list_command(agreement: str | None, order: str | None, *, as_json: bool) -> None:
    """List who received what and was refused what, in order, and what became of it."""
    from ledger.sharing.record import sharings, sharings_of_order  # noqa: PLC0415 (beside its only use)

    if order is not None and agreement is None:
        raise click.UsageError("--order names an order of an agreement; give --agreement too")
    with office() as opened:
        found = (
            sharings(opened.log, agreement)
            if agreement is None or order is None
            else sharings_of_order(opened.log, agreement, order)
        )
    if as_json:
        print_json([_listed(one) for one in found])
        return
    say_if_none(found, "nobody has asked for data")
    for one in found:
        content = one.content
        clause = f"clause {content['clause']}" if "clause" in content else "no clause"
        became = f"refused: {content.get('reason')}"
        if one.permitted:
            became = f"{content['given']} given, {_state(one)}"
        say(
            f"{one.id}  {one.at}  {one.recipient}  {', '.join(content['fields'])}  for {content['purpose']}"
            f"  {clause} of {one.agreement}  {became}  (entry {one.seq})"
        )


def _state(one: Sharing) -> str:
    if not one.content["given"]:
        return "nothing to keep"
    if one.level != "order":
        return "in groups" if one.level == "aggregate" else "told by a party"
    if one.settled is not None:
        return one.settled
    return "must be gone" if one.ended_seq is not None else "may be kept"


def _listed(one: Sharing) -> dict[str, Any]:
    return {
        "id": one.id,
        "entry_seq": one.seq,
        "at": one.at,
        "agreement": one.agreement,
        "permitted": one.permitted,
        "ended_seq": one.ended_seq,
        "settled": one.settled,
        "settled_seq": one.settled_seq,
        **one.content,
    }


@command.command("live")
@click.argument("agreement")
@click.option("--after", type=int, metavar="SEQ", help="Only what came in beyond this entry.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="Events at most.")
@json_option
def live_command(agreement: str, after: int | None, limit: int, *, as_json: bool) -> None:
    """Show sales and feedback as they come in under AGREEMENT, and how late they come in."""
    from api.office.live import about, paid_minor, watch  # noqa: PLC0415 (loads the agreement language)
    from ledger.live import Days, percentile  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        found = watch(opened, agreement, None, Days(), after=after, limit=limit)
    currency, lags = found.agreement.currency, [percentile(found.arrived, one) for one in (50, 95)]
    events: list[dict[str, Any]] = [
        {
            "seq": one.entry.seq,
            "kind": one.entry.kind,
            "about": about(one),
            "occurred_at": one.entry.occurred_at,
            "recorded_us": one.entry.recorded_us,
            "paid_minor": paid_minor(one),
        }
        for one in found.events
    ]
    if as_json:
        day = {"since": found.since.isoformat(), "paid_minor": found.day.paid_minor, **found.day.counts}
        lag = {"events": len(found.arrived), "p50_us": lags[0], "p95_us": lags[1]}
        print_json({"currency": currency, "events": events, "today": day, "arrival": lag})
        return
    say_if_none(events, "nothing has come in")
    for one in reversed(events):
        paid = f"  {money(one['paid_minor'], currency)} {currency}" if one["paid_minor"] else ""
        say(f"{one['occurred_at']}  {one['kind']}  {one['about']}{paid}  (entry {one['seq']})")
    if events:
        half, most = (f"{(lag or 0) // 1_000_000:,} s" for lag in lags)
        say(f"of {len(found.arrived):,} events half came in within {half}, 95 of 100 within {most}")


@command.command("gone")
@click.argument("sharing")
@click.option("--how", type=click.Choice(["deleted", "returned"]), required=True, help="What was done.")
@click.option("--by", required=True, help="On whose word: the party that received it.")
@click.option("--certificate", type=readable_file, help="A document that shows it; its SHA-256 is recorded.")
@json_option
def gone_command(sharing: str, how: Any, by: str, certificate: Path | None, *, as_json: bool) -> None:
    """Record that what was received with SHARING is deleted or was given back. Again, it adds nothing."""
    import hashlib  # noqa: PLC0415 (beside its only use)

    from ledger.sharing.ending import say_gone  # noqa: PLC0415 (as above)

    digest = None if certificate is None else hashlib.sha256(certificate.read_bytes()).hexdigest()
    with office() as opened:
        done = say_gone(opened.log, sharing, how, certificate=digest, by=by, at=opened.clock())
    if as_json:
        print_json(_listed(done))
        return
    say(f"{done.id} is {done.settled}, on the word of {by}  (entry {done.settled_seq})")
