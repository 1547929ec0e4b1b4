"""`tallystick invoice`: record invoices and red-letter invoices, match them, see what lacks one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, readable_file, say, say_if_none

if TYPE_CHECKING:
    from ledger.invoices.matching import Match
    from ledger.invoices.reading import StoredInvoice
    from ledger.invoices.waiting import Waits

_party = click.option("--party", required=True, help="On whose word: the party's key in the document, or id.")


@click.group()
def command() -> None:
    """Record invoices and red-letter invoices, and match them with statements."""


@command.command("record")
@click.argument("number")
@click.option(
    "--statement", "statements", multiple=True, metavar="STATEMENT[=AMOUNT]",
    help="What it is for; with several, each with its part of the total.",
)  # fmt: skip
@_party
@click.option("--buyer", required=True, help="To whom it is made out: the party's key or id.")
@click.option("--seller", help="Who gives it, where it is not the party of the statements.")
@click.option("--seller-tax-id", required=True, metavar="NUMBER", help="The seller's taxpayer number.")
@click.option("--buyer-tax-id", required=True, metavar="NUMBER", help="The buyer's taxpayer number.")
@click.option(
    "--type", "kind", type=click.Choice(["special", "ordinary"]), default="special", show_default=True,
    help="A special VAT invoice, or an ordinary one.",
)  # fmt: skip
@click.option("--date", "issued_on", required=True, metavar="DAY", help="Its date, such as 2026-04-02.")
@click.option("--net", required=True, metavar="AMOUNT", help="The amount without tax.")
@click.option("--rate", required=True, help="The rate of tax, such as 6%.")
@click.option("--tax", required=True, metavar="AMOUNT", help="The tax.")
@click.option("--total", required=True, metavar="AMOUNT", help="The amount with tax.")
@click.option(
    "--file", "evidence", required=True, type=readable_file, help="Its file; only its digest is kept."
)
@click.option("--offsets", metavar="NUMBER", help="For a red-letter invoice: the one that it offsets.")
@click.option("--confirmation", metavar="NUMBER", help="For a red-letter invoice: its confirmation form.")
@json_option
def record_command(  # noqa: PLR0913 (one option each)
    *, number: str, statements: tuple[str, ...], party: str, buyer: str, seller: str | None,
    seller_tax_id: str, buyer_tax_id: str, kind: str, issued_on: str, net: str, rate: str, tax: str,
    total: str, evidence: Path, offsets: str | None, confirmation: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Record the invoice NUMBER: 20 digits, or for older ones CODE-NUMBER. The same again adds nothing.

    The amounts of a red-letter invoice are below zero. Without --statement it takes back what the invoice
    that it offsets is for.
    """
    import hashlib  # noqa: PLC0415 (beside its only use)

    from api.office.invoices import InvoiceAsked, PartAsked, record  # noqa: PLC0415 (loads polars)

    asked = InvoiceAsked(
        party=party,
        number=number,
        type=kind,
        buyer=buyer,
        seller=seller,
        seller_tax_id=seller_tax_id,
        buyer_tax_id=buyer_tax_id,
        issued_on=issued_on,
        net=net,
        rate=rate,
        tax=tax,
        total=total,
        sha256=hashlib.sha256(evidence.read_bytes()).hexdigest(),
        statements=tuple(PartAsked(*_part(one)) for one in statements),
        offsets=offsets,
        confirmation=confirmation,
    )
    with office() as opened:
        _show([record(opened, asked)], as_json=as_json)


@command.command("withdraw")
@click.argument("number")
@_party
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@json_option
def withdraw_command(number: str, party: str, reason: str, as_json: bool) -> None:
    """Withdraw the invoice NUMBER, which its party recorded wrong; then it may be recorded again."""
    from api.office.invoices import withdraw  # noqa: PLC0415 (as above)

    with office() as opened:
        _show([withdraw(opened, number, party, reason)], as_json=as_json)


@command.command("list")
@click.option("--agreement", metavar="ID", help="Only those of one agreement.")
@json_option
def list_command(agreement: str | None, as_json: bool) -> None:
    """List invoices in the order in which they were recorded, withdrawn ones too."""
    from ledger.invoices.reading import invoices_of  # noqa: PLC0415 (as above)

    with office() as opened:
        _show(invoices_of(opened.log, agreement), as_json=as_json)


