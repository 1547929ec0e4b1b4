"""A finance team's month in a real browser: accepted, paid by two people, answered, reconciled, checked."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.access import Grant
from api.office.bank_accounts import account_request, change_account, fresh_salt
from api.office.closing import close
from ledger.payouts.accounts import Details
from tests.e2e.conftest import Visit
from tests.month_end import let_stand
from tests.world import STATEMENTS, Clock

pytestmark = pytest.mark.browser

MCN = f"/statements/{STATEMENTS['mcn']}"
NUMBER = "6222020200001234"
AMOUNT = "16690.00"
DECEMBER = datetime(2026, 12, 2, 1, tzinfo=UTC)
"""Nine in the morning of 2 December in Shanghai."""


def enter(visit: Visit, who: str) -> None:
    """Sign in as somebody else than before."""
    visit.page.context.clear_cookies()
    visit.sign_in(who, "en")


def record_account(visit: Visit) -> None:
    """Record the agency's account with its key, as the command does."""
    office, key = visit.server.office, visit.server.world.keys["mcn"]
    details, salt = Details("bank", "杭州某某", NUMBER, "杭州银行", ""), fresh_salt()
    asked = account_request(office, "mcn", "platform", details, salt)
    change_account(office, "mcn", "platform", details, salt, key.sign(asked.digest), by="mcn-member")


def paid(visit: Visit, folder: Path) -> str:
    """Prepare as one, release as another, take the file and read the bank's answer; return the reference."""
    page = visit.page
    enter(visit, "platform")
    visit.go("/payouts")
    page.locator("form.accept button").click()
    page.wait_for_url(re.compile(r"/payouts/platform\.1"))
    assert page.locator("form[action*='/release']").count() == 0, "who prepared it does not release it"
    enter(visit, "cashier")
    page.locator("a.task[href='/payouts/platform.1']").click()
    page.locator("form[action*='/release'] button").click()
    page.locator(".head .chip.released").wait_for()
    with page.expect_download() as taken:
        page.locator("a[href*='mapping=bank-transfer-gbk']").click()
    header, row = taken.value.path().read_bytes().decode("gbk").splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    assert (cells["收款账号"], cells["金额"]) == (NUMBER, AMOUNT)
    answer = folder / "answer.csv"
    answer.write_text(
        f"业务参考号,金额,交易状态,交易流水号\n{cells['业务参考号']},{AMOUNT},成功,B1\n", encoding="gb18030"
    )
    visit.go("/payouts")
    page.select_option("select[name=mapping]", "bank-transfer-gbk")
    page.set_input_files("input[type=file]", answer)
    page.locator("form[enctype] button").click()
    page.locator("[role=status]", has_text="1 confirmed").wait_for()
    return cells["业务参考号"]


def reconciled(visit: Visit, layout: str, file: Path, text: str, encoding: str = "utf-8") -> None:
    """Hold a file against the party's own ledger and record that nothing is open."""
    file.write_text(text, encoding=encoding)
    page = visit.page
    visit.go("/reconciliations")
    page.select_option("select[name=layout]", layout)
    page.set_input_files("input[type=file]", file)
    page.locator("button[name=record][value=yes]").click()
    page.locator("#result").wait_for()
    assert "Recorded as" in page.inner_text("#result")
    assert "1 matches, 0 open" in page.inner_text("#result")


def test_a_statement_is_accepted_paid_by_two_people_reconciled_and_checked(
    own_visit: Visit, tmp_path: Path
) -> None:
    visit, page = own_visit, own_visit.page
    record_account(visit)
    visit.server.codes["cashier"] = visit.server.house.members.enrol(
        "cashier", "Cashier", [Grant("read", "platform"), Grant("pay", "platform")]
    )
    visit.sign_in("mcn", "en")
    visit.go(MCN)
    page.locator("form.accept button").click()
    page.locator(".head .chip.accepted").wait_for()
    reference = paid(visit, tmp_path)
    enter(visit, "mcn")
    visit.go(MCN)
    page.locator(".head .chip.paid").wait_for()
    assert "16,690.00" in page.inner_text("#totals ~ .fine")
    bank = f"交易日期,收入金额,支出金额,摘要,附言\n2026/11/17,{AMOUNT},-,结算款,{reference}\n"
    reconciled(visit, "bank-payments", tmp_path / "bank.csv", bank, "gb18030")
    enter(visit, "platform")
    visit.go(f"/statements/{STATEMENTS['platform']}")
    payable = page.inner_text(".sums tfoot .money").replace(",", "")
    books = f"statement,currency,amount,date,note\n{STATEMENTS['platform']},CNY,{payable},2026-03-17,\n"
    reconciled(visit, "tallystick-statements", tmp_path / "books.csv", books)
    visit.go("/periods?look=true")
    checks = page.locator(".checks li.ok")
    checks.filter(has_text="1 reconciliation(s) reach the last run").wait_for()
    office = visit.server.office
    let_stand(office, "2026-10")
    close(office, "head-streamer", "2026-10", "platform", "platform-member")
    assert isinstance(office.clock, Clock)
    office.clock.now = DECEMBER
    enter(visit, "platform")
    visit.go("/periods?look=true")
    checks.filter(has_text="1 payment(s) confirmed").wait_for()
