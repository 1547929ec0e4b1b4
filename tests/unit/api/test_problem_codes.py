"""Every refusal of the project has a place among the problems."""

from __future__ import annotations

import re
from pathlib import Path

import api.app
from api.language import catalogue
from api.problems import known_codes, problem_of, status_of
from policies.errors import TallystickError

ROOT = Path(api.app.__file__).parents[1]
PACKAGES = ("policies", "ledger", "contracts", "api")


def test_every_code_in_the_sources_is_known() -> None:
    found = set()
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            found |= set(
                re.findall(r'^    code(?:: ClassVar\[str\])? = "([^"]+)"', source.read_text(), re.MULTILINE)
            )
    assert len(found) > 40
    assert found - known_codes().keys() == set()


def test_every_status_is_one_that_the_api_declares() -> None:
    assert {status_of(code) for code in known_codes()} <= {
        400,
        401,
        403,
        404,
        405,
        409,
        413,
        415,
        422,
        429,
        500,
        503,
    }


def test_codes_with_words_exist() -> None:
    worded = {
        key.removeprefix("problem.").rsplit(".", 1)[0]
        for key in catalogue("zh").messages
        if key.startswith("problem.")
    }
    assert worded <= known_codes().keys()


def test_a_fault_of_the_house_is_not_explained_to_outsiders() -> None:
    class Broken(TallystickError):
        code = "split.does-not-sum"

    problem = problem_of(Broken("party 0xabc got 3 too much", where="secret/path"))
    assert problem.code == "internal"
    assert "0xabc" not in str(problem)
    assert problem.reference
