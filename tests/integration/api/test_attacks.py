"""What a hostile or broken client sends: each is refused as what it is, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from litestar.types import Message, Scope

from api.access import Grant
from api.agreements.service import AgreementService
from api.errors import CodeRefused
from api.office.agreements import held_versions
from contracts.signing import SigningKey
from tests.integration.api.conftest import Door
from tests.integration.api.test_http import form_token, sign_in
from tests.world import AGREEMENT, EXAMPLES, PARTIES, STATEMENTS

ORDERS = (EXAMPLES / "orders" / "autumn-week-1.csv").read_bytes()
HEAD_STREAMER = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
IMPORT = "/v1/imports?agreement=head-streamer&mapping=tallystick-orders"
JSON = "application/json"


def raw(
    door: Door,
    path: str,
    parts: list[bytes],
    headers: dict[str, str],
    *,
    broken_off: bool = False,
    root: str = "",
) -> int | None:
    """POST a body part by part, as a server hands it on; return the status, None where nothing was said."""
    incoming: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    if broken_off:
        incoming.append({"type": "http.disconnect"})
    else:
        incoming[-1]["more_body"] = False
    said: list[int] = []

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            said.append(message["status"])

    path, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": root, "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {},
    }  # fmt: skip

    async def asked(scope: Scope) -> None:
        await door.app(scope, receive, send)

    asyncio.run(asked(scope))  # type: ignore[arg-type]  # written out as a server writes it
    return said[0] if said else None


def test_a_body_broken_off_under_a_key_is_no_request(door: Door) -> None:
    size = door.office.log.size()
    half = ORDERS[: len(ORDERS) // 2]
    headers = door.as_("platform") | {"idempotency-key": "half"}
    assert raw(door, IMPORT, [half], headers, broken_off=True) is None
    assert door.office.log.size() == size
    assert raw(door, IMPORT, [ORDERS], headers) == 201


def test_the_end_of_a_body_that_is_too_long_is_not_taken_for_the_whole(door: Door) -> None:
    size = door.office.log.size()
    long = b"x" * (door.house.settings.body_bytes_max + 1)
    headers = door.as_("platform") | {"idempotency-key": "long"}
    assert raw(door, IMPORT, [long, ORDERS], headers) == 413
    assert door.office.log.size() == size


@pytest.mark.parametrize("path", ["/v1/settlements", "//v1/settlements", "/v1//settlements/"])
@pytest.mark.parametrize("root", ["", "/books"])
def test_a_cookie_writes_nothing_under_v1_however_the_address_is_written(
    door: Door, path: str, root: str
) -> None:
    token = door.house.members.open_session(door.house.members.viewer_of_code(door.codes["platform"]))
    body = json.dumps({"agreement": AGREEMENT, "until": "2026-03-17"}).encode()
    headers = {"cookie": f"tallystick_session={token}", "content-type": JSON}
    assert raw(door, path, [body], headers, root=root) == 401


def strangers_version(door: Door) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a next version of the signed agreement between strangers, and one of them."""
    text = HEAD_STREAMER.replace("version: 1", "version: 2", 1)
    text = text.replace("effective_from: 2026-02-01", "effective_from: 2026-12-01")
    for party in PARTIES:
        text = text.replace(f"id: {party}, role", f"id: other-{party}, role")
    signers = {party: SigningKey.generate().address for party in PARTIES}
    code = door.house.members.enrol("stranger", "Stranger", [Grant("draft", "other-mcn")])
    return {"document": text, "signers": signers}, {"authorization": f"Bearer {code}"}


def test_a_stranger_takes_no_version_of_an_agreement_and_learns_no_salt(door: Door) -> None:
    proposal, stranger = strangers_version(door)
    size = door.office.log.size()
    answer = door.client.post("/v1/agreements", json=proposal, headers=stranger)
    assert answer.status_code == 403
    assert door.office.log.size() == size
    assert door.client.get("/v1/log", headers=stranger).json()["entries"] == []


def test_a_party_of_the_signed_version_proposes_the_next(door: Door) -> None:
    text = HEAD_STREAMER.replace("version: 1", "version: 2", 1)
    text = text.replace("effective_from: 2026-02-01", "effective_from: 2026-12-01")
    signers = {party: SigningKey.generate().address for party in PARTIES}
    body = {"document": text, "signers": signers}
    assert door.client.post("/v1/agreements", json=body, headers=door.as_("mcn")).status_code == 201
    held = AgreementService(door.office).held(
        door.house.members.viewer_of_code(door.codes["brand"]), AGREEMENT, 2
    )
    assert not held.is_signed


def opened_names(bundle: dict[str, Any]) -> set[str]:
    entries = json.loads(bundle["parts"]["entries.json"])
    return {json.loads(one["opened"])["name"] for e in entries for one in e["groups"] if "opened" in one}


def test_an_auditors_evidence_shows_no_buyer(door: Door) -> None:
    path = f"/v1/statements/{STATEMENTS['platform']}/evidence"
    own = door.client.get(path, headers=door.as_("platform")).json()
    audited = door.client.get(path, headers=door.as_("auditor")).json()
    assert opened_names(own) - opened_names(audited) == {"buyer"}
    assert "order" in opened_names(audited)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in?next=//[", 200),
        ("/sign-in?next=http://[", 200),
        ("/sign-in?next=//%E2%84%80.com", 200),
        ("/v1/log/99999999999999999999999", 403),
        ("/v1/log/-1", 403),
        ("/v1/log?before=9223372036854775808", 400),
        ("/v1/live?agreement=head-streamer&after=9223372036854775808", 400),
        ("/v1/log?kind=%00", 403),
        ("/v1/log?agreement=%ff", 200),
        ("/v1/statements/%00", 403),
        (f"/v1/statements/{STATEMENTS['brand']}/lines/-1", 403),
        (f"/v1/statements/{STATEMENTS['brand']}/lines/99999999999999999999999", 403),
        ("/static/%00", 404),
        ("/static/..%2fapp.py", 404),
        (f"/static/{'a' * 5000}", 404),
    ],
)
def test_an_address_that_makes_no_sense_is_refused_as_such(door: Door, path: str, status: int) -> None:
    assert door.client.get(path, headers=door.as_("brand")).status_code == status