@command.command("match")
@click.argument("statement")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the answer.")
@json_option
def match_command(statement: str, lang: str, as_json: bool) -> int:
    """Match the invoices of STATEMENT with what it pays and what was paid; name every difference.

    Exit code 1 where something differs.
    """
    from api.office.invoices import matched, waits  # noqa: PLC0415 (as above)
    from ledger.statements.reading import read_statement  # noqa: PLC0415 (as above)

    with office() as opened:
        one = read_statement(opened.log, statement)
        match, wait = matched(opened, one), waits(opened, one)
    if as_json:
        print_json(_matched(match, wait))
    else:
        _tell(match, wait, lang)
    return int(bool(match.differences))


@command.command("lacking")
@click.option("--party", help="Only those of one party, by its id.")
@json_option
def lacking_command(party: str | None, as_json: bool) -> None:
    """List the statements for which the document asks an invoice that is not there in full, newest first."""
    from api.office.invoices import lacking  # noqa: PLC0415 (as above)

    with office() as opened:
        found = list(lacking(opened, frozenset({party}) if party else None))
    if as_json:
        print_json([_matched(one, None) for one in found])
        return
    say_if_none(found, "no statement lacks an invoice")
    for one in found:
        lacks, pays = money(one.lacking_minor, one.currency), money(one.payable_minor, one.currency)
        say(f"{one.statement:<24} {one.party:<12} {lacks:>16} of {pays} {one.currency} not invoiced")


def _part(text: str) -> tuple[str, str | None]:
    name, found, amount = text.partition("=")
    return name, amount if found else None


def _show(found: list[StoredInvoice], *, as_json: bool) -> None:
    if as_json:
        print_json([_row(one) for one in found])
        return
    say_if_none(found, "no invoices")
    for one in found:
        invoice = one.invoice
        total = f"{money(invoice.total_minor, invoice.currency)} {invoice.currency}"
        red = f", red-letter of {invoice.red_letter.offsets}" if invoice.red_letter else ""
        gone = f", withdrawn in entry {one.withdrawn}" if one.withdrawn is not None else ""
        parties = f"{invoice.seller} → {invoice.buyer}"
        say(f"{invoice.number:<21} {invoice.issued_on} {parties:<24} {total:>18} at {invoice.rate}"
            f" (entry {one.seq}{red}{gone})")  # fmt: skip


def _row(one: StoredInvoice) -> dict[str, Any]:
    return {
        **one.invoice.content(),
        **one.invoice.taxpayers(),
        "agreement": one.agreement,
        "entry_seq": one.seq,
        "by": one.by,
        "withdrawn_seq": one.withdrawn,
    }


def _matched(match: Match, wait: Waits | None) -> dict[str, Any]:
    return {
        "statement": match.statement,
        "party": match.party,
        "currency": match.currency,
        "clauses": [one.id for one in match.clauses],
        "standing": match.standing,
        "payable_minor": match.payable_minor,
        "invoiced_minor": match.invoiced_minor,
        "lacking_minor": match.lacking_minor,
        "paid_minor": match.paid_minor,
        "invoices": [one.invoice.number for one in match.invoices],
        "counted": list(match.counted),
        "differences": [
            {"kind": one.kind, "amount_minor": one.amount_minor, "invoice": one.invoice}
            for one in match.differences
        ],
        "waits": dict(wait.words) if wait else None,
    }


def _tell(match: Match, wait: Waits | None, lang: str) -> None:
    from api.language import catalogue  # noqa: PLC0415 (only for people)

    words = catalogue("zh" if lang == "zh" else "en")
    pays, invoiced = (money(amount, match.currency) for amount in (match.payable_minor, match.invoiced_minor))
    stands = words.term("invoice-standing", match.standing)
    say(f"{match.statement}  {match.party}  {stands}: {invoiced} / {pays} {match.currency}")
    for one in match.differences:
        amount = money(one.amount_minor, match.currency)
        say(f"  {words.term('invoice-difference', one.kind)}: {amount} {one.invoice or ''}".rstrip())
    if wait is not None:
        say(f"  {wait.words[lang]}")
