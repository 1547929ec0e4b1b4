"""Commands of `tallystick dispute` on what stands behind a decision: what it hangs on, rulings, replays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, read_text, readable_file, say, say_if_none

if TYPE_CHECKING:
    from api.rulings.schemas import DepartedShown

_lang = click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the answer.")


@click.command("counterfactuals")
@click.argument("dispute_id", metavar="DISPUTE")
@_lang
@json_option
def counterfactuals_command(dispute_id: str, lang: str, as_json: bool) -> None:
    """Tell which change of each fact would have DISPUTE decided otherwise, and what is left to a person."""
    from api.cli.counterfactual import (  # noqa: PLC0415 (loads the decisions)
        counterfactuals_json,
        tell_counterfactuals,
    )
    from api.office.disputes import dispute  # noqa: PLC0415 (as above)
    from api.office.rulings import weigh  # noqa: PLC0415 (as above)

    with office() as opened:
        one = dispute(opened, dispute_id)
        found = weigh(opened, one)
    left = [
        {"cause": each.cause, "clause": each.clause, "text": dict(each.text), "facts": list(each.facts)}
        for each in found.left
    ]
    if as_json:
        print_json(counterfactuals_json(one.agreement, found.searched) | {"left": left})
        return
    say(f"{one.id}  {one.agreement.ref}  clause {one.case['clause']}")
    tell_counterfactuals(found.searched, one.agreement, lang)
    for each in found.left:
        say(f"  {'须人工裁决' if lang == 'zh' else 'left to a person'}: {each.text[lang]}")


@click.command("rule")
@click.argument("dispute_id", metavar="DISPUTE")
@click.argument("ruling", type=readable_file)
@click.option("--by", required=True, help="Who rules: a member with the role arbiter who sits in it.")
@_lang
@json_option
def rule_command(dispute_id: str, ruling: Path, by: str, lang: str, as_json: bool) -> None:
    """Rule on DISPUTE as the file RULING says: reasons, facts as found, what is awarded instead.

    The rules work out what follows of the findings; where the ruling departs from what was proposed is
    recorded. It stands once no appeal can come. The same ruling again adds nothing.
    """
    from dataclasses import asdict  # noqa: PLC0415 (what one format needs)

    from api.cli.dispute_acts import show_dispute  # noqa: PLC0415 (loads the decisions)
    from api.cli.member import members_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.office.disputes import dispute  # noqa: PLC0415 (as above)
    from api.rulings.acting import rule_in_case  # noqa: PLC0415 (as above)
    from api.rulings.shown import departed_shown  # noqa: PLC0415 (as above)
    from policies.decisions.rulings import read_ruling  # noqa: PLC0415 (as above)

    given = read_ruling(read_text(ruling), name=str(ruling))
    with office() as opened:
        arbiter = members_of(opened).viewer_of_member(by)
        one = rule_in_case(opened, arbiter, dispute(opened, dispute_id), given)
        departed = departed_shown(one)
        assert departed is not None, "a ruling stands that says what it found"
        if as_json:
            print_json(asdict(departed))
            return
        show_dispute(opened, one, as_json=False)
    _tell_departures(departed, lang)


def _tell_departures(departed: DepartedShown, lang: str) -> None:
    words = {"en": "departs from entry", "zh": "偏离存证"}[lang]
    for part in departed.parts:
        before, after = (one.spoken(lang) if one else "—" for one in (part.before, part.after))
        why = f"  ({part.because})" if part.because else ""
        say(f"  {words} {departed.from_seq}: {part.label.spoken(lang)}  {before} → {after}{why}")
    if not departed.parts:
        say(f"  {'follows entry' if lang == 'en' else '与存证一致'} {departed.from_seq}")


@click.command("replay")
@click.argument("dispute_id", metavar="[DISPUTE]", required=False)
@_lang
@json_option
def replay_command(dispute_id: str | None, lang: str, as_json: bool) -> None:
    """Make every decision of DISPUTE, or of all, again from the log as it stood, and compare the bytes.

    Exit code 1 where a decision comes out otherwise than it is recorded.
    """
    from api.office.disputes import dispute, disputes  # noqa: PLC0415 (loads the decisions)
    from api.rulings.shown import replayed_shown  # noqa: PLC0415 (as above)

    with office() as opened:
        known = disputes(opened).values() if dispute_id is None else [dispute(opened, dispute_id)]
        found = [(one.id, each) for one in known for each in replayed_shown(opened, one)]
    if as_json:
        from dataclasses import asdict  # noqa: PLC0415 (what one format needs)

        print_json([{"dispute": name, **asdict(each)} for name, each in found])
    else:
        say_if_none(found, "nothing was decided yet" if lang == "en" else "尚无裁决")
        for name, each in found:
            said = (
                "same" if each.same else "erased" if each.erased else f"DIFFERS in {', '.join(each.differs)}"
            )
            say(f"{name}  {each.label.spoken(lang)}  entry {each.seq}  {said}  {each.recorded_sha256}")
    if any(not each.same and not each.erased for _, each in found):
        raise SystemExit(1)


@click.command("similar")
@click.argument("dispute_id", metavar="DISPUTE")
@_lang
@json_option
def similar_command(dispute_id: str, lang: str, as_json: bool) -> None:
    """List decided disputes that are like DISPUTE, by clause, conditions and facts, the most alike first."""
    from api.cli.decided import outcome_words  # noqa: PLC0415 (loads the decisions)
    from api.office.disputes import dispute  # noqa: PLC0415 (as above)
    from api.office.rulings import like_cases  # noqa: PLC0415 (as above)
    from api.rulings.shown import similar_shown  # noqa: PLC0415 (as above)

    with office() as opened:
        rows = [similar_shown(like, one) for like, one in like_cases(opened, dispute(opened, dispute_id))]
    if as_json:
        from dataclasses import asdict  # noqa: PLC0415 (what one format needs)

        print_json([asdict(one) for one in rows])
        return
    say_if_none(rows, "no decided dispute is under this clause or one of its kind")
    for one in rows:
        amount = money(one.awarded.amount_minor, one.awarded.currency)
        said = f"{one.alike}/{one.of}  {outcome_words(one.outcome, lang)} {amount} {one.awarded.currency}"
        apart = ", ".join(each.spoken(lang) for each in one.apart)
        say(
            f"{one.dispute}  {one.agreement}  clause {one.clause}  {said}" + (f"  ≠ {apart}" if apart else "")
        )


COMMANDS: tuple[Any, ...] = (counterfactuals_command, rule_command, replay_command, similar_command)
