"""Kept answers: one a key and member, gone after a day."""

from __future__ import annotations

from pathlib import Path

from api.access import Grant
from api.idempotency import KEPT_SECONDS, Answer, KeptAnswers
from api.members.service import MemberService
from ledger.database import open_engine
from migrations.apply import migrate


def test_an_answer_is_kept_for_a_day_and_then_swept(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'kept.db'}")
    migrate(engine)
    MemberService(engine, lambda: 0, 60).enrol("m", "m", [Grant("read", "mcn")])
    now = [0]
    kept = KeptAnswers(engine, lambda: now[0])
    first = Answer(201, "application/json", b"{}")
    kept.keep("m", "a", "digest", first)
    now[0] = KEPT_SECONDS * 1_000_000 - 1
    kept.keep("m", "b", "digest", first)
    assert kept.find("m", "a", "digest") == first
    now[0] += 1
    kept.keep("m", "c", "digest", first)
    assert kept.find("m", "a", "digest") is None
    assert kept.find("m", "b", "digest") == first
    engine.dispose()
