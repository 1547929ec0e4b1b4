"""`tallystick dispute`: file a case, decide it by the rules, confirm what a person must look at."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import json_option, money, office, print_json, readable_file, say
from api.office.disputes import Dispute, confirm_dispute, decide_dispute, dispute, disputes, file_dispute


@click.group()
def command() -> None:
    """File, decide and confirm disputes."""


@command.command("file")
@click.argument("case", type=readable_file)
@json_option
def file_command(case: Path, as_json: bool) -> None:
    """File CASE under the signed agreement that holds its clause. The same case again changes nothing."""
    from api.cli.decide import load_case  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        _show(file_dispute(opened, load_case(case)), as_json=as_json)


@command.command("decide")
@click.argument("dispute_id", metavar="DISPUTE")
@json_option
def decide_command(dispute_id: str, as_json: bool) -> None:
    """Decide DISPUTE by the rules; where the document asks for a person, the decision is only proposed."""
    with office() as opened:
        _show(decide_dispute(opened, dispute_id), as_json=as_json)


@command.command("confirm")
@click.argument("dispute_id", metavar="DISPUTE")
@click.option("--by", required=True, help="Who confirms: the arbiter's id.")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@json_option
def confirm_command(dispute_id: str, by: str, reason: str, as_json: bool) -> None:
    """Confirm the proposed decision of DISPUTE; then it stands and is posted."""
    with office() as opened:
        _show(confirm_dispute(opened, dispute_id, by=by, reason=reason), as_json=as_json)


@command.command("show")
@click.argument("dispute_id", metavar="DISPUTE")
@json_option
def show_command(dispute_id: str, as_json: bool) -> None:
    """Show DISPUTE."""
    with office() as opened:
        _show(dispute(opened, dispute_id), as_json=as_json)


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List disputes, oldest first."""
    with office() as opened:
        found = list(disputes(opened).values())
    if as_json:
        print_json([_row(one) for one in found])
        return
    for one in found:
        say(f"{one.id}  {one.agreement.ref}  clause {one.case['clause']}  {_state(one)}")


def _state(one: Dispute) -> str:
    if one.decision is not None:
        return str(one.decision["outcome"]).replace("_", " ")
    return "proposed, a person must look" if one.awaits_review else "filed"


def _row(one: Dispute) -> dict[str, object]:
    state = "decided" if one.decision else "proposed" if one.proposal else "filed"
    return {"dispute": one.id, "state": state, "case": one.case, "decision": one.decision or one.proposal}


def _show(one: Dispute, *, as_json: bool) -> None:
    if as_json:
        print_json(_row(one))
        return
    say(f"{one.id}  {one.agreement.ref}  clause {one.case['clause']}  {_state(one)}")
    content = one.decision or one.proposal
    if content is None:
        return
    say(
        f"  {content['outcome']}: {money(content['amount_minor'], content['currency'])} {content['currency']}"
    )
    for posting in content["postings"]:
        say(f"  {posting['from']} -> {posting['to']}  {money(posting['amount_minor'], content['currency'])}")
    for reason in content["review"]:
        say(f"  a person must look: {reason['en']}")
