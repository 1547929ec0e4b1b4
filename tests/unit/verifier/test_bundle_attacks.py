"""Whatever is wrong with a bundle is found and named: flipped, forged, or lied about by its own log."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest
from eth_account import Account

from tests.unit.verifier.bundle_maker import LogKey, Maker, canonical, edited, failing, group, pack
from verifier import verify
from verifier.report import Check

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
SOAK = os.environ.get("TALLYSTICK_HYPOTHESIS") == "soak"


def bad(data: bytes, trust: str) -> list[Check]:
    """Return the checks that say no, of a bundle that must not hold."""
    report = verify(data, trust)
    assert report.exit_code in {1, 2}
    return [check for check in report.checks if check.status in {"fails", "unusable"}]


def test_a_flipped_bit_in_any_byte_is_found_and_its_part_is_named() -> None:
    maker = Maker()
    data, trust = maker.bundle(), maker.trust
    value = json.loads(data)
    spans = {}
    for name, text in {"manifest": value["manifest"], **value["parts"]}.items():
        encoded = json.dumps(text, ensure_ascii=False).encode()
        spans[name] = range(data.index(encoded), data.index(encoded) + len(encoded))
    chance = random.Random(20261122)
    places = range(len(data)) if SOAK else chance.sample(range(len(data)), 400)
    for at in places:
        flipped = bytearray(data)
        flipped[at] ^= 1 << chance.randrange(8)
        named = {check.part for check in bad(bytes(flipped), trust)}
        for name, span in spans.items():
            assert at not in span or name in named, f"byte {at} of {name}: named only {named}"


def test_a_truncated_file_is_found_wherever_it_ends() -> None:
    maker = Maker()
    data = maker.bundle()
    for end in range(0, len(data), 97):
        assert bad(data[:end], maker.trust)
    assert {check.name for check in bad(data[:-1], maker.trust)} == {"file"}


def test_a_bundle_forged_whole_with_other_keys_is_found_at_every_key() -> None:
    forged = Maker(seed="forger")
    found = bad(forged.bundle(), Maker().trust)
    assert [check.name for check in found] == ["manifest", "checkpoint", *["signatures"] * 3]
    assert verify(forged.bundle(), Maker().trust).exit_code == 1
    assert verify(forged.bundle(), forged.trust).exit_code == 0


def test_a_forged_log_under_another_name_is_no_answer_until_its_key_is_pinned() -> None:
    maker = Maker()
    maker.log = LogKey("forger", origin="other.example")
    report = verify(maker.bundle(), Maker().trust)
    assert report.exit_code == 2
    assert "'other.example' are unpinned" in next(c.detail for c in report.checks if c.name == "manifest")


@pytest.mark.parametrize("insert", ['"format":"tallystick/bundle/v1",', '"a":1,"a":1,'])
def test_duplicate_keys_are_refused(insert: str) -> None:
    maker = Maker()
    data = maker.bundle().replace(b"{", b"{" + insert.encode(), 1)
    assert "twice" in bad(data, maker.trust)[0].detail


def test_duplicate_keys_inside_a_part_are_refused() -> None:
    maker = Maker()
    parts = maker.parts()
    parts["signing.json"] = parts["signing.json"].replace("{", '{"chain_id":1,', 1)
    assert failing(maker, parts) == {("signatures", "signing.json")}


def test_other_spellings_of_the_same_file_are_refused() -> None:
    maker = Maker()
    data = maker.bundle()
    for other in (
        data + b"\n",
        b" " + data,
        data.replace(b'":"', b'": "', 1),
        data.replace("佣".encode(), b"\\u4f63"),
    ):
        assert bad(other, maker.trust)[0].name == "file"


def test_an_extra_a_missing_and_an_unknown_part_are_each_named() -> None:
    maker = Maker()
    parts = maker.parts()
    manifest = json.loads(maker.seal(parts))["manifest"]
    extra = bad(pack(manifest, parts | {"notes.txt": "hello"}), maker.trust)
    assert [(check.name, check.part) for check in extra] == [("parts", "notes.txt")]
    missing = bad(pack(manifest, {k: v for k, v in parts.items() if k != "anchor.json"}), maker.trust)
    assert [(check.name, check.part) for check in missing] == [("parts", "anchor.json")]
    report = verify(pack(manifest, {k: v for k, v in parts.items() if k != "anchor.json"}), maker.trust)
    assert [check.ok for check in report.checks if check.name == "parts"] == [False]
    assert failing(maker, parts | {"notes.txt": "hello"}) == {("parts", "notes.txt")}
    assert ("parts", "signing.json") in failing(
        maker, {k: v for k, v in parts.items() if k != "signing.json"}
    )
    assert ("parts", None) in failing(maker, {k: v for k, v in parts.items() if k != "lines.ndjson"})


def test_a_manifest_signed_in_another_name_is_refused_and_a_second_key_of_the_log_is_not_read() -> None:
    maker = Maker()
    manifest = json.loads(maker.bundle())["manifest"]
    text = manifest.rpartition("\n\n")[0] + "\n"
    foreign = LogKey("other", "witness.example").line(text)
    assert bad(pack(manifest + foreign, maker.parts()), maker.trust)[0].name == "manifest"
    second = LogKey("other").line(text)
    report = verify(pack(manifest + second, maker.parts()), maker.trust)
    (check,) = [check for check in report.checks if check.name == "manifest"]
    assert (report.exit_code, "not pinned, not read" in check.detail) == (0, True)
    alone = f"{text}\n{second}"
    assert bad(pack(alone, maker.parts()), maker.trust)[0].name == "manifest"


def test_a_checkpoint_of_another_log_or_key_is_refused() -> None:
    maker = Maker()
    parts = maker.parts()
    text = parts["checkpoint.txt"].rpartition("\n\n")[0] + "\n"
    other_key = LogKey("other").note(text)
    other_log = LogKey("x", "x.example").note(text.replace("log.example", "x.example"))
    for note in (other_key, other_log):
        assert failing(maker, parts | {"checkpoint.txt": note}) == {("checkpoint", "checkpoint.txt")}


def signatures(maker: Maker, change: Any) -> set[tuple[str, str | None]]:
    parts = maker.parts()
    listed = json.loads(parts["signing.json"])["signatures"]
    change(listed)
    return failing(maker, parts | {"signing.json": edited(parts["signing.json"], signatures=listed)})


def swap_signatures(listed: list[dict[str, str]]) -> None:
    listed[0]["signature"], listed[1]["signature"] = listed[1]["signature"], listed[0]["signature"]


def swap_parties(listed: list[dict[str, str]]) -> None:
    listed[0]["party"], listed[1]["party"] = listed[1]["party"], listed[0]["party"]


def swap_signers(listed: list[dict[str, str]]) -> None:
    swap_parties(listed)
    listed.sort(key=lambda one: one["party"])


def raise_s(listed: list[dict[str, str]]) -> None:
    raw = bytes.fromhex(listed[0]["signature"][2:])
    high = (ORDER - int.from_bytes(raw[32:64])).to_bytes(32)
    listed[0]["signature"] = "0x" + (raw[:32] + high + bytes([55 - raw[64]])).hex()


def no_recovery_id(listed: list[dict[str, str]]) -> None:
    listed[0]["signature"] = listed[0]["signature"][:-2] + "00"


def off_the_curve(listed: list[dict[str, str]]) -> None:
    listed[0]["public_key"] = "0x" + "11" * 64


@pytest.mark.parametrize(
    "change",
    [
        swap_signatures,
        swap_parties,
        swap_signers,
        raise_s,
        no_recovery_id,
        off_the_curve,
        list.reverse,
        list.pop,
        lambda listed: listed.append(listed[0]),
    ],
)
def test_signatures_that_are_not_each_partys_own_are_refused(change: Any) -> None:
    assert signatures(Maker(), change) == {("signatures", "signing.json")}


@pytest.mark.parametrize(
    "changes",
    [
        {"chain_id": 1338},
        {"effective_from": 0},
        {"commitment_salt": "0x" + "00" * 32},
        {"registry": "0x" + "ab" * 20},
        {"supersedes": "0x" + "01" * 32},
        {"chain_id": -1},
        {"chain_id": True},
        {"signatures": {}},
    ],
)
def test_signatures_do_not_carry_over_to_other_terms_of_signing(changes: dict[str, Any]) -> None:
    maker = Maker()
    parts = maker.parts()
    parts["signing.json"] = edited(parts["signing.json"], **changes)
    assert failing(maker, parts) == {("signatures", "signing.json")}


def test_who_leaves_with_a_version_is_named_if_they_signed_it_and_refused_if_not() -> None:
    maker = Maker()
    maker.leaver = Account.from_key(b"L" * 32)
    report = verify(maker.bundle(), maker.trust)
    assert report.exit_code == 0
    assert [check.status for check in report.checks if check.name == "leaving"] == ["noted"]
    parts = maker.parts()
    left, own = (json.loads(parts["signing.json"])[name][0] for name in ("leaving", "signatures"))
    wrongs: list[dict[str, str]] = [
        own,
        left | {"signature": own["signature"]},
        left | {"address": own["address"]},
        {},
    ]
    for wrong in wrongs:
        changed = edited(parts["signing.json"], leaving=[wrong])
        assert failing(maker, parts | {"signing.json": changed}) == {("signatures", "signing.json")}


def test_a_later_version_must_supersede_another() -> None:
    maker = Maker()
    maker.agreement["version"] = 2
    assert ("signatures", "signing.json") in failing(maker)


def test_an_agreement_that_differs_from_the_signed_one_is_found_at_signatures_and_entry() -> None:
    maker = Maker()
    parts = maker.parts()
    parts["agreement.json"] = edited(parts["agreement.json"], text="other terms")
    assert failing(maker, parts) == {("signatures", "signing.json"), ("agreement-entry", "entries.json")}


def test_a_signer_other_than_the_pinned_one_is_refused() -> None:
    maker = Maker()
    brand, mcn = (maker.accounts[key].address for key in ("brand", "mcn"))
    trust = maker.trust.replace(brand, mcn)
    assert [check.name for check in bad(maker.bundle(), trust)] == ["signatures"]
    both = maker.trust + f"party brand {mcn}\n"
    assert verify(maker.bundle(), both).exit_code == 1


def test_parties_that_share_a_signer_are_refused() -> None:
    maker = Maker()
    maker.agreement["parties"]["mcn"]["signer"] = maker.agreement["parties"]["brand"]["signer"]
    assert ("agreement", "agreement.json") in failing(maker)


def entry(maker: Maker, at: int, **changes: Any) -> set[tuple[str, str | None]]:
    parts = maker.parts()
    records = json.loads(parts["entries.json"])
    records[at] |= changes
    return failing(maker, parts | {"entries.json": canonical(records)})


def test_entries_that_are_not_in_the_log_as_shown_are_refused() -> None:
    maker = Maker()
    records = json.loads(maker.parts()["entries.json"])
    leaf = json.loads(records[1]["leaf"])
    groups = records[1]["groups"]
    wrong: list[dict[str, Any]] = [
        {"leaf": canonical(leaf | {"kind": "refund.recorded"})},
        {"leaf": canonical(leaf | {"format": "tallystick/leaf/v9"})},
        {"leaf": records[1]["leaf"] + " "},
        {"leaf": records[2]["leaf"], "proof": records[2]["proof"]},
        {"proof": records[1]["proof"][:-1]},
        {"proof": records[1]["proof"] * 2},
        {"proof": [*records[1]["proof"][1:], records[1]["proof"][0]]},
        {"proof": [7]},
        {"groups": groups[:-1]},
        {"groups": [groups[1], groups[0], groups[2]]},
        {"groups": [groups[0] | {"salt": "00" * 32}, *groups[1:]]},
        {"groups": [groups[0] | {"opened": group("order", {"order": "B"})}, *groups[1:]]},
        {"groups": [groups[0] | {"erased": True, "by_seq": 1}, *groups[1:]]},
        {"groups": [groups[0], {"erased": False, "by_seq": 1, "position": 1}, groups[2]]},
    ]
    for changes in wrong:
        assert ("entries", "entries.json") in entry(maker, 1, **changes), changes
    assert entry(maker, 1, seq=0) >= {("entries", "entries.json")}


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("signed_entry", {"sha256": "00" * 32}, ("agreement-entry", "entries.json")),
        ("signed_entry", {"version": 2}, ("agreement-entry", "entries.json")),
        ("statement", {"lines": {"count": 1, "root": "00" * 32}}, ("lines", "lines.ndjson")),
        ("statement", {"lines": {"count": 2, "root": "00" * 32}}, ("lines", "lines.ndjson")),
        ("statement", {"totals": []}, ("totals", "statement.json")),
        ("statement", {"closing_minor": 1}, ("closing", "statement.json")),
        ("statement", {"adjustments": []}, ("closing", "statement.json")),
        ("statement", {"opening_minor": "100"}, ("closing", "statement.json")),
        ("statement", {"currency": "USD"}, ("closing", "statement.json")),
        ("cited_order", "A0000001", ("cited", "lines.ndjson")),
        ("found", {"digest": "00" * 32}, ("answer", "answer.ndjson")),
        ("found", {"rows": []}, ("answer", "answer.ndjson")),
        ("row", {"order": "A0000001"}, ("rows", "answer.ndjson")),
        ("row", {"told": []}, ("rows", "answer.ndjson")),
        ("row", {"seq": 7}, ("rows", "answer.ndjson")),
        ("row", {"paid": "1.00"}, ("rows", "answer.ndjson")),
        ("posted", {"n": 1}, ("rows", "answer.ndjson")),
        ("posted", {"position": 1}, ("rows", "answer.ndjson")),
        ("posted", {"posting": {}}, ("rows", "answer.ndjson")),
        ("anchor", {"root": "00" * 32}, ("anchor", "anchor.json")),
        ("anchor", {"chain": {"chain_id": 1, "kind": "friendly"}}, ("anchor", "anchor.json")),
    ],
)
def test_a_log_that_signs_what_does_not_add_up_is_found(
    attribute: str, value: Any, expected: tuple[str, str]
) -> None:
    maker = Maker()
    setattr(maker, attribute, value)
    assert failing(maker) == {expected}


def test_statement_and_decision_must_be_exactly_what_the_log_holds() -> None:
    maker = Maker()
    parts = maker.parts()
    for name, check in (("statement.json", "statement-entry"), ("decision.json", "decision-entry")):
        changed = edited(parts[name], readers=["brand-co"])
        assert failing(maker, parts | {name: changed}) == {(check, name)}


def altered_lines(maker: Maker, *lines: dict[str, Any]) -> set[tuple[str, str | None]]:
    maker.lines = list(lines)
    return failing(maker)


def test_lines_out_of_order_twice_or_of_another_shape_are_refused() -> None:
    first, second = Maker().lines
    expected = ("lines", "lines.ndjson")
    assert expected in altered_lines(Maker(), second, first)
    assert expected in altered_lines(Maker(), first, first)
    assert expected in altered_lines(Maker(), first | {"currency": "USD"}, second)
    assert expected in altered_lines(Maker(), first | {"entries": [2, 1]}, second)
    assert expected in altered_lines(Maker(), first | {"entries": ["1"]}, second)
    maker = Maker()
    parts = maker.parts()
    for text in (
        parts["lines.ndjson"].replace("3893", "3894"),
        parts["lines.ndjson"].replace("3893", "3893.0"),
        parts["lines.ndjson"][:-1],
        parts["lines.ndjson"] + "\n",
        "",
    ):
        assert expected in failing(maker, parts | {"lines.ndjson": text})


@pytest.mark.parametrize(
    "name", ["agreement.json", "signing.json", "entries.json", "statement.json", "anchor.json"]
)
@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "1", '"x"', "[{}]", '{"parties":1}', '{"content":[]}', "1.5"]
)
def test_a_part_of_any_other_shape_is_a_failure_and_never_a_crash(name: str, text: str) -> None:
    maker = Maker()
    parts = maker.parts() | {name: text}
    if (name, text) != ("entries.json", "[]"):
        assert name in {part for _, part in failing(maker, parts)}
    else:
        assert ("agreement-entry", "entries.json") in failing(maker, parts)


def test_shapes_mangled_at_random_are_failures_and_never_a_crash() -> None:
    maker = Maker()
    maker.settle()
    parts = maker.parts()
    chance = random.Random(7)
    odd: tuple[Any, ...] = (None, True, -1, 0, "", "0x", [], {}, [[]], "é", 2**53 - 1)
    for _ in range(3_000 if SOAK else 120):
        name = chance.choice([name for name in parts if name.endswith(".json")])
        value = json.loads(parts[name])
        spot = value
        while True:
            key = chance.choice(list(spot) if isinstance(spot, dict) else range(len(spot)))
            if not isinstance(spot[key], dict | list) or not spot[key] or chance.random() < 0.3:
                break
            spot = spot[key]
        kept, spot[key] = spot[key], chance.choice(odd)
        report = verify(maker.seal(parts | {name: canonical(value)}), maker.trust)
        assert report.checks
        if name in {"agreement.json", "statement.json", "decision.json"} and spot[key] != kept:
            assert report.exit_code == 1
