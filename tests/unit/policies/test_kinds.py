"""Every clause kind does what its file says: its example loads, reads well, checks clean and decides.

The expansions are frozen: `language: 1` means that a signed clause of a kind says the same for ever. Write
the golden file again only for a new kind or parameter: `python -m tests.unit.policies.test_kinds`.
"""

from __future__ import annotations

import json
import re
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from policies.agreement import Agreement
from policies.check import check
from policies.checks.kinds import TYPES
from policies.clauses.parameters import Parameter, value_of
from policies.clauses.placeholders import placeholders
from policies.clauses.templates import CORE_KEYS, KindTest, Templated, template, template_names
from policies.decisions.case import read_case
from policies.decisions.decide import Decision, decide
from policies.document import Fact
from policies.formulas.parse import parse
from policies.formulas.prose import Language
from policies.formulas.types import Type, check_type
from policies.kinds_page import HOST, page
from policies.loading import agreement_from_canonical, load_agreement
from policies.money import from_minor
from policies.render import contract, write_text
from policies.render.terms import Reading

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "kinds.json"
KINDS = sorted(template_names())
TESTS = [(kind, test) for kind in KINDS for test in template(kind).tests]
CORE = {"id", "holder", "toward", "valid_from", "valid_until"}


def agreement(kind: str, changes: dict[str, Any] | None = None) -> Agreement:
    """Return the kind's example, changed, in the host agreement: alone, or before the clauses it needs."""
    clause = {**template(kind).example, **(changes or {})}
    given = {key: value for key, value in clause.items() if value is not None}
    clauses = [given, *template(kind).beside]
    text = "".join(f"  - {json.dumps(one, ensure_ascii=False)}\n" for one in clauses)
    return load_agreement(HOST + text, name=kind)


def decided(kind: str, test: KindTest) -> Decision:
    under = agreement(kind, test.with_)
    clause, *_ = under.document.clauses
    return decide([under], read_case(json.dumps({"clause": clause.id, **test.case}), name=test.name))


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def expansions() -> dict[str, dict[str, Any]]:
    """Return what every example, and every test's change of it, expands to."""
    found: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        cases = {"example": {}, **{test.name: test.with_ for test in template(kind).tests if test.with_}}
        for name, changes in cases.items():
            core = agreement(kind, changes).document.clauses[0].core()
            dumped = core.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"text"})
            found.setdefault(kind, {})[name] = {key: value for key, value in dumped.items() if value}
    return found


@pytest.mark.parametrize(("kind", "test"), TESTS, ids=[f"{kind}: {test.name}" for kind, test in TESTS])
def test_the_case_is_decided_as_the_file_says(kind: str, test: KindTest) -> None:
    decision = decided(kind, test)
    got: dict[str, Any] = {
        "outcome": decision.outcome,
        "amount": from_minor(decision.amount_minor, "CNY"),
        "components": {name: from_minor(minor, "CNY") for name, minor in decision.components.items()},
        "effects": [effect["id"] for effect in decision.effects],
        "review": str(decision.human_review).lower(),
        "missing": list(decision.missing),
        "postings": [
            f"{one['from']} {one['to']} {from_minor(one['amount_minor'], 'CNY')}" for one in decision.postings
        ],
    }
    assert test.expect
    assert {key: got[key] for key in test.expect} == test.expect, got


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_checks_without_error_or_warning(kind: str) -> None:
    """Alone it may draw on an account that another clause fills; the page shows them together."""
    wrong = [one for one in check(agreement(kind)) if one.severity != "info"]
    assert [one for one in wrong if one.code != "remedy.account-unfunded"] == []


