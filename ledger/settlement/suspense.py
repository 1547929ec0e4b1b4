"""The money of lines that are not an agreement's own: in suspense until a claim settles whose they are.

A sale puts what the buyer paid into escrow when it is told, before anybody asks whose it is. What of it is
nobody's stands on the account `escrow.suspense`, less what refunds return; what falls under another agreement
goes back where it came from, for it is paid in there. Both are dues (dues.py): states, and so differences.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import polars as pl

from ledger.settlement.accounts import ESCROW
from ledger.settlement.attributed import ELSEWHERE
from ledger.settlement.counted import PLACED, placed
from ledger.settlement.dues import Due, Side
from ledger.settlement.facts import KEY, LineBook
from ledger.settlement.kernels import Kernel, run_kernel, with_nothing_held
from ledger.settlement.state import Point, lines_in_force, with_state
from ledger.settlement.terms import Terms, VersionTerms
from policies.formulas.tree import Name
from policies.splits.columns import RETURNED

SUSPENSE = f"{ESCROW}.suspense"
"""The account of what is nobody's yet, as the document would name it."""


def suspense_dues(book: LineBook, terms: Terms, point: Point | None, engine: Kernel) -> Iterator[Due]:
    """Yield what stands due at a point between escrow, suspense and those who brought the money."""
    if point is None or not terms.attributes:
        return
    others = placed(book, point.end)
    for version in terms.versions:
        yield from _of_version(others, terms, version, point, engine)


def _of_version(
    others: LineBook, terms: Terms, version: VersionTerms, point: Point, engine: Kernel
) -> Iterator[Due]:
    lines = with_state(lines_in_force(others, terms, version), others, terms, version, point, "now").filter(
        (pl.col("seq:sale") < point.end) & (pl.col("us:sold") <= point.us)
    )
    done = run_kernel(engine, version, with_nothing_held(engine, version, lines).collect())
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for index, (source, node) in enumerate(
        zip(version.plan.clause.funding, version.plan.funding, strict=True)
    ):
        if source.at != "sale" or not isinstance(node, Name):
            continue
        paid = pl.col(node.name).fill_null(0)
        back = pl.when(~pl.col("unusable")).then(pl.col(f"now:{RETURNED}{index}")).otherwise(0)
        waits = pl.col(PLACED) != ELSEWHERE
        for key, account, amount in (
            ("suspended", SUSPENSE, pl.when(waits).then(paid - back).otherwise(0)),
            ("returned", source.from_, pl.when(waits).then(back).otherwise(0)),
            (ELSEWHERE, source.from_, pl.when(~waits).then(paid).otherwise(0)),
        ):
            sums[key, account, source.kind] += int(done.select(amount.cast(pl.Int128).sum()).item() or 0)
    clause = version.plan.clause.id
    for (key, account, kind), minor in sorted(sums.items()):
        yield Due(
            version,
            "suspense",
            f"{kind} {key}",
            Side(account, clause, kind, f"{kind}.{key}"),
            Side(ESCROW, clause, kind, f"{kind}.{key}"),
            minor,
            {"attribution": 1},
        )


def suspended_lines(book: LineBook, end: int) -> pl.DataFrame:
    """Return the sales in suspense before seq `end`, sorted by when they were sold, order and line."""
    return placed(book, end).sales.filter(pl.col(PLACED) != ELSEWHERE).sort("us:sold", *KEY)
