"""Pytest plugin `-p tests.vyper.covering`: fail a run that leaves a statement or branch of a contract out.

What the tests of contracts ran is gathered from all processes of the run; at its end every point of every
source (points.py) must have been reached, or be named in EXCEPTIONS with the reason why none can reach it.
`--vyper-page FILE` also writes the figures as a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from contracts.artifacts import load_artifact
from contracts.compile import SOURCES
from tests.vyper.points import Point, code_maps, statements
from tests.vyper.tracing import Tracer

TESTS = Path(__file__).parents[1]
CONTRACTS = tuple(sorted(source.stem for source in SOURCES.glob("*.vy")))
FOLDERS = frozenset({"vyper", "contracts", "chains"})
"""Folders whose tests count: elsewhere contracts run too, but only as far as the test needs them."""

EXCEPTIONS: dict[tuple[str, str, str], str] = {
    ("CommissionSplitter", "for _: uint256 in range(370):", "goes on"): (
        "Euclid's algorithm on numbers of 256 bits ends within 370 steps, so the loop is always left before"
    ),
    ("CommissionSplitter", "for _: uint256 in range(16):", "goes on"): (
        "halving finds its place among the 512 rows that a plan has room for within 10 steps"
    ),
}
"""Points that no test can reach, by contract, text of the line and way, each with its reason."""


@dataclass(frozen=True)
class Coverage:
    """How far a run went through one contract."""

    contract: str
    points: frozenset[Point]
    reached: frozenset[Point]
    own_checks: int

    @cached_property
    def missed(self) -> tuple[Point, ...]:
        """Points that were not reached and are not excepted, in the order of the source."""
        return tuple(sorted(p for p in self.points - self.reached if self.reason(p) is None))

    @cached_property
    def excepted(self) -> tuple[Point, ...]:
        """Points that were not reached, for a reason that is named."""
        return tuple(sorted(p for p in self.points - self.reached if self.reason(p) is not None))

    def reason(self, point: Point) -> str | None:
        """Why a point cannot be reached, None where nothing excepts it."""
        return EXCEPTIONS.get((self.contract, line_of(point), point.way))

    def count(self, *, branches: bool) -> tuple[int, int]:
        """Return how many statements, or ways of branches, were reached, and how many there are."""
        points = {point for point in self.points if point.is_branch == branches}
        return len(points & self.reached), len(points)


def line_of(point: Point) -> str:
    """Return the text of the line on which a point begins."""
    return (SOURCES / point.file).read_text("utf-8").splitlines()[point.line - 1].strip()


class Covering:
    """The plugin of one process: it records, hands over, and in the controlling process judges."""

    def __init__(self, page: str | None, *, controls: bool) -> None:
        codes = {}
        for name in CONTRACTS:
            artifact = load_artifact(name)
            codes[f"{name} deploying"], codes[name] = artifact.code, artifact.runtime
        self.tracer = Tracer(codes)
        self.tracer.install()
        self.page = page
        self.controls = controls
        self.report: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        inside = item.path.relative_to(TESTS).parts if item.path.is_relative_to(TESTS) else ()
        self.tracer.on = not FOLDERS.isdisjoint(inside)
        try:
            return (yield)
        finally:
            self.tracer.on = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        for name, plain in getattr(node, "workeroutput", {}).get("vyper", {}).items():
            self.tracer.runs[name].add(plain)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.controls:
            plain = {name: run.plain() for name, run in self.tracer.runs.items()}
            session.config.workeroutput["vyper"] = plain  # type: ignore[attr-defined]  # xdist's
            return
        found = [coverage(name, self.tracer) for name in CONTRACTS]
        missed = [_missed(each, point) for each in found for point in each.missed]
        self.report = [*map(_summary, found), *missed]
        if missed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif self.page:
            Path(self.page).write_text(page(found), "utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("Vyper: statements and branches reached")
        for line in self.report:
            terminalreporter.line(line)


def coverage(name: str, tracer: Tracer) -> Coverage:
    """Return how far the recorded runs went through a contract."""
    reached: set[Point] = set()
    points: set[Point] = set()
    own_checks = 0
    for code, run in zip(code_maps(name), (tracer.runs[f"{name} deploying"], tracer.runs[name]), strict=True):
        points |= {*code.instructions.values(), *code.ways.values()}
        reached |= {point for pc, point in code.instructions.items() if pc in run.instructions}
        reached |= {point for way, point in code.ways.items() if way in run.ways}
        own_checks += code.own_checks
    # a statement for which the compiler makes nothing is reached with the branch that leads to it
    assert statements(name) >= {point for point in points if not point.is_branch}
    return Coverage(name, frozenset(points), frozenset(reached), own_checks)


def page(found: list[Coverage]) -> str:
    """Return the figures as a page."""
    rows = [
        f"| `{each.contract}` | {each.count(branches=False)[0]} of {each.count(branches=False)[1]} "
        f"| {each.count(branches=True)[0]} of {each.count(branches=True)[1]} | {each.own_checks} |"
        for each in found
    ]
    excepted = [
        f"- `{each.contract}`, line {point.line}, `{line_of(point)}` ({point.way}): {each.reason(point)}"
        for each in found
        for point in each.excepted
    ]
    return "\n".join([*HEAD, *rows, *TAIL, *(excepted or ["None."]), ""])


HEAD = """\
# What the tests of the contracts reach

Written by `make coverage`, which runs the tests of the contracts and fails where one statement or one way of
one branch of a Vyper source was not run; `make test` fails for the same reason. Branches are the conditional
jumps that the compiler made for `if`, `assert`, `for`, `and`, `or` and conditional expressions, found through
its source map in the very code that is committed and deployed; each has to be taken and not taken. The last
column counts the jumps that the compiler adds for itself (selectors, bounds, overflow, the shape of call
data), whose failing way is often out of reach and is not asked for.

| contract | statements | ways of branches | the compiler's own checks |
|---|---|---|---|""".splitlines()

TAIL = """
## Exceptions

""".splitlines()


def _summary(each: Coverage) -> str:
    (lines, all_lines), (ways, all_ways) = each.count(branches=False), each.count(branches=True)
    return f"{each.contract}: {lines} of {all_lines} statements, {ways} of {all_ways} ways of branches"


def _missed(each: Coverage, point: Point) -> str:
    what = f"never {point.way}" if point.is_branch else "never run"
    return f"  {point.file}:{point.line}: {point.kind} {what}: {line_of(point)}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--vyper-page", help="write what the contracts' tests reached to this file")


def pytest_configure(config: pytest.Config) -> None:
    controls = not hasattr(config, "workerinput")
    config.pluginmanager.register(
        Covering(config.getoption("--vyper-page"), controls=controls), "vyper-coverage"
    )
