"""Payouts over the API and on pages: a payer's own members act, payees see their own, nobody sees numbers."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import pytest

from api.access import Grant
from api.office.erasing import erase
from contracts.payee_account import PayeeAccount
from contracts.signing import SigningKey
from contracts.typed_data import Domain
from ledger.errors import ErasureRefused
from tests.integration.api.conftest import Door
from tests.world import STATEMENTS

NUMBER = "6222020200001234"


@dataclass
class Desk:
    """A door, the payee's key, and a second cashier of the platform."""

    door: Door
    key: SigningKey

    def post(self, who: str, path: str, body: Any = None, **more: Any) -> Any:
        return self.door.client.post(f"/v1/{path}", json=body, headers=self.door.as_(who), **more)

    def get(self, who: str, path: str) -> Any:
        return self.door.client.get(f"/v1/{path}", headers=self.door.as_(who))

    def account(self, number: str = NUMBER, who: str = "mcn", **changes: str) -> Any:
        asked = {
            "payee": "mcn", "payer": "platform", "means": "bank", "holder": "杭州某某", "number": number,
            "bank": "杭州银行", "bank_code": "", **changes,
        }  # fmt: skip
        made = self.post(who, "payee-accounts/requests", asked)
        if made.status_code != 200:
            return made
        message, domain = made.json()["request"]["message"], made.json()["request"]["domain"]
        digest = PayeeAccount(
            message["payee"], message["payer"], int(message["number"]), message["ending"],
            bytes.fromhex(message["commitment"][2:]), bytes.fromhex(message["previous"][2:]),
        ).digest(Domain(int(domain["chainId"]), domain["verifyingContract"]))  # fmt: skip
        signature = "0x" + self.key.sign(digest).hex()
        return self.post(
            who, "payee-accounts", {"account": asked, "salt": made.json()["salt"], "signature": signature}
        )

    def payable(self, who: str = "platform") -> dict[str, Any]:
        rows = self.get(who, "payables").json()
        return next(one for one in rows if one["payee"]["id"] == "mcn")

    def prepared(self) -> dict[str, Any]:
        made = self.post("platform", "payouts", {"payer": "platform"})
        assert made.status_code == 201, made.text
        batch: dict[str, Any] = made.json()
        return batch


