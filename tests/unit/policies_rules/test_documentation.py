"""The example in the reference of the rules runs as it is printed."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_documented_example_runs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "rules.md").read_text("utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 1
    exec(compile(examples[0], "rules.md", "exec"), {})
