"""The evaluation of a version over the API, as a page in both languages, as CSV, and on the command line."""

from __future__ import annotations

from typing import Any

import pytest

from api.office.agreements import held
from api.office.opening import Office
from ledger.entries import Group, NewEntry
from ledger.notices.giving import give_notice
from ledger.notices.notice import NewNotice
from ledger.registers.telling import tell
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.command_line import EXAMPLES, tally
from tests.integration.api.conftest import Door
from tests.settlement_world import instant, sale

PATH = "/agreements/head-streamer/evaluation"
STARTS = "2026-02-25"


@pytest.fixture
def amended(door: Door) -> Door:
    """The world with a second version from the day after its orders, and a few sales before and since."""
    first, second = held(door.office, "head-streamer@1").agreement, sign_second(door.office)
    facts = {"paid": "299.00", "freight": "10.00", "platform_coupon": "20.00"}
    sales = [sale(first, "E1", at="2026-02-02", **facts), sale(first, "E2", at="2026-02-12", **facts)]
    sales += [sale(second, f"L{day}", at=f"2026-03-{day:02}", **facts) for day in range(1, 15)]
    door.office.log.append(sales)
    told = [("S1", "3", "2026-02-10"), ("S2", "5", "2026-03-02"), ("S3", "4", "2026-03-03")]
    for name, score, day in told:
        tell(
            door.office.log, second, "survey", name, "given", {"score": score}, by="platform",
            at=door.office.clock(), occurred_at=instant(day),
        )  # fmt: skip
    new = NewNotice(
        id="N1", code="price-below-promise", agreement="head-streamer@1", clause="9.1", about={}, cites=(),
        figures={}, readers=("brand", "streamer"), severity="breach",
    )  # fmt: skip
    give_notice(door.office.log, new, at=instant("2026-02-12"), by="monitor")
    return door


def sign_second(office: Office) -> Agreement:
    first = held(office, "head-streamer@1").agreement
    text = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "version: 1\n", "version: 2\nsupersedes: {version: 1, transition: by_order_time}\n", 1
    ).replace("effective_from: 2026-02-01", f"effective_from: {STARTS}")
    signers = {key: party.signer or "" for key, party in first.parties.items()}
    second = load_agreement(text, name="second.yaml").with_signers(signers)
    told = {
        "agreement": {"canonical": second.canonical.decode()},
        "salt": {"commitment_salt": "0x" + "00" * 32},
    }
    readers = tuple(sorted(second.party_id(key) for key in second.parties))

    def entry(kind: str, groups: dict[str, dict[str, Any]]) -> NewEntry:
        return NewEntry(
            source="tests", id=kind, kind=kind, occurred_at=office.clock(), asserter="operator",
            agreement=second.ref, concerns=readers,
            groups=tuple(Group(name, readers, content) for name, content in groups.items()),
        )  # fmt: skip

    office.log.append(
        [entry("agreement.proposed", told), entry("agreement.signed", {"agreement": {}, "signing": {}})]
    )
    return second


def measures(found: Any) -> dict[str, Any]:
    return {one["name"]: one for one in found["measures"]}


def test_a_party_reads_the_measures_before_and_after_with_how_sure_they_are(amended: Door) -> None:
    found = amended.client.get(f"/v1{PATH}", headers=amended.as_("mcn")).json()
    assert (found["version"], found["earlier"]) == (2, 1)
    assert found["before"]["days"] == found["after"]["days"]
    assert found["after"]["first"] == STARTS
    told = measures(found)
    assert told["satisfaction"]["before"]["value"] == "3.00"
    assert told["satisfaction"]["after"]["value"] == "4.50"
    assert told["satisfaction"]["cautions"][0]["en"].startswith("Fewer than 30 answers")
    assert told["breaches"]["before"]["hits"] == 0, "no notice of a breach was for the agency"
    assert told["retention"]["before"]["value"] is None
    assert found["matrix"]["symmetry"].endswith("%")
    assert {one["when"] for one in found["disputes"]} == {"before", "after", "ever"}
    assert found["disputes"][2]["filed"] == 1, "the agency sees its own dispute alone"
    every = amended.client.get(f"/v1{PATH}", headers=amended.as_("auditor")).json()
    assert (every["disputes"][2]["filed"], measures(every)["breaches"]["before"]["hits"]) == (2, 1)
    theirs = amended.client.get(f"/v1{PATH}", headers=amended.as_("brand")).json()
    assert measures(theirs)["breaches"]["before"]["hits"] == 1
    assert [one["kind"] for one in (*found["kinds"], *theirs["kinds"])] == ["price-below-promise"]


