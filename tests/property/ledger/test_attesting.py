"""Whatever sources tell, by whatever channel, in whatever order, with voids: each sale is posted once.

What must be true is in `Model`: which reports stand, in which order they came, and so which of them counts.
What is settled must be what would be settled if the reports that count were all that had been told.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from ledger.accounts import balances
from ledger.doctor import examine
from ledger.intake.differences import every_difference
from tests.attesting_world import Line, Sources, terms_of
from tests.postgres import Server
from tests.settlement_world import World, plain

SOURCES = ("shop", "bill", "till")
ORDERS = ("A", "B", "C")
FEWER = settings(max_examples=max(settings().max_examples // 4, 1))

Said = dict[tuple[str, str], Line]
"""What each source says of each order, whenever it tells of it."""

CUTOFFS = ("2026-04-01", "2026-04-20", "2026-05-15")

Act = tuple[str, str, tuple[str, ...]] | int | str
"""A file or a request of a source about some orders, the void of a standing batch by place, a settlement."""


@dataclass
class Model:
    """Reports that stand, by source and order: the turn at which each came, and the file that brought it."""

    said: Said
    prevailing: str | None
    came: dict[tuple[str, str], int] = field(default_factory=dict)
    brought: dict[tuple[str, str], str] = field(default_factory=dict)
    turn: int = 0

    def tell(self, source: str, orders: Sequence[str], file: str = "") -> int:
        """Note what is told; return how many sales are new by that."""
        fresh = [order for order in orders if (source, order) not in self.came]
        for order in fresh:
            self.turn += 1
            self.came[source, order], self.brought[source, order] = self.turn, file
        return len(fresh)

    def void(self, file: str) -> None:
        """Forget what a file brought."""
        for key in [key for key, one in self.brought.items() if one == file]:
            del self.came[key], self.brought[key]

    def standing(self, order: str) -> list[str]:
        """Return the sources whose reports of an order stand, the one that counts first."""
        told = sorted((turn, source) for (source, of), turn in self.came.items() if of == order)
        return sorted(
            (source for _, source in told), key=lambda source: source != (self.prevailing or source)
        )

    def counting(self, order: str) -> Line | None:
        """Return what counts of an order: sale, receipt and refunds, each as the best that tells has it."""
        standing = [self.said[source, order] for source in self.standing(order)]
        if not standing:
            return None
        received = next((one.received for one in standing if one.received), "")
        told = [one for one in standing if one.refunded]
        of_best = [one for one in told if self.said.get((self.prevailing or "", order)) is one] or told
        most = max(of_best, key=lambda one: float(one.refunded), default=None)
        refund = (most.refunded, most.refunded_at) if most else ("", "")
        return Line(order, standing[0].paid, received, *refund)

    def differing(self) -> set[tuple[str, str, str]]:
        """Return order, source that counts and other source of every finding."""
        found = set()
        for order in ORDERS:
            for other in self.standing(order)[1:]:
                counts = self.standing(order)[0]
                if self.said[counts, order].paid != self.said[other, order].paid:
                    found.add((order, counts, other))
        return found


def days(month: int) -> st.SearchStrategy[str]:
    return st.integers(1, 9).map(lambda day: f"2026-{month:02}-0{day}T00:00:00+08:00")


@st.composite
def lines(draw: st.DrawFn, order: str) -> Line:
    paid = draw(st.sampled_from(["100.00", "100.00", "90.00", "0.00"]))
    received = draw(st.just("") | days(3))
    refunded = draw(st.sampled_from(["", "", "10.00", "90.00"])) if paid != "0.00" else ""
    return Line(order, paid, received, refunded, draw(days(3)) if refunded else "")


said = st.fixed_dictionaries({(source, order): lines(order) for source in SOURCES for order in ORDERS})
tellings = st.tuples(
    st.sampled_from(["file", "file", "send"]),
    st.sampled_from(SOURCES),
    st.lists(st.sampled_from(ORDERS), min_size=1, max_size=3, unique=True).map(tuple),
)
voids = st.integers(0, 3)
acts = st.lists(tellings | tellings | voids | st.just("settle"), min_size=1, max_size=9)


Databases = Callable[[Path], AbstractContextManager[str]]
"""Makes a fresh, migrated database in a folder, and gives its address."""


@pytest.fixture(scope="module")
def on_sqlite(_sqlite_template: Path) -> Databases:
    @contextmanager
    def fresh(folder: Path) -> Iterator[str]:
        shutil.copy(_sqlite_template, folder / "ledger.db")
        yield f"sqlite:///{folder / 'ledger.db'}"

    return fresh


@pytest.fixture(scope="module")
def on_postgresql(postgres_server: Server, _postgres_template: str) -> Databases:
    @contextmanager
    def fresh(folder: Path) -> Iterator[str]:
        url = postgres_server.fresh(template=make_url(_postgres_template).database or "")
        yield url
        postgres_server.drop(url)

    return fresh


class Told:
    """A log of its own to which acts are done, beside the model of it."""

    def __init__(self, url: str, folder: Path, said: Said, prevailing: str | None) -> None:
        self.folder = folder
        self.sources = Sources(url, folder, terms_of(prevailing))
        self.model = Model(said, prevailing)
        named = f"prevailing_source: {prevailing}\n" if prevailing else ""
        agreement = plain(was_1="currency: CNY\n", now_1=f"currency: CNY\n{named}")
        self.world = World(self.sources.log, folder / "data", [agreement])
        self.cutoffs = iter(CUTOFFS)

    @classmethod
    @contextmanager
    def anew(cls, databases: Databases, home: Path, said: Said, prevailing: str | None) -> Iterator[Told]:
        """Make one in a folder of its own, and let it go at the end."""
        home.mkdir()
        with databases(home) as url:
            told = cls(url, home, said, prevailing)
            yield told
            told.sources.close()

    def do(self, act: Act) -> None:
        if isinstance(act, int):
            batches = self.sources.standing()
            if batches:
                batch = batches[act % len(batches)]
                self.sources.void(batch)
                self.model.void(batch.file_sha256)
            return
        if isinstance(act, str):
            if cutoff := next(self.cutoffs, None):
                self.world.settle(cutoff)
            return
        channel, source, orders = act
        told = [self.model.said[source, order] for order in orders]
        if channel == "file":
            report = self.sources.file(source, *told)
            assert report.clean
            assert report.new.sales == self.model.tell(source, orders, report.file_sha256)
        else:
            sent = self.sources.send(source, *told)
            events = sum(1 + bool(one.received) + bool(one.refunded) for one in told)
            assert len(sent.accepted) + len(sent.repeated) == events
            self.model.tell(source, orders)

    def holds(self) -> None:
        """What is posted and found is what the model says."""
        counting = [line for order in ORDERS if (line := self.model.counting(order))]
        assert self.sources.escrow() == sum(round(float(line.paid) * 100) for line in counting)
        found = list(every_difference(self.sources.log, self.sources.terms))
        assert all(one.fields == ("paid",) for one in found)
        told = {(one.other.content["order"], one.counts.source, one.other.source) for one in found}
        assert (told, len(found)) == (self.model.differing(), len(told))

    def settled(self) -> dict[str, int]:
        """Settle everything, and return what stands on every account that anything ever moved."""
        self.world.settle("2026-06-30")
        found = balances(self.sources.engine).items()
        assert examine(self.sources.engine) == []
        return {f"{one.owner}.{one.purpose}": amount for one, amount in found if amount}


def posted_once(databases: Databases, prevailing: str | None, said: Said, acts: list[Act]) -> None:
    with (
        TemporaryDirectory() as home,
        Told.anew(databases, Path(home) / "told", said, prevailing) as told,
        Told.anew(databases, Path(home) / "plainly", said, prevailing) as plainly,
    ):
        for act in acts:
            told.do(act)
        told.holds()
        counting = [line for order in ORDERS if (line := told.model.counting(order))]
        if counting:
            plainly.sources.send("bill", *counting)
        assert told.settled() == plainly.settled()


@pytest.mark.parametrize("prevailing", [None, "bill"])
@FEWER
@given(said=said, acts=acts)
def test_each_sale_is_posted_once_and_settled_by_the_reports_that_count(
    on_sqlite: Databases, prevailing: str | None, said: Said, acts: list[Act]
) -> None:
    posted_once(on_sqlite, prevailing, said, acts)


@pytest.mark.postgres
@settings(FEWER, max_examples=max(settings().max_examples // 20, 1))
@given(prevailing=st.sampled_from([None, "bill"]), said=said, acts=acts)
def test_so_it_is_on_postgresql(
    on_postgresql: Databases, prevailing: str | None, said: Said, acts: list[Act]
) -> None:
    posted_once(on_postgresql, prevailing, said, acts)


@FEWER
@given(
    said=said,
    told=st.lists(tellings, min_size=2, max_size=6),
    other=st.randoms(use_true_random=False),
)
def test_with_a_prevailing_source_any_order_of_reports_comes_to_the_same(
    on_sqlite: Databases, said: Said, told: list[Act], other: Random
) -> None:
    shuffled = list(told)
    other.shuffle(shuffled)
    first: list[Act] = [("file", "bill", ORDERS)]
    found = []
    with TemporaryDirectory() as home:
        for name, order in (("one", [*first, *told]), ("two", [*shuffled, *first])):
            with Told.anew(on_sqlite, Path(home) / name, said, "bill") as one:
                for act in order:
                    one.do(act)
                one.holds()
                found.append((one.model.differing(), one.settled()))
    assert found[0] == found[1]
