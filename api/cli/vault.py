"""`tallystick vault`: hold a deposit by a contract on the chain. Experimental; the usual way is `hold`.

What moves in one is in vault_acts.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import (
    json_option,
    office,
    print_json,
    read_agreement,
    readable_file,
    say,
    say_if_none,
)
from api.cli.vault_acts import COMMANDS

if TYPE_CHECKING:
    from api.office.opening import Office
    from api.office.vaults import OpenedVault
    from contracts.vault_plan import Seats, VaultPlan

_vault = click.argument("vault", metavar="VAULT")


def _seats(command: Any) -> Any:
    """Add the options that say who sits."""
    for name, words in (
        ("--reviewer", "Who hears appeals: an arbiter's key in the document; again for several."),
        ("--arbiter", "Who rules: an arbiter's key in the document; without it, every arbiter."),
    ):
        command = click.option(name, f"{name[2:]}s", multiple=True, help=words)(command)
    return command


@click.group()
def command() -> None:
    """Hold a deposit or reserve by a contract. Experimental: the usual way is `tallystick hold`."""


for _one in COMMANDS:
    command.add_command(_one)


@command.command("plan")
@click.argument("document", type=readable_file)
@click.option("--clause", required=True, help="A clause of kind deposit or reserve.")
@_seats
@json_option
def plan_command(
    document: Path, clause: str, arbiters: tuple[str, ...], reviewers: tuple[str, ...], as_json: bool
) -> None:
    """Show what a vault for a clause of DOCUMENT would do, and what it would not. Nothing is made."""
    from contracts.vault_plan import compile_vault  # noqa: PLC0415 (loads the agreement language)

    plan = compile_vault(read_agreement(document), clause, _chosen(arbiters, reviewers))
    if as_json:
        print_json(_planned(plan))
        return
    _tell_plan(plan)


@command.command("open")
@click.argument("agreement")
@click.option("--clause", required=True, help="A clause of kind deposit or reserve.")
@click.option(
    "--token", required=True, metavar="ADDRESS", help="The ERC-20 token that stands for the currency."
)
@_seats
@json_option
def open_command(  # noqa: PLR0913 (one option each)
    *, agreement: str, clause: str, token: str, arbiters: tuple[str, ...], reviewers: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Put a vault on the chain for a clause of AGREEMENT's newest signed version, and on record."""
    from api.office.vaults import open_vault  # noqa: PLC0415 (as above)

    with office() as opened:
        one = open_vault(opened, agreement, clause, token=token, seats=_chosen(arbiters, reviewers))
        _show(opened, one, as_json=as_json)


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the vaults on record, oldest first."""
    from api.office.vaults import vaults  # noqa: PLC0415 (as above)

    with office() as opened:
        found = vaults(opened)
    if as_json:
        print_json([_row(one) for one in found])
        return
    say_if_none(found, "there are no vaults")
    for one in found:
        where = f"{one.plan.agreement.ref} clause {one.plan.clause}"
        say(f"{one.address}  {where}  {one.plan.account} (entry {one.seq})")


@command.command("show")
@_vault
@json_option
def show_command(vault: str, as_json: bool) -> None:
    """Show what VAULT holds, owes and awards; it is held against its document first."""
    from api.office.vaults import vault_at  # noqa: PLC0415 (as above)

    with office() as opened:
        _show(opened, vault_at(opened, vault), as_json=as_json)


def _show(opened: Office, one: OpenedVault, *, as_json: bool) -> None:
    from api.office.vaults import on_chain  # noqa: PLC0415 (as above)

    plan = one.plan
    addresses = {plan.address(party): party for party in plan.payees}
    status = on_chain(opened, one).status(tuple(addresses))
    figures = {
        "held": status.held,
        "releasable": status.releasable,
        "reserved": status.reserved,
        "awarded": status.awarded,
    }
    owed = {addresses[address]: amount for address, amount in status.owed.items()}
    if as_json:
        units = {name: str(amount) for name, amount in figures.items()}
        print_json({**_row(one), **_planned(plan), **units, "owed": {k: str(v) for k, v in owed.items()}})
        return
    say(f"vault {one.address} on chain {one.chain_id} (experimental), token {one.token}")
    _tell_plan(plan)
    for name, amount in figures.items():
        say(f"  {name:<12} {_money(one, amount)}")
    for party, amount in owed.items():
        say(f"  owed to {party:<20} {_money(one, amount)}")


def _tell_plan(plan: VaultPlan) -> None:
    from policies.money import from_minor  # noqa: PLC0415 (as above)

    currency = plan.agreement.currency
    cap = "nothing" if plan.cap_minor is None else f"{from_minor(plan.cap_minor, currency)} {currency}"
    since = "after the registry has the agreement ended" if plan.after_end else "after it was put in"
    say(f"{plan.agreement.ref} clause {plan.clause}: in the place of {plan.account}, put up by {plan.payer}")
    say(f"  goes back {_days(plan.hold_seconds)} {since}")
    say(f"  rulings by {_listed(plan.seats.arbiters)}, to {', '.join(plan.payees)}, capped at {cap}")
    say(f"  drawn {_days(plan.appeal_seconds)} later; appeals to {_listed(plan.seats.reviewers)}")
    for each in plan.left_out:
        say(f"  not done here: {each.en}")


def _planned(plan: VaultPlan) -> dict[str, Any]:
    return {
        "agreement": plan.agreement.ref,
        "clause": plan.clause,
        "account": plan.account,
        "payer": plan.payer,
        "payees": list(plan.payees),
        "arbiters": list(plan.seats.arbiters),
        "reviewers": list(plan.seats.reviewers),
        "cap_minor": plan.cap_minor,
        "hold_seconds": plan.hold_seconds,
        "after_end": plan.after_end,
        "appeal_seconds": plan.appeal_seconds,
        "review_seconds": plan.review_seconds,
        "contest_seconds": plan.contest_seconds,
        "not_done": [{"en": each.en, "zh": each.zh} for each in plan.left_out],
    }


def _row(one: OpenedVault) -> dict[str, Any]:
    return {
        "vault": one.address,
        "agreement": one.plan.agreement.ref,
        "clause": one.plan.clause,
        "account": one.plan.account,
        "chain_id": one.chain_id,
        "token": one.token,
        "decimals": one.decimals,
        "terms": one.terms_digest,
        "seq": one.seq,
    }


def _chosen(arbiters: tuple[str, ...], reviewers: tuple[str, ...]) -> Seats | None:
    from contracts.vault_plan import Seats  # noqa: PLC0415 (as above)

    return Seats(arbiters, reviewers) if arbiters or reviewers else None


def _money(one: OpenedVault, units: int) -> str:
    from fractions import Fraction  # noqa: PLC0415 (beside its only use)

    from policies.money import exact_decimal  # noqa: PLC0415 (as above)

    return f"{exact_decimal(Fraction(units, 10**one.decimals), one.decimals)} {one.plan.agreement.currency}"


def _days(seconds: int) -> str:
    return f"{seconds // 86_400} days"


def _listed(parties: tuple[str, ...]) -> str:
    return ", ".join(parties) or "nobody"
