"""Personal data is kept as long as the signed grant says, then due, then erased, unless a hold keeps it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.office.erasing import due, erase, erase_due, hold
from api.office.opening import Office
from api.office.orders import import_orders
from ledger.doctor import examine
from ledger.errors import ErasureRefused
from ledger.legal_holds import lift_hold
from policies.loading import load_agreement
from tests.command_line import AGREEMENT, log_size, office_at, tally
from tests.signing import sign_by_all

GRANT = """
  - id: "11.2"
    kind: data_grant
    holder: platform
    toward: streamer
    text:
      zh: 经买家单独同意并完成影响评估后，买家身份仅用于售后；收货后至少保存 30 日，满 90 日删除。
      en: With each buyer's separate consent and an impact assessment, for after-sales only, 30 to 90 days.
    recipients: [brand]
    fields: [buyer]
    personal: [buyer]
    purpose: {zh: 售后, en: after-sales service}
    retention: {days: 90, at_least: 30, then: erase}
"""
ORDERS = """order,line,currency,paid,paid_at,confirmed_at,buyer
R-1,1,CNY,100.00,2026-03-01 10:00:00,2026-03-05 10:00:00,Wang
R-2,1,CNY,100.00,2026-03-01 10:00:00,2026-03-20 10:00:00,Li
R-3,1,CNY,100.00,2026-03-01 10:00:00,,Zhao
"""
RECEIVED = datetime(2026, 3, 5, 2, tzinfo=UTC)
"""Order R-1 was received at 10:00 in Shanghai."""


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the example agreement, a grant of buyers' data, and three orders."""
    folder = tmp_path_factory.mktemp("retention")
    text = AGREEMENT.read_text(encoding="utf-8").replace('\n  - id: "13.1"', f'{GRANT}\n  - id: "13.1"', 1)
    text = text.replace(
        "\nfacts:\n", "\nfacts:\n  buyer: {type: text, of: order, text: {zh: 买家, en: buyer}}\n", 1
    )
    text = text.replace("stage: deep_binding", "stage: full_integration", 1)
    orders = folder / "orders.csv"
    orders.write_text(ORDERS, encoding="utf-8")
    with office_at(folder / "data") as office:
        office.clock = lambda: datetime(2026, 1, 31, tzinfo=UTC)
        agreement = load_agreement(text, name="granted.yaml")
        sign_by_all(office, agreement)
        assert import_orders(office, orders, "tallystick-orders", agreement.id).clean
    return folder / "data"


@pytest.fixture
def data(signed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(signed, tmp_path / "data"))


def sale_of(data: Path, order: str) -> int:
    with office_at(data) as office:
        entry = office.log.find("orders", f"{order}/1/sale/1")
        assert entry is not None
        return entry.seq


def test_personal_data_is_kept_for_the_days_its_grant_says_and_may_then_be_erased(data: Path) -> None:
    first, _, third = (sale_of(data, order) for order in ("R-1", "R-2", "R-3"))
    with office_at(data) as office:
        office.clock = lambda: RECEIVED + timedelta(days=30, seconds=-1)
        with pytest.raises(
            ErasureRefused, match=r"clause 11\.2 of head-streamer@1 has it kept until 2026-04-04"
        ):
            erase(office, first, "buyer", reason="asked", asserter="platform", request="r1")
        office.clock = lambda: RECEIVED + timedelta(days=30)
        erase(office, first, "buyer", reason="asked", asserter="platform", request="r1")
        with pytest.raises(ErasureRefused, match="receipt, not confirmed yet"):
            erase(office, third, "buyer", reason="asked", asserter="platform", request="r3")


def orders_due(office: Office, now: datetime) -> list[str]:
    return [one.found.order for batch in due(office, now) for one in batch]


def test_what_no_grant_lets_be_kept_is_due_and_erased_once(data: Path) -> None:
    with office_at(data) as office:
        assert orders_due(office, RECEIVED + timedelta(days=90)) == []
        assert orders_due(office, RECEIVED + timedelta(days=91)) == ["R-1"]
        later = RECEIVED + timedelta(days=200)
        assert orders_due(office, later) == ["R-1", "R-2"], "what was never received is not due"
        hold(office, "case-9", agreement="head-streamer", order="R-2", reason="file 9", asserter="court")
        assert list(erase_due(office, later, "operator")) == [(1, 1)]
        assert list(erase_due(office, later, "operator")) == [(0, 1)]
        lift_hold(office.log, "case-9", reason="closed", asserter="court", now=later)
        assert list(erase_due(office, later, "operator")) == [(1, 0)]
        assert list(erase_due(office, later, "operator")) == []
        (record,) = [
            group.content for group in office.log.groups(office.log.size() - 1) if group.name == "erasure"
        ]
        assert record["reason"] == "clause 11.2 of head-streamer@1: kept for 90 days after receipt"
        assert examine(office.engine) == []


def test_the_commands_hold_and_erase_what_is_due(data: Path) -> None:
    seq = sale_of(data, "R-1")
    place = ("legal-hold", "place", "case-9", "--agreement", "head-streamer", "--order", "R-1", "--reason",
             "file 9", "--by", "court")  # fmt: skip
    ran = tally(data, *place)
    assert (ran.code, ran.err) == (0, "")
    assert "head-streamer, order R-1  stands" in ran.out
    listed = tally(data, "retention", "due").out
    assert "held by case-9" in listed
    assert listed.endswith("1 to erase, 1 under a legal hold\n")
    assert tally(data, "retention", "erase", "--json").json == {"erased": 1, "held": 1}
    refused = tally(data, "erase", str(seq), "buyer", "--reason", "x", "--by", "platform", "--id", "r1")
    assert (refused.code, refused.out) == (2, "")
    assert "legal hold 'case-9' stands (file 9)" in refused.err
    assert tally(data, "legal-hold", "lift", "case-9", "--reason", "closed", "--by", "court").code == 0
    listed = tally(data, "legal-hold", "list", "--json").json
    assert [(one["name"], one["lifted_seq"] is None) for one in listed] == [("case-9", False)]
    assert tally(data, "retention", "erase").out == "1 groups erased, 0 kept under a legal hold\n"
    assert tally(data, "retention", "due", "--json").json == []


def test_a_hold_that_cannot_be_understood_is_refused_with_what_to_do(data: Path) -> None:
    size = log_size(data)
    for arguments, said in (
        (("place", "x", "--order", "R-1", "--reason", "r", "--by", "b"), "give --agreement too"),
        (
            ("place", "x", "--agreement", "nobody", "--reason", "r", "--by", "b"),
            "no version of this agreement",
        ),
        (("lift", "x", "--reason", "r", "--by", "b"), "no legal hold has that name"),
    ):
        ran = tally(data, "legal-hold", *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert said in ran.err
    assert log_size(data) == size
