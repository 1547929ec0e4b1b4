"""`tallystick dispute serve, answer, rest, extend, grant, appeal, waive, offer, accept, withdraw, close`.

Who acts for a side, or rules, does so with an access code of their own, read from a file: whoever runs the
installation acts for nobody, and records services alone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.decided import outcome_words
from api.cli.key import password_of, password_option
from api.cli.output import json_option, office, print_json, readable_file, say

if TYPE_CHECKING:
    from api.access import Viewer
    from api.office.disputes import Dispute
    from api.office.opening import Office

_dispute = click.argument("dispute_id", metavar="DISPUTE")
_code = click.option(
    "--code-file",
    required=True,
    type=click.File(encoding="utf-8"),
    help="File with the access code of a member who may approve for the side; - is standard input.",
)
_reason = click.option("--reason", required=True, help="Why, as it will stand in the log.")
_side = click.option(
    "--side", type=click.Choice(["claimant", "respondent"]), help="For which, where you may act for both."
)


@click.command("serve")
@_dispute
@click.option("--means", type=click.Choice(["inbox", "address"]), default="inbox", show_default=True)
@click.option("--delivered-at", metavar="TIME", help="When it arrived at the address, with its offset.")
@click.option("--reference", help="What shows that it arrived, such as the number of a waybill.")
@json_option
def serve_command(
    *, dispute_id: str, means: str, delivered_at: str | None, reference: str | None, as_json: bool
) -> None:
    """Record that DISPUTE reached its respondent; from then on its windows run.

    The inbox is the product itself, and somebody of the respondent must be able to sign in.
    """
    from api.disputes.acting import served  # noqa: PLC0415 (loads the web framework's side of access)
    from api.disputes.schemas import ServedAs  # noqa: PLC0415 (as above)
    from api.office.disputes import dispute  # noqa: PLC0415 (as above)

    with office() as opened:
        asked = ServedAs(means, delivered_at, reference)
        show_dispute(opened, served(opened, dispute(opened, dispute_id), asked), as_json=as_json)


@click.command("answer")
@_dispute
@click.argument("answer", type=readable_file)
@_code
@json_option
def answer_command(dispute_id: str, answer: Path, code_file: Any, as_json: bool) -> None:
    """Answer DISPUTE for its respondent, with the file ANSWER (JSON or YAML).

    Its keys are `words` and `facts`: each fact by its name, `admitted: true` or `false`, or a `value` of your
    own with the `evidence` for it.
    """
    from api.disputes.acting import answer_case, answer_of  # noqa: PLC0415 (loads the agreement language)

    given = answer_of(answer.read_text(encoding="utf-8"), answer.name)
    _act(dispute_id, code_file, as_json, answer_case, given)


@click.command("rest")
@_dispute
@_side
@_code
@json_option
def rest_command(dispute_id: str, side: str | None, code_file: Any, as_json: bool) -> None:
    """Say for a side of DISPUTE that it has nothing to add; once both have, the rules may be asked."""
    from api.disputes.acting import rest_case  # noqa: PLC0415 (loads the agreement language)
    from api.disputes.schemas import OfSide  # noqa: PLC0415 (as above)

    _act(dispute_id, code_file, as_json, rest_case, OfSide(side))


@click.command("extend")
@_dispute
@click.argument("window", metavar="WINDOW")
@click.argument("days", type=click.IntRange(min=1))
@_reason
@_side
@_code
@json_option
def extend_command(  # noqa: PLR0913 (one option each)
    *, dispute_id: str, window: str, days: int, reason: str, side: str | None, code_file: Any, as_json: bool
) -> None:
    """Ask for DAYS more of the WINDOW that runs in DISPUTE: answer, evidence or appeal/LEVEL.

    A side asks, and the other grants it; an arbiter gives it at once.
    """
    from api.disputes.acting import extend_case  # noqa: PLC0415 (loads the agreement language)
    from api.disputes.schemas import ExtensionRequest  # noqa: PLC0415 (as above)

    _act(dispute_id, code_file, as_json, extend_case, ExtensionRequest(window, days, reason, side))


@click.command("grant")
@_dispute
@click.argument("asked", metavar="ASKED")
@_code
@json_option
def grant_command(dispute_id: str, asked: str, code_file: Any, as_json: bool) -> None:
    """Grant an extension of DISPUTE by the name of the step that ASKED for it, as `show` prints it."""
    from api.disputes.acting import grant_case  # noqa: PLC0415 (loads the agreement language)
    from api.disputes.schemas import ExtensionGrant  # noqa: PLC0415 (as above)

    _act(dispute_id, code_file, as_json, grant_case, ExtensionGrant(asked))


@click.command("appeal")
@_dispute
@_reason
@_side
@_code
@json_option
def appeal_command(*, dispute_id: str, reason: str, side: str | None, code_file: Any, as_json: bool) -> None:
    """Appeal the ruling on DISPUTE to the next of the document's ladder; nothing of it is posted then."""
    from api.disputes.acting import appeal_case  # noqa: PLC0415 (loads the agreement language)
    from api.disputes.schemas import Reasoned  # noqa: PLC0415 (as above)

    _act(dispute_id, code_file, as_json, appeal_case, Reasoned(reason, side))


