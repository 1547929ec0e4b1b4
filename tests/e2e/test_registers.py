"""An agency keeps a live session in the browser: planned, checked, listed; the brand reads it in English."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server, visiting


def tell(page: Page, event: str, **fields: str) -> None:
    """Open the form of an event, fill it in and send it."""
    form = page.locator(f"#tell-{event}")
    form.locator("summary").click()
    for name, value in fields.items():
        field = form.locator(f"[name='{name}'], [name='field.{name}']").first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.locator("button").click()


def test_a_session_is_planned_and_checked_by_forms_made_from_its_declaration(
    browser: Browser, own_server: Server
) -> None:
    with visiting(browser, own_server) as agency:
        page = agency.page
        agency.sign_in("mcn", "zh")
        page.get_by_role("link", name="监督", exact=True).click()
        page.get_by_role("link", name="台账", exact=True).click()
        page.get_by_role("link", name=re.compile("直播场次")).click()
        tell(page, "planned", item="S-0618", host_type="creator", theme="618 专场")
        expect(page.get_by_role("status")).to_have_text("已开立。")
        tell(page, "checked", check="licences")
        expect(page.locator("section", has_text="检查清单").locator(".chip.ok")).to_have_count(1)
        tell(page, "started")
        expect(page.get_by_role("alert")).to_contain_text("当前状态下不能登记此事件")
        assert ["409" in one for one in agency.errors] == [True]
        agency.errors.clear()
        tell(page, "item_listed", sku="serum-30ml", price="299.00")
        expect(page.locator(".timeline li").first).to_contain_text("商品上架")
    with visiting(browser, own_server) as brand:
        brand.sign_in("brand", "en")
        brand.go("/registers/session/S-0618")
        expect(brand.page.locator("h1")).to_have_text("S-0618")
        expect(brand.page.locator(".timeline li").first).to_contain_text("Live price: 299.00 CNY")
        brand.page.get_by_role("link", name="Show the report").click()
        expect(brand.page.locator("h1")).to_contain_text("Session report")
