"""`tallystick arbiter`: who decides a dispute, from appointment to costs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.access import Viewer
    from api.arbiters.schemas import BenchShown
    from api.arbiters.service import BenchService

_by = click.option(
    "--by", default="operator", show_default=True, metavar="MEMBER", help="On whose word: an enrolled member."
)
_reason = click.option("--reason", required=True, help="Why, as it will stand in the log.")
_dispute = click.argument("dispute_id", metavar="DISPUTE")
_arbiter = click.argument("arbiter")


@click.group()
def command() -> None:
    """Seat arbiters in disputes: appoint, declare conflicts, challenge, replace, set fees, rule on costs."""


@command.command("show")
@_dispute
@_by
@json_option
def show_command(dispute_id: str, by: str, as_json: bool) -> None:
    """Show who decides DISPUTE, what they declared, and what is held against them."""
    with _bench(by) as (service, viewer):
        _tell(service.bench(viewer, dispute_id), as_json=as_json)


@command.command("appoint")
@_dispute
@_arbiter
@click.option(
    "--level", default="", help="Where: panel, arbitrator or rules; the document's first otherwise."
)
@_by
@json_option
def appoint_command(dispute_id: str, arbiter: str, level: str, by: str, as_json: bool) -> None:
    """Give ARBITER, a member with that role, a seat in DISPUTE. They read it, and declare before ruling."""
    from api.arbiters.schemas import AppointmentRequest  # noqa: PLC0415 (beside its only use)

    with _bench(by) as (service, viewer):
        _tell(service.appoint(viewer, dispute_id, AppointmentRequest(arbiter, level)), as_json=as_json)


@command.command("declare")
@_dispute
@_arbiter
@click.option("--conflicts", default="", help="What might be held against them; nothing otherwise.")
@json_option
def declare_command(dispute_id: str, arbiter: str, conflicts: str, as_json: bool) -> None:
    """Declare, as ARBITER, conflicts of interest in DISPUTE, or that there are none."""
    from api.arbiters.schemas import DeclarationRequest  # noqa: PLC0415 (beside its only use)

    with _bench(arbiter) as (service, viewer):
        _tell(service.declare(viewer, dispute_id, DeclarationRequest(conflicts)), as_json=as_json)


@command.command("challenge")
@_dispute
@_arbiter
@click.option("--by", required=True, metavar="MEMBER", help="Who: a member of a side with the role approve.")
@_reason
@json_option
def challenge_command(dispute_id: str, arbiter: str, by: str, reason: str, as_json: bool) -> None:
    """Challenge ARBITER for a side of DISPUTE. Until it is decided they rule on nothing."""
    from api.arbiters.schemas import ChallengeRequest  # noqa: PLC0415 (beside its only use)

    with _bench(by) as (service, viewer):
        _tell(service.challenge(viewer, dispute_id, arbiter, ChallengeRequest(reason)), as_json=as_json)


@command.command("decide")
@_dispute
@_arbiter
@click.argument("party")
@click.option("--upheld/--dismissed", required=True, help="Whether the arbiter has to go.")
@_reason
@_by
@json_option
def decide_command(  # noqa: PLR0913 (one option each)
    *, dispute_id: str, arbiter: str, party: str, upheld: bool, reason: str, by: str, as_json: bool
) -> None:
    """Decide the challenge of ARBITER by PARTY: the operator, or another arbiter of DISPUTE."""
    from api.arbiters.schemas import ChallengeDecision  # noqa: PLC0415 (beside its only use)

    asked = ChallengeDecision("yes" if upheld else "no", reason)
    with _bench(by) as (service, viewer):
        _tell(service.decide_challenge(viewer, dispute_id, arbiter, party, asked), as_json=as_json)


@command.command("replace")
@_dispute
@_arbiter
@click.argument("successor")
@_reason
@_by
@json_option
def replace_command(  # noqa: PLR0913, PLR0917 (one option each)
    dispute_id: str, arbiter: str, successor: str, reason: str, by: str, as_json: bool
) -> None:
    """Give the seat of ARBITER in DISPUTE to SUCCESSOR."""
    from api.arbiters.schemas import ReplacementRequest  # noqa: PLC0415 (beside its only use)

    with _bench(by) as (service, viewer):
        done = service.replace(viewer, dispute_id, arbiter, ReplacementRequest(successor, reason))
        _tell(done, as_json=as_json)


@command.command("fee")
@_dispute
@_arbiter
@click.argument("amount")
@_by
@json_option
def fee_command(dispute_id: str, arbiter: str, amount: str, by: str, as_json: bool) -> None:
    """Set what ARBITER is paid for DISPUTE, such as 2000.00, once."""
    from api.arbiters.schemas import FeeRequest  # noqa: PLC0415 (beside its only use)

    with _bench(by) as (service, viewer):
        _tell(service.set_fee(viewer, dispute_id, arbiter, FeeRequest(amount)), as_json=as_json)


@command.command("costs")
@_dispute
@click.option("--by", required=True, metavar="MEMBER", help="An arbiter who sits in the dispute.")
@_reason
@click.option("--claimant", default="", metavar="AMOUNT", help="What the claimant bears.")
@click.option("--respondent", default="", metavar="AMOUNT", help="What the respondent bears.")
@json_option
def costs_command(  # noqa: PLR0913, PLR0917 (one option each)
    dispute_id: str, by: str, reason: str, claimant: str, respondent: str, as_json: bool
) -> None:
    """Rule who bears the fees of DISPUTE: who lost, in proportion, unless the shares are given."""
    from api.arbiters.schemas import CostsRequest  # noqa: PLC0415 (beside its only use)

    with _bench(by) as (service, viewer):
        asked = CostsRequest(reason, claimant, respondent)
        _tell(service.rule_on_costs(viewer, dispute_id, asked), as_json=as_json)


@contextmanager
def _bench(by: str) -> Iterator[tuple[BenchService, Viewer]]:
    from api.arbiters.service import BenchService  # noqa: PLC0415 (loads the web framework's side of access)
    from api.cli.member import members_of  # noqa: PLC0415 (as above)
    from api.disputes.service import DisputeService  # noqa: PLC0415 (as above)

    with office() as opened:
        members = members_of(opened)
        yield BenchService(DisputeService(opened), members), members.viewer_of_member(by)


def _tell(shown: BenchShown, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(shown))
        return
    say_if_none(shown.seats, "nobody sits in this dispute")
    for seat in shown.seats:
        fee = f"  {money(seat.fee.amount_minor, seat.fee.currency)} {seat.fee.currency}" if seat.fee else ""
        presides = ", presides" if seat.presides else ""
        say(f"{seat.arbiter:<20} {seat.level:<11} {seat.state}{presides}{fee}")
        for declared in seat.declared:
            say(f"    declared: {declared.conflicts or 'nothing'}")
        for one in seat.challenges:
            outcome = {None: "waits", True: "upheld", False: "dismissed"}[one.upheld]
            say(f"    challenged by {one.party.id}: {one.reason} ({outcome})")
    if shown.costs is not None:
        parts = ", ".join(
            f"{one.party.id} {money(one.amount.amount_minor, one.amount.currency)}"
            for one in shown.costs.shares
        )
        say(f"costs: {parts or 'none'} {shown.costs.total.currency}: {shown.costs.reason}")
