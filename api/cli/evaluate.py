"""`tallystick evaluate ID` says what was so before a version of an agreement and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, say, write_csv
from ledger.evaluation.windows import DAYS

if TYPE_CHECKING:
    from api.evaluations.schemas import EvaluationShown, MeasureShown

_COLUMNS = (
    "measure", "unit", "before", "before_low", "before_high", "before_of", "after", "after_low", "after_high",
    "after_of", "change", "change_low", "change_high", "method", "told_apart",
)  # fmt: skip


@click.command()
@click.argument("agreement", metavar="ID")
@click.option("--version", type=int, help="The version; else the newest that has started.")
@click.option("--days", default=DAYS, show_default=True, help="Days of each window, at most.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the answer.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the measures as CSV.")
@json_option
def command(  # noqa: PLR0913, PLR0917 (one argument an option)
    agreement: str, version: int | None, days: int, lang: str, as_csv: bool, as_json: bool
) -> None:
    """Compare what was so before a version of agreement ID started and after it, over equal windows.

    Satisfaction, violations, sales, buyers and the brands that stayed, each with how sure it is; how disputes
    went; rights and duties. What the sample cannot carry is said.
    """
    from dataclasses import asdict  # noqa: PLC0415 (what one format needs)

    from api.evaluations.service import evaluation_shown, measure_rows  # noqa: PLC0415 (loads read models)
    from api.office.agreements import signed_versions  # noqa: PLC0415 (as above)
    from api.office.evaluating import evaluate_version  # noqa: PLC0415 (as above)

    with office() as opened:
        found = evaluate_version(opened, agreement, version=version, days=days)
        versions = tuple(one.agreement.version for one in signed_versions(opened, agreement))
    shown = evaluation_shown(found, versions)
    if as_json:
        print_json(asdict(shown))
    elif as_csv:
        rows = (asdict(one) for one in measure_rows(shown))
        write_csv(({name: row[name] for name in _COLUMNS} for row in rows), _COLUMNS)
    else:
        _tell(shown, lang)


def _tell(shown: EvaluationShown, lang: str) -> None:
    from api.language import catalogue  # noqa: PLC0415 (only for people)

    words = catalogue("zh" if lang == "zh" else "en")
    say(f"{shown.agreement}@{shown.version}  {shown.before.first} – {shown.before.last}  |  "
        f"{shown.after.first} – {shown.after.last}")  # fmt: skip
    for caution in shown.cautions:
        say(f"  ! {caution.spoken(lang)}")
    for one in shown.measures:
        _tell_measure(one, words.text("evaluation.points"), lang)
    for kind in shown.kinds:
        say(f"    {kind.label.spoken(lang)}: {kind.before.hits} | {kind.after.hits}")
    _tell_disputes(shown, words, lang)
    if shown.matrix.symmetry is not None:
        say(words.text("evaluation.symmetry", share=shown.matrix.symmetry))


def _tell_measure(one: MeasureShown, points: str, lang: str) -> None:
    unit = f" {points}" if one.unit in {"share", "balance"} and one.change else ""
    limits = f" ({one.change_low} … {one.change_high}, {one.method})" if one.change_low else ""
    sides = f"{one.before.value or '—'} | {one.after.value or '—'}"
    say(f"{one.label.spoken(lang)}: {sides}  {one.change or '—'}{unit}{limits}  {one.verdict.spoken(lang)}")
    for caution in one.cautions:
        say(f"  ! {caution.spoken(lang)}")


def _tell_disputes(shown: EvaluationShown, words: Any, lang: str) -> None:
    for one in shown.disputes:
        say(f"{words.text('evaluation.disputes')}, {one.label.spoken(lang)}: {one.filed}")
        for name in ("answered", "ruled", "closed"):
            median = getattr(one, name)
            if median.hours is not None:
                hours = words.text("evaluation.hours", hours=median.hours)
                say(f"  {words.text(f'evaluation.time-{name}')}: {hours}")
        for name in ("appealed", "overturned", "departed"):
            part = getattr(one, name)
            if part.of:
                hits = words.text("evaluation.hits", hits=part.hits, of=part.of)
                say(f"  {words.text(f'evaluation.part-{name}')}: {hits} ({part.low} … {part.high})")
