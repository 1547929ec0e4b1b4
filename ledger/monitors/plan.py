"""Which entries monitors read, and for which of them: the monitors of all signed versions."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from policies.monitors.compiled import Compiled, compiled
from policies.monitors.declared import Beside, Told

ITEM = ("item",)
"""The field by which entries of a register name their item."""

FORM = 1
"""Raised when what is remembered changes its meaning: then it is made again from the first entry on."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered for monitors: of which kinds of entries, by which fields, under which agreement."""

    agreement: str
    kinds: tuple[str, ...]
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keep:
    """What to remember of an entry: for what, which fields, and what was told of its item before, if any."""

    what: Remembered
    takes: tuple[str, ...]
    item: Remembered | None = None


@dataclass(frozen=True)
class Plan:
    """The monitors of signed versions; `versions` are those of each agreement by id, oldest first."""

    versions: Mapping[str, Sequence[Agreement]]
    monitors: tuple[Compiled, ...]

    @cached_property
    def watching(self) -> Mapping[tuple[str, str], tuple[Compiled, ...]]:
        """The monitors that watch entries, by id@version and kind of these."""
        found: dict[tuple[str, str], list[Compiled]] = defaultdict(list)
        for one in self.monitors:
            for kind in one.monitor.watch.kinds if one.monitor.watch is not None else ():
                found[_watched_ref(one), kind].append(one)
        return {key: tuple(ones) for key, ones in found.items()}

    @cached_property
    def remembering(self) -> Mapping[tuple[str, str], tuple[Keep, ...]]:
        """What is remembered of entries, by agreement (an id) and kind, each once."""
        found: dict[tuple[str, str], dict[Remembered, Keep]] = defaultdict(dict)
        for one in self.monitors:
            beside = one.monitor.beside
            if beside is None:
                continue
            name, takes = one.agreement.id, tuple(beside.takes)
            item = Remembered(name, beside.item_from, ITEM) if beside.item_from else None
            for kind in beside.item_from if item is not None else ():
                assert item is not None, "as above"
                found[name, kind][item] = Keep(item, takes)
            what = remembered(one, beside)
            for kind in beside.kinds:
                found[name, kind][what] = Keep(what, takes, item)
        return {key: tuple(ones.values()) for key, ones in found.items()}

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of entry that is read whole."""
        return tuple(sorted({kind for _, kind in (*self.watching, *self.remembering)}))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Every group of an entry that is read."""
        told: list[Told] = [one.monitor.watch for one in self.monitors if one.monitor.watch is not None]
        told += [one.monitor.beside for one in self.monitors if one.monitor.beside is not None]
        return tuple(sorted({group for one in told for group in one.groups}))

    @cached_property
    def rates(self) -> Mapping[str, tuple[Compiled, ...]]:
        """The monitors that count lines returned, by id@version."""
        found: dict[str, list[Compiled]] = defaultdict(list)
        for one in self.monitors:
            if one.monitor.rate is not None:
                found[one.agreement.ref].append(one)
        return {ref: tuple(ones) for ref, ones in found.items()}

    def of_days(self, today: Mapping[str, date]) -> Iterable[Compiled]:
        """Yield the monitors that days alone bring about, of the version in force on each agreement's day."""
        for one in self.monitors:
            if one.monitor.ends is None and not one.monitor.payable:
                continue
            begun = [
                each
                for each in self.versions[one.agreement.id]
                if each.document.effective_from <= today[one.agreement.id]
            ]
            if begun and begun[-1] == one.agreement:
                yield one

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what it was made from, in hex: with another one everything is read again."""
        said = {
            "form": FORM,
            "versions": sorted(one.sha256 for ones in self.versions.values() for one in ones),
            "monitors": [
                {"of": one.agreement.ref, "clause": one.clause or "", **one.monitor.model_dump(mode="json")}
                for one in self.monitors
            ],
        }
        return hashlib.sha256(canonical_bytes(said)).hexdigest()


def plan_of(versions: Mapping[str, Sequence[Agreement]]) -> Plan:
    """Return the plan of signed versions, those of each agreement oldest first."""
    return Plan(versions, tuple(one for ones in versions.values() for each in ones for one in compiled(each)))


def remembered(one: Compiled, beside: Beside) -> Remembered:
    """Return what a monitor needs remembered."""
    return Remembered(one.agreement.id, beside.kinds, beside.by)


def _watched_ref(one: Compiled) -> str:
    agreement = one.agreement
    assert one.monitor.watch is not None, "asked of monitors that watch"
    following = one.monitor.watch.next_version
    return f"{agreement.id}@{agreement.version + 1}" if following else agreement.ref
