"""Orders that two agreements may say are theirs: each settles its own, the rest waits in suspense."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.entries import NewEntry
from ledger.settlement.books import run_postings
from ledger.settlement.claims import Claim
from ledger.settlement.digest import run_digest
from ledger.settlement.kernels import Kernel
from ledger.settlement.run import RunResult, result_of
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms
from policies.loading import load_agreement
from tests.attributed_world import LEADER, LINKED, SAID, SESSION, attributed_book, attributing, both
from tests.settlement_world import instant, receipt, refund, sale

CUTOFFS = ["2026-12-10", "2027-01-05", "2027-03-01"]
FEW = settings(max_examples=max(settings().max_examples // 10, 1))
OWNERS = {"session": SESSION, "leader": LEADER}


@st.composite
def orders(draw: st.DrawFn) -> list[tuple[str, int, int | None, int]]:
    """Some orders: whose, what was paid, the day of receipt in November or none, and what was refunded."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        paid = draw(st.integers(0, 200_000))
        found.append((
            draw(st.sampled_from(sorted(SAID))), paid,
            draw(st.none() | st.integers(13, 30)), draw(st.sampled_from([0, paid // 3, paid])),
        ))  # fmt: skip
    return found


def _entries(told: Sequence[tuple[str, int, int | None, int]], name: str) -> list[NewEntry]:
    agreement = attributing(name)
    sales, later = [], []
    for number, (whose, paid, received, back) in enumerate(told):
        order = f"A{number}"
        sales.append(sale(agreement, order, at="2026-11-12", paid=_text(paid), **SAID[whose]))
        if received is not None:
            later.append(receipt(agreement, order, f"2026-11-{received}T10:00:00"))
        if back:
            later.append(refund(agreement, order, _text(back), "2026-12-09T10:00:00"))
    return [*sales, *later]


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _claims(told: Sequence[tuple[str, int, int | None, int]], draw: st.DataObject) -> list[Claim]:
    """Settle some lines in suspense by claims that stand from an entry after all that was told."""
    found = []
    for number, (whose, *_) in enumerate(told):
        to = draw.draw(st.sampled_from(["", SESSION, LEADER]))
        if to and whose not in OWNERS:
            seq = 1_000 + number
            found.append(Claim(f"S-{number}", f"A{number}", "1", to, "mcn", "ours", (), ("mcn",), seq))
    return found


def _runs(
    terms: Terms,
    entries: Sequence[NewEntry],
    cutoffs: Sequence[str],
    claims: Sequence[Claim] = (),
    kernel: Kernel = "columns",
) -> list[RunResult]:
    beside = [[replace(one, agreement=other.newest.ref) for one in entries] for other in terms.beside]
    lines = attributed_book(terms, entries, claims, kernel, beside)
    found: list[RunResult] = []
    points: list[Point] = []
    for place, cutoff in enumerate(cutoffs):
        end = len(entries) if place == 0 and len(cutoffs) > 1 else 2_000
        point = Point(instant(cutoff), end)
        before = points[-1] if points else None
        found.append(result_of(lines, terms, point, before, kernel, earlier=tuple(points[:-1])))
        points.append(point)
    return found


def _sums(runs: Sequence[RunResult]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for run in runs:
        for posting in run_postings(run):
            sums[f"{posting.owner}.{posting.purpose}"] += posting.amount_minor
    return {account: amount for account, amount in sums.items() if amount}


@FEW
@given(orders(), st.data())
def test_every_line_is_settled_once_at_most_and_the_rest_stands_in_suspense(
    told: list[tuple[str, int, int | None, int]], data: st.DataObject
) -> None:
    claims = _claims(told, data)
    given_to = {one.order: one.agreement for one in claims}
    for name, terms in both().items():
        entries = _entries(told, name)
        runs = _runs(terms, entries, CUTOFFS, claims)
        sums, paid_in = _sums(runs), sum(paid for _, paid, _, _ in told)
        waiting = open_ = 0
        for number, (whose, paid, received, back) in enumerate(told):
            owner = OWNERS.get(whose, given_to.get(f"A{number}"))
            waiting += 0 if owner else paid - back
            open_ += paid - back if owner == name and received is None else 0
        assert sums.get("escrow.suspense", 0) == waiting
        assert paid_in + sums.get("escrow.balance", 0) == open_
        assert sum(sums.values()) == 0


@FEW
@given(orders(), st.data())
def test_months_equal_all_at_once_and_kernels_agree_with_claims_in_between(
    told: list[tuple[str, int, int | None, int]], data: st.DataObject
) -> None:
    claims = _claims(told, data)
    name = data.draw(st.sampled_from([SESSION, LEADER]))
    terms, entries = both()[name], _entries(told, name)
    by_month = _runs(terms, entries, CUTOFFS, claims)
    assert _sums(by_month) == _sums(_runs(terms, entries, CUTOFFS[-1:], claims))
    exact = _runs(terms, entries, CUTOFFS, claims, "exact")
    assert [run_digest(one) for one in by_month] == [run_digest(one) for one in exact]
    assert [run_postings(one) for one in by_month] == [run_postings(one) for one in exact]


@FEW
@given(orders(), st.data())
def test_an_agreement_whose_routes_do_not_hold_and_the_order_of_the_input_change_nothing(
    told: list[tuple[str, int, int | None, int]], data: st.DataObject
) -> None:
    text = (LINKED / f"{LEADER}.yaml").read_text(encoding="utf-8")
    other = load_agreement(
        text.replace("agreement: leader-link", "agreement: other-link")
        .replace("'LEADER8'", "'OTHER8'")
        .replace("link_owner == 'leader'", "link_owner == 'other'"),
        name="other-link.yaml",
    )
    for name, terms in both().items():
        entries = _entries(told, name)
        sales = data.draw(st.permutations(entries[: len(told)]))
        (alone,) = _runs(terms, entries, CUTOFFS[-1:])
        (among,) = _runs(both(other)[name], [*sales, *entries[len(told) :]], CUTOFFS[-1:])
        assert run_digest(alone) == run_digest(among)
        assert run_postings(alone) == run_postings(among)
