"""Writing over the API: who may, what a repeat gives, what a refusal says, and what it leaves in the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.access import Grant
from api.members.service import MemberService
from api.office.agreements import version_to_sign
from api.office.chain_worker.work import work
from contracts.consent import sign_version
from contracts.signing import SigningKey
from policies.source import read_source
from tests.integration.api.conftest import Door
from tests.world import EXAMPLES, STATEMENTS
from verifier.checks import verify

WEEK_1 = (EXAMPLES / "orders" / "autumn-week-1.csv").read_bytes()
HEAD_STREAMER = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
IMPORT = "/v1/imports?agreement=head-streamer&mapping=tallystick-orders&file=week.csv"
CSV = {"content-type": "text/csv"}


def post(door: Door, who: str, path: str, data: Any = None, key: str | None = None, **more: str) -> Any:
    headers = door.as_(who) | more | ({"idempotency-key": key} if key else {})
    if isinstance(data, bytes):
        return door.client.post(path, content=data, headers=headers)
    return door.client.post(path, json=data, headers=headers)


# ---- keys of requests


def test_the_same_key_and_body_give_the_first_answer(door: Door) -> None:
    body = {"agreement": "head-streamer", "until": "2026-03-20"}
    first = post(door, "platform", "/v1/settlements", body, key="k1")
    size = door.office.log.size()
    again = post(door, "platform", "/v1/settlements", body, key="k1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.json()["repeated"] is False
    assert again.headers["idempotency-replayed"] == "true"
    assert door.office.log.size() == size


def test_another_body_under_the_same_key_is_a_conflict(door: Door) -> None:
    post(door, "platform", "/v1/settlements", {"agreement": "head-streamer", "until": "2026-03-20"}, key="k1")
    other = post(
        door, "platform", "/v1/settlements", {"agreement": "head-streamer", "until": "2026-03-21"}, key="k1"
    )
    assert other.status_code == 409
    assert other.json()["code"] == "request.key-reused"


def test_keys_of_two_members_do_not_meet(door: Door) -> None:
    path = f"/v1/statements/{STATEMENTS['brand']}/acceptance"
    assert post(door, "mcn", path, key="same").status_code == 403
    assert post(door, "brand", path, key="same").status_code == 201


def test_a_denial_is_not_kept_under_a_key(door: Door) -> None:
    path = "/v1/checkpoints"
    assert post(door, "mcn", path, key="k").status_code == 403
    door.house.members.enrol("both", "Both", [Grant("operator")])
    assert post(door, "operator", path, key="k").status_code == 201


@pytest.mark.parametrize("key", ["x" * 200, "a\tb"])
def test_a_key_that_is_no_key_is_refused(door: Door, key: str) -> None:
    assert post(door, "operator", "/v1/checkpoints", key=key).json()["code"] == "request.key-unusable"


# ---- agreements


def proposal(signers: dict[str, str], *, agreement: str = "second-season") -> dict[str, Any]:
    text = HEAD_STREAMER.replace("agreement: head-streamer", f"agreement: {agreement}")
    return {"document": text, "signers": signers}


def test_an_agreement_is_proposed_and_signed_party_by_party(door: Door) -> None:
    keys = {party: SigningKey.generate() for party in ("platform", "brand", "mcn", "streamer", "leader")}
    body = proposal({party: key.address for party, key in keys.items()})
    proposed = post(door, "platform", "/v1/agreements", body)
    assert proposed.status_code == 201, proposed.text
    assert proposed.json()["status"] == "draft"
    assert post(door, "platform", "/v1/agreements", body).json() == proposed.json()
    path = "/v1/agreements/second-season/1"
    waiting = door.client.get("/v1/overview", headers=door.as_("mcn")).json()["to_sign"]
    assert [one["agreement"] for one in waiting] == ["second-season"]
    request = door.client.get(f"{path}/signing-request", headers=door.as_("mcn")).json()
    assert request["primaryType"] == "AgreementVersion"
    held = door.house.agreements.held(
        door.house.members.viewer_of_code(door.codes["mcn"]), "second-season", 1
    )
    version = version_to_sign(door.office, held)
    for party, key in keys.items():
        signature = "0x" + sign_version(key, version, door.office.domain).signature.hex()
        given = {"party": party, "signature": signature}
        other = "brand" if party != "brand" else "mcn"
        assert post(door, other, f"{path}/signatures", given).status_code == 403
        assert post(door, "operator", f"{path}/signatures", given).status_code == 403
        assert post(door, party, f"{path}/signatures", given).status_code == 201
    shown = door.client.get(path, headers=door.as_("mcn")).json()
    assert shown["status"] == "in_force"
    assert shown["chain"] is None, "it binds before a chain holds it"
    assert "chain" not in door.office.__dict__
    work(door.office)
    assert door.client.get(path, headers=door.as_("mcn")).json()["chain"]["embedded"] is True


def test_a_signature_of_another_key_is_refused_and_leaves_nothing(door: Door) -> None:
    keys = {party: SigningKey.generate() for party in ("platform", "brand", "mcn", "streamer", "leader")}
    post(door, "platform", "/v1/agreements", proposal({party: key.address for party, key in keys.items()}))
    size = door.office.log.size()
    for signature in ("0x" + "11" * 65, "0x12", "no"):
        given = {"party": "mcn", "signature": signature}
        assert post(door, "mcn", "/v1/agreements/second-season/1/signatures", given).status_code == 422
    assert door.office.log.size() == size


def test_a_document_with_a_fault_is_refused_with_its_line(door: Door) -> None:
    text = HEAD_STREAMER.replace("days: 15\n    after", "days: fifteen\n    after")
    answer = post(door, "platform", "/v1/agreements", {"document": text, "signers": {}})
    assert answer.status_code == 422
    assert answer.json()["code"] == "agreement.rejected"
    line = read_source(HEAD_STREAMER, "x").at(("clauses", 2, "days"))
    assert line is not None
    assert answer.json()["errors"][0]["where"].startswith(f"line {line.line},")


def test_a_document_of_others_is_not_proposed_by_a_stranger(door: Door) -> None:
    assert post(door, "outsider", "/v1/agreements", proposal({})).status_code == 403
    assert post(door, "reader", "/v1/agreements", proposal({})).status_code == 403


# ---- orders


def test_an_import_is_taken_once_and_reported(door: Door) -> None:
    first = post(door, "platform", IMPORT, WEEK_1, **CSV).json()
    assert first["clean"] is True
    assert first["report"]["new"]["sales"] > 0
    assert first["report"]["file"] == "week.csv"
    again = post(door, "platform", IMPORT, WEEK_1, **CSV).json()["report"]
    assert again["new"] == {"sales": 0, "receipts": 0, "refunds": 0}
    assert again["repeated"] == first["report"]["stated"]


def changed(data: bytes) -> bytes:
    """Return the order file with the first line's item called otherwise."""
    head, first, *rest = data.decode("utf-8-sig").splitlines()
    at = head.split(",").index("sku")
    cells = first.split(",")
    cells[at] = "OTHER"
    return "\n".join([head, ",".join(cells), *rest, ""]).encode()


