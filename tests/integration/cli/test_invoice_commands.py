"""`invoice`: recorded, matched, withdrawn and listed on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import log_size, tally
from tests.invoice_world import MCN_TAX, NUMBER, OTHER, STREAMER_TAX


def arguments(installation: Path, total: int, **more: str) -> list[str | Path]:
    """Return the options of an invoice of the agency to the platform."""
    file = installation / "invoice.pdf"
    file.write_bytes(b"%PDF-1.7 an invoice")
    net = (total * 200 + 106) // 212 if total > 0 else -((-total * 200 + 106) // 212)
    amounts = {"net": net, "tax": total - net, "total": total}
    texts = {
        name: f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}"
        for name, amount in amounts.items()
    }
    return [
        "--party", "mcn", "--buyer", "platform", "--seller-tax-id", MCN_TAX, "--buyer-tax-id", STREAMER_TAX,
        "--date", "2026-01-05", "--rate", "6%", "--file", file,
        *(f"--{name}={text}" for name, text in texts.items()),
        *(f"--{name}={text}" for name, text in more.items()),
    ]  # fmt: skip


def test_an_invoice_is_recorded_matched_red_lettered_and_withdrawn(installation: Path) -> None:
    statement = tally(installation, "statement", "list", "--party", "mcn", "--json").json[0]
    name, payable = statement["statement"], statement["payable_minor"]
    made = arguments(installation, payable, statement=name)
    recorded = tally(installation, "invoice", "record", NUMBER, *made)
    assert recorded.code == 0, recorded.err
    assert f"{NUMBER}  2026-01-05 mcn → platform" in recorded.out
    size = log_size(installation)
    assert tally(installation, "invoice", "record", NUMBER, *made, "--json").code == 0
    assert log_size(installation) == size, "the same again adds nothing"
    matched = tally(installation, "invoice", "match", name)
    assert (matched.code, "invoiced in full" in matched.out) == (0, True)
    back = arguments(installation, -100, offsets=NUMBER, confirmation="3100263120001234")
    red = tally(installation, "invoice", "record", OTHER, *back)
    assert red.code == 0, red.err
    differs = tally(installation, "invoice", "match", name, "--lang", "zh")
    assert (differs.code, "已被红字发票冲销: -1.00" in differs.out) == (1, True)
    assert tally(installation, "invoice", "match", name, "--json").json["lacking_minor"] == 100
    stands = tally(installation, "invoice", "withdraw", NUMBER, "--party", "mcn", "--reason", "typing")
    assert (stands.code, "[invoice.refused]" in stands.err) == (2, True)
    gone = tally(installation, "invoice", "withdraw", OTHER, "--party", "mcn", "--reason", "typing")
    assert gone.code == 0, gone.err
    assert [
        one["withdrawn_seq"] is None for one in tally(installation, "invoice", "list", "--json").json
    ] == [
        True,
        False,
    ]
    assert tally(installation, "invoice", "lacking").out == "no statement lacks an invoice\n"
    assert tally(installation, "doctor").code == 0


def test_a_wrong_invoice_says_what_is_wrong(installation: Path) -> None:
    statement = tally(installation, "statement", "list", "--party", "mcn", "--json").json[0]
    made = arguments(installation, 100, statement=statement["statement"])
    wrong = tally(installation, "invoice", "record", "123", *made)
    assert (wrong.code, "[invoice.refused]" in wrong.err, "20 digits" in wrong.err) == (2, True, True)
