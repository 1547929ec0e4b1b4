"""The steps of a dispute over the API and its page: who may, what is refused, and what it leaves behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from litestar.testing import TestClient

from api.app import create_app
from api.office.agreements import held_versions
from api.office.arbiters import seat
from api.office.dispute_process import tend_disputes
from api.office.disputes import dispute
from api.office.evidence import trust_file
from api.office.exhibits import Content, file_in_case, signature_holds, signing_digest
from api.office.keys import change_by_signature, change_to_sign
from contracts.signing import SigningKey
from contracts.succession import SignedKeyChange
from ledger.accounts import Account, balance
from ledger.cases.record import case_record
from ledger.exhibits.files import measured
from ledger.exhibits.filing import ExhibitAsked
from policies.source import read_source
from tests.integration.api.conftest import Door
from tests.integration.api.test_http import form_token, sign_in
from tests.world import EXAMPLES, STATEMENTS, Clock, World, opened
from verifier import verify

CASE: dict[str, Any] = {
    "clause": "6.2",
    "claim": {"claimant": "mcn", "respondent": "platform", "amount": "10.00", "demand": "one order short"},
    "decided_at": "2026-04-02",
}
ORDERS = [f"D01-{number:04}" for number in range(1, 1001)]


_NUMBERS = count(1)


@pytest.fixture(scope="module")
def door(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One copy of the world for all of this module, whose cases are each about something else."""
    mine = world.copy(tmp_path_factory.mktemp("steps") / "data")
    office, house, codes = opened(mine)
    app = create_app(house)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Door(mine, office, house, app, client, codes)
    office.close()


def post(door: Door, who: str, path: str, data: Any) -> Any:
    return door.client.post(path, json=data, headers=door.as_(who))


def filed(door: Door, **more: Any) -> str:
    claim = CASE["claim"] | {"demand": f"short again, no. {next(_NUMBERS)}"}
    body = json.dumps(CASE | {"claim": claim} | more)
    answer = door.client.post("/v1/disputes", content=body, headers=door.as_("mcn"))
    assert answer.status_code == 201, answer.text
    return f"/v1/disputes/{answer.json()['id']}"


def test_what_time_brings_is_written_down_once_and_whom_it_waits_for_is_reminded(door: Door) -> None:
    path = filed(door)
    case = path.rpartition("/")[2]
    clock = door.office.clock
    assert isinstance(clock, Clock)
    assert tend_disputes(door.office) == 0
    clock.now += timedelta(days=4)
    assert tend_disputes(door.office) == 2
    assert tend_disputes(door.office) == 0
    for who, told in (("platform", 1), ("mcn", 0)):
        found = door.client.get("/v1/notices", headers=door.as_(who)).json()["notices"]
        assert [one["code"] for one in found].count("answer-window-near") == told
    clock.now += timedelta(days=30)
    tend_disputes(door.office)
    kinds = [one.name for one in case_record(door.office.log, case).steps]
    assert kinds[-4:] == [
        "reminded/answer/2026-11-22", "deadline_passed/answer", "deadline_passed/evidence", "ruled/rules",
    ]  # fmt: skip


