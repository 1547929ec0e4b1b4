"""Facts of what falls due over the API: parties record and contest, the parties read, nobody else does."""

from __future__ import annotations

from typing import Any

from tests.integration.api.conftest import Door

WHERE = "/v1/agreements/head-streamer/facts"


def record(door: Door, who: str, party: str, **asked: Any) -> Any:
    return door.client.post(WHERE, json={"party": party, **asked}, headers=door.as_(who))


def told(door: Door, who: str) -> list[tuple[str, str | None, str]]:
    found = door.client.get(WHERE, headers=door.as_(who)).json()
    return [(one["fact"], one["value"], one["standing"]) for one in found]


def test_a_party_records_a_fact_and_another_contests_it(door: Door) -> None:
    assert record(door, "brand", "brand", facts={"proven_loss": "600000.00"}).status_code == 201
    assert told(door, "mcn") == [("proven_loss", "600000.00", "asserted")]
    assert record(door, "mcn", "mcn", contested=["proven_loss"]).status_code == 201
    assert told(door, "brand") == [("proven_loss", None, "disputed")]
    record(door, "mcn", "mcn", facts={"proven_loss": "600000.00"})
    assert told(door, "auditor") == [("proven_loss", "600000.00", "proven")]


def test_nobody_speaks_for_another_party_and_strangers_learn_nothing(door: Door) -> None:
    assert record(door, "brand", "mcn", facts={"proven_loss": "1.00"}).status_code == 403
    assert record(door, "operator", "brand", facts={"proven_loss": "1.00"}).status_code == 403
    granted = record(door, "brand", "brand", facts={"proven_loss": "1.00"}, source="tallystick-orders")
    assert granted.status_code == 403, "the prevailing source speaks only through who was granted it"
    assert door.client.get(WHERE, headers=door.as_("outsider")).status_code == 403
    assert door.client.get("/v1/agreements/none/facts", headers=door.as_("brand")).status_code == 403


def test_what_does_not_fit_is_refused_by_name(door: Door) -> None:
    wrong: list[dict[str, Any]] = [
        {},
        {"facts": {"proven_los": "1.00"}},
        {"facts": {"proven_loss": "much"}},
        {"facts": {"proven_loss": "1.00"}, "about": "May"},
        {"facts": {"proven_loss": "1.00"}, "clause": "9.1", "about": "C-1"},
        {"facts": {"proven_loss": "1.00"}, "rows": "listings", "about": "1"},
        {"facts": {"proven_loss": "1.00"}, "sha256": "x"},
    ]
    for asked in wrong:
        refused = record(door, "brand", "brand", **asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "facts.refused"), asked
    assert told(door, "brand") == []
