"""Orders of two agreements in one log: attributed, in suspense, claimed, told late; dues without a split."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec.structs import replace as replaced

from api.language import LANGUAGES, catalogue
from ledger.accounts import balance
from ledger.entries import Group, NewEntry
from ledger.settlement.claims import acceptance_entry, claim_entry, read_claims
from ledger.settlement.deal import deal_terms
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.explain import why
from ledger.statements.reading import list_statements
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.attributed_world import LEADER, LINKED, SAID, SESSION, attributing
from tests.due_world import EXAMPLE, orders
from tests.settlement_world import World, instant, receipt, sale


def _entries(agreement: Agreement, whose: str) -> list[NewEntry]:
    told = [
        sale(agreement, "A", at="2026-11-12", paid="299.00", **SAID[whose]),
        receipt(agreement, "A", "2026-11-13T10:00:00"),
    ]
    return [replaced(one, id=f"{one.id}@{agreement.id}") for one in told]


def _beside(world: World, name: str) -> World:
    other = next(one for one in (SESSION, LEADER) if one != name)
    return replace(world, agreements=[attributing(other), attributing(name)])


def _suspense(world: World, name: str) -> tuple[int, int]:
    """Return what an agreement has in suspense, and in escrow."""
    suspense, escrow = (
        balance(world.log.engine, replace(world.account("escrow", purpose), agreement=name))
        for purpose in ("suspense", "balance")
    )
    return suspense, escrow


def test_a_line_waits_until_a_claim_stands_and_then_is_one_agreements(world: World) -> None:
    session, leader = (_beside(world, name) for name in (SESSION, LEADER))
    world.tell(*_entries(attributing(SESSION), "both"), *_entries(attributing(LEADER), "both"))
    for one in (session, leader):
        assert one.settle("2026-12-10").content["lines"] == 0
    assert _suspense(world, SESSION) == _suspense(world, LEADER) == (29_900, 0)
    ref = attributing(LEADER).ref
    at = instant("2026-12-11")
    world.tell(
        claim_entry(ref, ("A", "1"), payee="leader", reason="ours", needs=["mcn"], readers=["leader", "mcn"],
                    at=at)
    )  # fmt: skip
    for one in (session, leader):
        assert one.settle("2026-12-12").content["lines"] == 0
    (claim,) = read_claims(world.log, [SESSION, LEADER])
    assert (claim.waiting, claim.stands_from) == (("mcn",), None)
    world.tell(acceptance_entry(claim, ref, "mcn", "agreed", at))
    runs = [one.settle("2026-12-20").content["lines"] for one in (session, leader)]
    assert runs == [0, 1]
    assert _suspense(world, SESSION) == _suspense(world, LEADER) == (0, 0)
    consumers = replace(world.account("consumers", "payment"), agreement=SESSION)
    assert balance(world.log.engine, consumers) == 0, "what is another's went back to who brought it"
    for one in (session, leader):
        assert rebuild_statements(one.log, one.agreements, data=one.data).runs == 3


@pytest.mark.parametrize(
    ("said", "standing"),
    [("both", "suspense_tie"), ("nobody", "suspense_none"), ("unknown", "suspense_unknown"),
     ("leader", "elsewhere")],
)  # fmt: skip
def test_why_says_of_a_line_that_gives_nothing_whose_it_is_or_why_nobodys(
    world: World, said: str, standing: str
) -> None:
    session = _beside(world, SESSION)
    world.tell(*_entries(attributing(SESSION), said), *_entries(attributing(LEADER), said))
    (answer,) = why(world.log, session.agreements, "A", "mcn", at=instant("2026-12-10"))
    assert (answer.line, answer.version, answer.standing) == ("1", 1, standing)
    assert not answer.explanations
    for language in LANGUAGES:
        assert standing not in catalogue(language).text(f"line-standing.{standing}", day="—")


def test_what_is_told_under_another_agreement_later_puts_a_settled_line_in_doubt(world: World) -> None:
    session = _beside(world, SESSION)
    world.tell(*_entries(attributing(SESSION), "both"))
    assert session.settle("2026-12-10").content["lines"] == 1
    (mcn,) = list_statements(world.log, party="mcn", agreement=SESSION)
    assert mcn.content["payable_minor"] == 5_980
    world.tell(*_entries(attributing(LEADER), "both"))
    assert session.settle("2026-12-20").content["lines"] == 1
    assert list_statements(world.log, party="mcn", agreement=SESSION)[0].content["closing_minor"] == -5_980
    assert _suspense(world, SESSION) == (29_900, 0)
    assert rebuild_statements(session.log, session.agreements, data=session.data).runs == 2


def test_a_version_beside_that_is_signed_later_puts_a_settled_line_in_doubt_from_then_on(
    world: World,
) -> None:
    text = (LINKED / "leader-link.yaml").read_text(encoding="utf-8")
    first = load_agreement(text.replace("link_owner == 'leader'", "link_owner == 'none'"), name="first.yaml")
    second = load_agreement(
        text.replace("version: 1\ntitle", "version: 2\ntitle").replace("2026-02-01", "2026-11-02"),
        name="second.yaml",
    )
    session = replace(world, agreements=[first, attributing(SESSION)])
    world.tell(*_entries(attributing(SESSION), "both"), *_entries(first, "both"))
    assert session.settle("2026-12-10").content["lines"] == 1
    world.log.append([
        NewEntry(
            source="tallystick.agreements", id="signed", kind="agreement.signed", agreement=second.ref,
            occurred_at=instant("2026-12-11"), asserter="operator", concerns=("leader",),
            groups=(Group("signing", ("leader",), {}),),
        )
    ])  # fmt: skip
    session.agreements.insert(1, second)
    assert session.settle("2026-12-20").content["lines"] == 1, "it is taken back"
    assert list_statements(world.log, party="mcn", agreement=SESSION)[0].content["closing_minor"] == -5_980
    assert _suspense(world, SESSION) == (29_900, 0)
    assert rebuild_statements(session.log, session.agreements, data=session.data).runs == 2


def test_an_agreement_of_strangers_is_never_asked_whatever_it_says(world: World) -> None:
    text = (LINKED / "leader-link.yaml").read_text(encoding="utf-8")
    strangers = load_agreement(
        text.replace("id: brand", "id: someone")
        .replace("id: leader", "id: other")
        .replace("agreement: leader-link", "agreement: strangers")
        .replace("link_owner == 'leader'", "paid > 0.00"),
        name="strangers.yaml",
    )
    terms = deal_terms(world.log, [strangers, attributing(LEADER), attributing(SESSION)])
    assert [one.id for one in terms.beside] == [LEADER]


def test_an_agreement_that_shares_nothing_out_settles_what_falls_due(world: World) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").partition('  - id: "6.1"')[0]
    alone = load_agreement(text, name="slot.yaml")
    assert alone.commission is None
    world = replace(world, agreements=[alone])
    world.tell(*orders(alone))
    report = world.settle("2026-07-01")
    assert report.content["lines"] == 0
    moved = {one.party: [due["amount_minor"] for due in one.dues] for one in report.statements}
    assert moved["mcn"] == [8_000_000, -400_000]
    assert moved["brand"] == [-8_000_000, 400_000]
    assert not any(one.dues for one in world.settle("2026-08-01").statements)
    assert rebuild_statements(world.log, world.agreements, data=world.data).runs == 2
