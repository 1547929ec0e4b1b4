"""Mutation testing: the arithmetic is changed line by line, and for every change some test has to fail.

`make mutation` writes the mutants of `MUTATED` with mutmut into `mutants/`, a copy of the repository, and
runs against each the tests that touch the function it changes, the narrowest first, until one fails. Pytest
collects once and every mutant is tried in a fork of its own, so that a mutant costs well under a second.
Caches of the product are emptied before each trial: what an earlier run remembered must not stand in for it.

`python -m tests.mutation --sample 100 [file…]` tries so many mutants of each of these files. What became of
each mutant is in `mutants/results.json`, the survivors with what was changed in `mutants/survivors.txt`.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import functools
import gc
import importlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).parents[1]
MUTANTS = ROOT / "mutants"

MUTATED = (
    "policies/money.py", "policies/decisions/amounts.py", "policies/decisions/awards.py",
    "policies/decisions/draws.py",
    "policies/splits/line.py", "policies/splits/chain.py", "policies/splits/series.py",
    "policies/splits/statements.py", "policies/splits/reversal.py",
    "policies/formulas/exact.py", "policies/formulas/parse.py", "policies/formulas/types.py",
    "policies/formulas/days.py", "policies/formulas/joins.py", "policies/formulas/binding.py",
)  # fmt: skip
"""What a wrong sign in would cost money."""

TESTS = ("tests/unit/policies", "tests/property/policies", "tests/integration/cli/test_dispute_examples.py")
LEFT_OUT = (
    "z3", "question", "benchmark",
    "test_templates", "test_kinds", "rendering", "contract_forms", "schema", "checks_reference", "packs",
)  # fmt: skip
"""Words of tests that are left out: z3 takes seconds, and what loads every shipped document touches all
lines and holds little of the arithmetic."""

SECONDS_A_MUTANT = 3
"""Tests of a mutant are run up to this sum of their durations, those first that touch the least besides."""

SEED = 1
"""Which mutants a sample takes, and in which order they are tried."""

CPU_FACTOR = 5
"""A test that takes this much longer than without a mutant, and a second more, never ends: a kill."""


@dataclass
class Trials:
    """A pytest plugin that runs the collected tests once to see what they touch, then once per mutant."""

    mutants: Sequence[str]
    touching: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    caches: list[Any] = field(default_factory=list)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the trials in place of the tests."""
        items = {item.nodeid: item for item in session.items}
        importlib.import_module("mutmut.mutation.trampoline")
        caches = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
        self.caches = [one for one in caches if str(one.__module__).startswith("policies.")]
        gc.freeze()
        sys.setrecursionlimit(10_000)  # a mutated function is called through two more
        if self.forked("stats", lambda: self.measure(session.items)) != 0:
            raise pytest.UsageError("the tests do not pass without a mutant")
        stats = json.loads((MUTANTS / "stats.json").read_text(encoding="utf-8"))
        self.touching, self.seconds = stats["touching"], stats["seconds"]
        for number, mutant in enumerate(self.mutants, 1):
            self.results[mutant] = self.trial(mutant, items)
            if number % 20 == 0 or number == len(self.mutants):
                (MUTANTS / "results.json").write_text(json.dumps(self.results, indent=0), encoding="utf-8")
                survived = Counter(self.results.values())["survived"]
                say(f"{number} of {len(self.mutants)} tried, {survived} survived")
        return True

    def measure(self, items: Iterable[pytest.Item]) -> int:
        """Run every test once without a mutant and note which functions it touches and how long it takes."""
        trampoline = importlib.import_module("mutmut.mutation.trampoline")
        hit: set[str] = set()
        modules = {name.rpartition(".")[0] for name in self.mutants}
        own = [cache for cache in self.caches if cache.__module__ in modules]
        trampoline.record_trampoline_hit = lambda name, **_: hit.add(name)  # type: ignore[attr-defined]
        touching: dict[str, list[str]] = {}
        seconds: dict[str, float] = {}
        for item in items:
            hit.clear()
            for cache in own:
                cache.cache_clear()
            started = time.monotonic()
            if failed(item, None):
                say(f"{item.nodeid} fails without a mutant")
                return 1
            seconds[item.nodeid] = time.monotonic() - started
            for name in hit:
                touching.setdefault(name, []).append(item.nodeid)
        touched = Counter(test for tests in touching.values() for test in tests)
        for tests in touching.values():
            tests.sort(key=lambda test: (touched[test], seconds[test]))
        text = json.dumps({"touching": touching, "seconds": seconds})
        (MUTANTS / "stats.json").write_text(text, encoding="utf-8")
        return 0

    def trial(self, mutant: str, items: dict[str, pytest.Item]) -> str:
        """Return what became of one mutant: killed, never ended, survived, or no test touches it."""
        tests = self.touching.get(mutant.partition("__mutmut_")[0], ())
        if not tests:
            return "no test"
        chosen: list[pytest.Item] = []
        spent = 0.0
        for test in tests:
            spent += self.seconds[test]
            if chosen and spent > SECONDS_A_MUTANT:
                break
            chosen.append(items[test])
        code = self.forked(mutant, lambda: int(self.any_fails(chosen)))
        return {0: "survived", 1: "killed"}.get(code, "never ended")

    def forked(self, mutant: str, run: Callable[[], int]) -> int:
        """Run in a fork with this mutant under test; return its exit code, negative where time ran out."""
        child = os.fork()
        if child == 0:
            os.environ["MUTANT_UNDER_TEST"] = mutant
            self.forget()
            code = 1
            try:
                code = run()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    def any_fails(self, items: Sequence[pytest.Item]) -> bool:
        """Run tests until one fails; tell whether one did. A test that never ends ends the process."""
        for item, following in zip(items, [*items[1:], None], strict=True):
            signal.setitimer(signal.ITIMER_PROF, 1 + CPU_FACTOR * self.seconds[item.nodeid])
            if failed(item, following):
                return True
        return False

    def forget(self) -> None:
        """Empty the caches of the product."""
        for cache in self.caches:
            cache.cache_clear()


