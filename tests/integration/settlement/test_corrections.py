"""A correction: a run of the same period that states the difference, on both databases."""

from __future__ import annotations

import pytest

from ledger.doctor import examine
from ledger.errors import EntryConflict
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.issue import correct
from ledger.settlement.issued import SettlementReport
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.explain import explain
from ledger.statements.life import life_of
from ledger.statements.reading import Statement, every_line, read_statement
from tests.settlement_world import World, receipt, refund, sale


def tell(world: World, *orders: str) -> None:
    for order in orders:
        world.tell(sale(world.agreement, order, paid="100.00"), receipt(world.agreement, order, "2026-02-22"))


def corrected(world: World, reason: str = "told late") -> SettlementReport:
    return correct(world.log, world.agreements, reason=reason, data=world.data, asserter="operator")


def of_run(world: World, party: str, number: int) -> str:
    """Return the id of a party's statement of a run."""
    return world.statement(party).id.replace(".2.", f".{number}.")


def told_late(world: World) -> tuple[Statement, Statement]:
    """Settle three orders, then hear of a fourth and of a refund; return the agency's two statements."""
    tell(world, "A", "B", "C")
    world.settle("2026-04-01")
    first = world.statement("mcn")
    tell(world, "D")
    world.tell(refund(world.agreement, "A", "100.00", "2026-02-25"))
    corrected(world)
    return first, world.statement("mcn")


def test_a_correction_states_the_difference_names_the_old_one_and_gives_the_causes(world: World) -> None:
    first, second = told_late(world)
    content = second.content
    assert content["corrects"] == {
        "statement": first.id,
        "causes": [
            {"cause": "refund_told_late", "lines": 1, "amount_minor": -540},
            {"cause": "sale_told_late", "lines": 1, "amount_minor": 540},
        ],
    }
    assert content["period"] == first.content["period"]
    assert content["closing_minor"] == 0
    assert [(one.order, one.kind) for one in every_line(world.store, second)] == [
        ("A", "reversed"),
        ("D", "earned"),
    ]
    entry = life_of(world.log, first.id).corrected
    assert entry is not None
    assert (entry.id, entry.kind) == (f"{first.id}/corrected", "statement.corrected")


def test_each_line_of_a_correction_explains_itself(world: World) -> None:
    _, second = told_late(world)
    for line in every_line(world.store, second):
        found = explain(world.log, world.agreements, second, line)
        assert found.amount_minor == line.amount_minor
        assert found.steps


def test_period_and_correction_come_to_what_one_run_would_have_stated(
    engine_pair: tuple[World, World],
) -> None:
    late, whole = engine_pair
    told_late(late)
    tell(whole, "A", "B", "C", "D")
    whole.tell(refund(whole.agreement, "A", "100.00", "2026-02-25"))
    whole.settle("2026-04-01")
    for party in ("brand", "mcn", "platform", "streamer"):
        stated = sum(
            content["closing_minor"] - content["opening_minor"]
            for number in (1, 2)
            for content in [read_statement(late.log, of_run(late, party, number)).content]
        )
        assert stated == whole.statement(party).content["closing_minor"], party


def test_asked_again_with_nothing_new_it_adds_nothing(world: World) -> None:
    told_late(world)
    size = world.log.size()
    again = corrected(world)
    assert (again.repeated, again.number, world.log.size()) == (True, 2, size)


def test_what_needs_no_correction_is_refused(world: World) -> None:
    with pytest.raises(SettlementRefused, match="settle first"):
        corrected(world)
    tell(world, "A")
    world.settle("2026-04-01")
    with pytest.raises(SettlementRefused, match="what run 1 stated"):
        corrected(world)


def test_months_go_on_after_a_correction_and_all_come_back_from_a_rebuild(world: World) -> None:
    told_late(world)
    tell(world, "E")
    third = world.settle("2026-05-01")
    assert world.statement("mcn").content["period"]["from"] == "2026-04-01T00:00:00+08:00"
    assert third.number == 3
    assert world.settle("2026-04-01").number == 1, "the cut-off is that of the run that settled it"
    assert rebuild_statements(world.log, world.agreements, data=world.data).runs == 3
    assert examine(world.log.engine) == []


def test_a_correction_of_a_correction_names_that_one(world: World) -> None:
    _, second = told_late(world)
    tell(world, "F")
    corrected(world, "one more")
    third = world.statement("mcn")
    assert third.content["corrects"]["statement"] == second.id
    assert third.content["period"] == second.content["period"]


def test_who_is_not_concerned_gets_an_empty_statement_and_nothing_is_corrected(world: World) -> None:
    world.tell(sale(world.agreement, "A", paid="0.01"), receipt(world.agreement, "A", "2026-02-22"))
    world.settle("2026-04-01")
    first = world.statement("mcn")
    world.tell(refund(world.agreement, "A", "0.01", "2026-02-25"))
    corrected(world)
    assert world.statement("mcn").count == 0
    assert life_of(world.log, first.id).corrected is None
    assert life_of(world.log, of_run(world, "brand", 1)).corrected is not None


def test_a_correction_interrupted_before_it_was_written_is_made_whole_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(world, "A")
    world.settle("2026-04-01")
    tell(world, "B")
    size = world.log.size()

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(world.log, "append", stop)
        with pytest.raises(KeyboardInterrupt):
            corrected(world)
    assert world.log.size() == size
    assert corrected(world).number == 2


def test_of_two_runs_at_once_the_second_is_refused_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(world, "A")
    world.settle("2026-04-01")
    tell(world, "B")
    append = world.log.append

    def late(*given: object, **more: object) -> object:
        monkeypatch.undo()
        corrected(world, "first")
        return append(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(world.log, "append", late)
    with pytest.raises(EntryConflict):
        corrected(world, "second")
    assert world.statement("mcn").number == 2
