"""The worked disputes, each decided by the real command from its own documents, to the cent and in full."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import EXAMPLES, tally

FOLDERS = sorted(path.name for path in (EXAMPLES / "disputes").iterdir() if path.is_dir())
POSTING = ("seq", "phase", "from", "to", "amount", "currency", "kind", "status")
OF_REGULATION = "cn-"
"""Codes of the regulation packs: D06 is about a rule that the law forbids, and its check says so."""


def agreements(folder: str) -> list[Path]:
    return sorted((EXAMPLES / "disputes" / folder).glob("agreement*.yaml"))


def expected(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (EXAMPLES / "disputes" / folder / "expected.json").read_text(encoding="utf-8")
    )
    return found


def decided(data: Path, folder: str) -> dict[str, Any]:
    case = EXAMPLES / "disputes" / folder / "case.yaml"
    ran = tally(data, "decide", *agreements(folder), case, "--json")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = ran.json
    return found


def major(amounts: dict[str, int]) -> dict[str, str]:
    return {name: f"{minor // 100}.{minor % 100:02}" for name, minor in amounts.items()}


def test_there_are_ten_with_known_results_and_six_of_their_kind() -> None:
    known = ["D01", "D02", "D03", "D05", "D06", "D08", "D10", "D11", "D13", "D16"]
    alike = [
        "conduct-clause", "coupon-funding", "data-beyond-purpose",
        "minor-tips", "paid-exclusivity", "replaced-host",
    ]  # fmt: skip
    assert [*known, *alike] == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_dispute_is_decided_as_expected_in_everything(tmp_path: Path, folder: str) -> None:
    found, wanted = decided(tmp_path, folder), expected(folder)
    for name in ("outcome", "amount", "figures", "clauses", "law", "missing", "human_review"):
        assert found[name] == wanted[name], name
    assert major(found["components"]) == wanted["components"]
    assert major(found["beside_claim"]) == wanted["beside_claim"]
    assert [{key: one[key] for key in POSTING} for one in found["postings"]] == wanted["postings"]
    assert [one["id"] for one in found["effects"]] == wanted["effects"]
    assert bool(found["review"]) is found["human_review"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_decision_reads_in_both_languages(tmp_path: Path, folder: str) -> None:
    case = EXAMPLES / "disputes" / folder / "case.yaml"
    for lang in ("en", "zh"):
        ran = tally(tmp_path, "decide", *agreements(folder), case, "--lang", lang)
        assert (ran.code, ran.err) == (0, "")
        amount = expected(folder)["amount"]
        assert f"{int(amount[:-3]):,}{amount[-3:]} CNY" in ran.out.splitlines()[0]


SETTLED = sorted(path.parent.name for path in (EXAMPLES / "disputes").glob("*/settled.yaml"))


@pytest.mark.parametrize("folder", SETTLED)
def test_each_document_that_a_run_settles_checks_without_error(tmp_path: Path, folder: str) -> None:
    document = EXAMPLES / "disputes" / folder / "settled.yaml"
    found = tally(tmp_path, "check", document, "--json").json["findings"]
    errors = [one["code"] for one in found if one["severity"] == "error"]
    assert [code for code in errors if not code.startswith(OF_REGULATION)] == []
    assert folder == "D06" or errors == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_document_checks_without_error_and_passes_its_own_tests(tmp_path: Path, folder: str) -> None:
    found = tally(tmp_path, "check", *agreements(folder), "--json").json["findings"]
    errors = [one["code"] for one in found if one["severity"] == "error"]
    assert [code for code in errors if not code.startswith(OF_REGULATION)] == []
    assert folder == "D06" or errors == []
    assert "text.languages-differ" not in {one["code"] for one in found}
