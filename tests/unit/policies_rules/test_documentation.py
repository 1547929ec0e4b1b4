"""The reference of the rules is true: its example runs as printed, and each known fault names its tests."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "rules.md").read_text("utf-8")


def test_the_documented_example_runs() -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 1
    exec(compile(examples[0], "rules.md", "exec"), {})


def test_every_known_fault_names_tests_that_exist_and_every_test_of_a_fault_is_named() -> None:
    faults = re.findall(r"^\| (?!fault )([^|]+) \| (`test_[^|]+`) \|$", PAGE, re.MULTILINE)
    assert len(faults) == 23
    named = {name for _, cell in faults for name in re.findall(r"`(test_\w+)`", cell)}
    files = [
        *Path(__file__).parent.glob("test_durable_*.py"),
        ROOT / "tests" / "property" / "policies_rules" / "test_engines_agree.py",
    ]
    tests = {
        name: "raw" in arguments
        for path in files
        for name, arguments in re.findall(
            r"^def (test_\w+)\(([^)]*)\)", path.read_text("utf-8"), re.MULTILINE
        )
    }
    assert named - tests.keys() == set()
    shown_on_the_library = {name for name, raw in tests.items() if raw}
    assert shown_on_the_library - named == set()
