"""`tallystick diff`: what one version of an agreement changes against another, in terms and in money."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.output import json_option, money, print_json, read_agreement, readable_file, say

if TYPE_CHECKING:
    from policies.diff.compare import Difference
    from policies.diff.money import MoneyDifference, OrderDifference
    from policies.formulas.prose import Language


@click.command()
@click.argument("old", type=readable_file)
@click.argument("new", type=readable_file)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the terms.")
@json_option
def command(old: Path, new: Path, lang: str, as_json: bool) -> None:
    """Say what NEW changes against OLD: clause by clause in words, and in money on example orders.

    The orders are those of the documents' own tests and others around the figures in their formulas. Whether
    some real order pays a party less is proved, or shown by such an order. Exit code 0 whether or not the
    two differ: a difference is no failure.
    """
    from policies.diff.compare import compare  # noqa: PLC0415 (loads z3)

    found = compare(read_agreement(old), read_agreement(new))
    if as_json:
        print_json(found.as_json())
    else:
        _tell(found, "zh" if lang == "zh" else "en")


def _tell(found: Difference, lang: Language) -> None:
    from policies.diff.words import says  # noqa: PLC0415 (as above)

    say(f"{found.old.ref} → {found.new.ref}")
    if found.starts is None:
        event = found.new.document.supersedes
        say(f"  starts once '{event.event if event else ''}' is recorded")
    else:
        say(f"  starts on {found.starts.day}: {_why(found, lang)}")
    for finding in found.findings:
        said = finding.message_zh if lang == "zh" and finding.message_zh else finding.message
        say(f"  {finding.severity}: {said} [{finding.code}]")
    say(f"terms: {len(found.terms) or 'no'} change{'s' * (len(found.terms) != 1)}")
    for one in found.terms:
        say(f"  {one.what:<9} {says(one, found.old, found.new, lang)}")
    if found.money is None:
        say(f"money: not compared, since {found.no_money}")
    else:
        _tell_money(found, found.money, lang)


def _why(found: Difference, lang: Language) -> str:
    assert found.starts is not None, "asked only where there is a start"
    follows = found.new.document.supersedes
    if found.starts.because == "consent":
        return "经各方同意追溯适用" if lang == "zh" else "reaches back, with each party's consent"
    if found.starts.because == "event" and follows is not None:
        return f"“{follows.event}”记录之日" if lang == "zh" else f"the day '{follows.event}' was recorded"
    return found.starts.lawful.reason(lang)


def _tell_money(found: Difference, difference: MoneyDifference, lang: Language) -> None:
    currency, labels = difference.currency, {**found.old.labels(), **found.new.labels()}
    changed = difference.changed
    say(f"money: {len(changed)} of {len(difference.orders)} example orders change, {currency}")
    for one in difference.orders:
        if one.order.name and (one.refused or any(share.difference for share in one.shares)):
            _tell_order(one, currency, labels, lang)
    for title, extremes in (("gains", difference.gains), ("loses", difference.losses)):
        for party, extreme in extremes.items():
            amount = money(abs(extreme.difference), currency)
            say(f"  {party} {title} most, {amount}, on {_given(extreme.order.given, labels, lang)}")
    for less in found.less:
        if less.verdict == "found" and less.order is not None:
            was, now = money(less.before, currency), money(less.after, currency)
            given = _given(less.order.order.given, labels, lang)
            say(f"  {less.party} is paid less for some orders: {was} → {now} on {given}")
        elif less.verdict == "never":
            say(f"  {less.party} is never paid less, rounding apart (proved for every real order)")
        else:
            say(f"  {less.party}: whether it is ever paid less could not be settled: {less.reason}")


def _tell_order(
    one: OrderDifference, currency: str, labels: Mapping[str, Mapping[str, str]], lang: Language
) -> None:
    say(f"  {one.order.name}: {_given(one.order.given, labels, lang)}")
    if one.refused:
        say(f"    not compared: {one.refused}")
    for share in one.shares:
        if share.difference:
            name = f"{labels.get(share.name, {}).get(lang, share.name)} ({share.party})"
            was, now = money(share.before, currency), money(share.after, currency)
            plus = "+" * (share.difference > 0)
            say(f"    {name}: {was} → {now}  {plus}{money(share.difference, currency)}")


def _given(given: Mapping[str, str], labels: Mapping[str, Mapping[str, str]], lang: Language) -> str:
    apart = "、" if lang == "zh" else ", "
    return apart.join(f"{labels.get(name, {}).get(lang, name)} {text}" for name, text in given.items())
