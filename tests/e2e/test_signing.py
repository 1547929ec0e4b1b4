"""Signing in a real browser: a key made in the page, a passkey, a wallet, a file; what the page refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from api.office.agreements import Held, give_signature, held, propose, version_to_sign
from contracts.consent import sign_version
from contracts.keystore import read_keystore
from contracts.signing import SigningKey
from policies.loading import load_agreement
from tests.e2e.conftest import Server, Visit, served, visiting
from tests.world import EXAMPLES, PARTIES, World

pytestmark = pytest.mark.browser

PASSWORD = "a password of nineteen"
TEXT = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Signers:
    """A server that tests of this file propose agreements on, each its own, and keys of the other parties."""

    server: Server
    keys: dict[str, SigningKey]

    def propose(self, name: str, streamer: str) -> Held:
        """Propose an agreement whose streamer signs with an address, the others with keys held here."""
        document = load_agreement(
            TEXT.replace("agreement: head-streamer", f"agreement: {name}", 1), name=name
        )
        addresses = {party: key.address for party, key in self.keys.items()} | {"streamer": streamer}
        return propose(self.server.office, document.with_signers(addresses))

    def sign_others(self, one: Held) -> None:
        """Sign for everybody else, before the streamer does."""
        office = self.server.office
        version = version_to_sign(office, one)
        for party, key in self.keys.items():
            signed = sign_version(key, version, office.domain)
            give_signature(office, one.agreement.ref, party, signed.signature)

    def now(self, one: Held) -> Held:
        return held(self.server.office, one.agreement.ref)


@pytest.fixture(scope="module")
def signers(built: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signers]:
    keys = {party: SigningKey.generate() for party in PARTIES if party != "streamer"}
    with served(built.copy(Path(tmp_path_factory.mktemp("signing")) / "data")) as running:
        # passkeys belong to a name, not to an address of numbers
        named = replace(running, address=running.address.replace("127.0.0.1", "localhost"))
        yield Signers(named, keys)


@pytest.fixture
def visit(browser: Browser, signers: Signers) -> Iterator[Visit]:
    with visiting(browser, signers.server) as made:
        yield made


def open_to_sign(visit: Visit, one: Held) -> None:
    visit.go(f"/agreements/{one.agreement.id}/1/sign")
    visit.page.locator("[data-part=fields] tr").nth(8).wait_for()
    visit.page.check("[data-read]")


def alert(page: Page) -> str:
    page.wait_for_selector("[role=alert]:visible")
    return page.inner_text("[role=alert]:visible")


def make_key(visit: Visit, to: Path) -> str:
    """Make a key under a password on the page of keys, keep its file, and return its address."""
    visit.go("/keys")
    form = "[data-part=by-password]"
    visit.page.fill(f"{form} [name=name]", "Streamer")
    visit.page.fill(f"{form} [name=password]", PASSWORD)
    visit.page.fill(f"{form} [name=again]", PASSWORD)
    with visit.page.expect_download() as taken:
        visit.page.click(f"{form} button")
    taken.value.save_as(to)
    return visit.page.inner_text("[data-part=list] code")


def test_a_key_made_in_the_page_signs_an_agreement_and_opens_on_the_command_line(
    signers: Signers, visit: Visit, tmp_path: Path
) -> None:
    visit.sign_in("streamer", "en")
    address = make_key(visit, tmp_path / "streamer.json")
    assert read_keystore(tmp_path / "streamer.json", PASSWORD).address == address
    one = signers.propose("by-page", address)
    signers.sign_others(one)
    visit.go("/agreements/by-page/1")
    visit.page.click(".note.act a.button")
    visit.page.locator("[data-part=fields] tr").nth(8).wait_for()
    states = visit.page.locator("[data-part=fields] .chip").all_inner_texts()
    assert states == ["fits"] * 8 + ["not checked"]
    assert (
        visit.page.inner_text("[data-part=digest]")
        == "0x" + version_to_sign(signers.server.office, one).digest(signers.server.office.domain).hex()
    )
    assert visit.page.locator("[data-part=sign-key]").is_disabled()
    visit.page.check("[data-read]")
    visit.page.fill("[data-part=password]", PASSWORD)
    visit.page.click("[data-part=sign-key]")
    visit.page.wait_for_url("**done=signed*")
    assert signers.now(one).is_signed
