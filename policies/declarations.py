"""Declarations: YAML files that are read as one model each, refused where they do not fit.

What packs, registers, mappings, reports and scorecards mean is said where each is defined. Agreements are
read by loading.py, which says everything that is wrong at once.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from policies.errors import AgreementRejected, TallystickError
from policies.source import path_text, read_source

Declared = TypeVar("Declared", bound=BaseModel)


def read_declaration(
    model: type[Declared], text: str, *, name: str, refused: type[TallystickError]
) -> Declared:
    """Read a file as a model. Raises `refused`, naming line and path of the first thing that misfits."""
    try:
        source = read_source(text, name)
        return model.model_validate(source.plain)
    except AgreementRejected as fault:
        first = fault.findings[0]
        raise refused(first.message, where=f"{name}, line {first.line}") from None
    except ValidationError as fault:
        error = fault.errors(include_url=False)[0]
        at = source.at(tuple(error["loc"]))
        where = f"{name}, line {at.line if at else 1}, {path_text(tuple(error['loc']))}"
        raise refused(error["msg"], where=where) from None


def declared_in(package: str, key: str, read: Callable[[str, str], Declared]) -> dict[str, Declared]:
    """Return what the files in a package's folder `declared` declare, in order of their names.

    `read` takes the text and the name of a file, which is called as what it declares under `key`.
    """
    found: dict[str, Declared] = {}
    for file in sorted(files(package).joinpath("declared").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            one = read(file.read_text(encoding="utf-8"), file.name)
            name = getattr(one, key)
            assert file.name == f"{name}.yaml", f"{file.name} declares '{name}'"
            found[name] = one
    return found
