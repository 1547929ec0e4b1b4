"""`payout`: an account signed for, a batch by two people, its file and the bank's answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran, log_size, tally

NUMBER = "6222020200001234"
DETAILS = f"""\
means: bank
holder: 杭州某某文化有限公司
number: "{NUMBER}"
bank: 杭州银行
bank_code: "313331000014"
"""


def code(installation: Path, member: str) -> str:
    lines = (installation / "example" / "access-codes.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)[member] + "\n"


def as_(installation: Path, member: str, *words: str) -> Ran:
    return tally(installation, *words, "--code-file", "-", typed=code(installation, member))


@pytest.fixture
def ready(installation: Path, tmp_path: Path) -> Path:
    """The example, with every statement of the agency accepted and its account recorded."""
    details = tmp_path / "account.yaml"
    details.write_text(DETAILS, encoding="utf-8")
    keys = installation / "example" / "keystores"
    ran = as_(
        installation, "mcn-finance", "payout", "account", "sign", "--payee", "mcn", "--payer", "platform",
        "--details", str(details), "--keystore", str(keys / "mcn.json"),
        "--password-file", str(keys / "mcn.password"),
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert NUMBER not in ran.out
    for one in tally(installation, "statement", "list", "--party", "mcn", "--json").json:
        as_(installation, "mcn-finance", "statement", "accept", one["statement"])
    return installation


def due(installation: Path) -> dict[str, Any]:
    rows = tally(installation, "payout", "due", "--json").json
    return next(one for one in rows if one["payee"] == "mcn")


def test_a_batch_is_paid_from_account_to_answer(ready: Path, tmp_path: Path) -> None:
    payable = due(ready)["payable_minor"]
    assert payable > 0
    prepared = as_(ready, "platform-finance", "payout", "prepare", "--payer", "platform", "--json")
    assert prepared.code == 0, prepared.err
    batch = prepared.json["batch"]
    assert prepared.json["total_minor"] == payable
    same = as_(ready, "platform-finance", "payout", "release", batch)
    assert (same.code, "payout.same-person" in same.err) == (2, True)
    released = as_(ready, "platform-cashier", "payout", "release", batch)
    assert released.code == 0, released.err
    out = tmp_path / "pay.csv"
    written = as_(
        ready, "platform-finance", "payout", "file", batch, "--mapping", "bank-transfer-gbk", "-o", str(out)
    )
    assert written.code == 0, written.err
    assert out.stat().st_mode & 0o077 == 0
    header, row = out.read_bytes().decode("gbk").splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    assert (cells["收款账号"], cells["收款户名"]) == (NUMBER, "杭州某某文化有限公司")
    answer = tmp_path / "answer.csv"
    text = (
        "业务参考号,金额,交易状态,交易时间,交易流水号,失败原因\n"
        f"{cells['业务参考号']},{cells['金额']},交易成功,2026-03-20 10:00:00,B1,\n"
    )
    answer.write_text(text, encoding="gb18030")
    words = ("payout", "answer", str(answer), "--payer", "platform", "--mapping", "bank-transfer-gbk")
    first = as_(ready, "platform-finance", *words, "--json")
    assert first.code == 0, first.err
    assert first.json["confirmed"] == 1
    size = log_size(ready)
    assert as_(ready, "platform-finance", *words, "--json").json["repeated"] == 1
    answer.write_text(text.replace(cells["业务参考号"], "P0N1"), encoding="gb18030")
    unknown = as_(ready, "platform-finance", *words)
    assert (unknown.code, "[unknown]" in unknown.out) == (1, True)
    assert log_size(ready) == size
    assert (due(ready)["payable_minor"], due(ready)["paid_minor"]) == (0, payable)
    shown = tally(ready, "payout", "show", batch)
    assert "confirmed" in shown.out
    assert NUMBER not in shown.out
    assert tally(ready, "doctor").code == 0


def test_nobody_prepares_for_a_party_without_its_code(ready: Path) -> None:
    for member in ("mcn-finance", "operator", "auditor"):
        refused = as_(ready, member, "payout", "prepare", "--payer", "platform")
        assert (refused.code, "access.denied" in refused.err) == (2, True)


def test_a_batch_is_cancelled_and_its_payments_are_due_again(ready: Path) -> None:
    payable = due(ready)["payable_minor"]
    batch = as_(ready, "platform-finance", "payout", "prepare", "--payer", "platform", "--json").json["batch"]
    assert due(ready)["payable_minor"] == 0
    ran = as_(ready, "platform-finance", "payout", "cancel", batch, "--reason", "wrong day")
    assert "cancelled" in ran.out
    assert due(ready)["payable_minor"] == payable
    assert "cancelled" in tally(ready, "payout", "list").out


def test_a_wallet_is_asked_and_a_strange_signature_refused(ready: Path, tmp_path: Path) -> None:
    details = tmp_path / "other.yaml"
    details.write_text(DETAILS.replace("1234", "9999"), encoding="utf-8")
    whose = ("--payee", "mcn", "--payer", "platform", "--details", str(details))
    asked = as_(ready, "mcn-finance", "payout", "account", "request", *whose)
    assert asked.json["request"]["message"]["ending"] == "••••9999"
    assert "62220202" not in json.dumps(asked.json["request"]), "what is signed holds a commitment to it"
    given = as_(
        ready, "mcn-finance", "payout", "account", "give", *whose, "--salt", asked.json["salt"],
        "--signature", "0x" + "11" * 32 + "22" * 32 + "1b",
    )  # fmt: skip
    assert given.code == 2
    assert "signature" in given.err
    (one,) = tally(ready, "payout", "account", "list", "--json").json
    assert (one["ending"], one["state"]) == ("••••1234", "used")
