"""`tallystick change BEFORE AFTER`: why a statement, or a version, gives another amount than one before."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, say

if TYPE_CHECKING:
    from api.language import Catalogue
    from ledger.settlement.version_causes import VersionCause, VersionChange
    from ledger.statements.change import StatementChange
    from policies.agreement import Agreement


@click.command()
@click.argument("before")
@click.argument("after")
@click.option("--party", help="Between versions: only what one party has, by its id.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the answer.")
@json_option
def command(before: str, after: str, party: str | None, lang: str, as_json: bool) -> None:
    """Say why the statement AFTER pays another amount than BEFORE, an earlier one of the same party.

    Causes are what each was of both statements, and their changes come to the difference exactly. With
    versions instead, ID@1 and ID@2, it says what the second one changes of all orders in the log, by each
    changed term.
    """
    from api.language import catalogue  # noqa: PLC0415 (only for people)

    words = catalogue("zh" if lang == "zh" else "en")
    if "@" in before or "@" in after:
        _versions(before, after, party, words, as_json=as_json)
        return
    from api.office.settling import statement_change  # noqa: PLC0415 (loads polars)
    from ledger.statements.reading import read_statement  # noqa: PLC0415 (as above)

    with office() as opened:
        found = statement_change(
            opened, read_statement(opened.log, before), read_statement(opened.log, after)
        )
    if as_json:
        causes = [{**asdict(one), "change_minor": one.change_minor} for one in found.causes]
        print_json({**asdict(found), "change_minor": found.change_minor, "causes": causes})
        return
    _tell(found, words)


def _tell(found: StatementChange, words: Catalogue) -> None:
    was, now = (money(amount, found.currency) for amount in (found.before_minor, found.after_minor))
    say(f"{found.before} → {found.after}  {found.party}  {was} → {now} {found.currency}")
    for one in found.causes:
        clause = f" ({one.clause})" if one.clause else ""
        count = f"{one.lines_before:,} → {one.lines_after:,}" if one.lines_before or one.lines_after else ""
        label = words.text(f"change-cause.{one.kind}") + clause
        say(f"  {_signed(one.change_minor, found.currency):>18}  {label}  {count}".rstrip())
    say(f"  {_signed(found.change_minor, found.currency):>18}  {words.text('change.sum')}")
    if not found.separated:
        say(f"  {words.text('change.not-separated')}")


def _signed(amount_minor: int, currency: str) -> str:
    return "+" * (amount_minor > 0) + money(amount_minor, currency)


def _versions(before: str, after: str, party: str | None, words: Catalogue, *, as_json: bool) -> None:
    from api.office.settling import documents  # noqa: PLC0415 (loads polars)
    from api.office.simulating import version_effects  # noqa: PLC0415 (as above)

    (name, old), (other, new) = (_version(one) for one in (before, after))
    if name != other:
        raise click.UsageError(f"{before} and {after} are of different agreements")
    with office() as opened:
        found = version_effects(opened, name, old, new)
        agreement = next(one for one in documents(opened, name) if one.version == new)
    parties = sorted({*found.before, *found.after}) if party is None else [party]
    if as_json:
        print_json({**asdict(found), "causes": [_plain(one) for one in found.causes], "parties": parties})
        return
    say(f"{found.old} → {found.new}: {found.lines:,}, {found.currency}")
    for one in parties:
        _tell_party(found, agreement, one, words)


def _tell_party(found: VersionChange, agreement: Agreement, party: str, words: Catalogue) -> None:
    from api.worded import terms_changed  # noqa: PLC0415 (loads the agreement language)

    was, now = found.before.get(party, 0), found.after.get(party, 0)
    say(f"  {party}  {money(was, found.currency)} → {money(now, found.currency)}")
    for cause in found.causes:
        if amount := cause.by_party.get(party, 0):
            label = terms_changed(agreement, cause.changes).spoken(words.language)
            say(f"    {_signed(amount, found.currency):>18}  {label}")
    say(f"    {_signed(now - was, found.currency):>18}  {words.text('change.difference')}")


def _plain(one: VersionCause) -> dict[str, Any]:
    return {"changes": [asdict(change) for change in one.changes], "by_party_minor": one.by_party}


def _version(text: str) -> tuple[str, int]:
    name, _, number = text.partition("@")
    if not number.isascii() or not number.isdecimal():
        raise click.UsageError(f"'{text[:60]}' is no version such as head-streamer@2")
    return name, int(number)
