"""An agreement with two grants of buyers' data, signed, with orders of 12 buyers in March 2026.

The brand may have phone numbers order by order for after-sales service, 90 days from receipt; brand and
streamer may have regions in groups of at least 3 buyers, and nothing finer, until the end of May.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.office.opening import Office, open_office
from api.office.orders import import_orders
from api.settings import Settings
from policies.loading import load_agreement
from tests.command_line import AGREEMENT
from tests.ledger_samples import FixedClock
from tests.signing import sign_by_all

GRANTS = """
  - id: "11.2"
    kind: data_grant
    holder: platform
    text:
      zh: 经买家单独同意并完成影响评估后，联系方式仅用于售后；收货后满 90 日删除。
      en: With each buyer's separate consent and an impact assessment, for after-sales, deleted after 90 days.
    recipients: [brand]
    fields: [buyer_phone, paid]
    personal: [buyer_phone]
    purpose: {zh: 售后, en: After-sales service}
    retention: {days: 90, then: erase}
  - id: "11.3"
    kind: data_grant
    holder: platform
    text:
      zh: 经单独同意，地区仅以每组不少于 3 名买家的统计提供，用于选品；至 2026-05-31，90 日后删除。
      en: With separate consent, regions in groups of at least 3 buyers, until 2026-05-31, kept for 90 days.
    recipients: [brand, streamer]
    fields: [buyer_region, paid]
    personal: [buyer_region]
    purpose: {zh: 选品, en: choosing goods}
    retention: {days: 90, then: erase}
    valid_until: 2026-05-31
    aggregates: {at_least: 3, told_apart_by: buyer, only: true}
    opt_outs: [profiling]
"""
FACTS = """
facts:
  buyer:        {type: text, of: order, text: {zh: 买家, en: buyer}}
  buyer_phone:  {type: text, of: order, text: {zh: 买家电话, en: buyer's phone}}
  buyer_region: {type: text, of: order, text: {zh: 地区, en: region}}
"""
REGIONS = ["Beijing"] * 5 + ["Shanghai"] * 4 + ["Lhasa"] + ["Xining"] * 2
"""Of buyers 1 to 12. Each buys once on 1 March and those in Beijing and Shanghai again on 2 March."""

NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)


def row(order: str, buyer: int, day: str, received: str = "2026-03-10 10:00:00") -> str:
    region = REGIONS[buyer - 1]
    return f"{order},1,CNY,100.00,{day} 10:00:00,{received},B{buyer},1380000{buyer:04},{region}\n"


def orders_file(rows: list[str]) -> str:
    return "order,line,currency,paid,paid_at,confirmed_at,buyer,buyer_phone,buyer_region\n" + "".join(rows)


MARCH = [
    *(row(f"A{buyer}", buyer, "2026-03-01") for buyer in range(1, 13)),
    *(row(f"B{buyer}", buyer, "2026-03-02") for buyer in range(1, 10)),
    row("C1", 1, "2026-03-03", received=""),
]


def tell(office: Office, folder: Path, rows: list[str]) -> None:
    """Import some rows, in a file of its own."""
    path = folder / f"orders-{office.log.size()}.csv"
    path.write_text(orders_file(rows), encoding="utf-8")
    assert import_orders(office, path, "tallystick-orders", "head-streamer").clean


def settings_of(data: Path) -> Settings:
    return Settings.from_environment({"TALLYSTICK_DATA": str(data)})


@pytest.fixture(scope="session")
def granted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("granted")
    text = AGREEMENT.read_text(encoding="utf-8").replace('\n  - id: "13.1"', f'{GRANTS}\n  - id: "13.1"', 1)
    text = text.replace("\nfacts:\n", FACTS, 1).replace("stage: deep_binding", "stage: full_integration", 1)
    clock = FixedClock(datetime(2026, 1, 31, tzinfo=UTC))
    with open_office(settings_of(folder / "data"), clock=clock) as office:
        agreement = load_agreement(text, name="granted.yaml")
        sign_by_all(office, agreement)
        clock.now = NOW - timedelta(days=5)
        tell(office, folder, MARCH)
    return folder / "data"


@pytest.fixture
def data(granted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(granted, tmp_path / "data"))


@pytest.fixture
def office(data: Path) -> Iterator[Office]:
    """The installation on 20 March 2026, to read and to write to."""
    with open_office(settings_of(data), clock=FixedClock(NOW)) as opened:
        yield opened


@pytest.fixture(scope="module")
def clock() -> FixedClock:
    """The time of the installation that a module's tests share, and of its log."""
    return FixedClock(NOW)


@pytest.fixture(scope="module")
def shared(granted: Path, clock: FixedClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One installation on 20 March 2026 for the tests of a module that ask it over the web."""
    data = Path(shutil.copytree(granted, tmp_path_factory.mktemp("shared") / "data"))
    with open_office(settings_of(data), clock=clock) as opened:
        yield opened