@pytest.mark.parametrize("body", [b'{"a":' + b"[" * 100_000, b'{"agreement":"\xff"}', b'"\\ud800"', b"\x00"])
def test_a_body_that_is_no_json_is_the_senders_fault(door: Door, body: bytes) -> None:
    headers = door.as_("platform") | {"content-type": JSON}
    for path in ("/v1/settlements", "/v1/agreements"):
        answer = door.client.post(path, content=body, headers=headers)
        assert answer.status_code == 400, answer.text
        assert answer.json()["code"] == "request.invalid"


@pytest.mark.parametrize("until", ["0001-01-01", "0001-01-01T00:00:00+14:00", "1969-12-31"])
def test_a_cut_off_before_all_time_is_refused(door: Door, until: str) -> None:
    body = {"agreement": AGREEMENT, "until": until}
    answer = door.client.post("/v1/settlements", json=body, headers=door.as_("operator"))
    assert (answer.status_code, answer.json().get("where")) == (422, "until")


def test_a_number_that_is_none_is_refused_where_it_was_typed(door: Door) -> None:
    """A form's number may be any text: ² counts as a digit, and 5,000 nines are one number too many."""
    sign_in(door.client, door.codes["brand"])
    page = f"/disputes/{door.world.d05}"
    token = form_token(door.client, page)
    for act, field in (("accept", "number"), ("extend", "days")):
        for text in ("x", "\u00b2", "9" * 5_000):
            form = {"_csrf_token": token, field: text, "signature": "0x" + "00" * 65}
            assert door.client.post(f"{page}/{act}", data=form).status_code == 422, (act, text)
    search = f"/v1/disputes/{door.world.d05}/searches?after=9223372036854775808"
    assert door.client.post(search, json={"of": "entries"}, headers=door.as_("auditor")).status_code == 400


def test_an_agreement_that_is_not_there_is_denied_to_the_operator_too(door: Door) -> None:
    body = {"agreement": "nowhere", "until": "2026-03-17"}
    answer = door.client.post("/v1/settlements", json=body, headers=door.as_("operator"))
    assert answer.status_code == 403


def test_the_way_to_the_other_language_stays_on_this_server(door: Door) -> None:
    answer = door.client.get("http://testserver.local//elsewhere.example/x", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert 'href="//' not in answer.text
    assert 'href="/elsewhere.example/x?lang=' in answer.text


def test_a_code_with_a_nul_in_it_is_refused_like_any_other(door: Door) -> None:
    with pytest.raises(CodeRefused):
        door.house.members.viewer_of_code("tly_\0_\0")


def test_documents_are_read_back_once_however_often_they_are_asked_for(door: Door) -> None:
    first, again = (held_versions(door.office)[f"{AGREEMENT}@1"].agreement for _ in range(2))
    assert first is again


PAYLOAD = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>{{ 7 * 7 }}"


def test_what_parties_write_is_text_on_every_page(door: Door) -> None:
    written = json.dumps(PAYLOAD)
    text = HEAD_STREAMER.replace("agreement: head-streamer", "agreement: painted")
    text = text.replace("Head streamer partnership", written)
    text = text.replace("zh: 品牌方, en: Brand", f"zh: {written}, en: {written}")
    signers = {party: SigningKey.generate().address for party in PARTIES}
    body = {"document": text, "signers": signers}
    proposed = door.client.post("/v1/agreements", json=body, headers=door.as_("mcn"))
    assert proposed.status_code == 201, proposed.text
    case = {
        "agreement": AGREEMENT,
        "clause": "6.2",
        "claim": {"claimant": "mcn", "respondent": "platform", "amount": "1.00", "demand": PAYLOAD},
        "decided_at": "2026-04-02",
        "orders": [{"count": "2", "paid": "299.00", "sku": PAYLOAD}],
        "settled": {"mcn_share": "30.00"},
    }
    filed = door.client.post("/v1/disputes", json=case, headers=door.as_("mcn")).json()["id"]
    for path in ("/", "/agreements", "/agreements/painted/1", "/disputes", f"/disputes/{filed}", "/log"):
        shown = door.client.get(path, headers=door.as_("mcn") | {"accept": "text/html"})
        assert shown.status_code == 200
        assert "<img" not in shown.text, path
        assert "<script>" not in shown.text, path


def test_a_draft_pins_no_key_for_anybody(door: Door) -> None:
    before = door.client.get("/v1/trust-keys", headers=door.as_("brand")).text
    text = HEAD_STREAMER.replace("agreement: head-streamer", "agreement: bait")
    text = text.replace("id: mcn, role", "id: another, role")
    signers = {party: SigningKey.generate().address for party in PARTIES}
    code = door.house.members.enrol("baiter", "Baiter", [Grant("draft", "another")])
    stranger = {"authorization": f"Bearer {code}"}
    body = {"document": text, "signers": signers}
    assert door.client.post("/v1/agreements", json=body, headers=stranger).status_code == 201
    assert door.client.get("/v1/trust-keys", headers=door.as_("brand")).text == before
