"""What people come for, in a real browser: read, open, accept, confirm, and check for themselves."""

from __future__ import annotations

import re

import pytest

from tests.e2e.conftest import Visit
from tests.world import STATEMENTS

pytestmark = pytest.mark.browser


def text(visit: Visit, selector: str = "main") -> str:
    return visit.page.inner_text(selector)


def test_a_member_signs_in_sees_what_waits_and_signs_out(visit: Visit) -> None:
    visit.sign_in("mcn")
    assert "您好" in text(visit)
    assert "16,690.00" in text(visit)
    visit.page.click("form[action='/sign-out'] button")
    visit.page.wait_for_url(re.compile(r"/sign-in"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["分佣顺序", "机构分成", "235.07", "退款冲正"]),
        ("en", ["MCN share", "235.07", "Returns and reversal"]),
    ],
)
def test_an_agreement_reads_in_both_languages_beside_its_bytes(
    visit: Visit, language: str, words: list[str]
) -> None:
    visit.sign_in("streamer", language)
    visit.go("/agreements/head-streamer/1")
    shown = text(visit)
    for word in words:
        assert word in shown
    assert '"id":"6.1"' in visit.page.inner_text("#clause-6\\.1 pre")
    assert visit.page.locator("#signing + div table tbody tr").count() == 5


def test_a_party_takes_the_contract_away_as_pdf_and_reads_it_as_a_page(visit: Visit) -> None:
    visit.sign_in("streamer", "zh")
    visit.go("/agreements/head-streamer/1")
    with visit.page.expect_download() as taken:
        visit.page.click("a[href$='/contract/both.pdf']")
    assert taken.value.suggested_filename == "head-streamer-1-both.pdf"
    assert taken.value.path().read_bytes().startswith(b"%PDF")
    with visit.page.expect_download() as taken:
        visit.page.click("a[href$='/contract/zh.html']")
    apart = visit.page.context.new_page()
    apart.set_content(taken.value.path().read_text(encoding="utf-8"))
    shown = apart.inner_text("body")
    assert "2,000,000.00 元（人民币贰佰万元整）" in shown
    assert "签字或盖章" in shown


def test_a_statement_opens_to_the_order_line_and_its_arithmetic(visit: Visit) -> None:
    visit.sign_in("mcn", "en")
    visit.go("/statements")
    visit.page.click("table.list a")
    assert "16,690.00" in text(visit, ".sums")
    visit.page.click("tr.line .why-link >> nth=0")
    visit.page.wait_for_selector(".explained")
    explained = text(visit, ".explained")
    assert "16.686" in explained
    assert "16.69" in explained
    visit.page.click(".more a")
    visit.page.locator("tr.line").nth(99).wait_for()
    assert visit.page.locator("tr.line").count() == 100


def test_a_statement_is_accepted_on_its_page(visit: Visit) -> None:
    visit.sign_in("leader", "en")
    visit.go(f"/statements/{STATEMENTS['leader']}")
    visit.page.click("form.accept button")
    visit.page.wait_for_selector(".chip.accepted")
    assert visit.page.locator("form.accept").count() == 0


def test_an_arbiter_reads_the_timeline_and_confirms_with_reasons(visit: Visit) -> None:
    visit.sign_in("arbiter", "en")
    visit.go(f"/disputes/{visit.server.world.d05}")
    shown = text(visit)
    assert "2,835,600.00" in shown
    assert "not yet in force" in shown
    assert visit.page.locator(".timeline li").count() == 6
    visit.page.fill("#confirm-reason", "Snapshots and audit checked.")
    visit.page.click("form#confirm button")
    visit.page.wait_for_selector(".timeline li:nth-child(8)")
    assert "Snapshots and audit checked." in text(visit)
    assert visit.page.locator("form#confirm").count() == 0


def test_a_proof_checks_in_the_browser_and_a_flipped_byte_is_caught(visit: Visit) -> None:
    visit.sign_in("brand", "en")
    visit.go("/log/100")
    visit.page.click("summary")
    vkey = visit.page.locator("dl.tech code").filter(has_text="tallystick.local").last.inner_text()
    visit.page.fill("#key", vkey)
    visit.page.click("#run")
    visit.page.wait_for_selector("#results li:nth-child(2)")
    assert visit.page.locator("#results li.good").count() == 2
    visit.page.evaluate("d = document.getElementById('proof').dataset; d.leaf = d.leaf.replace('t', 'u')")
    visit.page.click("#run")
    visit.page.wait_for_selector("#results li.bad")
    assert "fails" in visit.page.locator("#results li.bad").first.inner_text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_is_wider_than_its_window(visit: Visit, width: int, language: str) -> None:
    visit.page.set_viewport_size({"width": width, "height": 844})
    visit.sign_in("streamer", language)
    mine = f"/statements/{STATEMENTS['streamer']}"
    pages = [
        "/", "/agreements", "/agreements/head-streamer/1", "/statements", mine, f"{mine}/lines/0", "/log",
        "/log/100", "/disputes", f"/disputes/{visit.server.world.d05}", "/problems", "/v1/schema",
    ]  # fmt: skip
    for path in pages:
        visit.go(path)
        over = visit.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, (path, over)


def test_an_arbiter_asks_the_ledger_and_both_sides_see_what_was_asked(visit: Visit) -> None:
    visit.sign_in("arbiter", "en")
    visit.go("/docket")
    visit.page.click(f"a[href='/disputes/{visit.server.world.d05}/queries']")
    visit.page.fill("input[name=order]", "D01-0002")
    visit.page.click("form.fields button")
    visit.page.wait_for_selector("#found")
    assert "D01-0002" in text(visit)
    visit.page.click("text=Save with checkpoint and digest")
    visit.page.wait_for_selector("#saved + .scroll")
    visit.page.click("text=Run again")
    visit.page.wait_for_url("**done=same*")
    assert "gives the same answer" in text(visit)
    visit.sign_in("streamer", "zh")
    visit.go(f"/disputes/{visit.server.world.d05}/queries")
    assert "D01-0002" in text(visit)
    assert visit.page.locator("text=重新查询").count() == 0
