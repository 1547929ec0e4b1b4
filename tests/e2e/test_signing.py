"""Signing in a real browser: a key made in the page, a passkey, a wallet, a file; what the page refuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from playwright.sync_api import Browser, Page, Route

from api.modules import module
from api.office.agreements import Held, held, propose, version_to_sign
from api.office.signing import give_signature
from contracts.consent import sign_version
from contracts.keystore import read_keystore
from contracts.signing import SigningKey
from contracts.signing_file import KNOWN_TYPES, read_request, request_file, sign_request
from contracts.typed_data import Domain, request_of
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


def provided(visit: Visit, key: SigningKey, *, chain: int, switches: bool, strict: bool) -> list[str]:
    """Announce a browser wallet (EIP-6963) with a key; return what it is asked, as it is asked.

    A wallet that is `strict` signs only for the chain that it is on, and goes to another if it `switches`.
    """
    asked: list[str] = []
    on = [chain]

    def answer(method: str, params: list[Any] | None) -> dict[str, Any]:
        asked.append(method)
        match method:
            case "eth_requestAccounts":
                return {"result": [key.address.lower()]}
            case "eth_chainId":
                return {"result": hex(on[0])}
            case "wallet_switchEthereumChain":
                if not switches:
                    return {"error": {"code": 4902, "message": "Unrecognized chain ID"}}
                assert params is not None
                on[0] = int(params[0]["chainId"], 16)
                return {"result": None}
            case "eth_signTypedData_v4":
                assert params is not None
                request = json.loads(params[1])
                if strict and request["domain"]["chainId"] != on[0]:
                    return {"error": {"code": -32603, "message": "must match the active chainId"}}
                message = encode_typed_data(full_message=request)
                signed = Account.from_key(key.reveal()).sign_message(message)
                return {"result": "0x" + signed.signature.hex()}
        return {"error": {"code": 4200, "message": method}}

    visit.page.expose_function("walletAnswers", answer)
    visit.page.add_init_script(WALLET)
    return asked


WALLET = """
const provider = { request: async ({ method, params }) => {
  const answer = await walletAnswers(method, params ?? null);
  if (answer.error) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
  return answer.result;
} };
const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", {
  detail: Object.freeze({ info: { uuid: "1", name: "A Wallet", icon: "data:,", rdns: "example" }, provider }),
}));
addEventListener("eip6963:requestProvider", announce);
announce();
"""


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
    (tmp_path / "letter.txt").write_text("may sign", encoding="utf-8")
    visit.page.fill("[name=capacity]", "herself")
    visit.page.set_input_files("[data-letter]", tmp_path / "letter.txt")
    visit.page.fill("[data-part=password]", PASSWORD)
    visit.page.press("[data-part=password]", "Enter")
    visit.page.wait_for_url("**done=signed*")
    assert signers.now(one).is_signed
    viewer = signers.server.house.members.viewer_of_code(signers.server.codes["streamer"])
    shown = signers.server.house.agreements.agreement(viewer, "by-page", 1).signatures
    told = next(each.signatory for each in shown if each.party.key == "streamer")
    assert told is not None
    assert (told.method, told.capacity) == ("browser-key", "herself")
    assert told.letter_sha256 == hashlib.sha256(b"may sign").hexdigest()


def test_a_browser_wallet_signs_what_the_page_worked_out(signers: Signers, visit: Visit) -> None:
    key = SigningKey.generate()
    one = signers.propose("by-wallet", key.address)
    asked = provided(visit, key, chain=1, switches=True, strict=True)
    visit.sign_in("streamer", "zh")
    open_to_sign(visit, one)
    visit.page.check("input[value=wallet]")
    visit.page.click("text=用 A Wallet 签署")
    visit.page.wait_for_url("**done=signed*")
    assert [each.party for each in signers.now(one).signatures] == ["streamer"]
    assert asked[-1] == "eth_signTypedData_v4"


def test_a_wallet_with_another_account_or_chain_is_told_so(signers: Signers, visit: Visit) -> None:
    key = SigningKey.generate()
    provided(visit, key, chain=5, switches=False, strict=True)
    visit.sign_in("streamer", "en")
    open_to_sign(visit, signers.propose("of-another", SigningKey.generate().address))
    visit.page.check("input[value=wallet]")
    visit.page.click("text=Sign with A Wallet")
    assert f"The wallet offers {key.address}, but" in alert(visit.page)
    open_to_sign(visit, signers.propose("on-another-chain", key.address))
    visit.page.check("input[value=wallet]")
    visit.page.click("text=Sign with A Wallet")
    visit.page.locator("[role=alert]", has_text="chain 5").wait_for()
    assert "does not sign for chain 1413565529" in alert(visit.page)


def test_a_passkey_keeps_a_key_and_opens_it_to_sign(signers: Signers, visit: Visit) -> None:
    devtools = visit.page.context.new_cdp_session(visit.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
        "hasPrf": True,
    }  # fmt: skip
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    visit.sign_in("streamer", "en")
    visit.go("/keys")
    visit.page.fill("[data-part=by-passkey] [name=name]", "Phone")
    visit.page.click("[data-part=by-passkey] button")
    address = visit.page.locator("[data-part=list] code").inner_text()
    one = signers.propose("by-passkey", address)
    open_to_sign(visit, one)
    visit.page.click("[data-part=sign-key]")
    visit.page.wait_for_url("**done=signed*")
    assert signers.now(one).signatures[0].address == address
    open_to_sign(visit, signers.propose("by-passkey-again", address))
    nobody = {"authenticatorId": made["authenticatorId"], "isUserVerified": False}
    devtools.send("WebAuthn.setUserVerified", nobody)
    visit.page.click("[data-part=sign-key]")
    assert "passkey was not given" in alert(visit.page)


def meddled(tamper: Callable[[dict[str, Any]], None]) -> Callable[[Route], None]:
    """Return what hands a request file on with something changed in it."""

    def meddle(route: Route) -> None:
        file = route.fetch().json()
        tamper(file)
        route.fulfill(json=file)

    return meddle


def test_a_request_that_does_not_fit_what_the_page_shows_is_not_signed(
    signers: Signers, visit: Visit
) -> None:
    visit.sign_in("streamer", "en")
    name = "altered"
    one = signers.propose(name, SigningKey.generate().address)
    tampers: dict[str, Callable[[dict[str, Any]], None]] = {
        "Document": lambda file: file["request"]["message"].update(commitment="0x" + "11" * 32),
        "In force from": lambda file: file["request"]["message"].update(effectiveFrom=1769875201),
        "Signers": lambda file: file["request"]["message"]["parties"].reverse(),
        "Terms": lambda file: file["opens"].update(
            document=file["opens"]["document"].replace("15 days", "95 days")
        ),
        "other fields": lambda file: file["request"]["types"]["AgreementVersion"].pop(),
        "another application": lambda file: file["request"]["domain"].update(name="Else"),
    }
    for told, tamper in tampers.items():
        visit.page.route("**/signing-file", meddled(tamper))
        visit.go(f"/agreements/{name}/1/sign")
        assert told in alert(visit.page)
        assert visit.page.locator("[data-part=sign-file]").is_disabled()
        visit.page.unroute("**/signing-file")
    assert signers.now(one).signatures == ()


def test_a_request_is_signed_offline_and_its_file_handed_in(
    signers: Signers, visit: Visit, tmp_path: Path
) -> None:
    key = SigningKey.generate()
    one, other = (signers.propose(name, key.address) for name in ("offline", "offline-other"))
    visit.sign_in("streamer", "en")
    files = {}
    for each in (other, one):
        open_to_sign(visit, each)
        visit.page.check("input[value=offline]")
        with visit.page.expect_download() as taken:
            visit.page.click("[data-part=take-along]")
        asked = read_request(taken.value.path().read_text(encoding="utf-8"), "request")
        signed = sign_request(asked, key, "streamer", "keystore")
        files[each.agreement.id] = tmp_path / f"{each.agreement.id}.json"
        files[each.agreement.id].write_text(json.dumps(signed.content()), encoding="utf-8")
    visit.page.set_input_files("[data-part=signature-file]", files["offline-other"])
    assert "a signature of another request" in alert(visit.page)
    visit.page.set_input_files("[data-part=signature-file]", files["offline"])
    visit.page.locator("[role=alert]").wait_for(state="hidden")
    visit.page.click("[data-part=sign-pasted]")
    visit.page.wait_for_url("**done=signed*")
    assert signers.now(one).signatures[0].address == key.address


def test_a_key_is_forgotten_and_taken_in_again_from_its_file(
    signers: Signers, visit: Visit, tmp_path: Path
) -> None:
    visit.sign_in("streamer", "en")
    path = tmp_path / "mine.json"
    address = make_key(visit, path)
    visit.page.click("text=Forget")
    visit.page.click("text=Forget this key")
    visit.page.wait_for_selector("[data-part=none]:visible")
    visit.page.set_input_files("[data-part=from-file] [name=file]", path)
    visit.page.fill("[data-part=from-file] [name=password]", "not its password")
    visit.page.click("[data-part=from-file] button")
    assert "does not open it" in alert(visit.page)
    visit.page.fill("[data-part=from-file] [name=password]", PASSWORD)
    visit.page.click("[data-part=from-file] button")
    assert visit.page.locator("[data-part=list] code").inner_text() == address


SAMPLES: dict[str, Any] = {
    "bytes32": bytes(range(32)), "uint256": 2**200 + 1, "uint64": 1769875200, "string": "分佣 “x”",
    "address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "address[]": ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"],
}  # fmt: skip


def test_the_page_and_python_make_the_same_digest_of_every_message_that_pages_sign(visit: Visit) -> None:
    visit.go("/sign-in")
    address = module("signing/typed_data.js")
    types = {
        name: tuple((field, kind) for field, kind in fields)
        for name, fields in visit.page.evaluate(MESSAGES, address).items()
    }
    assert types == {name: KNOWN_TYPES[name] for name in types}
    domain = Domain(1, "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB")
    requests = [
        request_of({name: fields}, name, {field: SAMPLES[kind] for field, kind in fields}, domain)
        for name, fields in types.items()
    ]
    files = [json.dumps(request_file(request, {}, [])) for request in requests]
    expected = ["0x" + read_request(file, "x").digest.hex() for file in files]
    assert visit.page.evaluate(DIGESTS, [address, requests]) == expected


MESSAGES = "async (address) => (await import(address)).MESSAGES"
DIGESTS = """async ([address, requests]) => {
  const { digestOf, requestOf } = await import(address);
  const { hex } = await import(address.replace("typed_data", "bytes"));
  return requests.map((request) => hex(digestOf(requestOf(request))));
}"""
