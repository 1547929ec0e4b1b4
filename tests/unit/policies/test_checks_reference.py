"""The page of checks is true: each example, laid over the page's document, gives exactly its own finding."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.agreement import Agreement
from policies.check import check, check_against, check_together
from policies.errors import Finding
from policies.loading import load_agreement

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml finding ([a-z.-]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ACCEPTED = re.findall(r"^```yaml accepted ([a-z.-]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(HOST,) = re.findall(r"^```yaml host\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def _plain(text: str) -> dict[str, Any]:
    """Read YAML as the documents do: every scalar is text."""
    read: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return read


def laid_over(part: str) -> Agreement:
    document = _plain(HOST)
    for key, value in _plain(part).items():
        if key == "clauses":
            kept = {clause["id"]: clause for clause in document["clauses"]}
            document["clauses"] = list({**kept, **{clause["id"]: clause for clause in value}}.values())
        elif isinstance(value, dict):
            document[key] = {**document.get(key, {}), **value}
        else:
            document[key] = value
    return load_agreement(yaml.safe_dump(document, allow_unicode=True), name="checks.md")


def found(part: str) -> list[Finding]:
    first, *rest = (laid_over(one) for one in part.split("---\n"))
    if not rest:
        return check(first)
    (second,) = rest
    alone = [one for agreement in (first, second) for one in check(agreement) if one.severity != "info"]
    assert alone == [], "nothing is wrong with either alone"
    if first.id == second.id:
        assert check_together([first, second]) == []
        return check_against(second, first)
    return [finding for _, finding in check_together([first, second])]


def test_the_document_of_the_examples_has_no_finding_at_all() -> None:
    assert check(laid_over("{}")) == []


@pytest.mark.parametrize(("code", "part"), EXAMPLES, ids=[code for code, _ in EXAMPLES])
def test_an_example_gives_exactly_the_finding_it_stands_under(code: str, part: str) -> None:
    findings = found(part)
    assert {one.code for one in findings} == {code}, findings
    severity = re.search(rf"`{re.escape(code)}`[^()]*\((error|warning|info)\)", PAGE)
    assert severity, code
    for one in findings:
        assert one.severity == severity[1]
        assert one.message_zh
        assert one.message != one.message_zh
        in_english = re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", one.message_zh)
        assert not in_english or code == "test.unusable", one.message_zh
        assert one.line
        assert not re.search(r"\bNone\b|Fraction\(|Number\(|Unknown", one.message + one.message_zh)


@pytest.mark.parametrize(("code", "part"), ACCEPTED)
def test_a_warning_that_the_document_names_is_shown_as_signed_over(code: str, part: str) -> None:
    (one,) = found(part)
    assert (one.code, one.severity) == (code, "accepted")
    assert "it only says which court" in one.message
    without = part[: part.index("accepted_findings")]
    (before,) = found(without)
    assert (before.code, before.severity) == (code, "warning")


def test_every_code_of_the_checks_has_an_example() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "policies" / "checks").rglob("*.py")
    )
    codes = set(re.findall(r'^\s+"([a-z]+\.[a-z-]+)",$', sources, re.MULTILINE))
    codes |= set(re.findall(r'finding\("([a-z]+\.[a-z-]+)"', sources))
    assert codes - {code for code, _ in EXAMPLES} == set()
