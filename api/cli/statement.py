"""`tallystick statement`: list, read and explain statements; serve, accept and contest them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from api.cli.explained import tell, tell_due
from api.cli.output import json_option, money, office, print_json, say, say_if_none
from api.cli.statement_acts import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.statements.schemas import StatementLife
    from ledger.statements.classes import ClassSum
    from ledger.statements.reading import Statement


@click.group()
def command() -> None:
    """Read, export, serve, accept, contest and correct statements."""


for one_command in COMMANDS:
    command.add_command(one_command)


@command.command("list")
@click.option("--party", help="Only those of one party, by its id.")
@click.option("--agreement", help="Only those of one agreement.")
@json_option
def list_command(party: str | None, agreement: str | None, as_json: bool) -> None:
    """List statements, newest first."""
    from ledger.statements.reading import list_statements  # noqa: PLC0415 (loads polars)

    with office() as opened:
        found = list_statements(opened.log, party=party, agreement=agreement)
    if as_json:
        print_json([one.content for one in found])
        return
    say_if_none(found, "there are no statements")
    for one in found:
        content = one.content
        say(f"{one.id:<24} {one.party:<12} {content['period']['to'][:10]}  payable "
            f"{money(content['payable_minor'], content['currency']):>16} {content['currency']}")  # fmt: skip


@command.command("show")
@click.argument("statement")
@click.option("--order", help="Only the lines of one order.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="Lines to show.")
@json_option
def show_command(statement: str, order: str | None, limit: int, as_json: bool) -> None:
    """Show STATEMENT: opening, totals by clause, closing, how it stands, and its first lines."""
    from api.office.papers import agreement_of  # noqa: PLC0415 (loads the agreement language)
    from api.statements.life import life_shown  # noqa: PLC0415 (as above)
    from ledger.statements.classes import class_sums  # noqa: PLC0415 (as above)
    from ledger.statements.lines import LineStore  # noqa: PLC0415 (loads polars)
    from ledger.statements.reading import read_lines_page, read_statement  # noqa: PLC0415 (as above)

    with office() as opened:
        one = read_statement(opened.log, statement)
        page = read_lines_page(LineStore(opened.files), one, limit=limit, order=order)
        agreement = agreement_of(opened, one)
        life, classes = life_shown(opened, agreement, one), class_sums(one.content, agreement)
    content, currency = one.content, one.content["currency"]
    if as_json:
        lines = [
            {"number": line.number, "order": line.order, "line": line.line, "clause": line.clause,
             "leg": line.leg, "kind": line.kind, "amount_minor": line.amount_minor, "version": line.version,
             "entries": list(line.entries)}
            for line in page.lines
        ]  # fmt: skip
        print_json(
            {
                **content,
                "classes": [asdict(part) for part in classes],
                "life": asdict(life),
                "shown_lines": lines,
            }
        )
        return
    _tell_sum(one)
    _tell_classes(classes, currency)
    _tell_life(life, currency)
    for line in page.lines:
        amount = money(line.amount_minor, currency)
        say(f"    #{line.number:<7} {line.order} line {line.line}  {line.leg} {line.kind}  {amount}")
    if page.total > len(page.lines):
        say(f"    … {page.total - len(page.lines):,} more lines; --limit shows more")


def _tell_sum(one: Statement) -> None:
    """Print a statement's sum: opening, its parts, closing, what waits, and what is payable."""
    content, currency = one.content, one.content["currency"]
    say(f"{one.id}  {one.party}  {_period(content)}  {currency}")
    say(f"  {'opening':<44}{money(content['opening_minor'], currency):>18}")
    for total in content["totals"]:
        name = f"{total['clause']} {total['leg']} {total['kind']} ({total['lines']:,} lines)"
        say(f"  {name:<44}{money(total['amount_minor'], currency):>18}")
    for place, due in enumerate(content.get("dues", ())):
        name = f"{due['clause']} {due['leg']} {due['kind']}: {due['key']} (due #{place})"
        say(f"  {name:<44}{money(due['amount_minor'], currency):>18}")
    for moved in content["adjustments"]:
        name = f"{moved['clause']} {moved['kind']} (entry {moved['seq']})"
        say(f"  {name:<44}{money(moved['amount_minor'], currency):>18}")
    say(f"  {'closing':<44}{money(content['closing_minor'], currency):>18}")
    for held in content.get("held_dues", ()):
        name = " ".join(part for part in (held["clause"], held["about"]) if part)
        why = ", ".join(held["facts"]) or "; ".join(words["en"] for words in held["words"])
        say(f"  not settled: {name} ({held['because']}: {why})")
    if "held_minor" in content:
        say(f"  {'held':<44}{money(content['held_minor'], currency):>18}")
    say(f"  {'payable':<44}{money(content['payable_minor'], currency):>18}")


