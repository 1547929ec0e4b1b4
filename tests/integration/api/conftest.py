# ruff: noqa: E501 -- sample sentences and figures, one a line
"""A house with sample services, for the routes and pages."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel

from api.access import Grant, Viewer, demand_read, may_read
from api.agreements import schemas as a
from api.app import create_app
from api.disputes import schemas as d
from api.house import House
from api.log import schemas as g
from api.log.service import LogFilter
from api.members.models import Member, MemberSession, Membership
from api.members.service import MemberService
from api.overview import schemas as o
from api.reading import Text, plain
from api.settings import Settings
from api.statements import schemas as s
from tests.integration.api.samples import (
    AGREEMENT,
    CLAUSES,
    DISPUTE,
    LINES,
    PARTY,
    REF,
    SAMPLE_LOG,
    STATEMENT,
    cny,
    entry,
)


class Samples:
    """All five services at once: everything belongs to every party of the sample agreement except the statement."""

    accepted = False

    def overview(self, viewer: Viewer) -> o.Overview:
        if not may_read(viewer, PARTY):
            return o.Overview((), (), (), (), None)
        mine = PARTY["mcn"]
        return o.Overview(
            to_sign=(o.ToSign(REF, 1, AGREEMENT.title, mine, 4, 5),),
            to_accept=(
                o.ToAccept(STATEMENT.id, REF, mine, "2026-03", STATEMENT.payable, STATEMENT.issued_at),
            ),
            disputes=(
                o.DisputeDue(
                    "D05", DISPUTE.title, "review", "2026-11-16T18:00:00+08:00", "arbiter", DISPUTE.claimed
                ),
            ),
            balances=(
                o.Balance(mine, REF, "balance", cny(156886)),
                o.Balance(mine, REF, "receivable", cny(-21697)),
            ),
            checkpoint=o.CheckpointShown(1469307, "e1" * 32, "2026-04-01T09:00:00+08:00", True, "1337", True),
        )

    def agreements(self, viewer: Viewer) -> tuple[a.AgreementRow, ...]:
        row = a.AgreementRow(
            REF, 1, AGREEMENT.title, "signing", AGREEMENT.parties, 4, 5, AGREEMENT.effective_from
        )
        return (row,) if may_read(viewer, PARTY) else ()

    def agreement(self, viewer: Viewer, agreement: str, version: int) -> a.AgreementDetail:
        demand_read(viewer, PARTY if (agreement, version) == (REF, 1) else (), "agreement")
        return replace(AGREEMENT, needs_signature_of=(PARTY["mcn"],) if "mcn" in viewer.parties else ())

    def canonical(self, viewer: Viewer, agreement: str, version: int) -> bytes:
        return self.agreement(viewer, agreement, version).canonical.encode()

    def statements(self, viewer: Viewer) -> tuple[s.StatementRow, ...]:
        row = s.StatementRow(
            STATEMENT.id, REF, PARTY["mcn"], "2026-03", "issued", STATEMENT.payable, STATEMENT.issued_at
        )
        return (row,) if may_read(viewer, ("mcn",)) else ()

    def statement(self, viewer: Viewer, statement: str) -> s.StatementDetail:
        demand_read(viewer, ("mcn",) if statement == STATEMENT.id else (), "statement")
        status = "accepted" if self.accepted else "issued"
        return replace(
            STATEMENT, status=status, may_accept=not self.accepted and viewer.has("approve", "mcn")
        )

    def lines(self, viewer: Viewer, statement: str, after: int | None, limit: int) -> s.LinePage:
        self.statement(viewer, statement)
        first = 0 if after is None else after + 1
        some = LINES[first : first + limit]
        return s.LinePage(
            statement, some, len(LINES), some[-1].number if some and some[-1] != LINES[-1] else None
        )

    def all_lines(self, viewer: Viewer, statement: str) -> Iterator[s.StatementLine]:
        self.statement(viewer, statement)
        return iter(LINES)

    def explain(self, viewer: Viewer, statement: str, number: int) -> s.LineExplained:
        self.statement(viewer, statement)
        demand_read(viewer, ("mcn",) if number < len(LINES) else (), "line")
        return s.LineExplained(
            statement, LINES[number], REF, Text(CLAUSES[1][2], CLAUSES[1][3]),
            (s.FactUsed("paid", Text("实付", "paid"), "299.00", "platform", "orders-2026-03.csv", "ab" * 32, "confirmed", 1),
             s.FactUsed("freight", Text("运费", "freight"), "10.00", "platform", "orders-2026-03.csv", "ab" * 32, "asserted", 1)),
            (s.ArithmeticStep(plain("20% × (299.00 + 20.00 − 10.00)"), cny(6180)),
             s.ArithmeticStep(plain("10% × 61.80"), cny(618)),
             s.ArithmeticStep(plain("30% × (61.80 − 6.18) = 16.686"), cny(1669))),
        )  # fmt: skip

    def accept(self, viewer: Viewer, statement: str) -> None:
        self.statement(viewer, statement)
        self.accepted = True

    def disputes(self, viewer: Viewer) -> tuple[d.DisputeRow, ...]:
        x = DISPUTE
        row = d.DisputeRow(x.id, x.title, REF, x.status, x.claimant, x.respondent, x.claimed, "granted_in_part", "2026-11-16T18:00:00+08:00")  # fmt: skip
        return (row,) if may_read(viewer, ("streamer", "brand")) else ()

    def dispute(self, viewer: Viewer, dispute: str) -> d.DisputeDetail:
        demand_read(viewer, ("streamer", "brand", "mcn") if dispute == "D05" else (), "dispute")
        return DISPUTE

    def entries(self, viewer: Viewer, wanted: LogFilter, limit: int) -> g.LogPage:
        shown = [entry(seq) for seq in range(4, -1, -1) if wanted.kind in (None, entry(seq).kind)]
        kinds = tuple(sorted({entry(n).kind for n in range(5)}))
        return g.LogPage(tuple(shown[:limit]) if may_read(viewer, PARTY) else (), kinds, (REF,), None)

    def proof(self, viewer: Viewer, seq: int) -> g.ProofShown:
        demand_read(viewer, PARTY if seq < SAMPLE_LOG.size else (), "entry")
        path = tuple(base64.b64encode(part).decode() for part in SAMPLE_LOG.path(seq, 0, SAMPLE_LOG.size))
        root = base64.b64encode(SAMPLE_LOG.hash(0, SAMPLE_LOG.size)).decode()
        anchor = g.AnchorShown(1337, True, "0x" + "a1" * 20, "0x" + "c4" * 32, 9, 5)
        leaf = SAMPLE_LOG.leaves[seq]
        return g.ProofShown(entry(seq), leaf, SAMPLE_LOG.hash(seq, seq + 1).hex(), 5, path, root, SAMPLE_LOG.note(), SAMPLE_LOG.vkey()[0], (anchor,))  # fmt: skip


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    tables = [
        SQLModel.metadata.tables[str(kind.__tablename__)] for kind in (Member, Membership, MemberSession)
    ]
    SQLModel.metadata.create_all(made, tables=tables)
    yield made
    made.dispose()


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    settings = Settings(
        data_dir=tmp_path, database_url="sqlite://", secret="a secret of the tests", sign_ins_per_minute=5
    )
    ticks = itertools.count(1_775_000_000_000_000, 1_000)
    members = MemberService(engine, lambda: next(ticks), settings.session_seconds_max)
    samples = Samples()
    return House(settings, members, samples, samples, samples, samples, samples)


@pytest.fixture
def codes(house: House) -> dict[str, str]:
    """Access codes of one member of the MCN, one of the brand, an outsider and an auditor."""
    return {
        "mcn": house.members.enrol("lin", "林 Lin", [Grant("read", "mcn"), Grant("approve", "mcn")]),
        "brand": house.members.enrol("qiu", "秋 Qiu", [Grant("read", "brand")]),
        "outsider": house.members.enrol("out", "Outsider", [Grant("read", "another")]),
        "auditor": house.members.enrol("aud", "Auditor", [Grant("auditor")]),
    }


@pytest.fixture
def app(house: House) -> Litestar:
    return create_app(house)


@pytest.fixture
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made