@pytest.mark.parametrize(("kind", "test"), TESTS, ids=[f"{kind}: {test.name}" for kind, test in TESTS])
def test_the_standard_wording_names_only_terms_and_reads_alike_in_both_languages(
    kind: str, test: KindTest
) -> None:
    under = agreement(kind, test.with_)
    assert [one for one in check(under) if one.code.startswith("text.")] == []
    for words in (under.document.clauses[0].text.zh, under.document.clauses[0].text.en):
        assert not re.search(r"[{}\[\]_]|  ", words), words


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_signed_whole_and_read_back_the_same(kind: str) -> None:
    under = agreement(kind)
    assert agreement_from_canonical(under.canonical, name=kind) == under
    assert b"standard wording" not in under.canonical
    assert isinstance(under.document.clauses[0], Templated)
    for language in ("zh", "en"):
        assert under.document.clauses[0].text.zh
        assert "{" not in write_text(contract(under, language))


@pytest.mark.parametrize(("kind", "test"), TESTS, ids=[f"{kind}: {test.name}" for kind, test in TESTS])
def test_what_is_computed_is_said_in_words_of_each_language(kind: str, test: KindTest) -> None:
    """No name of the program stands in a contract; names that a clause itself gives, as of fines, may."""
    under = agreement(kind, test.with_)
    clause = under.document.clauses[0]
    assert isinstance(clause, Templated)
    types = {name: one for name, one in clause.template.types.items() if one in {"names", "texts", "fines"}}
    given = {
        word for name in types for one in value_of(clause, name) or () for word in (one, *one.split("_"))
    }
    foreign: dict[Language, str] = {
        "zh": r"[A-Za-z][A-Za-z_.:]*",
        "en": r"[a-z]+_\w+|[a-z]+\.[a-z]+|[\u4e00-\u9fff]+",
    }
    for language, pattern in foreign.items():
        section = Reading(under, language).section(clause)
        said = [section.heading, section.text, *(text for one in section.terms for text in astuple(one)[:3])]
        found = {one for text in said for one in re.findall(pattern, text)}
        assert found <= given, (language, found - given)


def test_expansions_are_frozen() -> None:
    assert expansions() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_page_of_the_kinds_is_current() -> None:
    committed = (ROOT / "docs" / "reference" / "clause-kinds.md").read_text(encoding="utf-8")
    assert committed == page(), (
        "write it again: python -m policies.kinds_page > docs/reference/clause-kinds.md"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_kinds_file_names_only_what_it_has(kind: str) -> None:
    one = template(kind)
    known = {*one.flat, *CORE, *one.replaces, "falls_due"}
    assert set(one.replaces) <= CORE_KEYS
    assert one.ends is None or one.flat[one.ends].type == "date"
    for text in [
        *texts(one.clause),
        one.wording.zh,
        one.wording.en,
        *(w for c in one.checks for w in texts(c.text.model_dump())),
    ]:
        named = {name for name in placeholders(text) if name not in one.facts}
        assert named <= known, (text, named - known)
    for fact in one.facts.values():
        TypeAdapter(Fact).validate_python(fact)
    for check_ in one.checks:
        assert check_.code.startswith(f"{kind}.")
        assert check_.at is None or check_.at in one.flat
        check_type(parse(check_.when), condition_types(one.flat), {}, "bool")
    assert any(name not in CORE and not parameter.optional for name, parameter in one.flat.items()), (
        "a clause of a kind always shows that it is one"
    )


def condition_types(parameters: dict[str, Parameter]) -> dict[str, Type]:
    """Return the types of the names that conditions of a kind's checks may read."""
    about = ("stage", "model", "jurisdiction", "holder_role", "toward_role")
    given: dict[str, Type] = {f"given.{name}": "bool" for name in (*parameters, "falls_due")}
    typed = {name: TYPES[one.type] for name, one in parameters.items() if one.type in TYPES}
    return {**dict.fromkeys(about, "text"), "effective_from": "date", **given, **typed}


def test_facts_of_one_name_are_the_same_in_every_kind() -> None:
    seen: dict[str, Any] = {}
    for kind in KINDS:
        for name, fact in template(kind).facts.items():
            assert seen.setdefault(name, fact) == fact, (kind, name)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(expansions(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
