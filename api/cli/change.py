"""`tallystick change BEFORE AFTER` answers: why does this statement pay another amount than that one."""

from __future__ import annotations

from dataclasses import asdict

import click

from api.cli.output import json_option, money, office, print_json, say


@click.command()
@click.argument("before")
@click.argument("after")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the answer.")
@json_option
def command(before: str, after: str, lang: str, as_json: bool) -> None:
    """Say why the statement AFTER pays another amount than BEFORE, an earlier one of the same party.

    Causes are what each was of both statements, and their changes come to the difference exactly.
    """
    from api.language import catalogue  # noqa: PLC0415 (only for people)
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
    words = catalogue("zh" if lang == "zh" else "en")
    was, now = (money(amount, found.currency) for amount in (found.before_minor, found.after_minor))
    say(f"{found.before} → {found.after}  {found.party}  {was} → {now} {found.currency}")
    for one in found.causes:
        clause = f" ({one.clause})" if one.clause else ""
        count = f"{one.lines_before:,} → {one.lines_after:,}" if one.lines_before or one.lines_after else ""
        plus = "+" * (one.change_minor > 0)
        label = words.text(f"change-cause.{one.kind}") + clause
        say(f"  {plus + money(one.change_minor, found.currency):>18}  {label}  {count}".rstrip())
    plus = "+" * (found.change_minor > 0)
    say(f"  {plus + money(found.change_minor, found.currency):>18}  {words.text('change.sum')}")
    if not found.separated:
        say(f"  {words.text('change.not-separated')}")
