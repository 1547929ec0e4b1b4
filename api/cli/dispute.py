"""`tallystick dispute`: file a case, decide it by the rules, confirm what a person must look at."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.decided import outcome_words, tell_decision
from api.cli.output import json_option, office, print_json, readable_file, say, say_if_none
from api.office.disputes import Dispute, decide_dispute, dispute, disputes, file_dispute


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
@click.option("--by", required=True, help="Who confirms: a member with the role arbiter.")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@json_option
def confirm_command(dispute_id: str, by: str, reason: str, as_json: bool) -> None:
    """Confirm the proposed decision of DISPUTE; then it stands and is posted."""
    from api.cli.member import members_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.disputes.acting import confirm_case  # noqa: PLC0415 (as above)

    with office() as opened:
        arbiter = members_of(opened).viewer_of_member(by)
        _show(confirm_case(opened, arbiter, dispute(opened, dispute_id), reason), as_json=as_json)


@command.command("show")
@click.argument("dispute_id", metavar="DISPUTE")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the reasons.")
@json_option
def show_command(dispute_id: str, lang: str, as_json: bool) -> None:
    """Show DISPUTE: where it stands, and the decision with its reasons."""
    with office() as opened:
        _show(dispute(opened, dispute_id), as_json=as_json, lang=lang)


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List disputes, oldest first."""
    with office() as opened:
        found = list(disputes(opened).values())
    if as_json:
        print_json([_row(one) for one in found])
        return
    say_if_none(found, "there are no disputes")
    for one in found:
        say(f"{one.id}  {one.agreement.ref}  clause {one.case['clause']}  {_state(one)}")


def _state(one: Dispute) -> str:
    if one.decision is not None:
        return outcome_words(one.decision["outcome"], "en")
    return "proposed, a person must look" if one.awaits_review else "filed"


def _row(one: Dispute) -> dict[str, object]:
    state = "decided" if one.decision else "proposed" if one.proposal else "filed"
    return {"dispute": one.id, "state": state, "case": one.case, "decision": one.decision or one.proposal}


def _show(one: Dispute, *, as_json: bool, lang: str = "en") -> None:
    if as_json:
        print_json(_row(one))
        return
    say(f"{one.id}  {one.agreement.ref}  clause {one.case['clause']}  {_state(one)}")
    content = one.decision or one.proposal
    if content is None:
        return
    tell_decision(content, one.agreement, lang)
