"""Requests to sign as files: handed to whom they concern, whole enough to check, and taken back signed."""

from __future__ import annotations

import json

import pytest

from api.office.agreements import propose
from api.office.keys import COOLING, change_by_signature, change_to_sign
from api.office.relations import relation
from api.pages import asset
from contracts.signing import SigningKey
from contracts.signing_checks import checks_of, document_of
from contracts.signing_file import read_request, sign_request
from contracts.succession import SignedKeyChange
from policies.loading import load_agreement
from policies.relations.draft import Successor, next_version
from tests.integration.api.conftest import Door
from tests.integration.api.test_http import HTML, form_token, sign_in
from tests.integration.api.test_relations import ACCEPTED, DAY, accepting
from tests.world import AGREEMENT, EXAMPLES, PARTIES

TEXT = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
FILE = "/v1/agreements/another/1/signing-file"
SIGNATURES = "/v1/agreements/another/1/signatures"


@pytest.fixture
def keys(door: Door) -> dict[str, SigningKey]:
    """The keys of an agreement that is proposed and not signed."""
    made = {party: SigningKey.generate() for party in PARTIES}
    document = load_agreement(TEXT.replace("agreement: head-streamer", "agreement: another", 1), name="a")
    propose(door.office, document.with_signers({party: key.address for party, key in made.items()}))
    return made


def test_a_party_takes_the_request_along_and_posts_the_signed_file(
    door: Door, keys: dict[str, SigningKey]
) -> None:
    text = door.client.get(FILE, headers=door.as_("mcn")).text
    asked = read_request(text, "request")
    assert {one.state for one in checks_of(asked, document_of(asked), None)} == {"fits"}
    given = sign_request(asked, keys["mcn"], "mcn", "keystore").content()
    answer = door.client.post(SIGNATURES, json=given, headers=door.as_("mcn"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["signed"] == 1
    again = json.loads(door.client.get(FILE, headers=door.as_("brand")).text)
    assert [one["party"] for one in again["signers"] if one["signed"]] == ["mcn"]


@pytest.mark.parametrize(
    ("who", "status"), [("auditor", 200), ("reader", 200), ("outsider", 403), ("arbiter", 403)]
)
def test_the_salt_is_for_the_parties_and_auditors(
    door: Door, keys: dict[str, SigningKey], who: str, status: int
) -> None:
    assert keys
    assert door.client.get(FILE, headers=door.as_(who)).status_code == status


def test_an_arbiter_of_a_case_reads_the_agreement_and_not_its_salt(door: Door) -> None:
    asked = "/v1/agreements/head-streamer/1"
    assert door.client.get(asked, headers=door.as_("arbiter")).status_code == 200
    assert door.client.get(f"{asked}/signing-file", headers=door.as_("arbiter")).status_code == 403


def test_who_joins_is_told_the_version_before_by_its_digest_alone(door: Door) -> None:
    first = relation(door.office, AGREEMENT).agreement
    joining = Successor("another", {"zh": "新机构", "en": "New agency"}, SigningKey.generate().address)
    text = next_version(first, DAY, successors={"mcn": joining})
    propose(door.office, accepting(text, {**ACCEPTED, "code": "amendment.party-leaves"}))
    address = "/v1/agreements/head-streamer/2/signing-file"
    files = {who: door.client.get(address, headers=door.as_(who)).text for who in ("mcn", "outsider")}
    told = {who: json.loads(text)["opens"]["previous"] for who, text in files.items()}
    assert told == {"mcn": {"document": first.canonical.decode()}, "outsider": {"keccak256": first.keccak256}}
    asked = {who: read_request(text, "request") for who, text in files.items()}
    states = {who: [one.state for one in checks_of(of, document_of(of), None)] for who, of in asked.items()}
    assert states["mcn"] == ["fits"] * 6
    assert states["outsider"] == ["fits", "fits", "fits", "not checked", "fits", "fits"]
    leaving = asked["mcn"].wanted(door.world.keys["mcn"].address)
    assert leaving is not None
    assert leaving.party == "mcn@1"


def test_the_key_that_took_an_address_place_signs_the_next_request(door: Door) -> None:
    old, new = door.world.keys["mcn"], SigningKey.generate()
    change = change_to_sign(door.office, old.address, new_key=new.address)
    digest = change.digest(door.office.domain)
    signed = SignedKeyChange(change, old.address, old.sign(digest), new.sign(digest))
    change_by_signature(door.office, signed, by="mcn-member")
    door.office.clock.now += COOLING  # type: ignore[attr-defined]
    addresses = {party: key.address for party, key in door.world.keys.items()}
    document = load_agreement(TEXT.replace("agreement: head-streamer", "agreement: another", 1), name="a")
    propose(door.office, document.with_signers(addresses))
    asked = read_request(door.client.get(FILE, headers=door.as_("mcn")).text, "request")
    assert asked.wanted(old.address) is None
    wanted = asked.wanted(new.address)
    assert wanted is not None
    given = sign_request(asked, new, wanted.party, "keystore").content()
    assert door.client.post(SIGNATURES, json=given, headers=door.as_("mcn")).status_code == 201


def test_a_signature_that_does_not_count_stands_on_the_page_with_its_reason(
    door: Door, keys: dict[str, SigningKey]
) -> None:
    sign_in(door.client, door.codes["mcn"])
    page = "/agreements/another/1/sign"
    token = form_token(door.client, page)
    asked = read_request(door.client.get(FILE).text, "request")
    of_another = "0x" + keys["brand"].sign(asked.digest).hex()
    form = {"_csrf_token": token, "party": "mcn", "signature": of_another, "method": "offline"}
    refused = door.client.post(page, data=form, headers=HTML, follow_redirects=False)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    form["signature"] = "0x" + keys["mcn"].sign(asked.digest).hex()
    taken = door.client.post(page, data=form, headers=HTML, follow_redirects=False)
    assert (taken.status_code, taken.headers["location"]) == (303, "/agreements/another/1?done=signed")
    assert "Nothing waits for your signature here" in door.client.get(f"{page}?lang=en", headers=HTML).text


def test_modules_are_kept_for_good_under_their_release_and_not_found_under_another(door: Door) -> None:
    page = door.client.get("/sign-in", headers=HTML).text
    assert asset("tally.css") in page
    sign_in(door.client, door.codes["mcn"])
    shown = door.client.get("/keys", headers=HTML).text
    address = shown.partition('<script type="module" src="')[2].partition('"')[0]
    found = door.client.get(address)
    assert (found.status_code, found.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "immutable" in found.headers["cache-control"]
    for other in (address.replace("/modules/", "/modules/0"), address.replace("key_page", "none")):
        missing = door.client.get(other)
        assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")
