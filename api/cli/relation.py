"""`tallystick relation`: the stage of a relationship, what the next one asks, the next version drafted."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none
from policies.stages import STAGES
from policies.templates import MODELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.office.relations import Leaving, Relation
    from policies.document import Stage
    from policies.relations.draft import Successor
    from policies.relations.entry import Assessed

_lang = click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the words.")
_MARKS = {
    "en": {True: "holds", False: "does not", None: "unknown"},
    "zh": {True: "满足", False: "未满足", None: "未知"},
}


@click.group()
def command() -> None:
    """Show the stages of relationships, and draft the version that moves one on."""


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List every signed agreement with its stage, and whether the next one's conditions hold."""
    from api.office.relations import relations  # noqa: PLC0415 (loads the curve library)

    with office() as opened:
        found = relations(opened)
        if as_json:
            print_json([_row(one) for one in found])
            return
    say_if_none(found, "no agreement is signed yet")
    for one in found:
        ahead = f"{one.following} {'ready' if one.ready else 'not ready'}" if one.following else "the last"
        say(f"{one.agreement.id:<24} {one.stage or 'not begun':<20} next: {ahead}")


@command.command("show")
@click.argument("agreement")
@_lang
@json_option
def show_command(agreement: str, lang: str, as_json: bool) -> None:
    """Show the relationship of AGREEMENT: stage, how it came there, and what the next stage asks."""
    from api.office.relations import relation  # noqa: PLC0415 (as above)

    with office() as opened:
        one = relation(opened, agreement)
    if as_json:
        print_json(_row(one))
    else:
        _show(one, lang)


@command.command("draft")
@click.argument("agreement")
@click.option("--to", "stage", type=click.Choice(STAGES), help="The stage that it moves to.")
@click.option(
    "--replace", "replaced", multiple=True, metavar="PARTY=ID",
    help="Who takes a party's place: its key, and the newcomer's id.",
)  # fmt: skip
@click.option("--name", "names", multiple=True, metavar="ID=ZH/EN", help="The newcomer's name, both ways.")
@click.option("--signer", "signers", multiple=True, metavar="ID=0xADDRESS", help="The newcomer's address.")
@click.option("--from", "day", required=True, metavar="DAY", help="From which day, such as 2027-01-01.")
@click.option("--noticed-on", metavar="DAY", help="When it was made known, where notice is asked.")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file."
)
def draft_command(  # noqa: PLR0913 (one option each)
    *, agreement: str, stage: str | None, replaced: tuple[str, ...], names: tuple[str, ...],
    signers: tuple[str, ...], day: str, noticed_on: str | None, output: Path,
) -> None:  # fmt: skip
    """Draft the next version of AGREEMENT: at another stage, or with somebody else in a party's place.

    Says what stands against the move, and what stays with a party who leaves. Nothing is proposed.
    """
    from api.office.relations import leaving, relation  # noqa: PLC0415 (as above)
    from policies.relations.draft import next_version  # noqa: PLC0415 (beside its only use)

    successors = _successors(replaced, names, signers)
    with office() as opened:
        one = relation(opened, agreement)
        noticed = None if noticed_on is None else _day(noticed_on)
        text = next_version(
            one.agreement, _day(day), stage=cast("Stage | None", stage), successors=successors,
            noticed_on=noticed,
        )  # fmt: skip
        stays = [leaving(opened, one.agreement, key) for key in successors]
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.ClickException(f"{output} exists already; name a new file") from None
    if stage is not None and stage == one.following:
        _tell_conditions(one.conditions, "en")
    for left in stays:
        _tell_leaving(left, one.agreement.currency)
    say(f"{output}: change what should change with it, then: tallystick check {output}")


@command.command("pack")
@click.argument("stage", type=click.Choice(STAGES[1:]))
@click.option("--model", type=click.Choice(MODELS), default="alliance", show_default=True, help="Who sells.")
def pack_command(stage: str, model: str) -> None:
    """Print the pack of clauses that STAGE opens, with their facts, tables and cases, to add to a draft."""
    from policies.templates import stage_pack  # noqa: PLC0415 (beside its only use)

    say(stage_pack(model, stage).rstrip("\n"))


