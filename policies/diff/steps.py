"""The way from one version of a document to another, one change of its split at a time.

Each document on the way has one change more than the one before; the last is the new version itself. So what
an order pays changes from step to step, and the changes of all steps come to the whole difference. A change
that cannot stand without the next is taken together with it. Which order is taken decides what a change comes
to where changes act on each other; it is that of the document: the whole and its funding, the steps of the
split from top to bottom, rounding, returns, and what else is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from policies.errors import AgreementRejected
from policies.loading import agreement_from_canonical

Plain = dict[str, Any]

_DECLARED = ("facts", "parties", "payees", "events", "tables")
"""What a document declares by name: the way's documents declare what either version does."""

_BASIS = ("whole", "base", "funding")


@dataclass(frozen=True, slots=True)
class StepChange:
    """One change: the clause, and what of it: a step's name, `whole`, `rounding`, or empty for all of it."""

    clause: str
    part: str


@dataclass(frozen=True)
class Step:
    """A document on the way with the changes since the one before; none are named for what else is left."""

    changes: tuple[StepChange, ...]
    agreement: Agreement


def steps_between(old: Agreement, new: Agreement) -> Iterator[Step]:
    """Yield the documents on the way from one version to another; the last is the new one."""
    before, after = (msgspec.json.decode(one.canonical, type=Plain) for one in (old, new))
    walking = {**before, "tests": []}
    for key in _DECLARED:
        if after.get(key):
            walking[key] = {**after[key], **before.get(key, {})}
    waiting: list[StepChange] = []
    for change, clauses in _changes(before, after):
        walking = {**walking, "clauses": clauses(walking["clauses"])}
        waiting.append(change)
        made = _read(walking, old)
        if made is not None:
            yield Step(tuple(waiting), made)
            waiting = []
    yield Step(tuple(waiting), new)


def _read(plain: Plain, old: Agreement) -> Agreement | None:
    """Return a document on the way, None where it does not fit together."""
    try:
        return agreement_from_canonical(canonical_bytes(plain), name=f"{old.ref} on the way")
    except AgreementRejected:
        return None


class _Put:
    """Puts one changed part into the clause of some kind."""

    def __init__(self, kind: str, part: Plain, gone: tuple[str, ...] = ()) -> None:
        self.kind, self.part, self.gone = kind, part, gone

    def __call__(self, clauses: list[Plain]) -> list[Plain]:
        return [self._changed(one) if one["kind"] == self.kind else one for one in clauses]

    def _changed(self, clause: Plain) -> Plain:
        kept = {key: value for key, value in clause.items() if key not in self.gone}
        return {**kept, **self.part}


class _PutStep(_Put):
    """Puts one changed step into the waterfall."""

    def __init__(self, name: str, step: Plain) -> None:
        super().__init__("commission", {})
        self.name, self.step = name, step

    def _changed(self, clause: Plain) -> Plain:
        steps = [self.step if _name(one) == self.name else one for one in clause["waterfall"]]
        return {**clause, "waterfall": steps}


def _changes(before: Plain, after: Plain) -> Iterator[tuple[StepChange, _Put]]:
    old, new = (_of_kind(one, "commission") for one in (before, after))
    if old is not None and new is not None:
        yield from _of_split(old, new)
    old, new = (_of_kind(one, "returns") for one in (before, after))
    if old is not None and new is not None and old != new:
        yield StepChange(new["id"], ""), _Put("returns", new)


def _of_split(old: Plain, new: Plain) -> Iterator[tuple[StepChange, _Put]]:
    clause = str(new["id"])
    if [old.get(key) for key in _BASIS] != [new.get(key) for key in _BASIS]:
        part = {key: new[key] for key in _BASIS if key in new}
        yield StepChange(clause, "whole"), _Put("commission", part, _BASIS)
    names = [_name(one) for one in old["waterfall"]]
    if names == [_name(one) for one in new["waterfall"]]:
        for name, was, now in zip(names, old["waterfall"], new["waterfall"], strict=True):
            if was != now:
                yield StepChange(str(now.get("clause") or clause), name), _PutStep(name, now)
    else:
        yield StepChange(clause, "waterfall"), _Put("commission", {"waterfall": new["waterfall"]})
    if old.get("rounding") != new.get("rounding"):
        yield StepChange(clause, "rounding"), _Put("commission", {"rounding": new["rounding"]}, ("rounding",))


def _of_kind(plain: Plain, kind: str) -> Plain | None:
    return next((one for one in plain["clauses"] if one["kind"] == kind), None)


def _name(step: Plain) -> str:
    return str(step.get("leg") or step.get("pool"))
