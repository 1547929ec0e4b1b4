"""What pages show is real: their `console` commands run in order and print what stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MARK = "=== end of command, exit "
VARIES = "…"


@dataclass
class Shown:
    """A command of the page and the lines it is said to print."""

    line: int
    command: str
    output: list[str] = field(default_factory=list)

    def fits(self, printed: list[str]) -> bool:
        """Tell whether lines are the shown ones: `…` alone is any lines, inside a line any text."""
        parts = [
            r"(?:.*\n)*" if line == VARIES else ".*".join(map(re.escape, line.split(VARIES))) + "\n"
            for line in self.output
        ]
        return re.fullmatch("".join(parts), "".join(f"{line}\n" for line in printed)) is not None


def commands(page: str) -> list[Shown]:
    """Return the commands of all `console` blocks: `$ ` begins one, `> ` goes on with it."""
    found: list[Shown] = []
    inside = False
    for number, line in enumerate(page.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            found.append(Shown(number, line[2:]))
        elif inside and line.startswith("> "):
            found[-1].command += f"\n{line[2:]}"
        elif inside:
            found[-1].output.append(line)
    return found


def run(shown: list[Shown], folder: Path) -> list[tuple[list[str], int]]:
    """Run the commands in one bash and return what each printed, and its exit code."""
    script = "".join(f"{one.command}\necho '{MARK}'$?\n" for one in shown)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TALLYSTICK_", "COLUMNS"))
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    pieces = re.split(rf"^{MARK}(\d+)\n", done.stdout, flags=re.MULTILINE)
    return [(text.splitlines(), int(code)) for text, code in zip(pieces[::2], pieces[1::2], strict=False)]


def prints_what_it_shows(page: str, folder: Path) -> None:
    """Run a page's commands in a folder with the examples and the commands where the page expects them."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / ".venv").symlink_to(Path(sys.prefix))
    shown = commands((ROOT / page).read_text(encoding="utf-8"))
    assert shown
    happened = run(shown, folder)
    assert len(happened) == len(shown)
    for one, (printed, code) in zip(shown, happened, strict=True):
        report = "\n".join([f"{page}:{one.line}: {one.command}", *printed])
        assert code == 0, report
        assert one.fits(printed), report


pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the pages are written for bash")


@pytest.mark.slow
def test_every_command_of_the_tutorial_prints_what_the_page_shows(tmp_path: Path) -> None:
    prints_what_it_shows("docs/tutorial/first-season.md", tmp_path)


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_what_the_readme_shows_is_what_the_worked_example_prints(
    page: str, installation: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "var").symlink_to(installation)
    prints_what_it_shows(page, folder)


def test_shown_lines_fit_only_what_they_say() -> None:
    one = Shown(1, "x", ["a … c", VARIES, "end"])
    assert one.fits(["a b c", "end"])
    assert one.fits(["a b c", "whatever", "else", "end"])
    assert not one.fits(["a b c", "end", "more"])
    assert not one.fits(["a b", "end"])
