"""What stands behind a decision: what it hangs on, a ruling in the open, replays to the byte, like cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.office.arbiters import seat, seating
from api.office.chain_worker.work import work
from api.office.dispute_process import appeal_dispute
from api.office.disputes import Dispute, dispute, file_dispute
from api.office.rulings import rule_by_person
from policies.decisions.case import read_case
from policies.decisions.rulings import read_ruling
from tests.command_line import EXAMPLES, tally
from tests.integration.api.conftest import Door
from tests.integration.api.test_http import HTML, form_token, sign_in
from tests.world import decided, unappealed

D05 = (EXAMPLES / "cases" / "D05.yaml").read_text(encoding="utf-8")
LESS = {
    "reasons": "The audit counts credits twice.",
    "finds": {"proven_loss": {"value": "400000.00", "because": "600,000.00 counts 200,000.00 twice"}},
}


def read(door: Door, who: str, what: str, name: str | None = None) -> Any:
    return door.client.get(f"/v1/disputes/{name or door.world.d05}/{what}", headers=door.as_(who))


def rule(door: Door, who: str, body: Any, name: str | None = None) -> Any:
    path = f"/v1/disputes/{name or door.world.d05}/ruling"
    return door.client.post(path, json=body, headers=door.as_(who))


def d05(door: Door) -> Dispute:
    return dispute(door.office, door.world.d05)


def another(door: Door, *changes: tuple[str, str]) -> Dispute:
    """A case like D05 with changes, filed and decided."""
    text = D05
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    filed = file_dispute(door.office, read_case(text, name="case"))
    seat(door.office, filed, "arbiter", by="operator")
    return decided(door.office, filed.id)


def test_both_sides_read_what_the_proposal_hangs_on_and_what_is_left_to_a_person(door: Door) -> None:
    found = read(door, "brand", "counterfactuals").json()
    english = [one["text"]["en"] for one in found["found"]]
    assert "Had later price been 429.00 or more, nothing would be due." in english
    assert {one["cause"] for one in found["left"]} == {"effect_reviewed", "asked_for"}
    assert found["complete"]
    assert read(door, "streamer", "counterfactuals").json() == found
    rows = read(door, "brand", "counterfactuals.csv").text.splitlines()
    assert rows[0].startswith("\ufefffact,label_zh,label_en,given,values")
    assert len(rows) == len(found["found"]) + 1
    for what in ("counterfactuals", "replay", "similar", "anchor", "departures"):
        assert read(door, "outsider", what).status_code == 403


def test_every_decision_made_again_from_the_log_has_the_same_bytes(door: Door) -> None:
    rule(door, "arbiter", LESS)
    unappealed(door.office, door.world.d05)
    steps = read(door, "brand", "replay").json()
    assert [(one["step"], one["same"], one["differs"]) for one in steps] == [
        ("proposed", True, []), ("ruled", True, []), ("decided", True, []),
    ]  # fmt: skip
    assert all(one["recorded_sha256"] == one["again_sha256"] for one in steps)
    told = tally(door.office.settings.data_dir, "dispute", "replay")
    assert told.code == 0, told.out
    assert told.out.count("  same  ") == len(steps) + 2


def test_a_ruling_that_departs_says_so_beside_what_was_proposed_and_is_anchored(door: Door) -> None:
    proposed = d05(door).proposed
    assert proposed is not None
    shown = rule(door, "arbiter", LESS).json()
    assert shown["decision"]["awarded"]["amount_minor"] == 257_560_000
    assert shown["status"] == "ruled"
    found = read(door, "brand", "departures").json()
    assert (found["from_seq"], found["by"]) == (proposed.seq, "arbiter")
    assert [(one["part"], one["before"]["en"], one["after"]["en"]) for one in found["parts"]] == [
        ("fact", "600,000.00", "400,000.00"),
        ("amount", "2,835,600.00", "2,575,600.00"),
        ("component", "780,000.00", "520,000.00"),
    ]
    assert found["parts"][0]["because"] == "600,000.00 counts 200,000.00 twice"
    size = door.office.log.size()
    assert rule(door, "arbiter", LESS).status_code == 201
    assert door.office.log.size() == size, "the same ruling again adds nothing"
    assert rule(door, "arbiter", {"reasons": "Otherwise."}).status_code == 409
    before = read(door, "brand", "anchor").json()
    assert (before["size"], before["seq"]) == (None, found["ruled_seq"])
    recorded = [work(door.office).recorded, work(door.office).recorded]
    assert [[name.split("/")[0] for name in each] for each in recorded] == [["anchor"], []]
    after = read(door, "brand", "anchor").json()
    assert after["size"] > after["seq"]
    assert (after["sha256"], after["embedded"]) == (before["sha256"], True)


def test_on_appeal_a_ruling_departs_from_the_ruling_before(door: Door) -> None:
    rule(door, "arbiter", LESS)
    first = d05(door).ruled
    assert first is not None
    appeal_dispute(door.office, door.world.d05, "claimant", "the loss was shown", member="streamer-member")
    bench = seating(door.office, d05(door))
    bench.appoint("second-arbiter", "arbitrator", by="operator")
    bench.declare("second-arbiter", None)
    award = (
        "{kind: liquidated_damages, from: brand, to: streamer, amount: 0.00, clause: '9.1', because: none}"
    )
    more = "strikes: {vouchers_not_credited: never spent}"
    struck = read_ruling(f"reasons: Struck.\nawards: [{award}]\n{more}", name="ruling")
    rule_by_person(door.office, door.world.d05, struck, by="second-arbiter")
    found = read(door, "streamer", "departures").json()
    assert found["from_seq"] == first.seq
    assert {one["part"] for one in found["parts"]} >= {"amount", "component", "effect"}
    page = door.client.get(
        f"/disputes/{door.world.d05}", headers=door.as_("brand") | {"accept-language": "en"}
    )
    assert "Vouchers already given are not credited" in page.text
    assert "never spent" in page.text
    assert all(one["same"] for one in read(door, "streamer", "replay").json())


def test_a_ruling_that_does_not_read_or_is_not_an_arbiters_is_refused(door: Door) -> None:
    size = door.office.log.size()
    unknown = {"finds": {"proven_los": {"value": "1.00", "because": "x"}}}
    nobody = {"source": "brand", "target": "x", "amount": "1.00", "clause": "9.1", "because": "x"}
    for body, said in (
        ({"reasons": ""}, "reason"),
        ({"reasons": "x", **unknown}, "did you mean 'proven_loss'"),
        ({"reasons": "x", "awards": [{"kind": "x", **nobody}]}, "'x' is neither a party"),
    ):
        refused = rule(door, "arbiter", body)
        assert (refused.status_code, said in refused.json()["detail"]) == (422, True), refused.text
    for who in ("brand", "streamer", "platform", "operator", "auditor"):
        assert rule(door, who, LESS).status_code == 403
    assert door.office.log.size() == size
    other = file_dispute(door.office, read_case(D05.replace("4141250.00", "4141251.00"), name="case"))
    assert rule(door, "arbiter", LESS, other.id).status_code == 403, "it sits in another dispute"


def test_like_cases_are_told_to_those_who_may_read_them(door: Door) -> None:
    malice = ("malicious:      {value: false", "malicious:      {value: true")
    like = another(door, malice)
    far = another(door, ("later.channel:  {value: brand_store", "later.channel:  {value: offline"))
    found = read(door, "brand", "similar").json()
    assert [(one["dispute"], one["same_clause"]) for one in found] == [(like.id, True), (far.id, True)]
    assert [one["en"] for one in found[0]["apart"]] == ["malicious breach"]
    assert found[0]["alike"] == found[0]["of"] - 1
    assert read(door, "mcn", "similar").status_code == 403
    told = tally(door.office.settings.data_dir, "dispute", "similar", door.world.d05)
    assert told.out.splitlines()[0].startswith(f"{like.id}  head-streamer@1  clause 9.1")


def test_the_page_shows_what_stands_behind_and_takes_a_ruling(door: Door) -> None:
    path = f"/disputes/{door.world.d05}"
    for language, said in (("zh", "裁决取决于什么"), ("en", "What the decision hangs on")):
        who = door.as_("arbiter") | {"accept": "text/html", "accept-language": language}
        page = door.client.get(path, headers=who).text
        assert said in page
        assert 'name="value_because"' in page
    assert 'name="value_because"' not in door.client.get(path, headers=door.as_("brand")).text
    sign_in(door.client, door.codes["arbiter"])
    form = {"reasons": "Counted twice.", "fact": "proven_loss", "value": "many", "value_because": "x"}
    form["_csrf_token"] = form_token(door.client, path)
    refused = door.client.post(f"{path}/rule", data=form, headers=HTML, follow_redirects=False)
    assert (refused.status_code, "Counted twice." in refused.text) == (422, True)
    done = door.client.post(
        f"{path}/rule", data={**form, "value": "400000.00"}, headers=HTML, follow_redirects=False
    )
    assert done.status_code == 303
    door.client.cookies.clear()
    page = door.client.get(path, headers=door.as_("brand") | {"accept-language": "en"}).text
    assert "Where the ruling departs" in page
    assert "520,000.00" in page


def test_the_command_line_rules_and_tells_what_a_case_hangs_on(door: Door, tmp_path: Path) -> None:
    data = door.office.settings.data_dir
    told = tally(data, "dispute", "counterfactuals", door.world.d05, "--lang", "zh").out
    assert "其后售价若为 429.00 或以上，则无须支付。" in told
    ruling = tmp_path / "ruling.yaml"
    ruling.write_text("reasons: counted twice\nfinds: {proven_loss: {value: 400000.00, because: audit}}\n")
    ruled = tally(data, "dispute", "rule", door.world.d05, ruling, "--by", "arbiter")
    assert ruled.code == 0, ruled.err
    assert "liquidated damages  780,000.00 → 520,000.00" in ruled.out
    wrong = tally(data, "dispute", "rule", door.world.d05, ruling, "--by", "brand-member")
    assert (wrong.code, "access.denied" in wrong.err) == (2, True)
    ruling.write_text("finds: {}\n")
    wrong = tally(data, "dispute", "rule", door.world.d05, ruling, "--by", "arbiter")
    assert (wrong.code, "reasons" in wrong.err) == (2, True)
