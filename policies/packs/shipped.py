"""Reads packs: those of this folder, and files that a user names. A pack that does not fit is refused."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from policies.declarations import read_declaration
from policies.errors import FormulaError, PolicyError, did_you_mean
from policies.formulas.parse import parse
from policies.formulas.types import check_type
from policies.packs.pack import Pack, Rule
from policies.packs.scope import scopes

FOLDER = Path(__file__).parent


class PackRejected(PolicyError):
    """A pack that nobody ships, or a pack file that does not fit its shape."""

    code = "pack.unusable"


def read_pack(text: str, *, name: str) -> Pack:
    """Read a pack file. Raises PackRejected naming line and path of the first thing that does not fit."""
    pack = read_declaration(Pack, text, name=name, refused=PackRejected)
    for rule in pack.rules:
        _require_typed(rule, name)
    return pack


def _require_typed(rule: Rule, name: str) -> None:
    own, rows = scopes(rule)
    for key, formula in (("where", rule.where), ("must", rule.must)):
        if formula is None:
            continue
        try:
            check_type(parse(formula), own, rows, "bool")
        except FormulaError as fault:
            raise PackRejected(fault.message, where=f"{name}, rule {rule.id}, {key}") from None


@cache
def shipped_packs() -> tuple[Pack, ...]:
    """Return every pack of this folder, by id."""
    paths = sorted(FOLDER.glob("*.yaml"))
    return tuple(read_pack(path.read_text(encoding="utf-8"), name=path.name) for path in paths)


def packs_of(jurisdiction: str) -> tuple[Pack, ...]:
    """Return the shipped packs of one jurisdiction; none where the project ships none."""
    return tuple(pack for pack in shipped_packs() if jurisdiction in pack.jurisdictions)


def packs_named(names: Iterable[str]) -> tuple[Pack, ...]:
    """Return shipped packs by id. Raises PackRejected for a name that none has, with the nearest one."""
    known = {pack.pack: pack for pack in shipped_packs()}
    found = []
    for name in names:
        if name not in known:
            raise PackRejected(f"no pack is called '{name}'{did_you_mean(name, known)}")
        found.append(known[name])
    return tuple(found)
