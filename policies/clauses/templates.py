"""Clause kinds as files: each names its parameters, its facts, the core clause it expands to and its words.

A file of policies/clauses/kinds is read when a document first uses its kind, and once. Adding a kind is
adding a file; no code knows any of them by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from importlib import resources
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, StringConstraints, create_model

from policies.clauses.core import Clause
from policies.clauses.parameters import TABLE_TYPES, Parameter, fields_of, one_of, table_of, value_of
from policies.clauses.placeholders import Values
from policies.errors import FormulaError, Severity
from policies.fields import FactName, Formula, Model, Name, Words
from policies.formulas.parse import parse, parse_rows
from policies.formulas.tree import Node, names
from policies.source import read_source

CORE_KEYS = frozenset(field.alias or name for name, field in Clause.model_fields.items())
"""Keys that every clause may have."""


NAME_LIMIT = 40
"""Characters of a name in a document."""


class KindCheck(Model):
    """A condition on a clause's parameters that is reported before signing."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z-]+$")]
    severity: Severity
    when: Formula
    at: str | None = None
    text: Words


class KindTest(Model):
    """A case under the kind's example, changed by `with`, and what must be decided."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    case: dict[str, Any]
    expect: dict[str, Any]


class Template(Model):
    """One kind, as its file has it.

    `holds` says what the holder has, `ends` which parameter is the last day on which the clause can apply.
    `replaces` are keys of a clause's own that stand in the kind's formulas and nowhere else. `beside` are
    clauses that the example needs in its document. `monitors` say what can be found of it in what was told
    later, as policies/monitors/ reads them.
    """

    kind: Name
    title: Words
    purpose: Words
    parameters: dict[Name, Parameter] = Field(min_length=1)
    facts: dict[FactName, dict[str, Any]] = Field(default_factory=dict)
    holds: Literal["duty", "right"] = "duty"
    ends: str | None = None
    replaces: tuple[Name, ...] = ()
    clause: dict[str, Any]
    wording: Words
    checks: tuple[KindCheck, ...] = ()
    monitors: tuple[dict[str, Any], ...] = ()
    example: dict[str, Any]
    beside: tuple[dict[str, Any], ...] = ()
    tests: tuple[KindTest, ...] = Field(min_length=1)

    @cached_property
    def types(self) -> dict[str, str]:
        """Types of parameters by name, dotted inside groups."""
        return {name: one.type for name, one in self.flat.items()}

    @cached_property
    def flat(self) -> dict[str, Parameter]:
        """Parameters by name, those of groups by their dotted name, after the group itself."""
        return dict(_flat(self.parameters, ""))


def _flat(parameters: dict[str, Parameter], before: str) -> Any:
    for name, one in parameters.items():
        yield f"{before}{name}", one
        yield from _flat(one.parts, f"{before}{name}.")


class Templated(Clause):
    """A clause of a kind from a file. Its class holds the kind's parameters as fields."""

    template: ClassVar[Template]

    @property
    def computed(self) -> bool:
        """Tell whether anything of what the kind expands to is computed."""
        return self.core().computed

    @property
    def decides(self) -> bool:
        """Tell whether something follows where what the kind expands to applies."""
        return self.core().decides

    def names(self) -> frozenset[str]:
        """Return every name that the formulas of the expansion, and among the parameters, read."""
        return frozenset(_read_names([self.core().model_dump(by_alias=True), self.model_dump(by_alias=True)]))

    def values(self) -> Values:
        """Return the parameters' values by name."""
        return Values(lambda name: value_of(self, name), self.template.types, self.table_name)

    def table_name(self, parameter: str) -> str:
        """Return what the document calls the table of a parameter: `ladder_steps_6_3`."""
        name = f"{self.kind}_{parameter}_{self.id}".lower()
        return re.sub("[^a-z0-9]+", "_", name)[:NAME_LIMIT].strip("_")

    def tables(self) -> dict[str, dict[str, Any]]:
        """Return the tables that parameters of this clause become, as a document writes them."""
        kinds = {name: kind for name, kind in self.template.types.items() if kind in TABLE_TYPES}
        values = {name: value_of(self, name) for name in kinds}
        return {
            self.table_name(name): table_of(kinds[name], value) for name, value in values.items() if value
        }

    def table_labels(self) -> dict[str, dict[str, str]]:
        """Return what people call those tables: the words of their parameters, in both languages."""
        return {
            f"table:{self.table_name(name)}": one.text.model_dump()
            for name, one in self.template.flat.items()
            if one.type in TABLE_TYPES
        }

    @cached_property
    def expansion(self) -> Clause:
        """The core clause of this kind with these parameters, and what the clause itself adds to it."""
        kept = set(Clause.model_fields) - set(self.template.replaces)
        shared = self.model_dump(by_alias=True, include=kept)
        for key, value in self.values().part(self.template.clause).items():
            shared[key] = _joined(key, shared.get(key), value)
        return Clause.model_validate(shared)

    def core(self) -> Clause:
        """Return the expansion. Raises ValidationError where it is larger than a clause may be."""
        return self.expansion.model_copy(update={"text": self.text})