@pytest.fixture
def desk(door: Door, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The agency's statement accepted, its account recorded with its key, two cashiers of the platform."""
    key = SigningKey(b"\x07" * 32)
    door.codes["cashier"] = door.house.members.enrol("cashier", "Cashier", [Grant("pay", "platform")])

    def signers_of(_office: object, payee: str, _payer: str) -> frozenset[str]:
        return frozenset({key.address} if payee == "mcn" else set())  # the world keeps nobody's key

    monkeypatch.setattr("api.office.bank_accounts.signers_of", signers_of)
    made = Desk(door, key)
    recorded = made.account()
    assert recorded.status_code == 201, recorded.text
    assert NUMBER not in recorded.text
    made.post("mcn", f"statements/{STATEMENTS['mcn']}/acceptance")
    return made


def test_a_batch_goes_from_preparation_to_the_banks_answer(desk: Desk) -> None:
    payable = desk.payable()["payable"]["amount_minor"]
    batch = desk.prepared()
    name, digest = batch["batch"]["id"], batch["batch"]["digest"]
    assert batch["batch"]["total"]["amount_minor"] == payable > 0
    assert (batch["may_release"], batch["may_cancel"]) == (False, True)
    same = desk.post("platform", f"payouts/{name}/release", {"digest": digest})
    assert (same.status_code, same.json()["code"]) == (409, "payout.same-person")
    wrong = desk.post("cashier", f"payouts/{name}/release", {"digest": "0" * 64})
    assert wrong.json()["code"] == "payout.refused"
    released = desk.post("cashier", f"payouts/{name}/release", {"digest": digest})
    assert released.json()["batch"]["state"] == "released"
    file = desk.get("cashier", f"payouts/{name}/file?mapping=bank-transfer-gbk")
    assert (file.status_code, file.headers["cache-control"]) == (200, "no-store")
    assert NUMBER in file.content.decode("gbk")
    account = desk.door.office.log.entries(kinds=["bank_account.changed"])[0].seq
    with pytest.raises(ErasureRefused, match="on its way to it"):
        erase(desk.door.office, account, "account_details", reason="asked", asserter="platform", request="r1")
    reference = released.json()["payments"][0]["reference"]
    amount = f"{payable // 100}.{payable % 100:02}"
    text = f"业务参考号,金额,交易状态,交易流水号\n{reference},{amount},成功,B1\nP0N1,1.00,成功,B2\n"
    sent = {"payer": "platform", "mapping": "bank-transfer-gbk"}
    answer = desk.door.client.post(
        "/v1/payouts/answers", params=sent, content=text.encode("gb18030"), headers=desk.door.as_("cashier")
    )
    assert answer.json()["confirmed"] == 1, answer.text
    assert [one["fault"] for one in answer.json()["not_taken"]] == ["unknown"]
    erase(desk.door.office, account, "account_details", reason="asked", asserter="platform", request="r1")
    (mine,) = desk.get("mcn", "payments").json()
    assert (mine["state"], mine["bank_reference"], mine["amount"]["amount_minor"]) == (
        "confirmed", "B1", payable,
    )  # fmt: skip
    life = desk.get("mcn", f"statements/{STATEMENTS['mcn']}").json()["life"]
    assert (life["status"], life["paid"]["amount_minor"]) == ("paid", payable)


def test_a_payee_sees_its_own_and_nothing_of_the_batch(desk: Desk) -> None:
    name = desk.prepared()["batch"]["id"]
    desk.post("brand", f"statements/{STATEMENTS['brand']}/acceptance")
    assert {one["payee"]["id"] for one in desk.get("mcn", "payables").json()} == {"mcn"}
    assert {one["payee"]["id"] for one in desk.get("outsider", "payables").json()} == set()
    for who in ("mcn", "brand", "outsider", "operator", "arbiter"):
        assert desk.get(who, "payouts").json()["batches"] == []
        assert desk.get(who, f"payouts/{name}").status_code == 403
        assert desk.get(who, "payouts/nobody.9").status_code == 403
    assert desk.get("auditor", f"payouts/{name}").status_code == 200
    assert desk.get("brand", "payee-accounts").json() == []
    assert [one["ending"] for one in desk.get("platform", "payee-accounts").json()] == ["••••1234"]


@pytest.mark.parametrize("who", ["mcn", "brand", "operator", "auditor", "arbiter", "outsider"])
def test_nobody_but_the_payers_own_pays(desk: Desk, who: str) -> None:
    name = desk.prepared()["batch"]["id"]
    size = desk.door.office.log.size()
    asked = [
        ("payouts", {"payer": "platform"}),
        (f"payouts/{name}/release", {"digest": ""}),
        (f"payouts/{name}/cancellation", {"reason": "x"}),
        ("payouts/answers?payer=platform&mapping=bank-transfer-gbk", None),
    ]
    for path, body in asked:
        assert desk.post(who, path, body).status_code == 403, path
    assert desk.get(who, f"payouts/{name}/file?mapping=bank-transfer-gbk").status_code == 403
    assert desk.door.office.log.size() == size


@pytest.mark.parametrize("who", ["platform", "brand", "operator", "auditor", "reader"])
def test_nobody_but_the_payee_records_its_account(desk: Desk, who: str) -> None:
    size = desk.door.office.log.size()
    assert desk.account("6222020200009999", who=who).status_code == 403
    assert desk.door.office.log.size() == size


def test_an_account_signed_by_another_key_is_refused(desk: Desk) -> None:
    desk.key = SigningKey(b"\x08" * 32)
    refused = desk.account("6222020200009999")
    assert (refused.status_code, refused.json()["code"]) == (422, "signature.stranger")


def test_a_change_stops_the_release_and_is_told_to_the_payee(desk: Desk) -> None:
    name = desk.prepared()["batch"]["id"]
    assert desk.account("6222020200009999").json()["state"] == "cooling"
    detail = desk.get("cashier", f"payouts/{name}").json()
    assert "another account" in detail["changed"][0]["en"]
    assert "另一账户" in detail["changed"][0]["zh"]
    refused = desk.post("cashier", f"payouts/{name}/release", {"digest": detail["batch"]["digest"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "payout.changed")
    (told,) = desk.get("mcn", "overview").json()["account_changes"]
    assert told["ending"] == "••••9999"
    assert desk.get("brand", "overview").json()["account_changes"] == []
    (waiting,) = desk.get("cashier", "overview").json()["to_release"]
    assert waiting["batch"] == name
    assert desk.get("platform", "overview").json()["to_release"] == []


def test_no_number_stands_in_answers_pages_or_the_servers_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    name = desk.prepared()["batch"]["id"]
    bad = desk.account("=1+1")
    assert bad.status_code == 422
    assert "=1+1" not in bad.text
    for who in ("mcn", "platform", "auditor"):
        for path in ("/payouts", f"/payouts/{name}", "/", "/v1/payee-accounts", "/v1/payables.csv"):
            assert NUMBER not in desk.door.client.get(path, headers=desk.door.as_(who)).text
    seq = desk.get("mcn", "payee-accounts").json()[0]["entry_seq"]
    shown = desk.get("auditor", f"log/entries/{seq}")
    assert NUMBER not in shown.text
    assert NUMBER not in caplog.text


def test_pages_prepare_release_and_read_an_answer(desk: Desk) -> None:
    client, page = desk.door.client, desk.door.client.get("/payouts", headers=desk.door.as_("platform"))
    token = {"x-form-token": client.cookies.get("tallystick_form") or ""}

    def send(who: str, path: str, **more: Any) -> Any:
        return client.post(path, headers={**desk.door.as_(who), **token, "accept-language": "en"}, **more)

    assert "待付" in page.text or "To be paid" in page.text
    made = send("platform", "/payouts", data={"payer": "platform"})
    assert "platform.1" in made.text
    assert "another member with the role pay" in made.text
    again = send("platform", "/payouts", data={"payer": "platform"})
    assert (again.status_code, "cannot be made like this" in again.text) == (409, True)
    shown = client.get("/payouts/platform.1", headers=desk.door.as_("cashier")).text
    digest = shown.split('name="digest" value="')[1].split('"')[0]
    released = send("cashier", "/payouts/platform.1/release", data={"digest": digest})
    assert "bank-transfer-gbk" in released.text
    file = {"file": ("answer.csv", b"x,y\n", "text/csv")}
    refused = send(
        "cashier", "/payouts/answers", data={"payer": "platform", "mapping": "bank-transfer-gbk"}, files=file
    )
    assert (refused.status_code, "payment file cannot be used" in refused.text) == (422, True)