def say(words: str) -> None:
    """Tell how far the run is, past what pytest captures."""
    assert sys.__stderr__ is not None
    sys.__stderr__.write(f"{words}\n")


def failed(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run one test; tell whether it failed."""
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def prepare(files: Sequence[str], sample: int) -> list[str]:
    """Copy the repository to `mutants/`, put the mutants into the files, and return the names of all."""
    shutil.rmtree(MUTANTS, ignore_errors=True)
    left_out = shutil.ignore_patterns(".*", "mutants", "var", "__pycache__", "node_modules")
    shutil.copytree(ROOT, MUTANTS, ignore=left_out)
    mutate = importlib.import_module("mutmut.mutation.file_mutation").mutate_file_contents
    found = []
    for file in files:
        mutated = mutate(file, (ROOT / file).read_text(encoding="utf-8"))
        (MUTANTS / file).write_text(mutated.code, encoding="utf-8")
        module = file.removesuffix(".py").replace("/", ".")
        names = [f"{module}.{name}" for name in mutated.mutant_names]
        found += random.Random(SEED).sample(names, min(sample, len(names)))
    random.Random(SEED).shuffle(found)  # what a run that is stopped has tried is then a fair sample
    return found


def report(results: dict[str, str], files: Sequence[str]) -> str:
    """Return the table of the page docs/evidence/mutation.md."""
    lines = ["| file | mutants | killed | never ended | survived | no test |", "|---|---|---|---|---|---|"]
    for file in files:
        module = file.removesuffix(".py").replace("/", ".")
        count = Counter(what for name, what in results.items() if name.rpartition(".")[0] == module)
        cells = [count.total(), *(count[what] for what in ("killed", "never ended", "survived", "no test"))]
        lines.append(f"| `{file}` | {' | '.join(str(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def survivors(results: dict[str, str], files: Sequence[str]) -> str:
    """Return each survivor with the lines that it changes."""
    found = []
    for file in files:
        module = file.removesuffix(".py").replace("/", ".")
        tree = ast.parse((MUTANTS / file).read_text(encoding="utf-8"))
        functions = {one.name: one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
        for name, what in results.items():
            if name.rpartition(".")[0] != module or what in {"killed", "never ended"}:
                continue
            own = name.rpartition(".")[2]
            before = ast.unparse(functions[f"{own.partition('__mutmut_')[0]}__mutmut_orig"]).splitlines()[1:]
            after = ast.unparse(functions[own]).splitlines()[1:]
            lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
            found += [f"{name}: {what}", *(line for line in lines if not line.startswith("@@")), ""]
    return "\n".join(found)


def main() -> int:
    """Try every mutant and print the table; return 0 when all were tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="Try mutants.")
    parser.add_argument("files", nargs="*", default=MUTATED)
    parser.add_argument("--sample", type=int, default=sys.maxsize, help="mutants of each file, at most")
    asked = parser.parse_args()
    files = asked.files
    names = prepare(files, asked.sample)
    os.chdir(MUTANTS)
    sys.path.insert(0, str(MUTANTS))
    trials = Trials(names)
    chosen = " and ".join(f"not {word}" for word in LEFT_OUT)
    code = pytest.main(["-q", "-p", "no:cacheprovider", "-k", chosen, *TESTS], plugins=[trials])
    (MUTANTS / "survivors.txt").write_text(survivors(trials.results, files), encoding="utf-8")
    sys.stdout.write(report(trials.results, files))
    return int(code) if len(trials.results) < len(names) else 0


if __name__ == "__main__":
    raise SystemExit(main())
