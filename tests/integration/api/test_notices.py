"""Notices over the API: read by those they are for, dismissed by each for itself, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from api.office.disputes import dispute
from api.office.monitoring import watch
from api.office.notices import file_case
from api.office.registers import tell_event
from ledger.entries import Group, NewEntry
from ledger.monitors.running import MONITORS
from ledger.notices.giving import give_notice
from ledger.notices.notice import NewNotice
from ledger.notices.since import doubts
from tests.command_line import tally
from tests.integration.api.conftest import Door
from tests.world import CUTOFF, PARTIES

NOTICE = NewNotice(
    id="price-1",
    code="price-below-promise",
    agreement="head-streamer@1",
    clause="9.1",
    about={"sku": "A-17", "channel": "brand_store", "seen_on": "2026-03-01", "party": "brand"},
    cites=(3,),
    figures={"price": "99.00", "promised": "119.00"},
    readers=("brand", "streamer"),
    severity="breach",
)


@pytest.fixture(autouse=True)
def _given(door: Door) -> None:
    give_notice(door.office.log, NOTICE, at=CUTOFF, by="monitors")


def ask(door: Door, who: str, path: str = "", **query: Any) -> Any:
    return door.client.get(f"/v1/notices{path}", params=query, headers=door.as_(who))


def dismiss(door: Door, who: str, **body: str) -> Any:
    asked = {"reason": "a sample", **body}
    return door.client.post("/v1/notices/price-1/dismissals", json=asked, headers=door.as_(who))


def test_only_those_it_is_for_and_auditors_read_it(door: Door) -> None:
    seen = {who for who in door.codes if ask(door, who).json()["notices"]}
    assert seen == {"brand", "streamer", "auditor"}
    assert ask(door, "mcn", "/price-1").status_code == 403
    shown = ask(door, "brand", "/price-1").json()
    assert shown["text"]["en"] == (
        "A-17 was offered at 99.00 on 2026-03-01 (the brand's store);"
        " clause 9.1 promises no less than 119.00."
    )
    assert (shown["state"], shown["cites"], shown["may_dismiss_for"]) == ("open", [3], ["brand"])


def test_dismissed_by_one_it_stays_open_to_the_other(door: Door) -> None:
    assert dismiss(door, "brand").json()["state"] == "dismissed"
    assert dismiss(door, "brand").status_code == 201
    assert ask(door, "streamer", "/price-1").json()["state"] == "open"
    assert ask(door, "brand", open="true").json()["notices"] == []
    assert [one["id"] for one in ask(door, "auditor", open="true").json()["notices"]] == ["price-1"]


@pytest.mark.parametrize(("who", "party"), [("mcn", ""), ("mcn", "brand"), ("auditor", "brand")])
def test_nobody_dismisses_what_is_not_for_them(door: Door, who: str, party: str) -> None:
    assert dismiss(door, who, party=party).status_code == 403


def test_a_dismissal_needs_a_reason_and_the_form_says_so(door: Door) -> None:
    assert dismiss(door, "brand", reason=" ").json()["code"] == "entry.invalid"
    page = door.client.get("/notices/price-1", headers={**door.as_("brand"), "accept": "text/html"})
    assert "<form" in page.text
    assert "A-17" in page.text


def test_the_list_goes_by_cursor_and_as_a_table(door: Door) -> None:
    assert ask(door, "brand", limit=1).json()["next_before"] is None
    assert ask(door, "brand", before=0).json()["notices"] == []
    rows = ask(door, "brand", ".csv").text.splitlines()
    assert len(rows) == 2
    assert "price-1" in rows[1]


@pytest.mark.parametrize(("lang", "words"), [("zh", "承诺不低于"), ("en", "promises no less")])
def test_pages_speak_both_languages(door: Door, lang: str, words: str) -> None:
    headers = {**door.as_("streamer"), "accept": "text/html"}
    for address in ("/notices", "/notices/price-1"):
        assert words in door.client.get(f"{address}?lang={lang}", headers=headers).text


def file(door: Door, who: str, notice: str, **body: str) -> Any:
    return door.client.post(f"/v1/notices/{notice}/cases", json=body, headers=door.as_(who))


def tell(door: Door, kind: str, **fields: str) -> None:
    entry = NewEntry(
        source="tests", id=kind, kind=kind, occurred_at=CUTOFF, asserter="streamer", concerns=PARTIES,
        agreement="head-streamer@1", groups=(Group("register", PARTIES, {"fields": fields}),),
    )  # fmt: skip
    door.office.log.append([entry])


def test_a_notice_becomes_a_case_with_the_facts_and_entries_that_it_cites(door: Door) -> None:
    tell(door, "session.item_listed", sku="A-17", price="119.00")
    seen_at = "2026-03-16T09:00:00+08:00"
    tell(
        door, "price_observation.observed", sku="A-17", price="99.00", channel="brand_store", seen_at=seen_at
    )
    assert watch(door.office) == 1
    (found,) = [one for one in ask(door, "streamer").json()["notices"] if one["id"] != "price-1"]
    assert found["may_file"]
    assert file(door, "mcn", found["id"]).status_code == 403
    filed = file(door, "streamer", found["id"], amount="2000000.00").json()
    assert filed["state"] == "filed"
    assert file(door, "streamer", found["id"]).json()["dispute"] == filed["dispute"]
    shown = door.client.get(f"/v1/disputes/{filed['dispute']}", headers=door.as_("brand")).json()
    assert (shown["clause"], shown["claimant"]["id"], shown["respondent"]["id"]) == (
        "9.1", "streamer", "brand",
    )  # fmt: skip
    entries = [f"entry {seq}" for seq in found["cites"]]
    facts = {one["name"]: (one["value"]["en"], one["standing"], one["evidence"]) for one in shown["facts"]}
    assert facts["live.price"] == ("119.00", "asserted", entries[:1])
    assert facts["later.price"] == ("99.00", "asserted", entries[1:])


def test_the_monitor_files_a_case_where_the_house_has_it_do_so(door: Door) -> None:
    filed = file_case(door.office, "price-1", by="streamer", filed_by=MONITORS)
    assert filed.filed is not None
    found = dispute(door.office, filed.filed.dispute)
    assert (found.filed.by, found.case["claimant"]) == (MONITORS, "streamer")
    size = door.office.log.size()
    assert file_case(door.office, "price-1", by="streamer", amount="5000.00") == filed
    assert door.office.log.size() == size, "it contests and holds nothing more"


def test_the_page_has_a_form_that_files(door: Door) -> None:
    page = {**door.as_("streamer"), "accept": "text/html"}
    assert "/notices/price-1/cases" in door.client.get("/notices/price-1", headers=page).text


def test_each_party_reads_what_its_own_documents_have_watched_for_and_nobody_elses(door: Door) -> None:
    def watched(who: str, **query: str) -> Any:
        return door.client.get("/v1/monitors", params=query, headers=door.as_(who))

    told = {one["code"]: one for one in watched("mcn").json()["monitors"]}
    price = told["price-below-promise"]
    assert (price["agreement"], price["version"], price["clause"]) == ("head-streamer", 1, "9.1")
    assert (price["watches"], price["severity"]) == (["price_observation.observed"], "breach")
    assert price["watched"][0]["zh"].startswith("价格观测")
    assert [one["id"] for one in price["readers"]] == ["brand", "streamer"]
    law = told["absolute-terms"]
    assert (law["clause"], law["rule"]) == (None, "cn-advertising.absolute-terms")
    assert law["law"]["en"] == "Advertising Law, 9"
    assert watched("auditor", agreement="head-streamer").json() == watched("mcn").json()
    assert watched("outsider").json() == {"monitors": []}
    hidden, unknown = (watched("outsider", agreement=name) for name in ("head-streamer", "no-such"))
    assert (hidden.status_code, hidden.json()["code"]) == (unknown.status_code, "access.denied")
    for who, lang, words in (
        ("brand", "zh", "绝对化用语"),
        ("brand", "en", "Who is told"),
        ("outsider", "en", "Nothing is"),
    ):
        headers = {**door.as_(who), "accept": "text/html"}
        assert words in door.client.get(f"/monitors?lang={lang}", headers=headers).text


SEEN = {"sku": "A-17", "channel": "brand_store", "price": "99.00", "seen_at": "2026-03-01T10:00:00+08:00"}


def observed(door: Door, item: str, event: str, by: str, **fields: str) -> int:
    about = (door.office, "price_observation", item, event, fields)
    return tell_event(*about, by=by, agreement="head-streamer")


def test_a_notice_says_that_what_it_rests_on_was_disputed_or_withdrawn_since(door: Door) -> None:
    cited = observed(door, "O-1", "observed", "streamer", **SEEN)
    given = give_notice(door.office.log, replace(NOTICE, id="price-2", cites=(cited,)), at=CUTOFF, by="m")
    stood = door.office.log.entry(given)

    def since(who: str = "brand") -> Any:
        return ask(door, who, "/price-2").json()["doubts"]

    assert since() == []
    disputed = observed(door, "O-1", "disputed", "brand", reason="of last season")
    (doubt,) = since()
    assert (doubt["state"], doubt["reason"]) == ("disputed", "of last season")
    assert (doubt["cited_seq"], doubt["entry_seq"]) == (cited, disputed)
    data = door.office.settings.data_dir
    shown = tally(data, "notice", "show", "price-2").out
    assert f"since: price_observation O-1 (entry {cited}) is disputed, by brand" in shown
    withdrawn = observed(door, "O-1", "withdrawn", "streamer", reason="misread")
    assert [one["entry_seq"] for one in since("streamer")] == [withdrawn], "what it is now counts"
    told = tally(data, "notice", "show", "price-2", "--json").json["doubts"]
    assert [(one["state"], one["reason"], one["seq"]) for one in told] == [
        ("withdrawn", "misread", withdrawn)
    ]
    for lang, words in (("zh", "已撤回"), ("en", "No longer as it was told")):
        headers = {**door.as_("brand"), "accept": "text/html"}
        assert words in door.client.get(f"/notices/price-2?lang={lang}", headers=headers).text
    assert ask(door, "brand", "/price-2").json()["state"] == "open"
    assert ask(door, "mcn", "/price-2").status_code == 403
    assert ask(door, "brand").json()["notices"][0]["doubts"] is None, "worked out where one is asked for"
    assert door.office.log.entry(given) == stood
    again = [observed(door, "O-2", "observed", "streamer", **SEEN)]
    observed(door, "O-2", "disputed", "brand", reason="of last season")
    observed(door, "O-2", "confirmed", "brand")
    assert doubts(door.office.log, again) == (), "confirmed after all"
