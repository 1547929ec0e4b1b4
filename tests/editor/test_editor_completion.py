"""Editors complete, explain and check an agreement by the published schema: shown by the server they use.

Where there is no npm the tests are skipped and say so.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from policies.templates import starting_agreement
from tests.editor.language_server import SERVER, LanguageServer

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "agreement.schema.json"
CLAUSE = """\
  - id: "3.3"
    kind: late_interest
    holder: platform
    toward: streamer
    rate: 0.05%
    per: day
"""
TEXT = "# yaml-language-server: $schema=agreement.schema.json\n" + re.sub(
    r"^  - \{id: \"3\.3\", kind: late_interest.*\n",
    CLAUSE,
    starting_agreement("platform", "initial", agreement="in-an-editor"),
    flags=re.MULTILINE,
)
"""A starting agreement with its clause on late payment a key a line, as it is while somebody writes it."""


def line_of(start: str, text: str = TEXT) -> int:
    return next(number for number, line in enumerate(text.splitlines()) if line.strip().startswith(start))


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LanguageServer, Path]]:
    node = shutil.which("node")
    if node is None or not SERVER.exists():
        reason = (
            "SKIPPED LOUDLY: no YAML language server; `tests/editor/bring-language-server` brings it by npm"
        )
        if os.environ.get("CI") == "true" and shutil.which("npm"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("editor")
    shutil.copy(SCHEMA, folder)
    with LanguageServer(node, folder) as server:
        yield server, folder


def opened(editor: tuple[LanguageServer, Path], name: str, text: str = TEXT) -> tuple[LanguageServer, Path]:
    server, folder = editor
    server.open(folder / f"{name}.yaml", text)
    return server, folder / f"{name}.yaml"


def test_a_sound_document_has_nothing_underlined(editor: tuple[LanguageServer, Path]) -> None:
    server, folder = editor
    assert server.open(folder / "sound.yaml", TEXT) == []


def test_the_kinds_of_clause_are_offered(editor: tuple[LanguageServer, Path]) -> None:
    server, path = opened(editor, "kinds")
    line = line_of("kind: late_interest")
    offered = server.completion(path, line, TEXT.splitlines()[line].index(":") + 2)
    assert {"commission", "clearing", "price_parity", "late_interest", "slot_fee"} <= offered.keys()


def test_the_parameters_of_its_kind_are_offered_in_a_clause(editor: tuple[LanguageServer, Path]) -> None:
    text = TEXT.replace("    rate: 0.05%\n", "    rate: 0.05%\n    \n")
    server, path = opened(editor, "parameters", text)
    offered = server.completion(path, line_of("rate: 0.05%") + 1, 4)
    assert {"cap", "held", "days_in_year", "remedies"} <= offered.keys()
    assert not {"waterfall", "fee", "rate"} & offered.keys(), "keys of other kinds, and those given"


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("stage", {"initial", "deep_binding", "strategic_alliance", "full_integration"}),
        ("model", {"platform", "self_operated", "alliance", "cross_border"}),
        ("per", {"day", "year"}),
    ],
)
def test_the_values_that_may_stand_are_offered(
    editor: tuple[LanguageServer, Path], key: str, values: set[str]
) -> None:
    line = line_of(f"{key}: ")
    lines = TEXT.splitlines()
    lines[line] = lines[line][: lines[line].index(":") + 2]
    server, path = opened(editor, f"values-{key}", "\n".join(lines) + "\n")
    assert server.completion(path, line, len(lines[line])).keys() == values


def test_a_wrong_key_is_underlined_on_its_line(editor: tuple[LanguageServer, Path]) -> None:
    server, folder = editor
    found = server.open(folder / "wrong.yaml", TEXT.replace("rate: 0.05%", "raet: 0.05%"))
    said = {one["message"]: one["range"]["start"]["line"] for one in found}
    assert said["Property raet is not allowed."] == line_of("rate: 0.05%")


def test_what_a_parameter_means_is_shown_in_both_languages(editor: tuple[LanguageServer, Path]) -> None:
    server, path = opened(editor, "hover")
    shown = server.hover(path, line_of("rate: 0.05%"), 6)
    assert "rate of interest" in shown
    assert "利率" in shown
