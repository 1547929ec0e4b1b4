"""What else is signed in the browser: evidence, settlements of disputes, payees' accounts, signers' keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from api.cli.decide import load_case
from api.office.disputes import file_dispute
from contracts.keystore import SCRYPT_LIGHT, write_keystore
from contracts.signing import SigningKey
from tests.e2e.conftest import Server, Visit, served, visiting
from tests.world import EXAMPLES, World

pytestmark = pytest.mark.browser

PASSWORD = "the password of a test"


@pytest.fixture(scope="module")
def case(built: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, Path]]:
    """A server with a dispute that waits for an answer, and a folder with the keystore of each party."""
    folder = tmp_path_factory.mktemp("forms")
    for party, key in built.keys.items():
        write_keystore(folder / f"{party}.json", key, PASSWORD, work_factor=SCRYPT_LIGHT)
    with served(built.copy(folder / "data")) as running:
        text = (EXAMPLES / "cases" / "D05.yaml").read_text(encoding="utf-8")
        (folder / "case.yaml").write_text(text.replace("4141250.00", "4141249.00"), encoding="utf-8")
        yield running, file_dispute(running.office, load_case(folder / "case.yaml")).id, folder


@pytest.fixture
def visit(browser: Browser, case: tuple[Server, str, Path]) -> Iterator[Visit]:
    with visiting(browser, case[0]) as made:
        yield made


def sign_here(visit: Visit, form: str, keystore: Path) -> None:
    """Sign beside a form with a keystore file, and send the form."""
    visit.page.click(f"{form} [data-part=begin]")
    by_file(visit, form, keystore)
    expect(visit.page.locator(f"{form} input[name=signature]")).not_to_have_value("")


def test_evidence_is_signed_beside_its_form(visit: Visit, case: tuple[Server, str, Path]) -> None:
    server, dispute, folder = case
    visit.sign_in("streamer", "en")
    visit.go(f"/disputes/{dispute}/exhibits")
    form = "form:has([data-signing-form=exhibit])"
    (folder / "seen.txt").write_text("what was seen", encoding="utf-8")
    visit.page.click(f"{form} [data-part=begin]")
    assert "Choose a file first" in visit.page.inner_text(f"{form} [role=alert]:visible")
    visit.page.fill(f"{form} [name=title]", "A recording")
    visit.page.fill(f"{form} [name=captured_at]", "2026-03-02T20:00:00+08:00")
    visit.page.set_input_files(f"{form} input[name=file]", folder / "seen.txt")
    sign_here(visit, form, folder / "streamer.json")
    assert visit.page.locator(f"{form} [data-part=fields] .chip").all_inner_texts()[:7] == ["fits"] * 7
    visit.page.fill(f"{form} [name=title]", "Another title")
    expect(visit.page.locator(f"{form} input[name=signature]")).to_have_value("")
    sign_here(visit, form, folder / "streamer.json")
    visit.page.click(f"{form} > p:last-of-type button")
    visit.page.wait_for_url("**done=filed*")
    shown = server.house.exhibits.exhibits(
        server.house.members.viewer_of_code(server.codes["streamer"]), dispute
    )
    assert [one.signer for one in shown.exhibits] == [server.world.keys["streamer"].address]


def test_a_settlement_is_proposed_and_accepted_with_signatures_made_beside_the_forms(
    visit: Visit, case: tuple[Server, str, Path]
) -> None:
    server, dispute, folder = case
    visit.sign_in("brand", "en")
    visit.go(f"/disputes/{dispute}")
    visit.page.click("details:has(#settle) > summary")
    visit.page.fill("#settle-words", "Half of it, and that is that.")
    visit.page.select_option("#settle [name=pays]", "respondent")
    visit.page.fill("#settle [name=amount]", "1000.00")
    visit.page.click("#settle > button")
    sign_here(visit, "#settle", folder / "brand.json")
    assert visit.page.locator("#settle [data-part=fields] .chip").all_inner_texts()[:4] == ["fits"] * 4
    visit.page.click("#settle > button")
    visit.page.wait_for_url("**done=settle*")
    visit.sign_in("streamer", "zh")
    visit.go(f"/disputes/{dispute}")
    visit.page.click("details:has(#accept) > summary")
    sign_here(visit, "#accept", folder / "streamer.json")
    visit.page.click("#accept > button")
    visit.page.wait_for_url("**done=accept*")
    viewer = server.house.members.viewer_of_code(server.codes["streamer"])
    assert server.house.disputes.dispute(viewer, dispute).status == "settled"


def test_a_payee_records_its_account_and_signs_for_it_on_the_page(
    visit: Visit, case: tuple[Server, str, Path]
) -> None:
    folder = case[2]
    visit.sign_in("mcn", "en")
    visit.go("/payouts")
    form = "form[action^='/payouts/accounts']"
    visit.page.fill(f"{form} [name=holder]", "An Agency  Ltd")
    visit.page.fill(f"{form} [name=number]", "6222 0000 1234")
    visit.page.fill(f"{form} [name=bank]", "A Bank")
    sign_here(visit, form, folder / "mcn.json")
    assert visit.page.locator(f"{form} [data-part=fields] .chip").all_inner_texts()[:4] == ["fits"] * 4
    visit.page.click(f"{form} > p:last-of-type button")
    visit.page.wait_for_url("**done=account*")
    assert "••••1234" in visit.page.inner_text("main")


def test_a_key_is_replaced_objected_to_and_given_a_recovery_on_the_page(
    visit: Visit, case: tuple[Server, str, Path]
) -> None:
    server, _, folder = case
    old, new = server.world.keys["leader"], SigningKey(bytes([33]) * 32)
    write_keystore(folder / "new.json", new, PASSWORD, work_factor=SCRYPT_LIGHT)
    visit.sign_in("leader", "en")
    visit.go("/keys")
    visit.page.set_input_files("[data-part=from-file] [name=file]", folder / "new.json")
    visit.page.fill("[data-part=from-file] [name=password]", PASSWORD)
    visit.page.click("[data-part=from-file] button")
    visit.page.locator("[data-part=list] code").wait_for()

    visit.go("/signers")
    assert visit.page.locator("form[data-change]").count() == 3, "of one's own signer alone"
    assert visit.page.locator("#keys-here option").get_attribute("value") == new.address
    form = "form[data-change=replace]"
    visit.page.click(f"details:has({form}) > summary")
    visit.page.fill(f"{form} [name=new_key]", new.address.lower())
    visit.page.route("**/changes/to-sign", renamed("newKey", "0x" + "11" * 20))
    visit.page.click(f"{form} [data-part=begin]")
    expect(visit.page.locator(f"{form} [role=alert]:visible")).to_contain_text("“New key”")
    assert visit.page.locator(f"{form} [data-part=sign-file]").is_disabled()
    visit.page.unroute("**/changes/to-sign")

    visit.page.click(f"{form} [data-part=begin]")
    by_file(visit, form, folder / "new.json")
    expect(visit.page.locator(f"{form} [role=alert]")).to_contain_text(f"{old.address} is to sign")
    by_file(visit, form, folder / "leader.json")
    expect(visit.page.locator(f"{form} [role=status]")).to_contain_text("One more signature")
    assert visit.page.locator(f"{form} [data-part=fields] .chip").all_inner_texts()[:3] == ["fits"] * 3
    assert visit.page.locator(f"{form} [data-part=send]").is_disabled()
    visit.page.fill(f"{form} [data-part=password]", PASSWORD)
    visit.page.click(f"{form} [data-part=sign-key]")
    visit.page.click(f"{form} [data-part=send]")
    visit.page.wait_for_url("**done=replace*")
    assert kept(server) == (old.address, new.address, None)

    visit.go("/signers?lang=zh")
    assert visit.page.locator("form[data-change]").count() == 1, "while a key cools off"
    sign_change(visit, "stop", folder / "leader.json")
    assert kept(server) == (old.address, None, None)
    recovery = SigningKey(bytes([34]) * 32).address
    sign_change(visit, "name", folder / "leader.json", recovery=recovery)
    assert kept(server) == (old.address, None, recovery)


def renamed(field: str, value: str) -> Callable[[Route], None]:
    """Return what hands a request on with another value in a field of its message."""

    def meddle(route: Route) -> None:
        file = route.fetch().json()
        file["request"]["message"][field] = value
        route.fulfill(json=file)

    return meddle


def by_file(visit: Visit, form: str, keystore: Path) -> None:
    """Sign what a form's panel shows with a keystore file."""
    visit.page.check(f"{form} input[value=file]")
    visit.page.set_input_files(f"{form} [data-part=keystore]", keystore)
    visit.page.fill(f"{form} [data-part=file-password]", PASSWORD)
    visit.page.click(f"{form} [data-part=sign-file]")


def sign_change(visit: Visit, kind: str, keystore: Path, **typed: str) -> None:
    """Fill in a form of one change of keys, sign it with one keystore file, and send it."""
    form = f"form[data-change={kind}]"
    visit.page.click(f"details:has({form}) > summary")
    for name, text in typed.items():
        visit.page.fill(f"{form} [name={name}]", text)
    visit.page.click(f"{form} [data-part=begin]")
    by_file(visit, form, keystore)
    visit.page.click(f"{form} [data-part=send]")
    visit.page.wait_for_url(f"**done={kind}*")


def kept(server: Server) -> tuple[str, str | None, str | None]:
    """Return the leader's key, the one that cools off, and the recovery."""
    viewer = server.house.members.viewer_of_code(server.codes["leader"])
    (one,) = [one for one in server.house.signers.signers(viewer) if one.may_change]
    return one.key, one.cooling, one.recovery
