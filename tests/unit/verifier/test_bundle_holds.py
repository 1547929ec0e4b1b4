"""What a whole bundle says, in whose words, and when the answer is neither yes nor no."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.unit.verifier.bundle_maker import Maker, canonical, edited
from verifier import Report, verify
from verifier.checks import CHECKS


def statuses(report: Report) -> dict[str, str]:
    return {check.name: check.status for check in report.checks}


def test_a_whole_bundle_holds_and_every_check_has_a_result_in_the_documented_order() -> None:
    maker = Maker()
    maker.settle()
    maker.registered, maker.sealed = {}, {}
    report = verify(maker.bundle(), maker.trust)
    assert report.exit_code == 0
    assert {check.status for check in report.checks} == {"holds", "noted"}
    names = list(dict.fromkeys(check.name for check in report.checks))
    wanted = [name for name, *_ in CHECKS if name != "chain"]  # which is for those who have a copy of one
    assert [name for name in names if name in wanted] == wanted
    assert {"trust", "commitment", "groups", "erased", "withheld"} < set(names)


@pytest.mark.parametrize("orders", [0, 1, 3, 40])
def test_statements_of_any_length_hold(orders: int) -> None:
    maker = Maker(orders=orders)
    assert verify(maker.bundle(), maker.trust).exit_code == 0


@pytest.mark.parametrize(
    "left_out",
    [
        {"decision.json"},
        {"statement.json", "lines.ndjson"},
        {"anchor.json"},
        {"answer.ndjson", "found.json", "query.json"},
    ],
)
def test_what_is_optional_may_be_left_out(left_out: set[str]) -> None:
    maker = Maker()
    parts = {name: text for name, text in maker.parts().items() if name not in left_out}
    assert verify(maker.seal(parts), maker.trust).exit_code == 0


def test_without_a_trust_file_the_keys_are_said_to_be_unpinned_and_the_rest_is_still_checked() -> None:
    report = verify(Maker().bundle(), None)
    assert report.exit_code == 2
    assert report.checks[0].detail == "no trust file given: keys are unpinned"
    assert report.checks[0].detail_zh == "未提供信任文件:密钥未固定"
    seen = statuses(report)
    assert {name for name, status in seen.items() if status == "unusable"} == {
        "trust",
        "manifest",
        "checkpoint",
        "signatures",
    }
    assert seen["parts"] == seen["entries"] == seen["lines"] == seen["closing"] == "holds"


def test_an_altered_bundle_fails_even_for_a_reader_without_keys() -> None:
    maker = Maker()
    assert verify(maker.bundle().replace(b"29", b"92", 1), None).exit_code == 1


@pytest.mark.parametrize("dropped", ["log.example", "party mcn-co"])
def test_one_unpinned_key_is_enough_for_no_answer(dropped: str) -> None:
    maker = Maker()
    trust = "\n".join(line for line in maker.trust.split("\n") if not line.startswith(dropped))
    report = verify(maker.bundle(), trust)
    assert report.exit_code == 2
    assert any("unpinned" in check.detail for check in report.checks if check.status == "unusable")


def test_a_signer_may_be_pinned_by_the_partys_key_or_address_as_well() -> None:
    maker = Maker()
    by_key = maker.trust.replace("-co 0x", " 0x")
    assert verify(maker.bundle(), by_key).exit_code == 0
    del maker.agreement["parties"]["mcn"]["id"]
    address = maker.accounts["mcn"].address
    by_address = maker.trust.replace("party mcn-co", f"party {address}")
    assert verify(maker.bundle(), by_address).exit_code == 0


@pytest.mark.parametrize(
    "garbled",
    [
        "",
        "# only a comment",
        "party brand-co",
        "party brand-co 0x12",
        "hello world",
        "log.example+00000000+AAAA",
        "log.example+zz",
        f"party a 0x{'1' * 40}\nparty a 0x{'2' * 40}",
    ],
)
def test_a_garbled_trust_file_gives_no_answer(garbled: str) -> None:
    report = verify(Maker().bundle(), garbled)
    assert report.exit_code == 2
    assert report.checks[0].status == "unusable"


def test_a_vkey_whose_hash_is_not_its_keys_is_garbled_trust() -> None:
    maker = Maker()
    flipped = maker.trust.replace(maker.log.hash.hex(), "00000000")
    assert "line 2" in verify(maker.bundle(), flipped).checks[0].detail


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"PK\x03\x04", b'{"format":"tallystick/bundle/v2"}', b"\xff"]
)
def test_what_is_no_bundle_gives_no_answer(data: bytes) -> None:
    report = verify(data, Maker().trust)
    assert report.exit_code == 2
    assert report.checks[-1].detail.startswith("not a bundle")


def test_nesting_without_end_is_refused_rather_than_a_crash() -> None:
    assert verify(b"[" * 200_000, None).exit_code == 2
    maker = Maker()
    parts = maker.parts() | {"signing.json": "[" * 100_000 + "]" * 100_000}
    assert verify(maker.seal(parts), maker.trust).exit_code == 1


def test_an_erased_group_is_tolerated_and_named() -> None:
    maker = Maker()
    report = verify(maker.bundle(), maker.trust)
    (erased,) = [check for check in report.checks if check.name == "erased"]
    assert (report.exit_code, erased.ok) == (0, None)
    assert "entry 1 group 1 (said to be by entry 8)" in erased.detail


def test_the_operators_own_chain_is_said_to_be_no_evidence() -> None:
    maker = Maker()
    embedded = verify(maker.bundle(), maker.trust).checks[-1]
    assert (embedded.name, embedded.ok) == ("anchor", None)
    assert "no evidence against the operator" in embedded.detail
    maker.anchor = {"chain": {"chain_id": 1, "kind": "rpc"}}
    assert "look it up yourself: chain 1" in verify(maker.bundle(), maker.trust).checks[-1].detail
    maker.anchor["size"] = 5
    assert "another size, 5: not compared" in verify(maker.bundle(), maker.trust).checks[-1].detail


def test_where_a_version_is_registered_is_told_and_proves_nothing() -> None:
    maker = Maker()
    assert "registration" not in {check.name for check in verify(maker.bundle(), maker.trust).checks}
    maker.registered = {}
    report = verify(maker.bundle(), maker.trust)
    (told,) = [check for check in report.checks if check.name == "registration"]
    assert (report.exit_code, told.ok) == (0, None)
    assert "look it up yourself: chain 1337" in told.detail
    maker.registered = {"chain_kind": "embedded"}
    (told,) = [c for c in verify(maker.bundle(), maker.trust).checks if c.name == "registration"]
    assert "no evidence against the operator" in told.detail


@pytest.mark.parametrize(
    "other", [{"sha256": "00" * 32}, {"version": 2}, {"chain_id": 1}, {"registry": "0x" + "11" * 20}]
)
def test_another_registration_than_was_signed_for_fails(other: dict[str, object]) -> None:
    maker = Maker()
    maker.registered = other
    report = verify(maker.bundle(), maker.trust)
    assert report.exit_code == 1
    assert [check.name for check in report.checks if check.ok is False] == ["registration"]


def test_a_witness_may_cosign_the_checkpoint() -> None:
    maker = Maker()
    parts = maker.parts()
    text = parts["checkpoint.txt"]
    parts["checkpoint.txt"] = text + "— witness.example " + "AAAAAAAAAAAA\n"
    assert verify(maker.seal(parts), maker.trust).exit_code == 0


def test_text_from_a_bundle_cannot_print_a_line_of_its_own() -> None:
    maker = Maker()
    parts = maker.parts()
    forged = edited(parts["anchor.json"], chain={"chain_id": 1, "kind": "\nok  all  holds\x1b[2J"})
    report = verify(maker.seal(parts | {"anchor.json": forged}), maker.trust)
    assert all(line.isprintable() for lang in ("en", "zh") for line in report.lines(lang))


def test_a_hundred_thousand_lines_verify_in_seconds() -> None:
    maker = Maker(orders=100_000)
    data = maker.bundle()
    started = time.process_time()
    assert verify(data, maker.trust).exit_code == 0
    assert time.process_time() - started < 15, "usually two or three seconds of processor time"


def test_the_program_prints_a_line_a_check_and_exits_with_the_answer(tmp_path: Path) -> None:
    maker = Maker()
    bundle, keys = tmp_path / "a.bundle", tmp_path / "keys.txt"
    bundle.write_bytes(maker.bundle())
    keys.write_text(maker.trust)

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "verifier", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    code, out = run(str(bundle), "--trust", str(keys))
    assert (code, out.splitlines()[-1]) == (0, "All checks hold.")
    code, out = run(str(bundle), "--lang", "zh")
    assert code == 2
    assert "密钥未固定" in out
    bundle.write_bytes(maker.bundle()[:-1])
    code, out = run(str(bundle), "--trust", str(keys), "--json")
    assert code == 1
    assert json.loads(out)["holds"] is False
    assert run(str(tmp_path / "nowhere"))[0] == 2


def test_the_verifier_loads_nothing_of_the_server() -> None:
    script = "import sys, verifier; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"verifier", "cryptography"} <= loaded
    assert not loaded & {
        "policies",
        "ledger",
        "contracts",
        "api",
        "msgspec",
        "eth_hash",
        "pydantic",
        "sqlalchemy",
    }


def test_the_report_as_json_speaks_both_languages() -> None:
    maker = Maker()
    shown = verify(maker.bundle(), maker.trust).as_json()
    assert (shown["holds"], shown["exit_code"]) == (True, 0)
    assert all(row["detail"] and row["detail_zh"] for row in shown["checks"])
    canonical(shown)


@pytest.mark.parametrize("odd", [{"block": -1}, {"block": "9"}, {"hash": "0xcd"}, {"hash": "cd" * 32}])
def test_a_seal_that_does_not_read_is_no_seal(odd: dict[str, object]) -> None:
    maker = Maker()
    maker.sealed = odd
    report = verify(maker.bundle(), maker.trust)
    assert (report.exit_code, statuses(report)["sealed"]) == (1, "fails")


def test_a_chain_is_compared_with_nothing_where_a_bundle_names_none_of_its_blocks(tmp_path: Path) -> None:
    maker = Maker()
    maker.anchor = {"chain": {"chain_id": 1, "kind": "rpc"}}
    report = verify(maker.bundle(), maker.trust, chain=tmp_path / "not even looked for")
    assert (report.exit_code, statuses(report)["chain"]) == (2, "unusable")
