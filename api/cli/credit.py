"""`tallystick credit`: points that rules give parties, the scores they come to, and appeals against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from ledger.credit.points import Points, Standing

_by = click.option("--by", required=True, help="On whose word: a member, an arbiter, or the party's id.")
_reason = click.option("--reason", required=True, help="Why, as it will stand in the log.")


@click.group()
def command() -> None:
    """Give parties points by rule, with reasons; show scores; appeal, uphold, remove and restore."""


@command.command("rules")
@json_option
def rules_command(as_json: bool) -> None:
    """List the rules that give points, and how a score fades and is called."""
    from policies.credit.model import standard_model  # noqa: PLC0415 (loads the agreement language)

    model = standard_model()
    if as_json:
        print_json(
            {**model.model_dump(mode="json", by_alias=True, exclude_none=True), "sha256": model.digest}
        )
        return
    say(f"scores from {model.lowest} to {model.highest}, beginning at {model.start};"
        f" points halve in {model.half_days} days; {model.appeal_days} days to appeal")  # fmt: skip
    for rule in model.rules:
        times = f" × severity 1 to {rule.severity_max}" if rule.severity_max > 1 else ""
        follows = f" (follows {rule.on.kind})" if rule.on else ""
        say(f"{rule.id:<18} {rule.points:+5}{times}  {rule.text.en}{follows}")
    for band in model.bands:
        say(f"from {band.least:>4}: {band.text.en}")


@command.command("give")
@click.argument("points")
@click.option("--agreement", required=True, metavar="ID@VERSION", help="Under which agreement.")
@click.option("--party", required=True, help="Who gets the points, by its key in the document.")
@click.option("--rule", required=True, help="By which rule; `credit rules` lists them.")
@click.option("--clause", required=True, help="The clause that it rests on.")
@click.option("--severity", type=click.IntRange(1), default=1, show_default=True, help="How grave it is.")
@click.option("--cites", type=int, multiple=True, metavar="SEQ", help="An entry that shows it; repeatable.")
@_reason
@_by
@json_option
def give_command(  # noqa: PLR0913 (one option each)
    *, points: str, agreement: str, party: str, rule: str, clause: str, severity: int, cites: tuple[int, ...],
    reason: str, by: str, as_json: bool,
) -> None:  # fmt: skip
    """Give the points POINTS, which is their id for ever. The same again adds nothing."""
    from api.office.credit import PointsRequest, give_points  # noqa: PLC0415 (loads the agreement language)

    asked = PointsRequest(
        id=points, agreement=agreement, party=party, rule=rule, clause=clause, reason=reason,
        severity=severity, cites=cites,
    )  # fmt: skip
    with office() as opened:
        _told(give_points(opened, asked, by), as_json=as_json)


def _step_command(name: str, words: str) -> None:
    """Declare the command of a step about points that stand, which takes them, a reason and on whose word."""

    @command.command(name, help=words)
    @click.argument("points")
    @_reason
    @_by
    @json_option
    def _command(points: str, reason: str, by: str, as_json: bool) -> None:
        _step(name, points, reason, by, as_json=as_json)


_step_command(
    "appeal", "Appeal against POINTS for the party that has them: once, within the days that the rules give."
)
_step_command("uphold", "Dismiss the appeal against POINTS. Not for who gave them, nor for who has them.")
_step_command("remove", "Have POINTS count no more from now on: the appeal is right, or they were a mistake.")
_step_command("restore", "Have removed POINTS count again.")


@command.command("follow")
@json_option
def follow_command(as_json: bool) -> None:
    """Give the points that entries of the log give rise to by themselves, each once."""
    from api.office.credit import follow_log  # noqa: PLC0415 (as above)

    with office() as opened:
        given = follow_log(opened)
    if as_json:
        print_json({"given": given})
        return
    say(f"{given} entries gave points")


@command.command("show")
@click.argument("party", required=False)
@click.option("--at", metavar="TIME", help="As it stood at this time, with its offset; else now.")
@click.option(
    "--before", "end", type=click.IntRange(0), metavar="SEQ", help="As entries before this one tell."
)
@json_option
def show_command(party: str | None, at: str | None, end: int | None, as_json: bool) -> None:
    """Show the score of PARTY (its id), or of all, with every point and what it is worth now."""
    from api.office.credit import credit  # noqa: PLC0415 (as above)
    from api.office.holds import moment  # noqa: PLC0415 (as above)

    with office() as opened:
        found = credit(opened, None if at is None else moment(at), end)
    found = [one for one in found if party in {None, one.party}]
    if as_json:
        print_json([_row(one) for one in found])
        return
    say_if_none(found, "nobody of that name has credit here" if party else "there are no agreements yet")
    for one in found:
        say(f"{one.party} with {one.keeper}: {one.score.points} ({one.score.band.text.en})")
        for points, worth in one.points:
            worn = f"{points.points:+5} now {_worth(worth):>7}"
            why = f"{points.rule}, clause {points.clause}: {points.given.reason}"
            say(f"  {points.id:<24} {worn}  {points.state:<9} {why} (entry {points.given.seq})")


def _step(name: str, points: str, reason: str, by: str, *, as_json: bool) -> None:
    from ledger.credit.record import Said, appeal, remove, restore, uphold  # noqa: PLC0415 (as above)
    from policies.credit.model import standard_model  # noqa: PLC0415 (as above)

    with office() as opened:
        said = Said(reason, by, opened.clock())
        if name == "appeal":
            done = appeal(opened.log, standard_model(), points, said)
        else:
            done = {"uphold": uphold, "remove": remove, "restore": restore}[name](opened.log, points, said)
    _told(done, as_json=as_json)


def _told(one: Points, *, as_json: bool) -> None:
    if as_json:
        print_json(_points(one))
        return
    last = one.steps[-1]
    say(f"{one.id}: {one.points:+} for {one.party} by {one.rule}, {one.state} (entry {last.seq})")


def _worth(worth: Any) -> str:
    from policies.money import exact_decimal  # noqa: PLC0415 (only where a figure is shown)

    return exact_decimal(worth, 2)


def _row(one: Standing) -> dict[str, Any]:
    return {
        "party": one.party,
        "keeper": one.keeper,
        "score": one.score.points,
        "exact": str(one.score.exact),
        "band": one.score.band.id,
        "points": [{**_points(points), "worth": str(worth)} for points, worth in one.points],
    }


def _points(one: Points) -> dict[str, Any]:
    return {
        "id": one.id,
        "party": one.party,
        "keeper": one.keeper,
        "rule": one.rule,
        "points": one.points,
        "severity": one.severity,
        "clause": one.clause,
        "agreement": one.agreement,
        "cites": list(one.cites),
        "model": one.model,
        "state": one.state,
        "steps": [
            {"kind": step.kind, "entry_seq": step.seq, "by": step.by, "reason": step.reason}
            for step in one.steps
        ],
    }
