"""Who pays and who is paid: the accounts that remedies and legs name, and the parties that own them."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.clauses.core import Clause, Remedy
from policies.clauses.payment import Pool
from policies.source import Path


def payers_of(agreement: Agreement, remedy: Remedy) -> tuple[str, ...]:
    """Return the accounts a remedy is paid from, in the order in which it draws on them."""
    pool = _pool(agreement, remedy)
    source = remedy.from_ if pool is None else pool.from_
    accounts = (source,) if isinstance(source, str) else tuple(draw.account for draw in source or ())
    return tuple(account.removesuffix(":order") for account in accounts)


def payees_of(agreement: Agreement, remedy: Remedy) -> tuple[str, ...]:
    """Return the accounts a remedy is paid to."""
    pool = _pool(agreement, remedy)
    to = remedy.to if pool is None else pool.to
    return () if to is None else (to.removesuffix(":order"),)


def _pool(agreement: Agreement, remedy: Remedy) -> Pool | None:
    if remedy.into is None:
        return None
    pools = (core.pools or {} for core in agreement.clauses.values())
    return next((one[remedy.into] for one in pools if remedy.into in one), None)


def party_of(account: str) -> str:
    """Return the owner of an account: `brand` of `brand.balance`."""
    return account.partition(".")[0]


def remedy_path(clause: Clause, core: Clause, index: int, path: Path) -> Path:
    """Return where a remedy of the core clause stands; a kind that writes it itself stands for it."""
    own = index < len(clause.remedies) and clause.remedies[index] == core.remedies[index]
    return (*path, "remedies", index) if own else path


def legs_to(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Yield each leg of the split with the account it pays."""
    for step in agreement.commission.waterfall if agreement.commission else ():
        if step.to is not None:
            yield step.name, step.to
