"""What the tests of the rules share: short ways to write rules, and a process in which a fault may strike."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

RAW = """
import warnings
warnings.simplefilter("ignore")
from durable import engine
import durable_rules_engine as native

class Quiet(engine.Host):
    def _run(self):
        pass

def host_with(fired, **rules):
    host = Quiet()
    definition = {}
    for name, patterns in rules.items():
        definition[name] = {"all": patterns, "run": make(name, fired)}
    host.register_rulesets({"case": definition})
    return host

def make(name, fired):
    def run(c):
        fired.append(name)
    return run
"""


@pytest.fixture
def raw() -> Callable[..., str]:
    """Run a script against durable-rules as it comes, in a process of its own; returns what it printed.

    A script that does not end in time gives "HANGS", one that dies by a signal "DIES".
    """

    def run(script: str, *, seconds: float = 20.0, **environment: str) -> str:
        command = [sys.executable, "-c", RAW + script]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
                env={**os.environ, **environment},
            )
        except subprocess.TimeoutExpired:
            return "HANGS"
        if done.returncode < 0:
            return "DIES"
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
