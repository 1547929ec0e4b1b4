"""What pages show is real: their `console` commands run in order and print what stands there.

A block marked `yaml FILE.yaml` is a part of that file, written before the commands behind it run: what
stands in the block under a key is added at the end of that key.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.warm_commands import warm_commands

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


def add_part(document: str, part: str) -> str:
    """Add to a YAML text the lines under each key of a part, at the end of that key; new keys at the end."""
    sections: dict[str, str] = {}
    for text in (document, part):
        begun: set[str] = set()
        key = ""
        for line in text.splitlines(keepends=True):
            head = re.match(r"[a-z_]+(?=:)", line)
            key = head[0] if head else key
            if not head or key in begun or key not in sections:
                sections[key] = sections.get(key, "") + line
            begun.add(key)
    return "".join(sections.values())


def files_in(page: str) -> dict[str, str]:
    """Return the files that a page's `yaml FILE.yaml` blocks come to at its end."""
    files: dict[str, str] = {}
    for name, part in re.findall(r"^```yaml (\S+\.yaml)\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL):
        files[name] = add_part(files.get(name, ""), part)
    return files


def commands(page: str) -> list[Shown]:
    """Return the commands of `console` blocks, `$ ` begins one, `> ` goes on, and those that write files."""
    found: list[Shown] = []
    inside = False
    lines = page.splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            inside = line == "```console"
            if (opened := re.fullmatch(r"```yaml (\S+\.yaml)", line)) is not None:
                shown = "\n".join([*lines[: number + lines[number:].index("```") + 1], ""])
                found.append(Shown(number, f"cat > {opened[1]} <<'END'\n{files_in(shown)[opened[1]]}END"))
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
    shown = commands((ROOT / page).read_text(encoding="utf-8"))
    assert shown
    with warm_commands(folder / ".venv"):
        happened = run(shown, folder)
    assert len(happened) == len(shown)
    for one, (printed, code) in zip(shown, happened, strict=True):
        report = "\n".join([f"{page}:{one.line}: {one.command}", *printed])
        assert code == 0, report
        assert one.fits(printed), report


pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the pages are written for bash")


@pytest.mark.slow
@pytest.mark.parametrize("page", ["first-season", "write-an-agreement"])
def test_every_command_of_a_tutorial_prints_what_the_page_shows(page: str, tmp_path: Path) -> None:
    prints_what_it_shows(f"docs/tutorial/{page}.md", tmp_path)


def test_the_files_of_a_tutorial_are_those_among_the_examples() -> None:
    written = files_in((ROOT / "docs/tutorial/write-an-agreement.md").read_text(encoding="utf-8"))
    assert len(written) > 1
    kept = {name: (ROOT / "examples/tutorial" / name).read_text(encoding="utf-8") for name in written}
    assert kept == written


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


def test_a_part_goes_to_the_end_of_its_key() -> None:
    part = "facts:\n  y: 2\nclauses:\n  - 2\ntests:\n  - t\n"
    whole = add_part("a: 1\nfacts:\n  x: 1\nclauses:\n  - 1\n", part)
    assert whole == "a: 1\nfacts:\n  x: 1\n  y: 2\nclauses:\n  - 1\n  - 2\ntests:\n  - t\n"