@command.command("count")
@click.argument("register")
@click.argument("item")
@json_option
def count_command(register: str, item: str, as_json: bool) -> None:
    """Count ITEM of REGISTER: what its events come to, what its clause gives for them, who bears what.

    REGISTER is exchange, trial_sale, custom_product or joint_campaign. Nothing is posted or filed.
    """
    from api.office.relations import count_item  # noqa: PLC0415 (as above)

    with office() as opened:
        agreement, one = count_item(opened, register, item)
    if as_json:
        borne = [{**asdict(each), "owes_minor": each.owes_minor} for each in one.borne]
        print_json(
            {**asdict(one), "borne": borne, "agreement": agreement.ref, "currency": agreement.currency}
        )
        return
    currency = agreement.currency
    say(
        f"{register} {item}  {agreement.ref}  " + (f"clause {one.clause}" if one.clause else "no such clause")
    )
    for name, text in one.facts.items():
        say(f"  {name:<20} {text}")
    for due in one.dues:
        say(f"  {due.source} owes {due.target} {money(due.amount_minor, currency)} {currency} ({due.kind})")
    for each in one.borne:
        paid, bears, owes = (
            money(amount, currency) for amount in (each.paid_minor, each.bears_minor, each.owes_minor)
        )
        say(f"  {each.role:<12} bears {bears}, paid {paid}, owes {owes} {currency}")
    for effect in one.effects:
        say(f"  effect: {effect}")
    if one.missing:
        say(f"  not known yet: {', '.join(one.missing)}")


def _successors(
    replaced: Sequence[str], names: Sequence[str], signers: Sequence[str]
) -> dict[str, Successor]:
    from policies.relations.draft import Successor  # noqa: PLC0415 (as above)

    named, signing = dict(map(_pair, names)), dict(map(_pair, signers))
    found = {}
    for text in replaced:
        key, party = _pair(text)
        zh, slash, en = named.get(party, party).partition("/")
        found[key] = Successor(party, {"zh": zh, "en": en if slash else zh}, signing.get(party))
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise click.UsageError(f"'{text}': write NAME=VALUE")
    return name, value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"'{text}' is no day such as 2027-01-01") from None


def _row(one: Relation) -> dict[str, Any]:
    from policies.relations.entry import figure_text  # noqa: PLC0415 (as above)

    return {
        "agreement": one.agreement.ref,
        "stage": one.stage,
        "figures": {name: figure_text(name, value) for name, value in one.figures.items()},
        "next": one.following,
        "ready": one.ready,
        "conditions": [_condition(each) for each in one.conditions],
        "uses": dict(one.uses),
        "moves": [
            {
                "stage": move.stay.stage,
                "from": move.stay.start.isoformat(),
                "until": move.stay.end.isoformat() if move.stay.end else None,
                "version": move.version.agreement.ref,
                "signed_seq": move.version.signed_seq,
                "signed_by": [signature.party for signature in move.version.signatures],
                "conditions": [_condition(each) for each in move.conditions],
            }
            for move in one.moves
        ],
        "changes": [
            {"version": each.version.agreement.ref, "left": each.left, "joined": each.joined,
             "signed_seq": each.version.signed_seq}
            for each in one.changes
        ],
    }  # fmt: skip


def _condition(one: Assessed) -> dict[str, Any]:
    from policies.relations.entry import figure_text  # noqa: PLC0415 (as above)

    figures = {name: figure_text(name, value) for name, value in one.figures.items()}
    return {"id": one.id, "text": one.text.model_dump(), "holds": one.holds, "figures": figures}


def _show(one: Relation, lang: str) -> None:
    from policies.stages import stages  # noqa: PLC0415 (as above)

    titles = {stage: terms.title.model_dump()[lang] for stage, terms in stages().items()}
    zone = one.agreement.zone
    say(f"{one.agreement.ref}  {titles[one.stage] if one.stage else 'not begun'}")
    for move in one.moves:
        start = move.stay.start.astimezone(zone).date()
        by = ", ".join(sorted(signature.party for signature in move.version.signatures))
        version, title = move.version, titles[move.stay.stage]
        at = f"version {version.agreement.version}, entry {version.signed_seq}"
        say(f"  from {start}  {title}  signed by {by} ({at})")
    for change in one.changes:
        left, joined = (", ".join(each) or "nobody" for each in (change.left, change.joined))
        at = f"version {change.version.agreement.version}, entry {change.version.signed_seq}"
        say(f"  {left} left, {joined} joined ({at})")
    if one.following is not None:
        say(f"  next: {titles[one.following]}")
        _tell_conditions(one.conditions, lang)


def _tell_conditions(found: Sequence[Assessed], lang: str) -> None:
    from policies.relations.entry import read_text  # noqa: PLC0415 (as above)

    for one in found:
        read = read_text(one, lang)
        say(f"    {_MARKS[lang][one.holds]:<9} {one.text.model_dump()[lang]}{f' ({read})' if read else ''}")


def _tell_leaving(one: Leaving, currency: str) -> None:
    for purpose, amount in one.balances.items():
        say(f"  stays with {one.party}: {purpose} {money(amount, currency)} {currency}")
    for case in one.disputes:
        say(f"  stays with {one.party}: dispute {case}")
    for ref in one.others:
        say(f"  names {one.party} too: {ref}")
