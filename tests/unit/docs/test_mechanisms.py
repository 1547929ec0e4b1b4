"""The table of mechanisms has a row for each, and everything that a row names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from litestar import Router

from api.app import ROUTES
from tests.unit.docs.test_reference_pages import EVERY

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "mechanisms.md"
MECHANISMS = 61


class Row(NamedTuple):
    """A row of the table: number, name in both languages, where it lives, how it is seen, its tests."""

    number: str
    name: str
    lives: str
    seen: str
    tests: str


def rows() -> list[Row]:
    """Return the rows of the table as the page has them."""
    lines = re.findall(r"^\| \d+ \|.*\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]


@cache
def functions_of(path: str) -> frozenset[str]:
    """Return the names of the functions at the top of a test module."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


def pages() -> frozenset[str]:
    """Return every path that the product answers, with `{}` for what varies."""
    found: set[str] = set()
    for router in ROUTES:
        assert isinstance(router, Router)
        found |= {re.sub(r"\{[^}]*\}", "{}", route.path) for route in router.routes}
    return frozenset(found)


def test_every_mechanism_has_its_row() -> None:
    assert [int(row.number) for row in rows()] == list(range(1, MECHANISMS + 1))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.number)
def test_what_a_row_names_exists(row: Row) -> None:
    assert re.search(r"[一-鿿].* · .*[a-z]", row.name), "a name in Chinese and English"
    lives = re.findall(r"`([^`]+)`", row.lives)
    assert lives
    assert [one for one in lives if not (ROOT / one).exists()] == []
    seen = re.findall(r"`([^`]+)`", row.seen)
    assert seen
    unknown = [one for one in seen if not is_shown(one)]
    assert unknown == []
    tests = re.findall(r"`([^`]+)::(\w+)`", row.tests)
    assert tests
    assert [(path, name) for path, name in tests if name not in functions_of(path)] == []


def is_shown(named: str) -> bool:
    """Tell whether a command, a group of commands or a path exists."""
    if named.startswith("/"):
        return re.sub(r"\{[^}]*\}", "{}", named) in pages()
    return any(one == named or one.startswith(f"{named} ") for one in EVERY)
