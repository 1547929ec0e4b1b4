"""Whether the steps of a split fit: names, pools, and one rest for each."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.clauses.commission import Commission, FedWhole
from policies.errors import Finding, did_you_mean
from policies.formulas.types import Type
from policies.references.fitting import account, typed
from policies.references.scopes import RESERVED
from policies.references.windows import windowed
from policies.source import Path


def commission(agreement: Agreement) -> Iterator[Finding]:
    """Yield the misfits of the commission clause; nothing where there is none."""
    clause = agreement.commission
    if clause is None:
        return
    path: Path = ("clauses", agreement.document.clauses.index(clause))
    scope = agreement.fact_types("order")
    if isinstance(clause.whole, str):
        yield from typed(agreement, clause.whole, scope, "money", (*path, "whole"))
    else:
        yield from _fed(agreement, clause.whole, (*path, "whole", "from"))
    for index, source in enumerate(clause.funding):
        at = (*path, "funding", index)
        yield from typed(agreement, source.amount, scope, "money", (*at, "amount"))
        yield from account(agreement, source.from_, (*at, "from"))
    scope["whole"] = "money"
    if clause.base is not None:
        yield from typed(agreement, clause.base, scope, "money", (*path, "base"))
        scope["base"] = "money"
    for name, window in (clause.windows or {}).items():
        yield from typed(agreement, window.measure, scope, "money", (*path, "windows", name, "measure"))
    yield from _opening(agreement, clause)
    yield from _waterfall(agreement, clause, scope, (*path, "waterfall"))
    yield from windowed(agreement, clause, (*path, "waterfall"))


def _fed(agreement: Agreement, whole: FedWhole, path: Path) -> Iterator[Finding]:
    feeding = [link.agreement for link in agreement.document.links or () if link.as_ == "feeds"]
    if whole.from_ not in feeding:
        message = (
            f"'{whole.from_}' feeds this split but 'links' does not name its version;"
            f" add {{agreement: {whole.from_}, version: 1, as: feeds}}{did_you_mean(whole.from_, feeding)}"
        )
        yield agreement.finding("link.unnamed", message, path)


def _opening(agreement: Agreement, clause: Commission) -> Iterator[Finding]:
    opening = agreement.document.opening
    for name in opening.volumes if opening else ():
        if name not in (clause.windows or {}):
            message = f"'{name}' is not a window of the split{did_you_mean(name, clause.windows or {})}"
            yield agreement.finding("split.unknown-window", message, ("opening", "volumes", name))


def _waterfall(
    agreement: Agreement, clause: Commission, scope: dict[str, Type], path: Path
) -> Iterator[Finding]:
    pools: set[str] = set()
    for index, step in enumerate(clause.waterfall):
        at = (*path, index)
        if step.name in RESERVED - {"whole", "base"}:
            message = f"'{step.name}' means something else in formulas; call the step by another name"
            yield agreement.finding("name.reserved", message, (*at, "leg" if step.leg else "pool"))
        if step.name in scope:
            message = f"'{step.name}' is already the name of a fact or an earlier step"
            yield agreement.finding("split.duplicate-name", message, (*at, "leg" if step.leg else "pool"))
        if step.from_ is not None and step.from_ not in pools:
            message = (
                f"'{step.from_}' is not a pool set aside by an earlier step{did_you_mean(step.from_, pools)}"
            )
            yield agreement.finding("split.unknown-pool", message, (*at, "from"))
        if step.amount is not None:
            given: dict[str, Type] = {"volume": "money"} if step.over else scope
            yield from typed(agreement, step.amount, given, "money", (*at, "amount"))
        if step.provisional is not None:
            given = {**scope, "volume": "money"}
            yield from typed(agreement, step.provisional, given, "money", (*at, "provisional"))
        if step.to is not None:
            yield from account(agreement, step.to, (*at, "to"))
        scope[step.name] = "money"
        if step.pool is not None:
            pools.add(step.pool)
    for pool in (None, *sorted(pools)):
        yield from _rest(agreement, clause, pool, path)


def _rest(agreement: Agreement, clause: Commission, pool: str | None, path: Path) -> Iterator[Finding]:
    members = [(i, step) for i, step in enumerate(clause.waterfall) if step.from_ == pool]
    what = f"the pool '{pool}'" if pool else "the whole"
    rests = [i for i, step in members if step.rest]
    if not members:
        index = next(i for i, step in enumerate(clause.waterfall) if step.pool == pool)
        message = f"no leg draws from the pool '{pool}'; add a leg with 'from: {pool}' and 'rest: true'"
        yield agreement.finding("split.unused-pool", message, (*path, index))
    elif len(rests) != 1:
        message = f"{what} needs exactly one leg with 'rest: true'; it has {len(rests)}"
        yield agreement.finding("split.rest", message, path)
    elif members[-1][0] != rests[0]:
        message = f"the rest of {what} must be its last leg, so that nothing is left over after it"
        yield agreement.finding("split.rest-not-last", message, (*path, rests[0]))
