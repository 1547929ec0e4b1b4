"""`tallystick dispute`: file a case, decide it by the rules, confirm what a person must look at.

What the sides do is in dispute_acts.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import dispute_reasons
from api.cli.decided import tell_decision
from api.cli.dispute_acts import COMMANDS, dispute_row, headline, show_dispute
from api.cli.output import json_option, office, print_json, read_text, readable_file, say, say_if_none
from api.office.disputes import Dispute, dispute, disputes

if TYPE_CHECKING:
    from api.office.opening import Office


@click.group()
def command() -> None:
    """File, decide and confirm disputes, and take the steps of their process."""


for _one in (*COMMANDS, *dispute_reasons.COMMANDS):
    command.add_command(_one)


@command.command("file")
@click.argument("case", type=readable_file)
@click.option("--orders", type=readable_file, help="File of order ids, one a line, that the case is about.")
@json_option
def file_command(case: Path, orders: Path | None, as_json: bool) -> None:
    """File CASE under the signed agreement that holds its clause. The same case again changes nothing.

    With --orders it is one case about these orders, however many, as far as the log has them settled.
    """
    from dataclasses import replace  # noqa: PLC0415 (beside its only use)

    from api.cli.decide import load_case  # noqa: PLC0415 (as above)
    from api.office.dispute_process import open_dispute  # noqa: PLC0415 (loads the decisions)

    loaded = load_case(case)
    if orders is not None:
        listed = list(dict.fromkeys(read_text(orders).split()))
        loaded = replace(loaded, file=loaded.file.model_copy(update={"order_list": listed}))
    with office() as opened:
        _show(opened, open_dispute(opened, loaded), as_json=as_json)


@command.command("decide")
@click.argument("dispute_id", metavar="DISPUTE")
@json_option
def decide_command(dispute_id: str, as_json: bool) -> None:
    """Decide DISPUTE by the rules, once both sides were heard; what stands is posted.

    Where the document asks for a person, the decision is only proposed. Asked again, it says what stands.
    """
    from api.office.dispute_process import decide_dispute  # noqa: PLC0415 (loads the decisions)

    with office() as opened:
        _show(opened, decide_dispute(opened, dispute_id), as_json=as_json)


@command.command("confirm")
@click.argument("dispute_id", metavar="DISPUTE")
@click.option("--by", required=True, help="Who confirms: a member with the role arbiter.")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@json_option
def confirm_command(dispute_id: str, by: str, reason: str, as_json: bool) -> None:
    """Confirm the proposal on DISPUTE, or on appeal the ruling; it stands once no appeal can come."""
    from api.cli.member import members_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.disputes.acting import confirm_case  # noqa: PLC0415 (as above)

    with office() as opened:
        arbiter = members_of(opened).viewer_of_member(by)
        _show(opened, confirm_case(opened, arbiter, dispute(opened, dispute_id), reason), as_json=as_json)


@command.command("show")
@click.argument("dispute_id", metavar="DISPUTE")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the reasons.")
@json_option
def show_command(dispute_id: str, lang: str, as_json: bool) -> None:
    """Show DISPUTE: where it stands, every step so far, and the decision with its reasons."""
    with office() as opened:
        one = dispute(opened, dispute_id)
        _show(opened, one, as_json=as_json, lang=lang)
        if not as_json:
            for step in one.record.steps:
                at = step.recorded_at.isoformat(timespec="seconds")
                say(f"  {at}  {step.name}  by {step.by} (entry {step.seq})")


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List disputes, oldest first."""
    with office() as opened:
        found = list(disputes(opened).values())
        if as_json:
            print_json([dispute_row(opened, one) for one in found])
            return
        say_if_none(found, "there are no disputes")
        for one in found:
            say(headline(opened, one))


def _show(opened: Office, one: Dispute, *, as_json: bool, lang: str = "en") -> None:
    show_dispute(opened, one, as_json=as_json)
    if not as_json and one.shown is not None:
        tell_decision(one.shown.content, one.agreement, lang)
