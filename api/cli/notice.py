"""`tallystick notice`: what somebody should look at, why, and what was done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from ledger.notices.notice import Notice
    from ledger.notices.since import Doubt

_lang = click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the words.")


@click.group()
def command() -> None:
    """List, show and dismiss notices, or make cases of them: a promise broken, a deadline near."""


@command.command("list")
@click.option("--agreement", metavar="ID", help="Only those under this agreement.")
@click.option("--for", "party", metavar="PARTY", help="Only those for this party that are still open to it.")
@_lang
@json_option
def list_command(*, agreement: str | None, party: str | None, lang: str, as_json: bool) -> None:
    """List notices in the order of giving."""
    from ledger.notices.reading import notices  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        found = notices(opened.log, agreement=agreement, readers=None if party is None else [party])
    shown = [one for one in found if party is None or one.open_for(party)]
    if as_json:
        print_json([_row(one) for one in shown])
        return
    say_if_none(shown, "there are no notices")
    for one in shown:
        say(f"{one.new.id}  {one.new.severity}  {_state(one)}  {_words(one, lang)}")


@command.command("show")
@click.argument("notice_id", metavar="NOTICE")
@_lang
@json_option
def show_command(*, notice_id: str, lang: str, as_json: bool) -> None:
    """Show NOTICE: what it says, the clause, the entries it rests on, and what its readers did about it."""
    from ledger.notices.reading import notice  # noqa: PLC0415 (beside its only use)
    from ledger.notices.since import doubts  # noqa: PLC0415 (as above)

    with office() as opened:
        found = notice(opened.log, notice_id)
        since = doubts(opened.log, found.new.cites)
    if as_json:
        print_json({**_row(found), "doubts": [_doubt(one) for one in since]})
        return
    _show(found, lang=lang, as_json=False)
    for one in since:
        said = one.happened
        say(
            f"  since: {one.register} {one.item} (entry {one.cited}) is {one.state}, by {said.by} at"
            f" {said.occurred_at} (entry {said.seq}){f': {one.reason}' if one.reason else ''}"
        )


@command.command("dismiss")
@click.argument("notice_id", metavar="NOTICE")
@click.option("--by", required=True, metavar="PARTY", help="Which party dismisses it, for itself alone.")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@json_option
def dismiss_command(*, notice_id: str, by: str, reason: str, as_json: bool) -> None:
    """Dismiss NOTICE for one of its readers. Dismissed again changes nothing."""
    from api.office.notices import dismiss  # noqa: PLC0415 (as above)

    with office() as opened:
        found = dismiss(opened, notice_id, by=by, reason=reason)
    _show(found, lang="en", as_json=as_json)


@command.command("file")
@click.argument("notice_id", metavar="NOTICE")
@click.option("--by", required=True, metavar="PARTY", help="Which party claims.")
@click.option("--amount", help="What it claims, such as 1000.00, where it is a sum.")
@click.option("--as-monitor", is_flag=True, help="The monitor files it, for that party as claimant.")
@json_option
def file_command(*, notice_id: str, by: str, amount: str | None, as_monitor: bool, as_json: bool) -> None:
    """Make a case of NOTICE, with the facts that it cites, against the other side of its clause."""
    from api.office.notices import file_case  # noqa: PLC0415 (as above)
    from ledger.monitors.running import MONITORS  # noqa: PLC0415 (as above)

    with office() as opened:
        filed_by = MONITORS if as_monitor else None
        found = file_case(opened, notice_id, by=by, amount=amount, filed_by=filed_by)
    _show(found, lang="en", as_json=as_json)


def _show(one: Notice, *, lang: str, as_json: bool) -> None:
    if as_json:
        print_json(_row(one))
        return
    new = one.new
    say(f"{new.id}  {new.severity}  {_state(one)}")
    say(_words(one, lang))
    say(f"  {new.agreement or 'no agreement'}{f', clause {new.clause}' if new.clause else ''}")
    say(f"  for {', '.join(new.readers)}; given by {one.by} at {one.given_at} (entry {one.seq})")
    for name, text in (*new.about.items(), *new.figures.items()):
        say(f"  {name:<14} {text}")
    say(f"  rests on entries {', '.join(map(str, new.cites)) or 'none'}")
    for word in one.dismissed:
        say(f"  dismissed by {word.by} at {word.at} (entry {word.seq}): {word.reason}")
    if one.filed:
        say(f"  dispute {one.filed.dispute}, filed by {one.filed.by} at {one.filed.at}")


def _doubt(one: Doubt) -> dict[str, Any]:
    return {
        "register": one.register,
        "item": one.item,
        "state": one.state,
        "cited": one.cited,
        "by": one.happened.by,
        "reason": one.reason or None,
        "at": one.happened.occurred_at,
        "seq": one.happened.seq,
    }


def _state(one: Notice) -> str:
    if one.filed:
        return "filed"
    return f"dismissed by {', '.join(word.by for word in one.dismissed)}" if one.dismissed else "open"


def _words(one: Notice, lang: str) -> str:
    from api.notices.words import said  # noqa: PLC0415 (loads the catalogues)

    return said(one.new).spoken(lang)


def _row(one: Notice) -> dict[str, Any]:
    from api.notices.words import said  # noqa: PLC0415 (as above)

    new, words = one.new, said(one.new)
    return {
        "notice": new.id,
        "code": new.code,
        "severity": new.severity,
        "agreement": new.agreement,
        "clause": new.clause,
        "text": {"zh": words.zh, "en": words.en},
        "about": dict(new.about),
        "figures": dict(new.figures),
        "cites": list(new.cites),
        "readers": list(new.readers),
        "given_at": one.given_at,
        "by": one.by,
        "seq": one.seq,
        "dismissed": [
            {"by": word.by, "reason": word.reason, "at": word.at, "seq": word.seq} for word in one.dismissed
        ],
        "dispute": one.filed.dispute if one.filed else None,
    }
