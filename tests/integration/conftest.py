"""The worked example, built once a session; tests that write to it take a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.command_line import build_example


@pytest.fixture(scope="session")
def example_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of the worked example, to read only."""
    return build_example(tmp_path_factory.mktemp("example") / "data")


@pytest.fixture
def installation(example_data: Path, tmp_path: Path) -> Path:
    """A copy of the worked example of one's own."""
    return Path(shutil.copytree(example_data, tmp_path / "installation"))
