"""What each shipped register is for, as a story: events that lead on, and one that it refuses on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from ledger.database import open_engine
from ledger.log import Log
from ledger.registers.declaration import register
from ledger.registers.errors import TellingRefused
from ledger.registers.items import Item, item
from ledger.registers.telling import tell
from ledger.registers.values import figures
from migrations.apply import migrate
from policies.agreement import Agreement
from policies.errors import TallystickError
from policies.loading import load_agreement

EXAMPLE = Path(__file__).parents[3] / "examples" / "agreements" / "head-streamer.yaml"
START = datetime.fromisoformat("2026-09-24T10:00:00+08:00")


UNTIL = "licensed_until=2027-09-01"
SEEN = "sku=A channel=app seen_at=2026-09-24T09:00:00+08:00"
VALID = "valid_until=2026-12-31"
SCORES = "occasion=selection speech=80 appeal=70"


@dataclass(frozen=True)
class Step:
    """An event of a story: by whom, with which fields, and what it leads to, or why it is refused."""

    event: str
    by: str
    fields: str
    leads_to: str = ""
    refused: str = ""


def does(event: str, by: str, fields: str, leads_to: str) -> Step:
    return Step(event, by, fields, leads_to)


def fails(event: str, by: str, fields: str, why: str) -> Step:
    return Step(event, by, fields, refused=why)


STORIES: dict[str, list[Step]] = {
    "survey": [
        fails("given", "platform", "score=6", "a score is 1 to 5"),
        does("given", "platform", "score=5 recommend=9 order=O1 channel=app comment=good", "given"),
        fails("voided", "streamer", "reason=twice", "is told by platform, merchant, mcn"),
        does("voided", "platform", "reason=twice", "voided"),
    ],
    "feedback": [
        does("filed", "mcn", "topic=quality sku=LIP-01 words=smells", "open"),
        fails("closed", "brand", "satisfied=true", "'closed' is for answered, passed_on"),
        does("answered", "brand", "answer=sorry", "answered"),
        does("reopened", "mcn", "words=again", "open"),
        does("passed_on", "brand", "passed_to=after_sale reference=R-7", "passed_on"),
        does("closed", "platform", "satisfied=false", "closed"),
    ],
    "content_work": [
        does("agreed", "brand", f"name=story form=story owner=shared {UNTIL}", "agreed"),
        fails("accepted", "brand", "", "'accepted' is for delivered"),
        does("delivered", "streamer", f"file={'ab' * 32}", "delivered"),
        does("returned", "brand", "reason=logo", "returned"),
        does("delivered", "streamer", f"file={'cd' * 32}", "delivered"),
        does("accepted", "brand", "", "accepted"),
        does("published", "platform", "address=https://example.test/v/1", "accepted"),
        does("licence_ended", "brand", "reason=over", "ended"),
    ],
    "price_observation": [
        fails("observed", "mcn", f"{SEEN} price=0.00", "above zero"),
        does("observed", "mcn", f"{SEEN} price=199.00", "observed"),
        does("disputed", "brand", "reason=voucher", "disputed"),
        fails("disputed", "brand", "reason=again", "'disputed' is for observed"),
        does("confirmed", "platform", "", "confirmed"),
    ],
    "assessment": [
        fails("scored", "mcn", f"{SCORES} expertise=101 compliance=1", "at most 100"),
        does("scored", "mcn", f"{SCORES} expertise=90 compliance=50", "scored"),
        fails("accepted", "mcn", "tier=novice", "care for the rules by itself, are at least 60"),
        does("declined", "mcn", "reason=rules", "declined"),
        fails("appealed", "platform", "reason=unfair", "is told by self, mcn"),
        does("appealed", "streamer", "reason=retrained", "appealed"),
        does("rescored", "mcn", "compliance=80", "appealed"),
        does("accepted", "mcn", "tier=novice", "accepted"),
    ],
    "training": [
        does("planned", "streamer", "course=law_and_rules trainee=Lin", "planned"),
        fails("passed", "streamer", "score=90 valid_until=2027-09-01", "is told by mcn, platform, operator"),
        fails("passed", "mcn", "score=59 valid_until=2027-09-01", "60 of 100"),
        does("failed", "mcn", "score=59", "failed"),
        does("passed", "mcn", "score=75 valid_until=2027-09-01", "passed"),
        does("expired", "monitor", "", "expired"),
    ],
    "selection": [
        does("offered", "brand", "sku=serum offered_price=80.00", "offered"),
        does("verified", "mcn", f"sales_rights={'ab' * 32} sample=false compared_price=100.00", "verified"),
        fails("taken", "streamer", "", "a sample was tried"),
        does("declined", "streamer", "reason=untried", "declined"),
        does("offered_again", "brand", "offered_price=75.00", "offered"),
        does("verified", "mcn", f"sales_rights={'ab' * 32} sample=true", "verified"),
        does("taken", "streamer", "", "taken"),
    ],
    "traffic": [
        does("promised", "platform", "promised=100000 until_day=2026-10-20", "promised"),
        does("delivered", "platform", "delivered=90000", "running"),
        fails("verified", "brand", f"verified=90001 report={'ab' * 32}", "no more is verified than was del"),
        does("verified", "brand", f"verified=84000 report={'ab' * 32}", "running"),
        fails("completed", "platform", "", "no less than promised"),
        does("fell_short", "brand", "", "short"),
        does("delivered", "platform", "delivered=101000", "running"),
        does("verified", "brand", f"verified=100500 report={'cd' * 32}", "running"),
        does("completed", "platform", "", "complete"),
    ],
    "stock": [
        does("forecast", "mcn", "sku=serum forecast=4000 ready_by=2026-10-12", "forecast"),
        fails("reserved", "mcn", "reserved=4000", "'reserved' is told by merchant"),
        does("reserved", "brand", "reserved=3800 warehouse=Hangzhou", "reserved"),
        does("ready", "brand", "in_warehouse=3800", "ready"),
        does("ran_out", "platform", "short=120", "ready"),
        does("released", "brand", "", "released"),
    ],
    "honour": [
        fails("given", "streamer", f"title=star grounds=score {VALID}", "'given' is told by"),
        does("given", "mcn", f"title=star grounds=score {VALID}", "held"),
        does("ended", "monitor", "", "over"),
        does("renewed", "platform", f"grounds=score {VALID}", "held"),
        does("revoked", "platform", "reason=fraud", "revoked"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    return load_agreement(EXAMPLE.read_text(encoding="utf-8"), name=EXAMPLE.name)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('stories') / 'ledger.db'}")
    migrate(engine)
    yield Log(engine)
    engine.dispose()


def told(log: Log, agreement: Agreement, name: str, step: Step, at: datetime) -> Item:
    """Tell a step; return the item after it. `by` keys are global ids in the example."""
    fields = dict(one.split("=", 1) for one in step.fields.split())
    if register(name).of == "agreement":
        tell(log, agreement, name, "X", step.event, fields, by=step.by, at=at)
    else:
        roles = [one.role for key, one in agreement.parties.items() if key == step.by]
        tell(log, None, name, "X", step.event, fields, by=step.by, at=at, party="streamer", roles=roles)
    return item(log, name, "X")


@pytest.mark.parametrize("name", STORIES)
def test_a_register_goes_as_its_story_says(log: Log, agreement: Agreement, name: str) -> None:
    for place, step in enumerate(STORIES[name]):
        at = START + timedelta(hours=place)
        if step.refused:
            with pytest.raises(TallystickError, match=step.refused):
                told(log, agreement, name, step, at)
        else:
            assert told(log, agreement, name, step, at).state == step.leads_to


def test_a_ticket_goes_on_as_an_after_sale_case_that_exists(log: Log, agreement: Agreement) -> None:
    opened = does("opened", "platform", "topic=quality order=O1 words=leaks", "open")
    told(log, agreement, "ticket", opened, START)
    goes_on = does("escalated", "brand", "after_sale=X", "escalated")
    with pytest.raises(TellingRefused, match="no after_sale 'X'"):
        told(log, agreement, "ticket", goes_on, START)
    asked = does("asked", "platform", "order=O1 wish=refund responsible=merchant", "asked")
    told(log, agreement, "after_sale", asked, START)
    ticket = told(log, agreement, "ticket", goes_on, START + timedelta(hours=1))
    assert (ticket.state, ticket.text("after_sale")) == ("escalated", "X")
    (response,) = ticket.clocks
    assert (response.ended_at, response.due) == ("2026-09-24T11:00:00+08:00", "2026-09-25T10:00:00+08:00")


def test_an_assessment_is_weighted_exactly(log: Log) -> None:
    fields = dict(one.split("=", 1) for one in f"{SCORES} expertise=90 compliance=55".split())
    tell(log, None, "assessment", "W", "scored", fields, by="mcn", at=START, party="streamer", roles=["mcn"])
    assert figures(item(log, "assessment", "W"), None) == {"total": Fraction(76)}


def test_an_answer_is_due_in_business_days_of_the_document(log: Log, agreement: Agreement) -> None:
    at = datetime.fromisoformat("2026-09-30T16:00:00+08:00")
    document = agreement.document.model_copy(update={"calendar": "CN"})
    agreement = replace(agreement, document=document)
    tell(log, agreement, "feedback", "C", "filed", {"topic": "price"}, by="mcn", at=at)
    (answer,) = item(log, "feedback", "C").clocks
    assert answer.due == "2026-10-09T23:59:59+08:00", "the holiday from 1 to 7 October is no business"
    tell(log, agreement, "feedback", "C", "answered", {"answer": "soon"}, by="brand", at=at)
    (answer,) = item(log, "feedback", "C").clocks
    assert answer.ended_at is not None
    assert not answer.is_late(at + timedelta(days=90))