_WORDS = frozenset({"id", "kind", "text", "law", "clause", "cap_id", "exception_of", "not_enforced"})
"""Keys of the core clause that hold no formula."""


def _read_names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _WORDS:
                yield from _read_names(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _read_names(item)
    elif isinstance(value, str):
        for node in _parts_of(value):
            yield from names(node)


def _parts_of(text: str) -> Iterator[Node]:
    """Yield the formulas of a text; an account reads as a name, which no fact of a kind has."""
    try:
        yield parse(text)
    except FormulaError:
        try:
            where = parse_rows(text).where
        except FormulaError:
            return
        if where is not None:
            yield where


def _joined(key: str, own: Any, standard: Any) -> Any:
    """Join what a clause says itself with what its kind says: conditions both, lists own first."""
    if standard is None or own is None or own in ((), {}):
        return standard
    if key == "when":
        return f"({standard}) and ({own})"
    if key == "review_when":
        return f"({own}) or ({standard})"
    if isinstance(own, tuple) and isinstance(standard, list) and key != "law":
        return (*own, *standard)
    if isinstance(own, dict) and isinstance(standard, dict):
        return {**standard, **own}
    return own


@cache
def template_names() -> frozenset[str]:
    """Return the names of all kinds that have a file; the files are not read."""
    return frozenset(
        one.name.removesuffix(".yaml") for one in _folder().iterdir() if one.name.endswith(".yaml")
    )


@cache
def template(kind: str) -> Template:
    """Read the file of a kind."""
    name = f"{kind}.yaml"
    source = read_source(_folder().joinpath(name).read_text(encoding="utf-8"), name)
    found = Template.model_validate(source.plain)
    assert found.kind == kind, f"{name} is the file of the kind '{found.kind}'"
    return found


@cache
def template_model(kind: str) -> type[Templated]:
    """Return the model that reads clauses of a kind."""
    read = template(kind)
    title = "".join(part.capitalize() for part in kind.split("_"))
    fields = fields_of(read.parameters, title)
    model = create_model(
        title,
        __base__=Templated,
        __doc__=f"{read.title.zh} / {read.title.en}. {read.purpose.zh} {read.purpose.en}",
        kind=(one_of(kind), ...),
        **fields,
    )
    model.template = read
    return model


def is_templated(clause: Any) -> bool:
    """Tell whether a clause as written is of a kind with a file, and uses it.

    A clause that has words of its own and none of the kind's parameters is a plain core clause: what it is
    called changes nothing about what it says.
    """
    kind = clause.get("kind") if isinstance(clause, dict) else None
    if not isinstance(kind, str) or kind not in template_names():
        return False
    return "text" not in clause or any(key not in CORE_KEYS for key in clause)


def _folder() -> Any:
    return resources.files("policies.clauses").joinpath("kinds")
