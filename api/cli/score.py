"""`tallystick score`: how a party did in a period by a scorecard, the tier it reached, and its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from api.office.scores import ScoreMade
    from ledger.scores.record import Recorded


@click.group()
def command() -> None:
    """Score parties of an agreement by period, and record what incentives and tiers follow."""


@command.command("cards")
@json_option
def cards_command(as_json: bool) -> None:
    """List the scorecards: whom they score, by which measures and weights, and the tiers."""
    from ledger.scores.scorecard import scorecards  # noqa: PLC0415 (loads the agreement language)

    if as_json:
        plain = [
            one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in scorecards().values()
        ]
        print_json(plain)
        return
    for one in scorecards().values():
        say(f"{one.scorecard}: {one.title.en}, of parties in the role {one.role}")
        for name, component in one.components.items():
            parts = ", ".join(part.name for part in component.parts)
            say(f"  {name:<12} {component.weight:>4}  {parts}")
        say("  tiers: " + ", ".join(f"{tier.id} from {tier.least}" for tier in one.tiers))


@command.command("show")
@click.argument("agreement", metavar="ID")
@click.argument("party")
@click.argument("period")
@json_option
def show_command(agreement: str, party: str, period: str, as_json: bool) -> None:
    """Work out the score of PARTY under agreement ID in PERIOD, and show what it rests on."""
    from api.office.scores import facts_of, make_score  # noqa: PLC0415 (as above)

    with office() as opened:
        made = make_score(opened, agreement, party, period)
    facts = facts_of(made)
    if as_json:
        print_json({**_made(made), "facts": facts})
        return
    _say(made)
    say("facts that the document declares: " + (", ".join(f"{k}={v}" for k, v in facts.items()) or "none"))


@command.command("record")
@click.argument("agreement", metavar="ID")
@click.argument("party")
@click.argument("period")
@json_option
def record_command(agreement: str, party: str, period: str, as_json: bool) -> None:
    """Record the score of PARTY under agreement ID in PERIOD, once it is over, with the facts that follow.

    On the platform's word; the same again adds nothing. Clauses that fall due read the facts.
    """
    from api.office.scores import record_score  # noqa: PLC0415 (as above)

    with office() as opened:
        _recorded([record_score(opened, agreement, party, period)], as_json=as_json)


@command.command("list")
@click.option("--agreement", metavar="ID", help="Only those of one agreement.")
@click.option("--party", metavar="PARTY", help="Only those of one party, by its id.")
@json_option
def list_command(agreement: str | None, party: str | None, as_json: bool) -> None:
    """List recorded scores in the order in which they were recorded."""
    from ledger.scores.record import scores  # noqa: PLC0415 (as above)

    with office() as opened:
        _recorded(list(scores(opened.log, agreement, party)), as_json=as_json)


def _recorded(found: list[Recorded], *, as_json: bool) -> None:
    if as_json:
        rows = [{"entry_seq": one.seq, "agreement": one.agreement, **one.content} for one in found]
        print_json(rows)
        return
    say_if_none(found, "no score is recorded")
    for one in found:
        say(f"{one.party} {one.period}: {one.total}, {one.tier} ({one.agreement}, entry {one.seq})")


def _say(made: ScoreMade) -> None:
    from ledger.measures.shown import decimal  # noqa: PLC0415 (as above)

    say(f"{made.party} {made.period.name}: {decimal(made.score.total, 2)}, {made.score.tier.id}")
    for one in made.score.components:
        say(f"  {one.name:<12} {decimal(one.score, 2):>6} × {decimal(one.weight * 100, 0)}%")
        for part in one.parts:
            told = f"{decimal(part.value, 4):>12} over {part.items:<6}"
            say(f"    {part.terms.name:<28} {told} scores {decimal(part.score, 0)}")
    say(f"  credit {made.credit}, {'a violation stands' if made.violated else 'no violation stands'}")


def _made(made: ScoreMade) -> dict[str, Any]:
    from ledger.scores.record import score_content  # noqa: PLC0415 (as above)

    party = made.agreement.party_id(made.party)
    content = score_content(made.score, party, made.period.name, made.credit)
    return {"agreement": made.agreement.ref, "violated": made.violated, **content}