def test_a_narrower_window_is_taken_as_asked(amended: Door) -> None:
    found = amended.client.get(f"/v1{PATH}?days=3&version=2", headers=amended.as_("brand")).json()
    assert (found["before"]["days"], found["asked_days"]) == (3, 3)


def test_the_page_shows_charts_in_both_languages(amended: Door) -> None:
    for language, said in (("zh", "实施前后对比"), ("en", "Before and after")):
        who = amended.as_("mcn") | {"accept": "text/html", "accept-language": language}
        page = amended.client.get(PATH, headers=who).text
        assert said in page
        assert 'class="whiskers"' in page
        assert 'class="matrix stacked"' in page


def test_the_page_of_a_first_version_says_why_there_is_no_before_and_shows_its_duties(amended: Door) -> None:
    who = amended.as_("mcn") | {"accept": "text/html", "accept-language": "zh"}
    page = amended.client.get(f"{PATH}?version=1", headers=who)
    assert page.status_code == 200
    assert "整日" in page.text
    assert 'class="matrix stacked"' in page.text
    assert 'class="whiskers"' not in page.text


def test_measures_and_duties_are_tables(amended: Door) -> None:
    rows = amended.client.get(f"/v1{PATH}.csv", headers=amended.as_("mcn")).text.splitlines()
    assert rows[0].startswith("\ufeffmeasure,label_zh,label_en,unit,before")
    assert len(rows) == 11
    duties = amended.client.get("/v1/agreements/head-streamer/duties.csv", headers=amended.as_("mcn")).text
    assert duties.splitlines()[0] == "\ufeffclause,heading_zh,heading_en,debtor,creditor,answer"
    assert ",brand,streamer," in duties


def test_others_see_nothing_and_a_version_that_has_not_started_is_refused(amended: Door) -> None:
    assert amended.client.get(f"/v1{PATH}", headers=amended.as_("outsider")).status_code == 403
    wrong = amended.client.get(f"/v1{PATH}?version=3", headers=amended.as_("mcn"))
    assert (wrong.status_code, wrong.json()["code"]) == (409, "evaluation.not-ready")
    assert amended.client.get(f"/v1{PATH}?days=0", headers=amended.as_("mcn")).status_code == 400
    duties = "/v1/agreements/head-streamer/duties.csv?version=9"
    assert amended.client.get(duties, headers=amended.as_("mcn")).status_code == 409


def test_the_command_line_says_the_same(amended: Door) -> None:
    data = amended.office.settings.data_dir
    told = tally(data, "evaluate", "head-streamer", "--lang", "zh")
    assert told.code == 0, told.err
    assert "满意度（1–5 分）: 3.00 | 4.50" in told.out
    english = tally(data, "evaluate", "head-streamer", "--days", "5").out
    assert "Satisfaction, score of 1 to 5: — | " in english
    assert measures(tally(data, "evaluate", "head-streamer", "--json").json)["orders"]["unit"] == "count"
    assert tally(data, "evaluate", "head-streamer", "--csv").out.startswith("measure,unit,before")
    wrong = tally(data, "evaluate", "head-streamer", "--version", "7")
    assert (wrong.code, "evaluation.not-ready" in wrong.err) == (2, True)