@click.command("waive")
@_dispute
@_side
@_code
@json_option
def waive_command(dispute_id: str, side: str | None, code_file: Any, as_json: bool) -> None:
    """Say for a side that it will not appeal the ruling on DISPUTE; once both have, it is posted."""
    from api.disputes.acting import waive_case  # noqa: PLC0415 (loads the agreement language)
    from api.disputes.schemas import OfSide  # noqa: PLC0415 (as above)

    _act(dispute_id, code_file, as_json, waive_case, OfSide(side))


@click.command("withdraw")
@_dispute
@_reason
@_code
@json_option
def withdraw_command(dispute_id: str, reason: str, code_file: Any, as_json: bool) -> None:
    """Withdraw DISPUTE for its claimant, before it is ruled on; what was held is released."""
    from api.disputes.acting import withdraw_case  # noqa: PLC0415 (loads the agreement language)
    from api.disputes.schemas import Reasoned  # noqa: PLC0415 (as above)

    _act(dispute_id, code_file, as_json, withdraw_case, Reasoned(reason))


@click.command("close")
@_dispute
@_reason
@_code
@json_option
def close_command(dispute_id: str, reason: str, code_file: Any, as_json: bool) -> None:
    """Close DISPUTE, whose decision is posted, once what else it asks for was done. For an arbiter."""
    from api.disputes.acting import close_case  # noqa: PLC0415 (loads the agreement language)
    from api.disputes.schemas import Reasoned  # noqa: PLC0415 (as above)

    _act(dispute_id, code_file, as_json, close_case, Reasoned(reason))


@click.command("offer")
@_dispute
@click.argument("proposal", type=readable_file)
@click.option("--keystore", required=True, type=readable_file, help="The side's keystore file.")
@password_option
@_side
@_code
@json_option
def offer_command(  # noqa: PLR0913 (one option each)
    *, dispute_id: str, proposal: Path, keystore: Path, password_file: Path | None, side: str | None,
    code_file: Any, as_json: bool,
) -> None:  # fmt: skip
    """Propose to settle DISPUTE as the file PROPOSAL says (JSON or YAML), signed with a side's keystore.

    Its keys are `words` and `payments`: a list of `source`, `target` and `amount`.
    """
    from api.disputes.acting import offer_case, proposal_read, settlement_to_sign  # noqa: PLC0415 (loads the language)
    from api.disputes.schemas import SettlementSigned  # noqa: PLC0415 (as above)
    from contracts.keystore import read_keystore  # noqa: PLC0415 (loads the curve library)

    asked = proposal_read(proposal.read_text(encoding="utf-8"), proposal.name, side)

    def sign(opened: Office, viewer: Viewer, one: Dispute) -> Dispute:
        made = settlement_to_sign(opened, viewer, one, asked)
        signature = read_keystore(keystore, password_of(password_file)).sign(made.digest)
        return offer_case(opened, viewer, one, SettlementSigned(asked, "0x" + signature.hex()))

    _act(dispute_id, code_file, as_json, sign)


