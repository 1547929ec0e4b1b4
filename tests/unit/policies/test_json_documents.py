"""JSON documents: the same readings as YAML, with JSON's own escapes and no floats on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policies.decisions.case import read_case
from policies.errors import AgreementRejected
from policies.loading import load_agreement
from policies.source import read_source

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_an_agreement_written_as_json_has_the_same_canonical_bytes() -> None:
    agreement = load_agreement(
        (EXAMPLES / "agreements/head-streamer.yaml").read_text(encoding="utf-8"), name="yaml"
    )
    text = json.dumps(json.loads(agreement.canonical), indent="\t")
    assert load_agreement(text, name="json") == agreement


def test_numbers_of_a_json_case_stay_the_text_they_were_written_as() -> None:
    case = read_case(
        '{"clause": "9.1", "claim": {"claimant": "a", "respondent": "b", "amount": 90071992547409.93},'
        ' "facts": {"x": {"value": 429.00}, "y": {"value": true}}, "orders": [{"count": 3, "paid": 1e2}]}',
        name="case",
    )
    assert case.file.claim.amount == "90071992547409.93"
    assert (case.file.facts["x"].value, case.file.facts["y"].value) == ("429.00", "true")
    assert case.rows == ({"count": "3", "paid": "1e2"},)


def test_escapes_beyond_the_basic_plane_read_as_json_means_them() -> None:
    assert read_source('{"a": "\\ud83d\\ude00 \\/ \\u4e2d"}', "t").plain == {"a": "😀 / 中"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1, "a": 2}', "document.duplicate-key"),
        ('{"a": ' + "[" * 2_000 + "]" * 2_000 + "}", "document.too-deep"),
    ],
)
def test_hostile_json_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(AgreementRejected) as refusal:
        read_source(text, "t")
    assert refusal.value.findings[0].code == code