def test_a_side_acts_for_itself_alone_and_nobody_else_for_it(door: Door) -> None:
    path = filed(door)
    said = {"words": "No.", "facts": {}}
    for who, act, body in (
        ("mcn", "answer", said), ("leader", "answer", said), ("operator", "rest", {}),
        ("arbiter", "rest", {}), ("leader", "rest", {}), ("platform", "withdrawal", {"reason": "x"}),
        ("mcn", "services", {"means": "inbox"}), ("outsider", "appeal", {"reason": "x"}),
        ("arbiter", "extensions", {"of": "answer", "days": 1, "reason": "x"}),  # who sits in other cases
    ):  # fmt: skip
        assert post(door, who, f"{path}/{act}", body).status_code == 403, (who, act)
    again = post(door, "operator", f"{path}/services", {"means": "inbox"})
    assert (again.status_code, "facts" in again.json()) == (201, False), "who serves need not read the case"
    unknown = post(door, "operator", "/v1/disputes/D-none/services", {"means": "inbox"})
    assert unknown.json()["code"] == "access.denied"
    for act, body in (("appeal", {"reason": "x"}), ("waiver", {})):
        answer = post(door, "mcn", f"{path}/{act}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "dispute.state")
    wrong = {"words": "x", "facts": {"no_such_fact": {"admitted": True}}}
    assert post(door, "platform", f"{path}/answer", wrong).json()["code"] == "case.unusable"
    more = {"of": "evidence", "days": 2, "reason": "x"}
    assert post(door, "platform", f"{path}/extensions", more).status_code == 409
    assert post(door, "mcn", f"{path}/withdrawal", {"reason": "paid"}).json()["status"] == "withdrawn"


def test_one_case_lists_a_thousand_orders_and_is_decided_on_them_alone(door: Door) -> None:
    path = filed(door, order_list=ORDERS)
    shown = door.client.get(path, headers=door.as_("mcn")).json()
    assert shown["orders_listed"] == len(ORDERS)
    listed = door.client.get(f"{path}/orders.csv", headers=door.as_("mcn")).text
    assert listed.lstrip("\ufeff").split() == ["order", *ORDERS]
    part = filed(door, about={"order": ORDERS[0]})
    for one in (path, part):
        for who in ("mcn", "platform"):
            assert post(door, who, f"{one}/rest", {}).status_code == 201
    whole, single = (post(door, "platform", f"{one}/decision", {}).json() for one in (path, part))
    assert whole["decision"]["outcome"] == single["decision"]["outcome"] == "rejected"
    traces = [json.dumps(one["decision"]["trace"]) for one in (whole, single)]
    assert "16,690.00" in traces[0]
    assert "16.69" in traces[1]
    unknown = json.dumps(CASE | {"order_list": [*ORDERS, "D99-0001"]})
    answer = door.client.post("/v1/disputes", content=unknown, headers=door.as_("mcn"))
    assert (answer.status_code, "D99-0001" in answer.text) == (422, True)


def test_buyers_of_a_listed_batch_are_paid_by_one_posting_per_account_once(door: Door) -> None:
    case = read_source((EXAMPLES / "cases" / "D05.yaml").read_text(encoding="utf-8"), "D05.yaml").plain
    body = {key: value for key, value in case.items() if key != "orders"} | {"order_list": ORDERS}
    answer = door.client.post("/v1/disputes", content=json.dumps(body), headers=door.as_("streamer"))
    assert answer.status_code == 201, answer.text
    path = f"/v1/disputes/{answer.json()['id']}"
    seat(door.office, dispute(door.office, answer.json()["id"]), "arbiter", by="operator")
    before = balances(door)
    for who, act, said in (
        ("streamer", "rest", {}), ("brand", "rest", {}), ("brand", "decision", {}),
        ("arbiter", "confirmation", {"reason": "both snapshots show it"}),
        ("streamer", "waiver", {}), ("brand", "waiver", {}), ("brand", "decision", {}),
    ):  # fmt: skip
        assert post(door, who, f"{path}/{act}", said).status_code == 201, act
    damages, buyers = 780_000_00, 171_30 * len(ORDERS)
    assert [after - was for after, was in zip(balances(door), before, strict=True)] == [
        -buyers - damages, buyers, damages,
    ]  # fmt: skip
    decided = dispute(door.office, answer.json()["id"]).decided
    assert decided is not None
    assert len(decided.content["postings"]) == 2
    replayed = door.client.get(f"{path}/replay", headers=door.as_("brand")).json()
    assert [one["same"] for one in replayed] == [True] * 3


def balances(door: Door) -> list[int]:
    return [
        balance(door.office.engine, Account(owner, "head-streamer", "balance", "CNY"))
        for owner in ("brand", "consumers", "streamer")
    ]


def test_a_case_says_which_line_or_decision_it_is_about_and_that_must_be_there(door: Door) -> None:
    filed(door, about={"statement": STATEMENTS["mcn"], "line": 3})
    filed(door, about={"decision": door.world.d01})
    for about in (
        {"statement": STATEMENTS["brand"]}, {"statement": "no.such.1"}, {"decision": door.world.d05},
        {"statement": STATEMENTS["mcn"], "line": 10**6}, {"order": "D01-0001", "decision": "D-1"},
    ):  # fmt: skip
        body = json.dumps(CASE | {"about": about})
        assert door.client.post("/v1/disputes", content=body, headers=door.as_("mcn")).status_code == 422


def test_a_settlement_disposes_of_the_sides_own_accounts_and_by_the_last_word(door: Door) -> None:
    path = filed(door)

    def proposed(amount: str, source: str = "platform.balance") -> Any:
        paid = {"source": source, "target": "mcn.balance", "amount": amount}
        asked = {"words": "so be it", "payments": [paid]}
        told = post(door, "mcn", f"{path}/settlement-request", asked)
        if told.status_code != 201:
            return told
        signature = "0x" + door.world.keys["mcn"].sign(bytes.fromhex(told.json()["digest"][2:])).hex()
        return post(door, "mcn", f"{path}/settlements", {"proposal": asked, "signature": signature})

    assert proposed("5.00", "streamer.balance").status_code == 422
    assert proposed("0.00").status_code == 422
    assert [proposed(amount).status_code for amount in ("5.00", "7.00", "7.00")] == [201, 201, 201]
    answers = []
    for number in (1, 2):
        told = door.client.get(f"{path}/settlements/{number}/signing-request", headers=door.as_("platform"))
        signature = door.world.keys["platform"].sign(bytes.fromhex(told.json()["digest"][2:])).hex()
        given = {"signature": f"0x{signature}"}
        answers.append(post(door, "platform", f"{path}/settlements/{number}/acceptance", given))
    assert [one.status_code for one in answers] == [409, 201]
    assert answers[1].json()["status"] == "settled"
    assert answers[1].json()["decision"]["awarded"]["amount_minor"] == 700
    bundle = door.client.get(f"{path}/evidence", headers=door.as_("mcn")).content
    report = verify(bundle, trust_file(door.office, held_versions(door.office).values()))
    assert (report.exit_code, "settlement" in {one.name for one in report.checks if one.ok}) == (0, True)
    assert post(door, "mcn", f"{path}/withdrawal", {"reason": "x"}).status_code == 409


def test_a_settlement_is_signed_by_the_key_that_took_anothers_place_and_proved_by_its_bundle(
    door: Door,
) -> None:
    """A proposal by the key before is not accepted after it: it is half of an agreement."""
    office, clock = door.office, door.office.clock
    assert isinstance(clock, Clock)
    old, new = door.world.keys["streamer"], SigningKey(bytes([77]) * 32)
    claim = {"claimant": "streamer", "respondent": "brand", "amount": "10.00", "demand": "short by a key"}
    made = post(door, "streamer", "/v1/disputes", CASE | {"clause": "9.1", "claim": claim})
    assert made.status_code == 201, made.text
    path = f"/v1/disputes/{made.json()['id']}"
    paid = {"source": "brand.balance", "target": "streamer.balance", "amount": "5.00"}
    asked = {"words": "so be it", "payments": [paid]}

    def signed(digest: str, key: SigningKey) -> str:
        return "0x" + key.sign(bytes.fromhex(digest[2:])).hex()

    def proposed(key: SigningKey) -> Any:
        told = post(door, "streamer", f"{path}/settlement-request", asked).json()
        given = {"proposal": asked, "signature": signed(told["digest"], key)}
        return post(door, "streamer", f"{path}/settlements", given)

    def accepted(number: int) -> Any:
        told = door.client.get(f"{path}/settlements/{number}/signing-request", headers=door.as_("brand"))
        given = {"signature": signed(told.json()["digest"], door.world.keys["brand"])}
        return post(door, "brand", f"{path}/settlements/{number}/acceptance", given)

    assert proposed(old).status_code == 201
    change = change_to_sign(office, old.address, new_key=new.address)
    digest = change.digest(office.domain)
    change_by_signature(
        office, SignedKeyChange(change, old.address, old.sign(digest), new.sign(digest)), by="ada"
    )
    clock.now += timedelta(hours=25)
    refused = accepted(1)
    assert (refused.status_code, refused.json()["code"]) == (409, "dispute.state")
    assert "proposes it anew" in refused.text
    assert proposed(old).json()["code"] == "signature.key-replaced"
    assert proposed(new).status_code == 201
    case, photo = made.json()["id"], ExhibitAsked(kind="document", title="a photo", captured_at=clock.now)
    digest = signing_digest(office, case, photo, measured(b"photo"), "streamer")
    exhibit = file_in_case(
        office, case, photo, Content(b"photo"), party="streamer", member="ada", signature=new.sign(digest)
    )
    assert signature_holds(office, exhibit)
    (words,) = [one for one in office.log.groups(exhibit.seq) if one.name == "evidence"]
    assert (words.content["signer"], len(words.content["key_changes"])) == (old.address, 1)
    done = accepted(2)
    assert (done.status_code, done.json().get("status")) == (201, "settled"), done.text
    bundle = door.client.get(f"{path}/evidence", headers=door.as_("brand")).content
    report = verify(bundle, trust_file(office, held_versions(office).values()))
    assert (report.exit_code, [one.status for one in report.checks if one.part == "decision.json"]) == (
        0, ["holds", "holds", "noted"],
    ), report.lines()  # fmt: skip
    decided = dispute(office, made.json()["id"]).decided
    assert decided is not None
    first, second = decided.content["settlement"]["signatures"]
    assert (first["address"], first["signer"]) == (new.address, old.address)
    assert sorted(second) == ["address", "side", "signature"], "the other side's is as ever"


def test_the_platform_gives_nothing_up_for_buyers_who_claim_of_it(door: Door) -> None:
    claim = CASE["claim"] | {"claimant": "consumers", "demand": "refunds came short"}
    made = door.client.post(
        "/v1/disputes", content=json.dumps(CASE | {"claim": claim}), headers=door.as_("platform")
    )
    path = f"/v1/disputes/{made.json()['id']}"
    assert made.json()["acts"] == ["answer", "rest", "settle", "extend"]
    for act, body in (
        ("rest", {"side": "claimant"}),
        ("withdrawal", {"reason": "we think better of it"}),
        ("settlement-request", {"side": "claimant", "words": "nothing is owed", "payments": []}),
    ):
        assert post(door, "platform", f"{path}/{act}", body).status_code == 403, act


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_dispute_is_answered_from_its_page(door: Door, lang: str) -> None:
    path = filed(door).removeprefix("/v1")
    door.client.cookies.clear()
    sign_in(door.client, door.codes["platform"])
    page = door.client.get(f"{path}?lang={lang}", headers={"accept": "text/html"}).text
    assert f'action="{path}/answer"' in page
    token = form_token(door.client, "/")
    empty = door.client.post(f"{path}/answer", data={"_csrf_token": token, "words": " "})
    assert empty.status_code == 422
    data = {"_csrf_token": token, "words": "It was paid in full."}
    done = door.client.post(f"{path}/answer", data=data, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?done=answer")
    shown = door.client.get(f"{path}?done=answer&lang={lang}", headers={"accept": "text/html"}).text
    assert "It was paid in full." in shown
    assert f'action="{path}/answer"' not in shown
    assert door.client.post(f"{path}/no-such", data={"_csrf_token": token}).status_code == 422


def test_a_settlement_is_proposed_from_its_page_with_the_signature_over_what_it_shows(door: Door) -> None:
    path = filed(door).removeprefix("/v1")
    door.client.cookies.clear()
    sign_in(door.client, door.codes["mcn"])
    data = {"_csrf_token": form_token(door.client, "/"), "words": "half of it", "amount": "5.00"}
    nobody = door.client.post(f"{path}/settle?lang=en", data=data)
    assert nobody.status_code == 422
    assert "half of it" in nobody.text
    data |= {"pays": "respondent"}
    shown = door.client.post(f"{path}/settle?lang=en", data=data)
    assert shown.status_code == 200
    assert "mcn.balance 5.00 CNY" in shown.text
    asked = {
        "words": "half of it",
        "payments": [{"source": "platform.balance", "target": "mcn.balance", "amount": "5.00"}],
    }
    told = post(door, "mcn", f"/v1{path}/settlement-request", asked).json()
    signature = "0x" + door.world.keys["mcn"].sign(bytes.fromhex(told["digest"][2:])).hex()
    wrong = door.client.post(f"{path}/settle", data=data | {"signature": "0x12"})
    assert wrong.status_code == 422
    assert "0x12" in wrong.text
    done = door.client.post(f"{path}/settle", data=data | {"signature": signature}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?done=settle")
    offers = door.client.get(f"/v1{path}", headers=door.as_("platform")).json()["offers"]
    assert [(one["words"], one["may_accept"]) for one in offers] == [("half of it", True)]