@click.command("accept")
@_dispute
@click.argument("number", type=click.IntRange(min=1))
@click.option("--keystore", required=True, type=readable_file, help="The side's keystore file.")
@password_option
@_side
@_code
@json_option
def accept_command(  # noqa: PLR0913 (one option each)
    *, dispute_id: str, number: int, keystore: Path, password_file: Path | None, side: str | None,
    code_file: Any, as_json: bool,
) -> None:  # fmt: skip
    """Accept proposal NUMBER to settle DISPUTE, signed with the other side's keystore; it is posted."""
    from api.disputes.acting import accept_case  # noqa: PLC0415 (loads the agreement language)
    from api.disputes.schemas import Acceptance  # noqa: PLC0415 (as above)
    from api.office.dispute_settlements import offer_to_sign  # noqa: PLC0415 (as above)
    from contracts.keystore import read_keystore  # noqa: PLC0415 (loads the curve library)

    def sign(opened: Office, viewer: Viewer, one: Dispute) -> Dispute:
        made = offer_to_sign(opened, one.id, number)
        signature = read_keystore(keystore, password_of(password_file)).sign(made.digest)
        return accept_case(opened, viewer, one, number, Acceptance("0x" + signature.hex(), side))

    _act(dispute_id, code_file, as_json, sign)


def _act(dispute_id: str, code_file: Any, as_json: bool, do: Callable[..., Dispute], *asked: object) -> None:
    """Do something to a dispute as whoever the access code belongs to, and show it."""
    from api.cli.member import viewer_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.office.disputes import dispute  # noqa: PLC0415 (as above)

    with office() as opened:
        viewer = viewer_of(opened, code_file)
        show_dispute(opened, do(opened, viewer, dispute(opened, dispute_id), *asked), as_json=as_json)


def show_dispute(opened: Office, one: Dispute, *, as_json: bool) -> None:
    """Show where a dispute stands, and until when it waits for whom."""
    if as_json:
        print_json(dispute_row(opened, one))
        return
    say(headline(opened, one))
    now = one.standing(opened.clock())
    window = now.open_deadline
    if window is not None:
        waits = " and ".join(window.waits_for)
        say(f"  {window.name}: open to {waits} until {window.last_day}")
    if now.turn is not None:
        say(f"  {now.turn.name}: until {now.turn.last_day}")


def headline(opened: Office, one: Dispute) -> str:
    """Return a dispute on one line: id, version, clause, state, outcome."""
    state = state_of(opened, one)
    words = {"proposed": "proposed, a person must look"}.get(state, state)
    if one.decided is not None:
        words = outcome_words(one.decided.content["outcome"], "en") + (
            ", closed" if state == "closed" else ""
        )
    elif one.ruled is not None and state == "ruled":
        words = f"ruled, open to appeal: {outcome_words(one.ruled.content['outcome'], 'en')}"
    return f"{one.id}  {one.agreement.ref}  clause {one.case['clause']}  {words}"


def state_of(opened: Office, one: Dispute) -> str:
    """Return the state of a dispute, `closed` at its end."""
    now = one.standing(opened.clock())
    return "closed" if now.closed and now.state == "decided" else now.state


def dispute_row(opened: Office, one: Dispute) -> dict[str, object]:
    """Return a dispute as JSON prints it."""
    now = one.standing(opened.clock())
    return {
        "dispute": one.id,
        "state": state_of(opened, one),
        "level": now.level,
        "case": one.case,
        "decision": one.shown.content if one.shown else None,
        "windows": [
            {
                "window": each.name,
                "waits_for": list(each.waits_for),
                "last_day": str(each.last_day) if each.last_day else None,
                "open": each in {now.open_deadline, now.turn},
            }
            for each in (*now.deadlines, *now.turns)
        ],
        "steps": [
            {"step": step.name, "kind": step.kind, "by": step.by, "seq": step.seq}
            for step in one.record.steps
        ],
    }


COMMANDS = (
    serve_command, answer_command, rest_command, extend_command, grant_command, appeal_command, waive_command,
    withdraw_command, close_command, offer_command, accept_command,
)  # fmt: skip
