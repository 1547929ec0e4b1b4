"""Starting agreements: one document for each operating model at each stage, put together from data files.

A model's file holds the document with places for what a stage adds; a stage's file holds what it adds to any
model. Words between guillemets are filled in. What comes out is a document like any other, with its comments.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from textwrap import indent
from typing import Any, get_args

from policies.document import OperatingModel
from policies.errors import PolicyError
from policies.source import read_source
from policies.stages import STAGES

MODELS: tuple[OperatingModel, ...] = get_args(OperatingModel)
_PLACE = re.compile(r"«([a-z_]+)»")
_PARTS = ("facts", "tables", "clauses")


class TemplateUnknown(PolicyError):
    """There is no starting agreement of that model or stage."""

    code = "template.unknown"


def starting_agreement(model: str, stage: str, *, agreement: str) -> str:
    """Return a whole document in YAML, `agreement` its id. Raises TemplateUnknown."""
    if model not in MODELS or stage not in STAGES:
        raise TemplateUnknown(f"there is no starting agreement for {model} at {stage}", where="template")
    base, common = _read(f"{model}.yaml"), _read("common.yaml")
    past = STAGES[1 : [*STAGES].index(stage) + 1]
    reached = [_read(f"stages/{one}.yaml") for one in past]
    tests = [
        base["stage_tests"].get(one, "") + own.get("tests", "")
        for one, own in zip(past, reached, strict=True)
    ]
    words: dict[str, str] = {"clearing_days": "15", **base["words"]}
    for one in reached:
        words |= one.get("words", {})
    words |= {
        "id": agreement,
        "stage": stage,
        "header": f"{base['title']['zh']}起始协议 · A starting agreement, {base['title']['en']}",
        "where": "".join(one.get("where", "") for one in reached),
        "common": common["common"],
        "closing": common["closing"],
        "tests": "".join([common["tests"], *tests]),
        **{part: "".join(one.get(part, "") for one in reached) for part in _PARTS},
    }
    for party in ("seller", "partner"):
        words[f"{party}_en_start"] = words[f"{party}_en"].capitalize()
    return re.sub(r"\n{3,}", "\n\n", _filled(base["document"], words))


def stage_pack(model: str, stage: str) -> str:
    """Return what a stage adds to a document of a model, as parts of one in YAML: its pack of clauses.

    Beside the clauses it holds the facts and tables that they read, and cases that they decide. Empty for
    the first stage. Raises TemplateUnknown.
    """
    if model not in MODELS or stage not in STAGES:
        raise TemplateUnknown(f"there is no pack of clauses for {model} at {stage}", where="template")
    if stage == STAGES[0]:
        return ""
    base, own = _read(f"{model}.yaml"), _read(f"stages/{stage}.yaml")
    words = {"clearing_days": "15", **base["words"], **own.get("words", {})}
    for party in ("seller", "partner"):
        words[f"{party}_en_start"] = words[f"{party}_en"].capitalize()
    tests = base["stage_tests"].get(stage, "") + own.get("tests", "")
    parts = [("facts", own.get("facts", "")), ("clauses", own.get("clauses", "")), ("tests", tests)]
    made = [own.get("tables", ""), *(f"{name}:\n{indent(text, '  ')}" for name, text in parts if text)]
    return re.sub(r"\n{3,}", "\n\n", _filled("\n".join(made), words)).strip() + "\n"


def _filled(text: str, words: dict[str, str]) -> str:
    """Fill every place; one that stands alone on a line takes lines, set in as deep as it is."""
    lines: list[str] = []
    for line in text.splitlines():
        alone = re.fullmatch(r"( *)«([a-z_]+)»", line)
        if alone is None:
            lines.append(_PLACE.sub(lambda place: _filled(words[place[1]], words), line))
        elif words[alone[2]]:
            lines += [f"{alone[1]}{one}".rstrip() for one in _filled(words[alone[2]], words).splitlines()]
    return "\n".join(lines) + ("\n" if text.endswith("\n") else "")


@cache
def _read(name: str) -> dict[str, Any]:
    path = files("policies.templates").joinpath(name)
    return dict(read_source(path.read_text(encoding="utf-8"), name).plain)
