"""Queries of the ledger: what they find, as of which time, and what no case opens."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from ledger.entries import Group, NewEntry, Posting
from ledger.log import Log
from ledger.queries import answering
from ledger.queries.answering import answer, ask
from ledger.queries.errors import QueryInvalid, QueryTooWide
from ledger.queries.question import Question, read_question
from ledger.queries.scope import Scope
from tests.ledger_samples import AGREEMENT, PARTIES, START, FixedClock, pair, receipt, refund, sale

SCOPE = Scope("D-1", ("autumn-beauty",), ("brand", "streamer"), frozenset({"buyer"}))
Ask = Callable[..., list[dict[str, Any]]]


def with_sku(entry: NewEntry, sku: str, session: str) -> NewEntry:
    """Return a sale whose facts name a SKU and a session."""
    order, *others = entry.groups
    facts = Group(
        order.name, order.readers, {**order.content, "sku": sku, "session": session}, order.postings
    )
    return replace(entry, groups=(facts, *others))


def told(kind: str, name: str, readers: tuple[str, ...], content: dict[str, Any], **changed: Any) -> NewEntry:
    """Return an entry of one group."""
    fields: dict[str, Any] = {"source": "shop", "agreement": AGREEMENT, "asserter": readers[0], **changed}
    group = Group(name, readers, content, fields.pop("postings", ()))
    return NewEntry(id=f"{kind}/{readers}/{content}", kind=kind, occurred_at=START, groups=(group,), **fields)


def moved(owner: str, amount: int) -> Posting:
    return Posting(
        owner=owner, purpose="balance", agreement="autumn-beauty", currency="CNY", amount_minor=amount,
        clause="7.2", kind="fee",
    )  # fmt: skip


@pytest.fixture
def log(engine: Engine) -> Log:
    """Twelve entries: orders told over three days, and what the case of SCOPE does not concern."""
    clock = FixedClock()
    log = Log(engine, clock=clock)
    log.append([
        with_sku(sale("O1"), "serum", "S1"),
        with_sku(sale("O2"), 'se"rum', "S1"),
        with_sku(sale("O3"), "cream", "S2"),
    ])  # fmt: skip
    clock.forward(days=1)
    log.append([
        receipt("O1"),
        told("fact.stated", "facts", ("brand",), {"seen": {"sku": "serum", "price": "239.00"}}),
        told("fee.taken", "fee", ("mcn",), {}, postings=(moved("mcn", -5), moved("platform", 5))),
        told("fee.taken", "fee", ("streamer",), {}, postings=(moved("streamer", -7), moved("platform", 7))),
    ])  # fmt: skip
    clock.forward(days=1)
    log.append([
        refund("O1"),
        with_sku(sale("O9", agreement="winter@1"), "serum", "S1"),
        told("dispute.filed", "case", ("brand", "streamer"), {"sku": "serum"}, source="tallystick.disputes"),
        replace(
            told("dispute.filed", "case", ("brand", "streamer"), {}, source="tallystick.disputes"),
            id="D-1/filed",
        ),
        replace(sale("O4", source="other"), concerns=("mcn", "platform"),
                groups=(Group("order", ("mcn", "platform"), {"order": "O4", "line": "1"}, pair(100)),)),
    ])  # fmt: skip
    return log


@pytest.fixture
def find(log: Log) -> Ask:
    def found(of: str = "entries", /, **narrowed: Any) -> list[dict[str, Any]]:
        form = {name: text for name, text in narrowed.items() if isinstance(text, str)}
        question = read_question({"of": of, **form})
        return list(answer(log, SCOPE, question, log.size()).rows)

    return found


def seqs(rows: list[dict[str, Any]]) -> list[int]:
    return [row["seq"] for row in rows]


def test_a_case_opens_its_agreement_and_what_its_sides_read_and_no_other_dispute(find: Ask) -> None:
    assert seqs(find()) == [0, 1, 2, 3, 4, 6, 7, 10]
    for of in ("entries", "postings", "orders"):
        text = json.dumps(find(of))
        assert "buyer of" not in text
        assert '"concerns"' not in text
    assert {group["name"] for row in find() for group in row["groups"]} == {"order", "facts", "fee", "case"}


NARROWED = [
    ({"sku": "serum"}, [0, 4]),
    ({"sku": 'se"rum'}, [1]),
    ({"sku": "ser"}, []),
    ({"session": "S1"}, [0, 1]),
    ({"order": "O1"}, [0, 3, 7]),
    ({"clause": "7.2"}, [6]),
    ({"party": "streamer"}, [0, 1, 2, 3, 6, 7, 10]),
    ({"party": "brand", "kind": "fact.stated"}, [4]),
    ({"kind": "receipt.confirmed"}, [3]),
    ({"sku": "serum", "session": "S1"}, [0]),
    ({"occurred_from": "2026-09-05T01:00:00Z"}, [3, 7]),
    ({"occurred_to": "2026-09-05T01:00:00Z", "order": "O1"}, [0, 3]),
    ({"recorded_from": "2026-09-02T10:00:00Z", "recorded_to": "2026-09-02T10:00:00Z"}, [3, 4, 6]),
    ({"known_at": "2026-09-02T09:59:59Z"}, [0, 1, 2]),
]


def test_every_narrowing_is_met(find: Ask) -> None:
    met = [(narrowed, seqs(find(**narrowed))) for narrowed, _ in NARROWED]
    assert met == NARROWED


def test_postings_are_of_the_clause_and_of_the_partys_own_accounts(find: Ask) -> None:
    (row,) = find("postings", clause="7.2", party="streamer")
    assert (row["seq"], row["posting"]["amount_minor"], row["n"]) == (6, -7, 0)
    assert [one["posting"]["account"] for one in find("postings", clause="7.2")] == [
        "streamer.balance", "platform.balance",
    ]  # fmt: skip
    assert find("postings", party="mcn") == []
    assert find("postings", party="nobody") == []


def test_an_order_is_told_as_it_was_known_on_a_day(find: Ask) -> None:
    days = ("2026-09-01", "2026-09-02", "2026-09-03")
    events = [
        [
            one["event"]
            for row in find("orders", sku="serum", known_at=f"{day}T23:00:00Z")
            for one in row["told"]
        ]
        for day in days
    ]
    assert events == [["sale"], ["sale", "receipt"], ["sale", "receipt", "refund"]]


def test_what_was_voided_later_counted_on_the_day_before(log: Log, find: Ask) -> None:
    clock = FixedClock(START + timedelta(days=5))
    Log(log.engine, clock=clock).append([
        told("batch.voided", "void", PARTIES, {"ranges": [[0, 1]]}, source="tallystick.batches"),
    ])  # fmt: skip
    (now,), (then,) = (
        find("orders", sku="serum"),
        find("orders", sku="serum", known_at="2026-09-04T00:00:00Z"),
    )
    assert now["told"][0]["voided_by"] == 12
    assert "voided_by" not in then["told"][0]


def test_pages_of_one_size_are_the_whole_answer_whatever_comes_between(log: Log) -> None:
    question = Question("entries")
    whole = answer(log, SCOPE, question, log.size())
    page = ask(log, SCOPE, question, limit=3)
    rows = list(page.rows)
    while page.next_after is not None:
        log.append([sale(f"L{log.size()}")])
        page = ask(log, SCOPE, question, after=page.next_after, limit=3, size=page.size)
        rows += page.rows
    assert tuple(rows) == whole.rows


def test_a_page_looks_at_so_many_entries_and_an_answer_has_so_many_rows(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "SCANNED_MAX", 2)
    page = ask(log, SCOPE, Question("entries", kind="refund.recorded"))
    assert (page.rows, page.next_after) == ((), 1)
    assert len(answer(log, SCOPE, Question("entries"), log.size()).rows) == 8
    monkeypatch.setattr(answering, "ROWS_MAX", 3)
    with pytest.raises(QueryTooWide, match="narrow the question"):
        answer(log, SCOPE, Question("entries"), log.size())


def test_the_digest_of_an_answer_stays_while_the_log_grows(log: Log) -> None:
    size, question = log.size(), Question("orders", session="S1")
    before = answer(log, SCOPE, question, size)
    log.append([with_sku(sale("O7"), "serum", "S1"), refund("O2")])
    again = answer(log, SCOPE, question, size)
    assert (again.digest, again.text) == (before.digest, before.text)
    assert answer(log, SCOPE, question, log.size()).digest != before.digest
    assert before.entries == [0, 1, 3, 7]


def test_a_wider_scope_opens_further_agreements_and_parties(log: Log) -> None:
    question = Question("entries", sku="serum")
    assert seqs(list(answer(log, SCOPE, question, log.size()).rows)) == [0, 4]
    wider = SCOPE.wider(["winter"], [])
    assert seqs(list(answer(log, wider, question, log.size()).rows)) == [0, 4, 8]
    fees = answer(log, SCOPE.wider([], ["mcn"]), Question("postings", clause="7.2"), log.size())
    assert {row["seq"] for row in fees.rows} == {5, 6}


def test_a_question_says_what_of_it_cannot_be_asked() -> None:
    for form, where in (
        ({"of": "order"}, "of"),
        ({"of": "orders", "skus": "x"}, "skus"),
        ({"of": "orders", "sku": "x\n"}, "sku"),
        ({"of": "orders", "known_at": "yesterday"}, "known_at"),
        ({"of": "orders", "known_at": "2026-09-01T00:00:00"}, "known_at"),
        ({"of": "orders", "sku": 7}, "sku"),
    ):
        with pytest.raises(QueryInvalid) as refused:
            read_question(form)
        assert refused.value.where == where


def test_a_question_read_from_its_form_is_the_same() -> None:
    question = Question(
        "postings", clause="6.1", known_at=datetime.fromisoformat("2026-09-01T10:00:00.5+08:00")
    )
    assert read_question(question.as_json()) == question
