"""Entries over the API: who may write what, what the same again gives, and what a refusal tells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import text

import api.entries.service
from api.access import Grant, SourceGrant
from api.app import create_app
from api.errors import SourceRefused
from api.house import house_of
from api.members.identify import KNOWN_SECONDS, KnownCodes
from api.members.service import HOUSE_PREFIX, HOUSE_SOURCE
from api.office.orders import import_orders
from ledger.entries import NewEntry
from ledger.errors import LogBusy, LogClosed
from ledger.intake.importing import IMPORT_SOURCE
from ledger.signing.proposals import SOURCE as AGREEMENTS
from tests.integration.api.conftest import Door
from tests.world import AGREEMENT, PARTIES

SOLD = "2026-03-02T20:15:00+08:00"


def sale(order: str = "H1", **changed: Any) -> dict[str, Any]:
    return {
        "source": "till",
        "kind": "sale.recorded",
        "agreement": AGREEMENT,
        "asserter": "platform",
        "occurred_at": SOLD,
        "order": order,
        "line": "1",
        "facts": {"paid": "299.00", "freight": "10.00", "platform_coupon": "20.00"},
        "personal": {"buyer": "Wang, 138 0000 0000"},
    } | changed


def event(kind: str, order: str = "H1", **changed: Any) -> dict[str, Any]:
    told = sale(order, kind=kind, occurred_at="2026-03-09T09:00:00+08:00", facts={}) | changed
    del told["personal"]
    return told


@pytest.fixture
def till(door: Door) -> dict[str, str]:
    """The header of a program that may write the source `till` for the platform."""
    code = door.house.members.enrol("till", "Till", [], [SourceGrant("platform", "till")])
    return {"authorization": f"Bearer {code}"}


def post(door: Door, headers: dict[str, str], body: Any, query: str = "") -> Any:
    return door.client.post(f"/v1/entries{query}", json=body, headers=headers)


def post_many(door: Door, headers: dict[str, str], bodies: Sequence[Any], query: str = "") -> Any:
    content = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in bodies).encode()
    kind = {"content-type": "application/x-ndjson"}
    return door.client.post(f"/v1/entries{query}", content=content, headers=headers | kind)


def test_an_entry_is_durable_when_it_is_answered_and_read_by_those_it_is_for(
    door: Door, till: dict[str, str]
) -> None:
    answer = post(door, till, sale())
    assert answer.status_code == 201, answer.text
    seq = answer.json()["seq"]
    assert answer.json() == {"seq": seq, "repeated": False}
    order, buyer, _ = door.office.log.groups(seq)
    assert order.readers == PARTIES
    assert buyer.readers == ("platform",)
    assert [one["account"] for one in order.postings] == ["consumers.payment", "escrow.balance"]
    for who, names in (("platform", {"order", "buyer"}), ("mcn", {"order"})):
        shown = door.client.get(f"/v1/log/{seq}", headers=door.as_(who)).json()["entry"]["groups"]
        assert {group["name"] for group in shown if group["state"] == "opened"} == names
    assert door.client.get(f"/v1/log/{seq}", headers=till).status_code == 200


def test_receipts_and_refunds_follow_the_sale_on_its_line(door: Door, till: dict[str, str]) -> None:
    told = [sale(), event("receipt.confirmed"), event("refund.recorded", facts={"refunded_total": "100"})]
    assert [post(door, till, one).status_code for one in told] == [201, 201, 201]
    assert [found[3] for found in door.office.log.line(AGREEMENT, "H1", "1")] == ["sale", "receipt", "refund"]
    assert door.office.log.find("till", "H1/1/refund/100.00") is not None


def test_the_same_again_returns_where_it_stands_after_a_restart_too(door: Door, till: dict[str, str]) -> None:
    first = post(door, till, sale()).json()
    assert post(door, till, sale()).json() == first | {"repeated": True}
    assert post(door, till, sale(facts=sale()["facts"] | {"paid": "299.0"})).json()["repeated"] is True
    door.office.close()
    with door.world.open() as office, TestClient(create_app(house_of(office))) as client:
        assert client.post("/v1/entries", json=sale(), headers=till).json() == first | {"repeated": True}


def test_other_content_under_an_id_is_a_conflict_that_names_fields_and_no_values(
    door: Door, till: dict[str, str]
) -> None:
    post(door, till, sale())
    size = door.office.log.size()
    other = sale(facts=sale()["facts"] | {"paid": "123.45"}, personal={"buyer": "Li"})
    answer = post(door, till, other)
    assert (answer.status_code, answer.json()["code"]) == (409, "entry.conflict")
    (item,) = answer.json()["errors"]
    assert item["where"] == "entry 0"
    assert "groups.order.content.paid" in item["message"]
    assert "groups.buyer.content.buyer" in item["message"]
    assert not any(value in answer.text for value in ("123.45", "299", "Wang", 'Li"'))
    assert door.office.log.size() == size


def test_a_file_and_the_api_tell_one_source_of_one_order_alike(
    door: Door, tmp_path: Path, till: dict[str, str]
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order,line,currency,paid,freight,platform_coupon,buyer,paid_at,confirmed_at,refunded,refunded_at\n"
        f"H/1,1,CNY,299.00,10.00,20.00,Wang,{SOLD},2026-03-09T09:00:00+08:00,5.00,2026-03-09T09:00:00+08:00\n",
        encoding="utf-8",
    )
    assert import_orders(door.office, path, "tallystick-orders", AGREEMENT).new.total == 3
    code = door.house.members.enrol("feed", "Feed", [], [SourceGrant("platform", "orders")])
    feed = {"authorization": f"Bearer {code}"}
    told = [
        sale("H/1", source="orders", personal={"buyer": "Wang"}),
        event("receipt.confirmed", "H/1", source="orders"),
        event("refund.recorded", "H/1", source="orders", facts={"refunded_total": "5"}),
    ]
    assert [post(door, feed, one).json()["repeated"] for one in told] == [True, True, True]
    attested = [post(door, till, sale("H/1")).json()["seq"]]
    code = door.house.members.enrol("bank", "Bank", [], [SourceGrant("platform", "bank")])
    bank = {"authorization": f"Bearer {code}"}
    attested += post_many(door, bank, [sale("H/1", source="bank")]).json()["seqs"]
    for seq in attested:
        assert not any(group.postings for group in door.office.log.groups(seq)), "its money is there once"


def test_only_a_granted_source_is_written_and_only_for_its_party(door: Door, till: dict[str, str]) -> None:
    size = door.office.log.size()
    for who in (*PARTIES, "reader", "outsider", "arbiter", "auditor", "operator"):
        assert post(door, door.as_(who), sale()).status_code == 403, who
    assert post(door, {}, sale()).status_code == 401
    for changed in ({"source": "other"}, {"asserter": "brand"}, {"asserter": "nobody"}):
        assert post(door, till, sale(**changed)).json()["code"] == "access.denied"
    unknown, stranger = post(door, till, sale(agreement="nowhere")), None
    code = door.house.members.enrol("s", "S", [], [SourceGrant("stranger", "s")])
    stranger = post(door, {"authorization": f"Bearer {code}"}, sale(source="s", asserter="stranger"))
    assert unknown.json() == stranger.json(), "hidden and unknown are one answer"
    code = door.house.members.enrol("b", "B", [], [SourceGrant("brand", "b")])
    brand = {"authorization": f"Bearer {code}"}
    told = sale(source="b", asserter="brand")
    assert post(door, brand, told).status_code == 403, "orders are the platform's word"
    assert door.office.log.size() == size
    stated = event("fact.stated", source="b", asserter="brand", id="stock-1", facts={"left": 12})
    del stated["order"], stated["line"]
    assert post(door, brand, stated).status_code == 201


@pytest.mark.parametrize(
    "kind",
    ["agreement.signed", "signature.given", "settlement.run", "statement.issued", "dispute.decided",
     "content.erased", "event.recorded", "file.imported", "legal_hold.placed", "anything.else"],
)  # fmt: skip
def test_nobody_forges_what_the_house_records(door: Door, till: dict[str, str], kind: str) -> None:
    answer = post(door, till, sale(kind=kind))
    assert (answer.status_code, answer.json()["code"], answer.json()["where"]) == (
        422, "entry.invalid", "kind",
    )  # fmt: skip


def test_sources_of_the_house_and_of_others_are_granted_to_nobody(door: Door, till: dict[str, str]) -> None:
    assert IMPORT_SOURCE == HOUSE_SOURCE
    assert AGREEMENTS.startswith(HOUSE_PREFIX)
    enrol = door.house.members.enrol
    for party, source in (("mcn", "till"), ("mcn", AGREEMENTS), ("mcn", IMPORT_SOURCE)):
        with pytest.raises(SourceRefused):
            enrol("x", "X", [Grant("read", "mcn")], [SourceGrant(party, source)])
    assert not door.house.members.has("x")
    enrol("y", "Y", [], [SourceGrant("platform", "till")])


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"order": None}, "order"),
        ({"line": " "}, "line"),
        ({"id": "mine"}, "id"),
        ({"sold_at": SOLD}, "sold_at"),
        ({"occurred_at": "2020-01-01T00:00:00Z"}, "occurred_at"),
        ({"facts": {"freight": "10.00"}}, "facts.paid"),
        ({"facts": {"paid": 299}}, "facts.paid"),
        ({"facts": {"paid": "2.999"}}, "facts.paid"),
        ({"facts": {"payed": "1.00"}}, "facts"),
        ({"kind": "fact.stated"}, "order"),
        ({"kind": "receipt.confirmed"}, "personal"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(
    door: Door, till: dict[str, str], changed: dict[str, Any], where: str
) -> None:
    answer = post(door, till, sale(**changed))
    assert (answer.status_code, answer.json()["code"]) == (422, "entry.invalid"), answer.text
    assert answer.json()["where"] == where


@pytest.mark.parametrize(
    ("kind", "facts", "where"),
    [
        ("receipt.confirmed", {"paid": "1.00"}, "facts"),
        ("refund.recorded", {}, "facts"),
        ("refund.recorded", {"refunded_total": "0.00"}, "facts.refunded_total"),
        ("refund.recorded", {"refunded_total": "-1.00"}, "facts.refunded_total"),
    ],
)
def test_a_receipt_or_refund_says_only_what_it_is(
    door: Door, till: dict[str, str], kind: str, facts: dict[str, str], where: str
) -> None:
    answer = post(door, till, event(kind, facts=facts))
    assert (answer.status_code, answer.json()["where"]) == (422, where)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{", "body.entry"),
        (b"[]", "body.entry"),
        (b'{"source": 5}', "body.source"),
        (json.dumps(sale(readers=["all"])).encode(), "body.entry"),
        (json.dumps(sale(occurred_at="2026-03-02T20:15:00")).encode(), "occurred_at"),
        (b'{"a":' + b"[" * 100_000, "body.entry"),
        (b'{"source":"\xff"}', "body.entry"),
    ],
)
def test_what_is_no_entry_is_refused_as_such(
    door: Door, till: dict[str, str], body: bytes, where: str
) -> None:
    answer = door.client.post(
        "/v1/entries", content=body, headers=till | {"content-type": "application/json"}
    ).json()
    assert answer["status"] in {400, 422}
    assert where in {answer.get("where"), *(item["where"] for item in answer.get("errors", ()))}


def test_many_are_taken_all_or_none(door: Door, till: dict[str, str]) -> None:
    size = door.office.log.size()
    taken = post_many(door, till, [sale("A"), "", sale("B"), sale("A")])
    assert taken.json() == {"accepted": 2, "repeated": 1, "refused": [], "seqs": [size, size + 1, size]}
    for bad, code, where in (
        (sale("C", facts={}), "entry.invalid", "entry 1, facts.paid"),
        (sale("C", source="other"), "access.denied", "entry 1"),
        ("{", "request.invalid", None),
        (sale("A", occurred_at="2026-03-03T20:15:00+08:00"), "entry.conflict", None),
    ):
        refused = post_many(door, till, [sale("C"), bad, sale("D")]).json()
        assert (refused["code"], refused.get("where")) == (code, where)
        assert where or "entry 1" in refused["errors"][0]["where"]
    assert door.office.log.size() == size + 2


def test_with_partial_the_rest_is_taken_and_what_was_refused_is_reported_without_values(
    door: Door, till: dict[str, str]
) -> None:
    post(door, till, sale("A"))
    size = door.office.log.size()
    bodies = [
        sale("B"),
        sale("A", facts=sale()["facts"] | {"paid": "123.45"}),
        "{",
        sale("C", facts={"paid": "12.345", "platform_coupon": "0"}),
        sale("D", asserter="brand"),
        sale("A"),
    ]
    answer = post_many(door, till, bodies, "?partial=true")
    assert answer.status_code == 201
    report = answer.json()
    assert (report["accepted"], report["repeated"]) == (1, 1)
    assert report["seqs"] == [size, None, None, None, None, size - 1]
    told = [(one["index"], one["code"], one["fields"]) for one in report["refused"]]
    assert told == [
        (1, "entry.conflict", ["groups.order.content.paid"]),
        (2, "request.invalid", ["entry"]),
        (3, "entry.invalid", ["facts.paid"]),
        (4, "access.denied", []),
    ]
    assert not any(value in answer.text for value in ("123.45", "12.345", "Wang"))


def test_requests_are_bounded_in_count_size_and_form(
    door: Door, till: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    size = door.office.log.size()
    monkeypatch.setattr(api.entries.service, "ENTRIES_MAX", 2)
    too_many = post_many(door, till, [sale("A"), sale("B"), sale("C")], "?partial=true")
    assert (too_many.status_code, too_many.json()["code"]) == (422, "request.unusable")
    long = post(door, till, sale(personal={"buyer": "x" * (1 << 20)}))
    assert (long.status_code, long.json()["code"]) == (422, "entry.invalid")
    assert post(door, till, sale(), "?partial=true").json()["where"] == "partial"
    form = door.client.post("/v1/entries", data={"a": "b"}, headers=till)
    assert form.status_code == 415
    assert door.office.log.size() == size


@pytest.mark.parametrize(("error", "code"), [(LogBusy, "log.busy"), (LogClosed, "log.closed")])
def test_a_log_that_takes_nothing_says_when_to_come_back(
    door: Door, till: dict[str, str], monkeypatch: pytest.MonkeyPatch, error: type[Exception], code: str
) -> None:
    def refuse(entries: Sequence[NewEntry], **_: object) -> None:
        raise error("nothing was taken")

    monkeypatch.setattr(api.entries.service, "WAIT_SECONDS", 0)
    for way in ("submit", "submit_soon"):
        monkeypatch.setattr(door.office.queue, way, refuse)
    for answer in (post(door, till, sale()), post_many(door, till, [sale()])):
        assert (answer.status_code, answer.json()["code"]) == (503, code)
        assert answer.headers["retry-after"] == "1"


def test_an_idempotency_key_costs_no_row_where_entries_have_keys(door: Door, till: dict[str, str]) -> None:
    keyed = till | {"idempotency-key": "k"}
    assert post(door, keyed, sale("A")).json()["repeated"] is False
    assert post(door, keyed, sale("B")).status_code == 201, "the entry's own key counts"
    with door.office.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM kept_answer")).scalar_one() == 0


def test_a_withdrawn_code_writes_for_a_few_seconds_at_most(door: Door, till: dict[str, str]) -> None:
    now = [100.0]
    known = KnownCodes(lambda: now[0])
    viewer = door.house.members.viewer_of_code(till["authorization"].removeprefix("Bearer "))
    known.keep(b"digest", viewer)
    now[0] += KNOWN_SECONDS - 0.1
    assert known.find(b"digest") == viewer
    now[0] += 0.1
    assert known.find(b"digest") is None
    door.house.members.withdraw("till")
    assert post(door, till, sale()).status_code == 401, "nobody had asked with it before"


def test_nothing_is_remembered_of_a_code_elsewhere(door: Door, till: dict[str, str]) -> None:
    assert door.client.get("/v1/me", headers=till).status_code == 200
    door.house.members.withdraw("till")
    assert door.client.get("/v1/me", headers=till).status_code == 401
