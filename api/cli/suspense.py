"""`tallystick suspense`: order lines that are nobody's yet, and claims to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from api.office.suspense import SuspendedLine
    from ledger.settlement.claims import Claim

_reason = click.option("--reason", required=True, help="Why, as it will stand in the log.")
_agreement = click.option(
    "--agreement", required=True, metavar="ID", help="The agreement of the claim, or one beside it."
)


@click.group()
def command() -> None:
    """List order lines that no agreement, or more than one, says are its own, and claim them."""


@command.command("list")
@click.argument("agreement", metavar="ID")
@json_option
def list_command(agreement: str, as_json: bool) -> None:
    """List the lines of agreement ID in suspense, oldest first, with their age and who may claim them."""
    from api.office.settling import documents  # noqa: PLC0415 (loads polars)
    from api.office.suspense import ages, suspended  # noqa: PLC0415 (as above)

    with office() as opened:
        lines = suspended(opened, agreement)
        currency = documents(opened, agreement)[-1].currency
    counted = ages(lines)
    if as_json:
        print_json({
            "lines": [_row(one) for one in lines],
            "ages": [{"days": name, "lines": count, "amount_minor": minor} for name, count, minor in counted],
        })  # fmt: skip
        return
    say_if_none(lines, "nothing is in suspense")
    for one in lines:
        amount = money(one.amount_minor, currency)
        say(f"order {one.order}, line {one.line}  {amount}  {one.days} days  {one.words.en}")
        say(f"  may claim: {', '.join(f'{who.payee} under {who.agreement}' for who in one.claimants)}")
        for made in one.claims:
            say(f"  {_state(made)}")
    for name, count, minor in counted if lines else []:
        say(f"{name + ' days':<12}{count:>8,} lines  {money(minor, currency):>18}")


@command.command("claim")
@click.argument("agreement", metavar="ID")
@click.argument("order")
@click.argument("line")
@click.option("--party", required=True, help="Who claims it: the party's key in the document.")
@_reason
@json_option
def claim_command(  # noqa: PLR0913, PLR0917 -- its options
    agreement: str, order: str, line: str, party: str, reason: str, as_json: bool
) -> None:
    """Claim LINE of ORDER, in suspense, under agreement ID. The same claim again adds nothing."""
    from api.office.suspense import claim  # noqa: PLC0415 (loads polars)

    with office() as opened:
        _show(claim(opened, agreement, (order, line), party, reason), as_json=as_json)


@command.command("accept")
@click.argument("claim_id", metavar="CLAIM")
@_agreement
@click.option("--party", required=True, help="Who accepts it, by the id that the claim waits for.")
@_reason
@json_option
def accept_command(claim_id: str, agreement: str, party: str, reason: str, as_json: bool) -> None:
    """Accept CLAIM for one of those it waits for; once all did, the next settlement settles the line."""
    from api.office.suspense import accept  # noqa: PLC0415 (loads polars)

    with office() as opened:
        _show(accept(opened, agreement, claim_id, party, reason), as_json=as_json)


@command.command("decide")
@click.argument("claim_id", metavar="CLAIM")
@_agreement
@click.option("--party", required=True, help="Who keeps the escrow and records it, by its id.")
@click.option("--case", required=True, help="The decided dispute that says so.")
@click.option("--upheld/--failed", default=None, required=True, help="Whether the claim stands.")
@_reason
@json_option
def decide_command(  # noqa: PLR0913, PLR0917 -- its options
    claim_id: str, agreement: str, party: str, case: str, upheld: bool, reason: str, as_json: bool
) -> None:
    """Record what a decided dispute means for CLAIM, which somebody did not accept."""
    from api.office.suspense import rule  # noqa: PLC0415 (loads polars)

    with office() as opened:
        found = rule(opened, agreement, claim_id, party, upheld=upheld, case=case, reason=reason)
        _show(found, as_json=as_json)


def _show(one: Claim, *, as_json: bool) -> None:
    if as_json:
        print_json(_claim(one))
    else:
        say(_state(one))


def _state(one: Claim) -> str:
    said = f"claim {one.id}: {one.payee} under {one.agreement}, {one.reason}"
    if one.stands_from is not None:
        return f"{said}; stands, and the next settlement settles it"
    if one.decided is not None:
        return f"{said}; failed by entry {one.decided}"
    return f"{said}; waits for {', '.join(one.waiting)}"


def _claim(one: Claim) -> dict[str, Any]:
    return {
        "claim": one.id,
        "order": one.order,
        "line": one.line,
        "agreement": one.agreement,
        "payee": one.payee,
        "reason": one.reason,
        "waits_for": list(one.waiting),
        "accepted": sorted(one.accepted),
        "stands": one.stands_from is not None,
        "decided_seq": one.decided,
        "entry_seq": one.seq,
    }


def _row(one: SuspendedLine) -> dict[str, Any]:
    return {
        "order": one.order,
        "line": one.line,
        "sold_at": one.sold_at.isoformat(),
        "days": one.days,
        "amount_minor": one.amount_minor,
        "reason": one.reason,
        "message": one.words.en,
        "message_zh": one.words.zh,
        "may_claim": [{"agreement": who.agreement, "payee": who.payee} for who in one.claimants],
        "claims": [_claim(made) for made in one.claims],
    }
