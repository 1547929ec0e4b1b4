"""House rules that no linter knows: what each room may contain, whatever is written into it later."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("policies", "ledger", "contracts", "verifier", "api", "migrations", "benchmarks")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def sources(*packages: str) -> Iterator[tuple[str, ast.Module, str]]:
    for path in tracked(*(f"{package}/**.py" for package in packages)):
        text = path.read_text(encoding="utf-8")
        yield str(path.relative_to(ROOT)), ast.parse(text), text


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, tree, text in sources(*PACKAGES) if text.strip() and not ast.get_docstring(tree)]
    assert silent == []


def test_no_float_is_made_where_money_is_counted() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree, _ in sources("policies", "ledger")
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
        or (isinstance(node, ast.BinOp) and (is_float(node.left) or is_float(node.right)))
        or (isinstance(node, ast.Assign) and is_float(node.value))
    ]
    assert found == []


def is_float(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


@pytest.mark.parametrize(
    ("library", "room"),
    [
        ("eth", "contracts/embedded.py"),
        ("z3", "policies/formulas/terms.py"),
    ],
)
def test_a_fenced_engine_is_imported_in_one_file_only(library: str, room: str) -> None:
    importing = {
        name
        for name, tree, _ in sources(*PACKAGES)
        if any(one.split(".")[0] == library for one in imported(tree))
    }
    assert importing == {room}


def test_policies_know_no_clock_network_database_or_file() -> None:
    outside = {
        "sqlalchemy",
        "sqlmodel",
        "socket",
        "http",
        "urllib",
        "time",
        "random",
        "secrets",
        "subprocess",
    }
    found = {
        f"{name}: {one}"
        for name, tree, text in sources("policies")
        for one in imported(tree)
        if one.split(".")[0] in outside
    }
    calls = [
        name
        for name, _, text in sources("policies")
        if re.search(r"datetime\.now|date\.today|\bopen\(", text)
    ]
    assert (found, calls) == (set(), [])


def test_the_environment_is_read_by_the_settings_alone() -> None:
    reading = {name for name, _, text in sources(*PACKAGES) if "os.environ" in text or "os.getenv" in text}
    assert reading <= {"api/settings.py", "contracts/hashing.py"}


def test_nothing_is_left_for_later_and_nothing_swallows_what_it_does_not_know() -> None:
    unfinished = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "raise NotImpl" + "emented")
    words = (*unfinished, "xf" + "ail(", "except" + ":\n")
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked("*.py", "*.md", "*.vy", "Makefile", ".ci/run")
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_each_code_of_a_refusal_belongs_to_one_error() -> None:
    owners: dict[str, list[str]] = defaultdict(list)
    for name, tree, _ in sources("policies", "ledger", "contracts", "api"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    match line:
                        case ast.Assign([ast.Name("code")], ast.Constant(str(code))):
                            owners[code].append(f"{name}:{node.name}")
                        case ast.AnnAssign(ast.Name("code"), _, ast.Constant(str(code))):
                            owners[code].append(f"{name}:{node.name}")
    assert {code: names for code, names in owners.items() if len(names) > 1} == {}


def test_pages_and_programs_load_nothing_from_elsewhere() -> None:
    outside = re.compile(
        r"""(?:src|href|url|import|fetch)\s*[=(]\s*["']?(?:https?:)?//(?!127\.0\.0\.1|localhost)"""
    )
    found = [
        str(path.relative_to(ROOT))
        for path in tracked("api/templates/**", "api/static/*.css", "api/static/*.js")
        if outside.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
