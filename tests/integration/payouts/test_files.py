"""Payment files by mapping, the same bytes each time, and banks' answers read by it."""

from __future__ import annotations

import csv
import io

import pytest

from ledger.payouts.answers import read_answer
from ledger.payouts.errors import PaymentFileRefused, PayoutMappingRejected
from ledger.payouts.mapping import load_payment_mapping, read_payment_mapping, shipped, shipped_mapping
from ledger.payouts.reading import Batch
from ledger.payouts.writing import payment_file
from tests.payout_world import Payday

BANK = shipped_mapping("bank-transfer-gbk")


@pytest.fixture
def batch(sheet: Payday) -> Batch:
    sheet.accept("mcn", "streamer")
    return sheet.release(sheet.prepare())


def test_the_file_of_a_batch_is_the_same_bytes_each_time(sheet: Payday, batch: Batch) -> None:
    made = payment_file(sheet.world.log, batch.id, BANK)
    sheet.tell(sheet.say(batch, "mcn"))
    sheet.account("mcn", "6222020200009999")
    assert payment_file(sheet.world.log, batch.id, BANK) == made
    assert made.data.decode("gbk") == (
        "序号,收款账号,收款户名,开户行,联行号,金额,用途,业务参考号\r\n"
        "1,6222020200001234,mcn Co,Bank of Hangzhou,313331000014,162.00,结算款 plain-split.1.2,"
        f"{batch.payments[0].reference}\r\n"
        "2,6222020200001234,streamer Co,Bank of Hangzhou,313331000014,378.00,结算款 plain-split.1.4,"
        f"{batch.payments[1].reference}\r\n"
    )


def test_a_batch_has_no_file_before_release_and_none_for_other_accounts(sheet: Payday, batch: Batch) -> None:
    with pytest.raises(PaymentFileRefused, match="none of its payments goes to alipay"):
        payment_file(sheet.world.log, batch.id, shipped_mapping("alipay-batch"))
    sheet.accept("brand")
    waiting = sheet.prepare()
    with pytest.raises(PaymentFileRefused, match="it is prepared"):
        payment_file(sheet.world.log, waiting.id, BANK)
    sheet.erase_account("mcn")
    with pytest.raises(PaymentFileRefused, match="account of payment 1 were erased"):
        payment_file(sheet.world.log, batch.id, BANK)


def test_a_letter_that_the_encoding_lacks_is_refused_without_showing_it(sheet: Payday) -> None:
    sheet.account("brand", "6222020200005555", holder="🐟 Fish")
    sheet.clock.forward(days=3)
    sheet.accept("brand")
    batch = sheet.release(sheet.prepare())
    with pytest.raises(PaymentFileRefused, match="payment 1 has a letter that gbk lacks") as refused:
        payment_file(sheet.world.log, batch.id, BANK)
    assert "Fish" not in str(refused.value)


def test_a_provider_is_told_the_batch_above_its_payments(sheet: Payday) -> None:
    sheet.account("mcn", "pay@mcn.example", means="alipay")
    sheet.account("platform", "pay@platform.example", means="alipay")
    sheet.clock.forward(days=3)
    sheet.accept("mcn", "streamer")
    batch = sheet.release(sheet.prepare())
    made = payment_file(sheet.world.log, batch.id, shipped_mapping("alipay-batch"))
    rows = list(csv.reader(io.StringIO(made.data.decode("gbk"))))
    assert (made.payments, made.left_out) == (1, 1)
    assert rows[1][1:] == ["20260404", "pay@platform.example", "platform Co", "162.00", "1"]
    assert 11 <= len(rows[1][0]) <= 32
    assert rows[3] == [
        batch.payments[0].reference, "pay@mcn.example", "mcn Co", "162.00", "结算款 plain-split.1.2",
    ]  # fmt: skip


def answer(*rows: str) -> bytes:
    head = "业务参考号,金额,交易状态,交易时间,交易流水号,失败原因"
    return "\r\n".join([head, *rows, ""]).encode("gb18030")


def test_an_answer_is_read_by_its_mapping() -> None:
    told = read_answer(
        answer(
            'P1N1,"1,162.00",成功,2026/4/2 10:00:00,B1,',
            "P1N2,5.00,退票,2026-04-02,,户名不符",
            "P1N3,7.00,处理中,,,",
            ",,,,,",
        ),
        BANK,
    )
    assert [(one.line, one.outcome, one.amount_minor, one.bank_reference, one.reason) for one in told] == [
        (2, "confirmed", 116_200, "B1", ""),
        (3, "returned", 500, "", "户名不符"),
    ]
    assert told[0].at is not None
    assert told[0].at.isoformat() == "2026-04-02T10:00:00+08:00"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (answer("P1N1,x,成功,,,"), "line 2, 金额"),
        (answer("P1N1,1.005,成功,,,"), "line 2, 金额"),
        (answer("P1N1,-1.00,成功,,,"), "line 2, 金额"),
        (answer("P1N1,1.00,也许,,,"), "line 2, 交易状态"),
        (answer("P1N1,1.00,成功,昨天,,"), "line 2, 交易时间"),
        (answer("P1N1,1.00"), "line 2"),
        ("金额,交易状态\r\n".encode("gb18030"), "line 1"),
        (b"\xff\xff\xff", "file"),
    ],
)
def test_an_answer_that_does_not_read_is_refused_whole(data: bytes, where: str) -> None:
    with pytest.raises(PaymentFileRefused) as refused:
        read_answer(data, BANK)
    assert refused.value.where == where


def test_shipped_mappings_load_and_a_slip_is_named() -> None:
    assert [shipped_mapping(name).payment_mapping for name in shipped()] == [1, 1, 1]
    with pytest.raises(PayoutMappingRejected, match="did you mean 'alipay-batch'"):
        load_payment_mapping("alipay-bach")
    with pytest.raises(PayoutMappingRejected, match="no such mapping file"):
        load_payment_mapping("nowhere.yaml")
    with pytest.raises(PayoutMappingRejected, match="either `value` or `fixed`") as refused:
        read_payment_mapping(
            "payment_mapping: 1\ntitle: {zh: a, en: a}\nmeans: [bank]\ncurrency: CNY\n"
            "time_zone: Asia/Shanghai\ncolumns:\n  - {header: a}\n"
            "answer: {reference: a, amount: b, status: c, confirmed: [d]}\n",
            name="mine.yaml",
        )
    assert refused.value.where == "mine.yaml, line 7, columns[0]"
