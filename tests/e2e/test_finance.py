"""What finance comes for, in a real browser: a file tried and imported, one to be voided, a month closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Visit
from tests.world import EXAMPLES

pytestmark = pytest.mark.browser

WEEK_1 = (EXAMPLES / "orders" / "autumn-week-1.csv").read_bytes()


def test_a_file_is_tried_imported_and_proposed_to_be_voided(visit: Visit, tmp_path: Path) -> None:
    spoilt = tmp_path / "week.csv"
    spoilt.write_bytes(WEEK_1.replace(b"279.00", b"2-7-9", 1))
    page = visit.page
    visit.sign_in("platform", "zh")
    visit.go("/batches")
    page.click("a.button[href^='/imports']")
    page.set_input_files("input[type=file]", spoilt)
    page.click("form[enctype] button")
    page.wait_for_selector("#upload table.sums")
    assert "尚未写入任何内容" in page.inner_text("#upload")
    assert "不是本币种的准确金额" in page.inner_text("#upload table.stacked")
    page.click("form[action$='/confirmation'] button")
    page.wait_for_selector("#upload a[href^='/batches/']")
    with page.expect_download() as taken:
        page.click("#upload a.button[href$='/rejects']")
    assert b"2-7-9" in taken.value.path().read_bytes()
    page.click("#upload a[href^='/batches/']")
    page.fill("textarea[name=reason]", "导成了另一家店的文件")
    page.click("form[action*='/void'] button")
    page.wait_for_selector(".chip.proposed")
    assert "导成了另一家店的文件" in page.inner_text("blockquote")
    assert page.locator("form[action*='/void']").count() == 0, "who proposed it does not confirm it"


def test_a_month_is_closed_once_its_checks_were_looked_at(visit: Visit) -> None:
    visit.sign_in("operator", "en")
    visit.go("/periods?agreement=head-streamer&look=true")
    left = visit.page.locator(".checks li.open:has(form)")
    for _ in range(left.count()):
        left.first.locator("summary").click()
        left.first.locator("input[name=reason]").fill("nothing was sold since")
        left.first.locator("form button").click()
        visit.page.wait_for_selector("[role=status]")
    assert left.count() == 0
    visit.page.context.clear_cookies()
    visit.sign_in("platform", "en")
    visit.go("/periods")
    visit.page.click("a.button[href*='look=true']")
    visit.page.wait_for_selector(".checks")
    assert visit.page.locator(".checks li.open:has(form)").count() == 0
    visit.page.click("form.accept button")
    visit.page.wait_for_selector("table .chip.closed")
    visit.page.click("tr:has(.chip.closed) a")
    visit.page.wait_for_selector("#late-in")
    assert "Closing" in visit.page.inner_text("#accounts ~ .scroll")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_the_books_is_wider_than_its_window(visit: Visit, width: int, language: str) -> None:
    visit.page.set_viewport_size({"width": width, "height": 844})
    visit.sign_in("platform", language)
    for path in ("/batches", "/imports", "/periods", "/periods/head-streamer/2026-03", "/holds", "/fx"):
        visit.go(path)
        over = visit.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, (path, over)