def _tell_classes(classes: Sequence[ClassSum], currency: str) -> None:
    """Print what the parts of a statement come to by class."""
    from api.language import catalogue  # noqa: PLC0415 (only for people)

    words = catalogue("en")
    if classes:
        say(f"  {words.text('statement.by-class')}")
    for one in classes:
        say(f"    {words.text(f'statement-class.{one.name}'):<42}{money(one.amount_minor, currency):>18}")


def _tell_life(life: StatementLife, currency: str) -> None:
    """Print how a statement stands by now, and what of it is contested and held."""
    until = f", may be contested until {life.contest_until}" if life.contest_until else ""
    say(f"  {life.status}{until}")
    if any(one.status == "open" for one in life.contests):
        contested, held = (money(one.amount_minor, currency) for one in (life.contested, life.held))
        say(f"  contested {contested}, of which {held} is held and not paid")
    if life.corrected_by:
        say(f"  corrected by {life.corrected_by}")


def _period(content: dict[str, Any]) -> str:
    return f"{content['period']['from'][:10]} to {content['period']['to'][:10]}"


@command.command("explain")
@click.argument("statement")
@click.argument("number", type=click.IntRange(min=0))
@click.option("--due", is_flag=True, help="NUMBER counts what is due beside the lines, not the lines.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en")
def explain_command(statement: str, number: int, lang: str, *, due: bool) -> None:
    """Explain line NUMBER of STATEMENT: clause, facts and arithmetic."""
    from api.office.settling import explain_line, explain_stated_due  # noqa: PLC0415 (loads polars)
    from ledger.statements.lines import LineStore  # noqa: PLC0415 (as above)
    from ledger.statements.reading import read_line, read_statement  # noqa: PLC0415 (as above)

    with office() as opened:
        one = read_statement(opened.log, statement)
        if due:
            tell_due(explain_stated_due(opened, one, number), lang)
            return
        tell(explain_line(opened, one, read_line(LineStore(opened.files), one, number)), lang)


@command.command("due")
@click.argument("statement")
@click.argument("clause")
@click.argument("about", default="")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the answer.")
@json_option
def due_command(statement: str, clause: str, about: str, lang: str, as_json: bool) -> None:
    """Explain what CLAUSE came to on STATEMENT, ABOUT a period or case: facts and arithmetic."""
    from api.office.settling import deal_documents  # noqa: PLC0415 (loads the agreement language)
    from ledger.statements.explained_dues import explain_due  # noqa: PLC0415 (loads the readers)
    from ledger.statements.reading import read_statement  # noqa: PLC0415 (loads polars)

    with office() as opened:
        one = read_statement(opened.log, statement)
        found = explain_due(opened.log, deal_documents(opened, one.agreement), one, clause, about)
    if as_json:
        print_json(asdict(found))
        return
    say(f"{found.clause} {found.about}".rstrip() + f", {one.agreement}@{found.version}")
    say(f"  {found.text[lang]}")
    for name, value in found.figures.items():
        say(f"  {name} = {value}")
    for step in found.steps:
        if lang in step or "formula" in step:
            said = step[lang] if lang in step else step["formula"][lang]
            result = step.get("value") or step.get("result")
            amount = step.get("amount_minor")
            gives = money(amount, one.content["currency"]) if isinstance(amount, int) else result
            say(f"  {_word(step['step'], lang)}: {said}" + (f" = {_word(gives, lang)}" if gives else ""))
    if found.held is not None:
        say(f"  {_word('not settled', lang)}: {_word(found.held, lang)}")


_ZH = {
    "fact": "事实", "condition": "条件", "figure": "数值", "remedy": "金额", "draw": "支取",
    "pool": "合并支付", "presumption": "推定", "holds": "成立", "fails": "不成立",
    "unknown": "未知", "not settled": "暂缓",
    "missing": "缺少事实", "contested": "事实有争议", "conflict": "例外相互冲突", "review": "须人工复核",
}  # fmt: skip
"""What stands in English in a trace, in Chinese."""


def _word(text: str, lang: str) -> str:
    return _ZH.get(text, text) if lang == "zh" else text
