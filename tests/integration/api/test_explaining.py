"""Why a figure is what it is, over the API and as pages: for its party, and for nobody else."""

from __future__ import annotations

import pytest

from api.office.settling import settle_until
from tests.integration.api.conftest import Door
from tests.world import STATEMENTS

FIGURE = f"/statements/{STATEMENTS['mcn']}/figure"


def test_a_figure_is_explained_to_its_party_in_words_parts_and_arithmetic(door: Door) -> None:
    mcn = door.as_("mcn")
    payable = door.client.get(f"/v1{FIGURE}?figure=payable", headers=mcn).json()
    assert sum(one["amount"]["amount_minor"] for one in payable["parts"]) == payable["amount"]["amount_minor"]
    total = door.client.get(f"/v1{FIGURE}?figure=mcn_share", headers=mcn).json()
    assert total["count"] >= len(total["lines"]) > 0
    assert total["line"]["arithmetic"][-1]["worded"]["en"].startswith("30% × (commission")
    unknown = door.client.get(f"/v1{FIGURE}?figure=nothing", headers=mcn)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "statement.unknown")


def test_an_order_is_explained_to_the_party_that_asks(door: Door) -> None:
    found = door.client.get("/v1/orders/D01-0001/why?party=mcn", headers=door.as_("mcn")).json()
    assert found["words"]["en"].endswith("gets 16.69 CNY out of order D01-0001")
    assert [one["standing"] for one in found["lines"]] == ["earned"]
    audited = door.client.get("/v1/orders/D01-0001/why?party=mcn", headers=door.as_("auditor"))
    assert audited.status_code == 200


@pytest.mark.parametrize("who", ["brand", "platform", "outsider", "operator"])
def test_nobody_is_told_what_another_party_gets(door: Door, who: str) -> None:
    assert door.client.get(f"/v1{FIGURE}?figure=payable", headers=door.as_(who)).status_code == 403
    asked = door.client.get("/v1/orders/D01-0001/why?party=mcn", headers=door.as_(who))
    assert asked.status_code == 404
    unknown = door.client.get("/v1/orders/no-such-order/why?party=mcn", headers=door.as_(who))
    assert asked.json()["detail"] == unknown.json()["detail"], "hidden and unknown are told alike"


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "从订单 D01-0001 得 16.69 CNY"), ("en", "16.69 CNY out of order")]
)
def test_the_pages_answer_in_both_languages(door: Door, language: str, said: str) -> None:
    who = door.as_("mcn") | {"accept": "text/html", "accept-language": language}
    assert said in door.client.get("/why?order=D01-0001&party=mcn", headers=who).text
    assert door.client.get(f"{FIGURE}?figure=payable", headers=who).status_code == 200
    assert door.client.get(f"{FIGURE}?figure=mcn_share", headers=who).status_code == 200
    wrong = door.client.get("/why?order=nothing&party=mcn", headers=who)
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (404, True)


def test_a_change_since_an_earlier_statement_is_told_to_its_party_alone(door: Door) -> None:
    path = f"/v1/statements/{STATEMENTS['mcn']}/change"
    first = door.client.get(path, headers=door.as_("mcn"))
    assert (first.status_code, first.json()["code"]) == (422, "change.refused")
    assert door.client.get(path, headers=door.as_("brand")).status_code == 403
    settle_until(door.office, "head-streamer", door.office.clock().replace(microsecond=0))
    agreement, run, place = STATEMENTS["mcn"].split(".")
    later = f"{agreement}.{int(run) + 1}.{place}"
    found = door.client.get(f"/v1/statements/{later}/change", headers=door.as_("mcn")).json()
    assert found["before"] == STATEMENTS["mcn"]
    changes = sum(one["change"]["amount_minor"] for one in found["causes"])
    assert changes == found["change"]["amount_minor"] != 0
    table = door.client.get(f"/v1/statements/{later}/change.csv", headers=door.as_("mcn")).text
    assert "new_lines" in table
    other = f"?since={STATEMENTS['brand']}"
    assert door.client.get(f"{path}{other}", headers=door.as_("mcn")).status_code == 403
    for language in ("zh", "en"):
        who = door.as_("mcn") | {"accept": "text/html", "accept-language": language}
        assert door.client.get(f"/statements/{later}/change", headers=who).status_code == 200
        assert "/change" in door.client.get(f"/statements/{later}", headers=who).text
