"""What is counted names fields and events that registers declare, and facts that clause kinds read."""

from __future__ import annotations

from ledger.registers.declaration import register
from ledger.relations.terms import counted
from policies.clauses.templates import template


def test_every_count_reads_declared_fields_and_makes_facts_of_its_clause() -> None:
    assert counted().keys() == {"exchange", "trial_sale", "custom_product", "joint_campaign"}
    for name, terms in counted().items():
        of, facts = register(name), template(terms.clause).facts
        assert terms.facts.keys() <= facts.keys()
        for one in terms.facts.values():
            assert {one.field, *one.where} <= of.all_fields.keys()
            for event in (*one.events, *one.less):
                assert {one.field, *one.where} <= set(of.events[event].fields), (name, event)
        if terms.costs is not None:
            told = {terms.costs.field, terms.costs.paid_by}
            assert all(told <= set(of.events[event].needs) for event in terms.costs.events)
            options = of.fields[terms.costs.paid_by].options
            assert options is not None
            assert options.keys() == terms.costs.shares.keys()
            assert {of.fields[field].type for field in terms.costs.shares.values()} == {"rate"}