def test_a_contradiction_is_reported_or_with_strict_refused_whole(door: Door) -> None:
    post(door, "platform", IMPORT, WEEK_1, **CSV)
    size = door.office.log.size()
    refused = post(door, "platform", f"{IMPORT}&strict=true", changed(WEEK_1), **CSV)
    assert refused.status_code == 409, refused.text
    assert refused.json()["code"] == "import.conflict"
    assert "sku" in refused.json()["errors"][0]["message"]
    assert str(door.world.data) not in refused.text
    assert door.office.log.size() == size
    taken = post(door, "platform", IMPORT, changed(WEEK_1), **CSV)
    assert taken.status_code == 201
    assert taken.json()["clean"] is False
    assert taken.json()["report"]["conflict_count"] == 1


def test_only_the_platform_writes_its_order_files(door: Door) -> None:
    for who in ("brand", "mcn", "reader", "outsider", "operator", "auditor", "arbiter"):
        assert post(door, who, IMPORT, WEEK_1, **CSV).status_code == 403, who


def test_no_file_of_the_server_is_read_on_a_callers_word(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text("x: 1", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    path = "/v1/imports?agreement=head-streamer&mapping=mine.yaml"
    assert post(door, "platform", path, WEEK_1, **CSV).json()["code"] == "intake.mapping-unknown"
    case = {"clause": "6.2", "claim": {"claimant": "mcn", "respondent": "platform"}, "orders": "/etc/passwd"}
    answer = post(door, "mcn", "/v1/disputes", json.dumps(case).encode())
    assert answer.json()["code"] == "case.unusable"


def test_what_is_no_order_file_is_a_problem_that_names_it(door: Door) -> None:
    answer = post(door, "platform", IMPORT, b"\x00\x01\x02", **CSV)
    assert answer.status_code == 422
    assert "week.csv" in answer.text
    assert "/tmp" not in answer.text


# ---- settlement and statements


def test_a_run_shows_the_caller_only_its_own_statement(door: Door) -> None:
    body = {"agreement": "head-streamer", "until": "2026-03-17T00:00:00+08:00"}
    run = post(door, "platform", "/v1/settlements", body).json()
    assert run["repeated"] is True
    assert run["statements"] == [STATEMENTS["platform"]]
    assert run["second_opinion"]["by"].startswith("CommissionSplitter ")
    assert run["second_opinion"]["plans"][0]["plan"].startswith("0x")
    assert "分账合约" in door.client.get(f"/statements/{STATEMENTS['mcn']}", headers=door.as_("mcn")).text
    assert post(door, "operator", "/v1/settlements", body).json()["statements"] == []
    assert post(door, "brand", "/v1/settlements", body).status_code == 403


def test_a_preview_shows_the_caller_only_its_own_statement_and_writes_nothing(door: Door) -> None:
    def previewed(who: str, until: str) -> Any:
        path = f"/v1/settlements/preview?agreement=head-streamer&until={until}"
        return door.client.get(path, headers=door.as_(who))

    seen = previewed("platform", "2026-03-20").json()
    assert (seen["settled"], [one["party"] for one in seen["statements"]]) == (False, ["platform"])
    assert seen == previewed("platform", "2026-03-20").json()
    assert previewed("operator", "2026-03-17").json()["statements"] == []
    assert previewed("brand", "2026-03-20").status_code == 403
    assert previewed("platform", "2099-01-01").json()["where"] == "until"


@pytest.mark.parametrize("until", ["soon", "2026-03-17T00:00:00", "2099-01-01"])
def test_a_cut_off_that_cannot_be_used_is_refused(door: Door, until: str) -> None:
    answer = post(door, "platform", "/v1/settlements", {"agreement": "head-streamer", "until": until})
    assert answer.status_code == 422
    assert answer.json()["where"] == "until"


def test_a_statement_is_accepted_once_by_its_party(door: Door) -> None:
    path = f"/v1/statements/{STATEMENTS['mcn']}/acceptance"
    assert post(door, "platform", path).status_code == 403
    assert post(door, "reader", path).status_code == 403
    assert post(door, "mcn", path).json()["status"] == "accepted"
    size = door.office.log.size()
    assert post(door, "mcn", path).json()["status"] == "accepted"
    assert door.office.log.size() == size
    entry = door.client.get("/v1/log?kind=statement.accepted", headers=door.as_("platform")).json()["entries"]
    assert len(entry) == 1
    assert (
        door.client.get("/v1/log?kind=statement.accepted", headers=door.as_("brand")).json()["entries"] == []
    )
    assert door.client.get("/v1/overview", headers=door.as_("mcn")).json()["to_accept"] == []


# ---- disputes

CASE = {
    "clause": "6.2",
    "claim": {"claimant": "mcn", "respondent": "platform", "amount": "10.00", "demand": "one order short"},
    "decided_at": "2026-04-02",
    "orders": [{"count": "2", "paid": "299.00", "freight": "10.00", "platform_coupon": "20.00"}],
    "settled": {"mcn_share": "30.00"},
}


def test_a_case_is_filed_by_its_claimant_and_decided_by_the_rules(door: Door) -> None:
    body = json.dumps(CASE).encode()
    for who in ("platform", "brand", "reader", "outsider", "operator"):
        assert post(door, who, "/v1/disputes", body).status_code in {403, 422}, who
    filed = post(door, "mcn", "/v1/disputes", body).json()
    assert filed["status"] == "served"
    assert [event["kind"] for event in filed["timeline"]] == ["filed", "served", "answer"]
    assert post(door, "mcn", "/v1/disputes", body).json()["id"] == filed["id"]
    for who in ("brand", "mcn", "auditor", "operator"):  # the claimant's own word moves no money
        assert post(door, who, f"/v1/disputes/{filed['id']}/decision").status_code == 403, who
    path = f"/v1/disputes/{filed['id']}"
    early = post(door, "platform", f"{path}/decision")
    assert (early.status_code, early.json()["code"]) == (409, "dispute.state")
    for who in ("mcn", "platform"):
        assert post(door, who, f"{path}/rest", {}).status_code == 201
    ruled = post(door, "platform", f"{path}/decision").json()
    assert ruled["decision"]["awarded"] == {"amount_minor": 338, "currency": "CNY"}
    assert (ruled["status"], ruled["decision"]["stands"]) == ("ruled", False)
    for who in ("mcn", "platform"):
        decided = post(door, who, f"{path}/waiver", {}).json()
    assert (decided["status"], decided["decision"]["stands"]) == ("decided", True)


def test_an_arbiter_confirms_with_reasons_and_nobody_else(door: Door) -> None:
    path = f"/v1/disputes/{door.world.d05}/confirmation"
    for who in ("streamer", "brand", "platform", "operator", "auditor"):
        assert post(door, who, path, {"reason": "because"}).status_code == 403, who
    assert post(door, "arbiter", path, {"reason": "  "}).status_code == 422
    shown = post(door, "arbiter", path, {"reason": "checked the snapshots"}).json()
    assert shown["decision"]["confirmed_by"] == "arbiter"
    assert (shown["decision"]["stands"], shown["decision"]["level"]) == (False, "panel")
    assert shown["timeline"][-1]["kind"] == "appeal"
    size = door.office.log.size()
    assert post(door, "arbiter", path, {"reason": "again"}).status_code == 201
    assert door.office.log.size() == size


def test_an_arbiter_who_acts_for_a_side_confirms_nothing(door: Door) -> None:
    members: MemberService = door.house.members
    code = members.enrol("partial", "Partial", [Grant("arbiter"), Grant("read", "streamer")])
    path = f"/v1/disputes/{door.world.d05}/confirmation"
    headers = {"authorization": f"Bearer {code}"}
    assert door.client.post(path, json={"reason": "mine"}, headers=headers).status_code == 403


def test_evidence_of_a_decision_waits_until_it_stands(door: Door) -> None:
    path = f"/v1/disputes/{door.world.d05}/evidence"
    answer = door.client.get(path, headers=door.as_("brand"))
    assert (answer.status_code, answer.json()["code"]) == (409, "evidence.not-ready")


# ---- proofs


def test_evidence_and_keys_satisfy_the_verifier(door: Door) -> None:
    keys = door.client.get("/v1/trust-keys", headers=door.as_("mcn")).text
    for path in (f"/v1/statements/{STATEMENTS['mcn']}/evidence", f"/v1/disputes/{door.world.d01}/evidence"):
        bundle = door.client.get(path, headers=door.as_("mcn")).content
        assert verify(bundle, keys).exit_code == 0, verify(bundle, keys).lines("en")
        assert verify(bundle, None).exit_code == 2
        assert verify(bundle.replace(b"1669000", b"1669001", 1), keys).exit_code == 1


def test_the_operator_seals_the_log_and_the_same_state_stays(door: Door) -> None:
    post(door, "mcn", f"/v1/statements/{STATEMENTS['mcn']}/acceptance")
    first = post(door, "operator", "/v1/checkpoints").json()
    assert first["size"] == door.office.log.size()
    assert first["anchors"] == [], "the request waits for no chain"
    assert post(door, "operator", "/v1/checkpoints").json() == first
    assert work(door.office).recorded == (f"anchor/{first['size']}",)
    assert post(door, "platform", "/v1/checkpoints").status_code == 403
    newest = door.client.get("/v1/checkpoints", headers=door.as_("mcn")).json()[0]
    assert newest["anchors"][0]["embedded"] is True
    assert newest | {"anchors": []} == first


@pytest.mark.parametrize("path", ["/v1/agreements/head-streamer/1/canonical.json",
                                  "/v1/agreements/head-streamer/1/contract/both.pdf",
                                  f"/v1/statements/{STATEMENTS['mcn']}/lines.csv",
                                  f"/v1/statements/{STATEMENTS['mcn']}/lines.ndjson"])  # fmt: skip
def test_what_never_changes_is_sent_once(door: Door, path: str) -> None:
    first = door.client.get(path, headers=door.as_("mcn"))
    tag = first.headers["etag"]
    assert len(tag) == 66
    again = door.client.get(path, headers=door.as_("mcn") | {"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert door.client.get(path, headers=door.as_("outsider") | {"if-none-match": tag}).status_code == 403


# ---- rows that were not taken

REJECTS = IMPORT.replace("/imports?", "/imports/rejects?")


def test_the_rows_that_were_not_taken_are_mended_and_sent_again(door: Door) -> None:
    spoilt = WEEK_1.replace(b",CNY,", b",CNX,", 2)
    assert post(door, "platform", IMPORT, spoilt, **CSV).json()["report"]["rejected_rows"] == 2
    size = door.office.log.size()
    answer = post(door, "platform", REJECTS, spoilt, **CSV)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="rejected.csv"'
    assert answer.text.count("row.currency") == 2
    assert door.office.log.size() == size
    mended = answer.content.replace(b",CNX,", b",CNY,")
    assert post(door, "platform", IMPORT, mended, **CSV).json()["clean"] is True
    sheet = post(door, "platform", f"{REJECTS}&form=xlsx", spoilt, **CSV)
    assert sheet.content.startswith(b"PK")
    row = b'{"order":"A-1","line":"1","currency":"CNX","paid":"1.00","paid_at":"2026-02-24"}\n'
    ndjson = post(door, "platform", REJECTS, row, **{"content-type": "application/x-ndjson"})
    assert ndjson.headers["content-type"].startswith("application/x-ndjson")
    assert ndjson.json()["tallystick"]["code"] == "row.currency"


def test_rejected_rows_are_answered_to_the_platform_alone(door: Door) -> None:
    for who in ("brand", "reader", "outsider", "operator", "auditor"):
        assert post(door, who, REJECTS, WEEK_1, **CSV).status_code == 403, who


def test_an_order_file_is_declared_as_one(door: Door) -> None:
    refused = post(door, "platform", IMPORT, WEEK_1, **{"content-type": "text/html"})
    assert (refused.status_code, refused.json()["code"]) == (415, "request.media-type")
    parquet = {"content-type": "application/vnd.apache.parquet"}
    assert post(door, "platform", IMPORT, b"PAR1 and no more", **parquet).json()["code"] == "intake.file"
