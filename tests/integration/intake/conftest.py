"""An agreement's terms, a fresh log, and order files to import into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.database import open_engine
from ledger.intake import Funding, IntakeTerms, VersionTerms
from ledger.log import Log
from migrations.apply import migrate

PARTIES = ("brand", "leader", "mcn", "platform", "streamer")
FUNDING = (
    Funding("buyers.payment", "escrow.balance", "paid", "6.1", "sale"),
    Funding("platform.subsidy", "escrow.balance", "platform_coupon", "6.1", "coupon"),
)
V1 = VersionTerms("autumn@1", datetime(2017, 1, 1, tzinfo=UTC), PARTIES, ("platform",), FUNDING)
TERMS = IntakeTerms("autumn", "CNY", "Asia/Shanghai", "platform", (V1,))

HEADER = (
    "order,line,currency,paid,freight,platform_coupon,sku,category,buyer,"
    "paid_at,confirmed_at,refunded,refunded_at"
)

WriteCsv = Callable[..., Path]


@pytest.fixture(name="terms")
def _terms() -> IntakeTerms:
    return TERMS


@pytest.fixture(name="migrated", scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("intake") / "migrated.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(name="log")
def _log(tmp_path: Path, migrated: Path) -> Iterator[Log]:
    shutil.copy(migrated, tmp_path / "log.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'log.db'}")
    yield Log(engine, clock=lambda: datetime(2026, 4, 1, tzinfo=UTC))
    engine.dispose()


@pytest.fixture(name="write_csv")
def _write_csv(tmp_path: Path) -> WriteCsv:
    def write(*rows: str, header: str = HEADER, encoding: str = "utf-8", name: str = "orders.csv") -> Path:
        path = tmp_path / name
        path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
        return path

    return write
